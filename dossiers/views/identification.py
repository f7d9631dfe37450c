"""Who applies: a person's name, or a SIRET that is looked up, shown and confirmed."""

from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_ratelimit.core import is_ratelimited

from dossiers import policies
from dossiers.etablissements_cites import look_up_cited
from dossiers.forms import (
    ENTREPRISE,
    PERSONNE,
    DemandeurForm,
    IdentiteForm,
    MandataireForm,
    SiretForm,
)
from dossiers.identification import (
    confirmation_token,
    etablissement_to_confirm,
    etat_civil_of,
    identify_entreprise,
    identify_personne,
    identite_of,
)
from dossiers.models import Dossier
from dossiers.views.fetch import (
    FrozenDossier,
    editable_dossier,
    not_found_when_deleted,
    redirect_frozen,
)
from entreprise_api.exceptions import EtablissementNotDiffusible, EtablissementNotFound
from entreprise_api.lookup import look_up
from procedures.enums import Demandeurs

LOOK_UP_RATE = "20/m"
TOO_MANY = (
    "Vous avez recherché beaucoup d’établissements en peu de temps. "
    "Patientez une minute, puis recommencez."
)
NOT_FOUND = (
    "L’INSEE ne connaît aucun établissement qui porte ce numéro SIRET. Vérifiez-le sur "
    "votre avis de situation ; un établissement créé cette semaine peut ne pas y figurer encore."
)
NOT_DIFFUSIBLE = (
    "L’INSEE ne communique pas les données de cet établissement. Contactez le service "
    "pour déposer votre dossier autrement."
)


@require_safe
@redirect_frozen
def dossier_identify(request, pk):
    """Show the step of the identification that comes next."""
    dossier = _identifiable_dossier(request.user, pk)
    demandeur = _demandeur(request, dossier)
    if demandeur == PERSONNE:
        return _personne_page(request, dossier)
    if demandeur == ENTREPRISE:
        return _entreprise_page(request, dossier)
    return _page(request, dossier, "choix", form=DemandeurForm())


@require_POST
@not_found_when_deleted
@redirect_frozen
def personne_save(request, pk):
    """Note the person who applies, then go on to the form."""
    dossier = _identifiable_dossier(request.user, pk)
    for_other = request.POST.get("pour") == "autre"
    form = (MandataireForm if for_other else IdentiteForm)(request.POST, instance=dossier)
    if not form.is_valid():
        return _personne_page(request, dossier, form=form, for_other=for_other)
    identify_personne(dossier.pk, **form.cleaned_data, by=request.user)
    return redirect("dossiers:dossier_edit", dossier.pk)


@require_POST
@redirect_frozen
def siret_look_up(request, pk):
    """Look the company up and show it, or say beside the field why it cannot be."""
    dossier = _identifiable_dossier(request.user, pk)
    form = SiretForm(request.POST)
    if not form.is_valid():
        return _page(request, dossier, "siret", form=form)
    if not may_look_up(request):
        form.add_error("siret", TOO_MANY)
        return _page(request, dossier, "siret", form=form, status=429)
    try:
        etablissement = look_up(
            form.cleaned_data["siret"],
            recipient=dossier.procedure.organisme.siret,
            purpose=f"procedure_id: {dossier.procedure_id}",
        )
    except EtablissementNotFound:
        form.add_error("siret", NOT_FOUND)
    except EtablissementNotDiffusible:
        form.add_error("siret", NOT_DIFFUSIBLE)
    else:
        token = confirmation_token(dossier, etablissement)
        return redirect(_identify_url(dossier, etablissement=token))
    return _page(request, dossier, "siret", form=form)


def _identifiable_dossier(user, pk: int) -> Dossier:
    dossier = editable_dossier(user, pk)
    if not policies.can_identify(user, dossier):
        raise FrozenDossier(dossier)
    return dossier


def may_look_up(request) -> bool:
    """Count one more look-up; tell whether the account did not make too many."""
    return not is_ratelimited(
        request, group="siret", key="user", rate=LOOK_UP_RATE, method="POST", increment=True
    )


def look_up_posted(request, dossier: Dossier, champ_ids=None) -> bool:
    """Look up the companies that the posted answers name; tell whether none was one too many."""
    if not policies.can_edit(request.user, dossier):
        return True
    return look_up_cited(
        dossier, request.POST, champ_ids=champ_ids, may_call=partial(may_look_up, request)
    )


@require_POST
@not_found_when_deleted
@redirect_frozen
def etablissement_confirm(request, pk):
    """Note the company that was shown, then go on to the form."""
    dossier = _identifiable_dossier(request.user, pk)
    etablissement = etablissement_to_confirm(dossier, request.POST.get("etablissement", ""))
    if etablissement is None:
        messages.error(request, "Cette recherche est trop ancienne. Saisissez de nouveau le SIRET.")
        return redirect(_identify_url(dossier, demandeur=ENTREPRISE, changer=1))
    identify_entreprise(dossier.pk, etablissement, by=request.user)
    return redirect("dossiers:dossier_edit", dossier.pk)


def _personne_page(request, dossier: Dossier, *, form=None, for_other: bool | None = None):
    """Ask for the person who applies: oneself, or somebody one fills it in for.

    Say that FranceConnect filled the form in, where it did or had.
    """
    if for_other is None:
        known = "autre" if dossier.mandataire_nom else "moi"
        for_other = request.GET.get("pour", known) == "autre"
    if for_other:
        form = form or _mandataire_form(dossier)
        return _page(request, dossier, "personne", form=form, etat_civil=None, for_other=True)
    etat = etat_civil_of(request.user, dossier)
    is_unknown = not dossier.nom or bool(dossier.mandataire_nom)
    is_taken = dossier.is_from_franceconnect or (form is None and is_unknown)
    form = form or _identite_form(dossier, etat)
    taken = etat if is_taken else None
    return _page(request, dossier, "personne", form=form, etat_civil=taken, for_other=False)


def _entreprise_page(request, dossier: Dossier):
    token = request.GET.get("etablissement", "")
    found = etablissement_to_confirm(dossier, token) if token else None
    if found is not None:
        return _page(request, dossier, "confirmation", etablissement=found, token=token)
    if dossier.etablissement_id and "changer" not in request.GET:
        return _page(request, dossier, "etablissement", etablissement=dossier.etablissement)
    return _page(request, dossier, "siret", form=SiretForm())


def _demandeur(request, dossier: Dossier) -> str | None:
    """Return which of the two applies, None when it is to be chosen first."""
    if dossier.procedure.demandeurs != Demandeurs.TOUS:
        return PERSONNE if dossier.procedure.accepts_particuliers else ENTREPRISE
    asked = request.GET.get("demandeur")
    if asked in (PERSONNE, ENTREPRISE):
        return asked
    if "etablissement" in request.GET or (dossier.is_entreprise and "choisir" not in request.GET):
        return ENTREPRISE
    return PERSONNE if dossier.is_identified and "choisir" not in request.GET else None


def _identite_form(dossier: Dossier, etat) -> IdentiteForm:
    """Return the form of the person, typed in advance by FranceConnect, else by their account.

    The names of a bénéficiaire are not those of who fills it in.
    """
    initial = {}
    if not dossier.nom or dossier.mandataire_nom:
        names = {
            "civilite": "",
            "prenom": dossier.usager.first_name,
            "nom": dossier.usager.last_name,
        }
        initial = identite_of(etat) if etat else names
    return IdentiteForm(instance=dossier, initial=initial)


def _mandataire_form(dossier: Dossier) -> MandataireForm:
    """Return the form of the two people, the usager being who fills it in."""
    usager = dossier.usager
    initial = {"mandataire_prenom": usager.first_name, "mandataire_nom": usager.last_name}
    if not dossier.mandataire_nom:
        # What is known so far is who the usager is, not the person they fill it in for.
        initial |= {"civilite": "", "prenom": "", "nom": ""}
    return MandataireForm(instance=dossier, initial={} if dossier.mandataire_nom else initial)


def _identify_url(dossier: Dossier, **query) -> str:
    return f"{reverse('dossiers:dossier_identify', args=[dossier.pk])}?{urlencode(query)}"


def _page(request, dossier: Dossier, step: str, *, status: int = 200, **context):
    context |= {
        "dossier": dossier,
        "step": step,
        "may_choose": dossier.procedure.demandeurs == Demandeurs.TOUS,
    }
    return render(request, "dossiers/dossier_identify.html", context, status=status)
