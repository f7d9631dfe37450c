"""Who applies: a person, or a company by its SIRET."""

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction

from dossiers.copie import locked_working_copy, save_working_copy
from dossiers.models import Dossier
from entreprise_api.models import Etablissement

_SALT = "etablissement-a-confirmer"
CONFIRMATION_MAX_SECONDS = 24 * 3600


def identify_personne(dossier_id: int, *, civilite: str, prenom: str, nom: str, by) -> None:
    """Note the person who applies. Raises PermissionDenied, Dossier.DoesNotExist."""
    with transaction.atomic():
        dossier = locked_working_copy(dossier_id, by=by)
        if not dossier.procedure.accepts_particuliers:
            raise PermissionDenied
        dossier.civilite, dossier.prenom, dossier.nom = civilite, prenom, nom
        dossier.etablissement = None
        save_working_copy(dossier)


def identify_entreprise(dossier_id: int, etablissement: Etablissement, *, by) -> None:
    """Note the company that applies. Raises PermissionDenied, Dossier.DoesNotExist."""
    with transaction.atomic():
        dossier = locked_working_copy(dossier_id, by=by)
        if not dossier.procedure.accepts_entreprises:
            raise PermissionDenied
        dossier.civilite = dossier.prenom = dossier.nom = ""
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
