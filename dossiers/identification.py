"""Who applies: a person, or a company by its SIRET."""

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.identites import EtatCivil, etat_civil
from dossiers import policies
from dossiers.copie import locked_working_copy, save_working_copy
from dossiers.enums import Civilite
from dossiers.models import Dossier
from entreprise_api.models import Etablissement

_SALT = "etablissement-a-confirmer"
CONFIRMATION_MAX_SECONDS = 24 * 3600
_PERSONNE = ["civilite", "prenom", "nom"]
_MANDATAIRE = ["mandataire_prenom", "mandataire_nom", "beneficiaire_email"]
_CIVILITES = {"male": Civilite.MONSIEUR, "female": Civilite.MADAME}


def etat_civil_of(user, dossier: Dossier) -> EtatCivil | None:
    """Return what FranceConnect says of who fills in their own dossier, None otherwise."""
    return etat_civil(user) if user.pk == dossier.usager_id else None


def identite_of(etat: EtatCivil) -> dict[str, str]:
    """Return the fields of the identification that FranceConnect fills in."""
    civilite = _CIVILITES.get(etat.gender, "")
    return {"civilite": civilite, "prenom": etat.prenom, "nom": etat.nom}


def identify_personne(
    dossier_id: int,
    *,
    civilite: str,
    prenom: str,
    nom: str,
    by,
    mandataire_prenom: str = "",
    mandataire_nom: str = "",
    beneficiaire_email: str = "",
) -> None:
    """Note the person who applies, and who fills it in for them when it is somebody else.

    FranceConnect vouches for who fills in their own dossier alone.

    Raises PermissionDenied, Dossier.DoesNotExist.
    """
    with transaction.atomic():
        dossier = locked_working_copy(dossier_id, by=by)
        if not (policies.can_identify(by, dossier) and dossier.procedure.accepts_particuliers):
            raise PermissionDenied
        dossier.civilite, dossier.prenom, dossier.nom = civilite, prenom, nom
        etat = None if mandataire_nom else etat_civil_of(by, dossier)
        given = {"civilite": civilite, "prenom": prenom, "nom": nom}
        dossier.is_from_franceconnect = etat is not None and _is_same(given, identite_of(etat))
        dossier.date_de_naissance = etat.birthdate if dossier.is_from_franceconnect else None
        dossier.mandataire_prenom, dossier.mandataire_nom = mandataire_prenom, mandataire_nom
        dossier.beneficiaire_email = beneficiaire_email
        dossier.etablissement = None
        save_working_copy(dossier)


def identify_entreprise(dossier_id: int, etablissement: Etablissement, *, by) -> None:
    """Note the company that applies. Raises PermissionDenied, Dossier.DoesNotExist."""
    with transaction.atomic():
        dossier = locked_working_copy(dossier_id, by=by)
        if not (policies.can_identify(by, dossier) and dossier.procedure.accepts_entreprises):
            raise PermissionDenied
        for name in (*_PERSONNE, *_MANDATAIRE):
            setattr(dossier, name, "")
        dossier.is_from_franceconnect, dossier.date_de_naissance = False, None
        dossier.etablissement = etablissement
        save_working_copy(dossier)


def confirmation_token(dossier: Dossier, etablissement: Etablissement) -> str:
    """Return what names the établissement to confirm, for this dossier alone."""
    return signing.dumps([dossier.pk, etablissement.pk], salt=_SALT)


def etablissement_to_confirm(dossier: Dossier, token: str) -> Etablissement | None:
    """Return the établissement that `token` names; None when it is forged, old or another's."""
    try:
        dossier_id, pk = signing.loads(token, salt=_SALT, max_age=CONFIRMATION_MAX_SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    if dossier_id != dossier.pk:
        return None
    return Etablissement.objects.filter(pk=pk).first()


def _is_same(given: dict[str, str], known: dict[str, str]) -> bool:
    """Compare what was given to what FranceConnect knows, which is not always the civilité."""
    return all(given[name] == value for name, value in known.items() if value)
