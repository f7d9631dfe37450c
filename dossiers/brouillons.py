"""Beginning a dossier, empty or answered in advance."""

from django.contrib.auth import get_user_model
from django.db import transaction

from dossiers.enums import DossierState
from dossiers.models import Dossier
from dossiers.models import Preremplissage as PreremplissageRow
from dossiers.search import refresh_search_text
from dossiers.workflow import ProcedureClosed
from procedures.dates import refusal
from procedures.models import Procedure
from procedures.preremplissage import Preremplissage, digest_of, read_lien
from procedures.questionnaire import initial_reponses


def start_brouillon(procedure: Procedure, *, by, lien: str = "") -> Dossier:
    """Return a new brouillon of `by`, or the one begun before in the same way and untouched.

    `lien` is what a link answers in advance, as `lien_of` gives it. A double click begins one
    dossier: the person's row is locked meanwhile. Raises ProcedureClosed.
    """
    with transaction.atomic():
        get_user_model().objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        untouched = _untouched(procedure, by, lien)
        if untouched is not None:
            return untouched
        dossier = new_brouillon(procedure, by=by)
        if lien:
            found = read_lien(procedure, dossier.revision.formulaire, lien)
            dossier.civilite = found.identite.get("civilite", "")
            dossier.prenom = found.identite.get("prenom", "")
            dossier.nom = found.identite.get("nom", "")
            prefill(dossier, found, digest=digest_of(lien))
    return dossier


def new_brouillon(procedure: Procedure, *, by, precedent: Dossier | None = None) -> Dossier:
    """Create an empty brouillon of `by`, inside a transaction, after `precedent` if any.

    Raises ProcedureClosed.
    """
    if not procedure.is_open:
        raise ProcedureClosed(refusal(procedure))
    dossier = Dossier.objects.create(
        procedure=procedure,
        revision=procedure.published_revision,
        usager=by,
        precedent=precedent,
    )
    # Somebody may have published since `procedure` was read; the insertion waited for it.
    procedure.refresh_from_db(fields=["published_revision"])
    dossier.revision = procedure.published_revision
    dossier.reponses = initial_reponses(dossier.revision.formulaire)
    refresh_search_text(dossier)
    dossier.save(update_fields=["revision", "reponses", "search_text"])
    return dossier


def prefill(dossier: Dossier, found: Preremplissage, *, digest: str = "") -> None:
    """Answer a brouillon just created in advance, and note what was; save it, identity included."""
    dossier.reponses |= found.reponses
    refresh_search_text(dossier)
    dossier.save(
        update_fields=["civilite", "prenom", "nom", "etablissement", "reponses", "search_text"]
    )
    PreremplissageRow.objects.create(
        dossier=dossier,
        digest=digest,
        champ_ids=found.champ_ids,
        refused=found.refused,
        ignored=found.ignored,
    )


def _untouched(procedure: Procedure, user, lien: str) -> Dossier | None:
    """Return a brouillon that still holds what it began with.

    Begun by a link, it holds what this very link answers: who applies may be known since.
    """
    brouillons = (
        Dossier.objects.owned_by(user)
        .for_procedure(procedure)
        .filter(state=DossierState.BROUILLON, saisies_refusees={}, pieces_jointes=None)
    )
    formulaire = procedure.published_revision.formulaire
    initial = initial_reponses(formulaire)
    if lien:
        answered = initial | read_lien(procedure, formulaire, lien).reponses
        return brouillons.filter(reponses=answered, preremplissage__digest=digest_of(lien)).first()
    begun = brouillons.filter(preremplissage=None, etablissement=None, nom="")
    for dossier in begun.select_related("revision"):
        if dossier.reponses in ({}, initial_reponses(dossier.revision.formulaire)):
            return dossier
    return None
