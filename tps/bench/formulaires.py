"""Measures of forms of several sizes, with conditions and a bloc répétable."""

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import Organisme, User
from dossiers.models import Dossier
from procedures.champs import Champ, new_champ
from procedures.conditions import Condition, Operator, Regle
from procedures.formulaire import Formulaire
from procedures.models import Procedure
from procedures.revisions import create_procedure, draft_of
from tps.bench.charge import Request
from tps.bench.scenarios import Scenario, session_for

SIZES = (20, 100, 300)
ROWS = 10
_SECTION_EVERY = 10
_IN_BLOC = ("texte_court", "montant", "date", "oui_non")
_TYPES = (
    "oui_non", "texte_court", "choix_unique", "nombre_entier", "texte_long", "date", "montant",
    "adresse_email", "choix_multiple",
)  # fmt: skip
_ANSWERS = {
    "oui_non": True, "texte_court": "Une réponse", "choix_unique": "Option 2", "nombre_entier": 12,
    "texte_long": "Plusieurs\nlignes", "date": "2026-11-23", "montant": "1250.50",
    "adresse_email": "camille@exemple.fr", "choix_multiple": ["Option 1", "Option 3"],
}  # fmt: skip
_EMAIL = "formulaires@charge.exemple.fr"


def form_scenarios(size: int, count: int) -> list[Scenario]:
    """Return what an usager does in a form of `size` champs, `count` times each."""
    dossier = _dossier_of(size)
    session = session_for(dossier.usager)
    edit = Request(reverse("dossiers:dossier_edit", args=[dossier.pk]), session)
    review = Request(reverse("dossiers:dossier_review", args=[dossier.pk]), session)
    decides = dossier.revision.formulaire.champs[1]  # half of the others depend on it
    save = Request(
        reverse("dossiers:reponse_save", args=[dossier.pk, decides.id]),
        session,
        data={decides.field_name: "oui"},
        htmx=True,
    )
    return [
        Scenario(f"Afficher {size} champs", [edit] * count),
        Scenario(f"Enregistrer, {size} champs", [save] * count),
        Scenario(f"Vérifier {size} champs", [review] * count),
    ]


def formulaire_of(size: int) -> Formulaire:
    """Return a form of `size` champs: every third conditional, a bloc of four at its end."""
    return Formulaire(champs=[*_champs(size - len(_IN_BLOC) - 1), *_bloc()])


def _champs(count: int) -> Iterator[Champ]:
    when = Condition(regles=[Regle(champ="champ001", operator=Operator.IS, values=["oui"])])
    for rank in range(count):
        if rank % _SECTION_EVERY == 0:
            yield new_champ("titre_de_section", id=f"champ{rank:03d}", label=f"Partie {rank}")
            continue
        type_name = _TYPES[rank % _SECTION_EVERY - 1]
        properties = {"options": [f"Option {number}" for number in range(1, 5)]}
        yield new_champ(
            type_name,
            id=f"champ{rank:03d}",
            label=f"Question nº {rank}",
            condition=when if rank > 1 and rank % 3 == 0 else None,
            **(properties if type_name.startswith("choix") else {}),
        )


def _bloc() -> Iterator[Champ]:
    yield new_champ("bloc_repetable", id="bloc", label="Dépenses", row_label="Dépense")
    for rank, type_name in enumerate(_IN_BLOC):
        yield new_champ(type_name, id=f"ligne{rank}", label=f"Colonne {rank}", bloc="bloc")


def _dossier_of(size: int) -> Dossier:
    """Return the brouillon of the procédure of that size, all of it answered."""
    usager = User.objects.for_email(_EMAIL).first() or User.objects.create_user(_EMAIL)
    procedure = _procedure_of(size, usager)
    revision = draft_of(procedure)
    rows = [f"r{number}" for number in range(ROWS)]
    reponses = {"bloc": rows}
    for champ in revision.formulaire.champs:
        answer = _ANSWERS.get(champ.type)
        keys = [f"{champ.id}-{row}" for row in rows] if champ.bloc else [champ.id]
        reponses |= {key: answer for key in keys if answer is not None}
    dossier, _ = Dossier.objects.get_or_create(
        procedure=procedure,
        usager=usager,
        defaults={"revision": revision, "prenom": "Camille", "nom": "Martin", "civilite": "Mme"},
    )
    dossier.reponses = reponses
    dossier.save(update_fields=["reponses"])
    return dossier


def _procedure_of(size: int, administrateur: User) -> Procedure:
    slug = f"mesure-formulaire-{size}"
    found = Procedure.objects.filter(slug=slug).first()
    if found is not None:
        return found
    organisme, _ = Organisme.objects.get_or_create(name="Organisme des mesures de formulaires")
    procedure = create_procedure(
        by=administrateur, organisme=organisme, slug=slug, title=f"Mesure : {size} champs"
    )
    draft = draft_of(procedure)
    draft.set_formulaire(formulaire_of(size))
    draft.save(update_fields=["document", "updated_at"])
    return procedure
