"""The three decisions: a motivation, the email it makes, then the workflow."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views import View
from django_fsm import can_proceed

from commun.pdf import pdf_response
from dossiers import attestations, workflow
from dossiers.enums import MOTIVATION_MAX
from dossiers.views.fetch import not_found_when_deleted
from instruction.decisions import LOOKS
from instruction.forms import (
    DossierAcceptForm,
    DossierCloseSansSuiteForm,
    DossierRejectForm,
    DossierReopenForm,
)
from instruction.listing import Listing, onglet_of
from instruction.models import ReponseType
from instruction.reponses_types import balises_for, fill, fill_text, reponses_types_of
from instruction.views.actions import after_decision, decidable_dossier
from instruction.views.detail import dossier_url, list_url
from procedures.balises import check_balises

DIGITS_MAX = 19


class DossierDecisionView(View):
    """A page, also shown in a dialog, where one decision is written, previewed and taken."""

    http_method_names = ["get", "head", "post", "options"]
    form_class = None

    @not_found_when_deleted
    def dispatch(self, request, pk):
        """Fetch the dossier: 404 for a stranger, 403 for its own usager."""
        self.dossier = decidable_dossier(request.user, pk)
        self.listing = Listing.read(request.GET, default=onglet_of(self.dossier))
        self.action = self.form_class.action
        return super().dispatch(request, pk)

    def get(self, request, pk):
        """Show the form and the email as it is without a motivation."""
        if not can_proceed(getattr(self.dossier, self.action.method)):
            return self._refuse(workflow.refusal(self.dossier), "")
        return self._show(self.form_class(), "")

    def post(self, request, pk):
        """Show the email that what was typed makes, or decide."""
        motivation = request.POST.get("motivation", "").replace("\x00", "")[:MOTIVATION_MAX]
        if "inserer" in request.POST:
            motivation = self._with_reponse_type(motivation)
        if "attestation" in request.POST:
            return self._attestation(motivation)
        if "apercu" in request.POST or "inserer" in request.POST:
            return self._show(self.form_class(initial={"motivation": motivation}), motivation)
        form = self.form_class(request.POST, request.FILES)
        if form.is_valid():
            self._check_balises(form)
        if not form.is_valid():
            return self._show(form, motivation)
        reason = fill_text(form.cleaned_data["motivation"], self.dossier)[:MOTIVATION_MAX]
        try:
            workflow.run(
                self.action,
                self.dossier.pk,
                by=request.user,
                motivation=reason,
                documents=form.cleaned_data.get("documents", ()),
            )
        except ValidationError as error:
            form.add_error("documents", error)
            return self._show(form, motivation)
        except workflow.TransitionRefused as refusal:
            self.dossier = decidable_dossier(request.user, pk)
            return self._refuse(str(refusal), motivation)
        return redirect(after_decision(request, self.action, self.dossier, self.listing))

    def _check_balises(self, form) -> None:
        """Refuse a text whose balises would be sent as they are written."""
        procedure, formulaire = self.dossier.procedure, self.dossier.revision.formulaire
        try:
            check_balises(form.cleaned_data["motivation"], balises_for(procedure, formulaire))
        except ValidationError as error:
            form.add_error("motivation", error)

    def _with_reponse_type(self, motivation: str) -> str:
        """Return what was typed with the canned answer chosen after it."""
        chosen = self.request.POST.get("reponse", "")
        if not (chosen.isascii() and chosen.isdigit() and len(chosen) < DIGITS_MAX):
            return motivation
        mine = ReponseType.objects.filter(procedure_id=self.dossier.procedure_id)
        reponse = mine.filter(pk=int(chosen)).first()
        added = fill(reponse, self.dossier) if reponse is not None else ""
        return "\n\n".join(filter(None, (motivation.rstrip(), added)))[:MOTIVATION_MAX]

    def _attestation(self, motivation: str) -> HttpResponse:
        """Give the attestation that accepting now would issue; nothing is written."""
        motivation = fill_text(motivation, self.dossier)
        content = attestations.preview(self.dossier, motivation=motivation)
        if content is None or self.action is not workflow.ACCEPT:
            raise Http404
        return pdf_response(content, f"attestation-{self.dossier.pk}-apercu.pdf", inline=True)

    def _show(self, form, motivation: str) -> HttpResponse:
        text = fill_text(motivation, self.dossier)
        courriel = workflow.preview_courriel(self.action, self.dossier, motivation=text)
        is_accepted = self.action is workflow.ACCEPT
        context = {
            "form": form,
            "courriel": courriel,
            "reponses_types": reponses_types_of(self.dossier),
            "issues_attestation": is_accepted and attestations.is_issued_by(self.dossier.procedure),
        }
        return self._render(context)

    def _refuse(self, reason: str, motivation: str) -> HttpResponse:
        """Say who was faster and when; what was typed is given back."""
        # htmx swaps no answer that is an error.
        status = 200 if self.request.htmx else 409
        return self._render({"refusal": reason, "motivation": motivation}, status=status)

    def _render(self, context: dict, *, status: int = 200) -> HttpResponse:
        context |= {
            "dossier": self.dossier,
            "listing": self.listing,
            "look": LOOKS[self.action.method],
            "list_url": list_url(self.request.user, self.dossier, self.listing),
            "dossier_url": dossier_url(self.dossier, self.listing),
            "dossier_label": f"Dossier nº {self.dossier.pk}",
        }
        return render(self.request, self._template(), context, status=status)

    def _template(self) -> str:
        """Return the page, or the part of it that htmx asks for."""
        if not self.request.htmx:
            return "instruction/dossier_decide.html"
        if "apercu" in self.request.POST:
            return "instruction/includes/courriel_preview.html"
        return "instruction/includes/decision.html"


dossier_accept = DossierDecisionView.as_view(form_class=DossierAcceptForm)
dossier_close_sans_suite = DossierDecisionView.as_view(form_class=DossierCloseSansSuiteForm)
dossier_reject = DossierDecisionView.as_view(form_class=DossierRejectForm)
dossier_reopen = DossierDecisionView.as_view(form_class=DossierReopenForm)
