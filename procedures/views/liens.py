"""The page that writes prefilled links."""

from dataclasses import dataclass

from django.conf import settings
from django.shortcuts import get_object_or_404, render

from procedures.enums import LIEN_LONG_CHARACTERS, LIEN_MAX_CHARACTERS
from procedures.forms.lien import LienForm
from procedures.models import Procedure
from procedures.revisions import editable_revision


@dataclass(frozen=True)
class LienWritten:
    """A link, and whether programs will take it."""

    url: str
    is_empty: bool

    @property
    def is_long(self) -> bool:
        """Tell whether some programs may cut it."""
        return len(self.url) > LIEN_LONG_CHARACTERS

    @property
    def is_too_long(self) -> bool:
        """Tell whether TPS itself would refuse it."""
        return len(self.url) > LIEN_MAX_CHARACTERS


def lien_create(request, pk):
    """Show the questions that a link may answer; a POST writes the link, and stores nothing."""
    procedure = get_object_or_404(
        Procedure.objects.administered_by(request.user).select_related(
            "organisme", "published_revision"
        ),
        pk=pk,
    )
    revision = procedure.published_revision or editable_revision(procedure)
    form = LienForm(request.POST or None, procedure=procedure, formulaire=revision.formulaire)
    is_posted = request.method == "POST"
    if is_posted:
        form.is_valid()
    query = form.query
    address = f"{settings.SITE_URL}{procedure.get_absolute_url()}"
    lien = LienWritten(f"{address}?{query}" if query else address, is_empty=not query)
    context = {"procedure": procedure, "form": form, "lien": lien}
    if request.htmx:
        return render(request, "procedures/includes/lien_written.html", context)
    context["champs"] = [champ for champ in form.champs if not champ.bloc]
    return render(request, "procedures/lien_create.html", context)
