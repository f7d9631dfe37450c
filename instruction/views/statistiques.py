"""The statistics of a procédure: for its accompagnateurs, its administrateurs, and the public."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_ratelimit.decorators import ratelimit

from commun.limits import limit_visitors
from instruction.statistiques.bilan import bilan_of, figure_of
from instruction.statistiques.dessin import draw
from instruction.statistiques.fichiers import figure_to_csv, figure_to_png
from instruction.statistiques.figures import Figure
from instruction.statistiques.forms import PeriodeForm
from instruction.statistiques.perimetre import Perimetre
from instruction.statistiques.periode import Periode, Prereglage
from procedures.models import Procedure

# Drawing a picture takes a good part of a second.
PNG_RATE = "30/m"


@dataclass(frozen=True)
class _Regard:
    """Somebody who looks at the statistics of a procédure, and from where."""

    # Before the names of the three addresses, and the argument they take.
    name: str
    key: int | str
    procedure: Procedure
    perimetre_of: Callable[[Periode], Perimetre]

    def url(self, page: str, *args) -> str:
        """Return the address of the page, or of a figure as a file."""
        return reverse(f"statistiques:{self.name}_{page}", args=[self.key, *args])


def _administrateur(request, pk: int) -> _Regard:
    administered = Procedure.objects.administered_by(request.user).select_related("organisme")
    procedure = get_object_or_404(administered, pk=pk)
    return _Regard(
        "administration",
        pk,
        procedure,
        lambda periode: Perimetre.of_administrateur(procedure, periode),
    )


def _accompagnateur(request, pk: int) -> _Regard:
    instructed = Procedure.objects.instructed_by(request.user).select_related("organisme")
    procedure = get_object_or_404(instructed, pk=pk)
    return _Regard(
        "instruction",
        pk,
        procedure,
        lambda periode: Perimetre.of_accompagnateur(request.user, procedure, periode),
    )


def _public(slug: str) -> _Regard:
    shared = Procedure.objects.public().filter(statistiques_publiques=True)
    procedure = get_object_or_404(shared.select_related("organisme"), slug=slug)
    return _Regard(
        "public", slug, procedure, lambda periode: Perimetre.of_public(procedure, periode)
    )


@require_safe
def administration_show(request, pk):
    """Show an administrateur the figures of all the dossiers, and who else may see them."""
    return _show(request, _administrateur(request, pk))


@require_safe
def instruction_show(request, pk):
    """Show an accompagnateur the figures of their groupes."""
    return _show(request, _accompagnateur(request, pk))


@login_not_required
@require_safe
@limit_visitors()
def public_show(request, slug):
    """Show anyone the figures that point at nobody."""
    return _show(request, _public(slug))


@require_safe
def administration_csv(request, pk, figure):
    """Give an administrateur the table of a figure."""
    return _csv(request, _administrateur(request, pk), figure)


@require_safe
def instruction_csv(request, pk, figure):
    """Give an accompagnateur the table of a figure."""
    return _csv(request, _accompagnateur(request, pk), figure)


@login_not_required
@require_safe
@limit_visitors()
def public_csv(request, slug, figure):
    """Give anyone the table of a public figure."""
    return _csv(request, _public(slug), figure)


@require_safe
@ratelimit(group="statistiques-png", key="user_or_ip", rate=PNG_RATE)
def administration_png(request, pk, figure):
    """Give an administrateur the drawing of a figure."""
    return _png(request, _administrateur(request, pk), figure)


@require_safe
@ratelimit(group="statistiques-png", key="user_or_ip", rate=PNG_RATE)
def instruction_png(request, pk, figure):
    """Give an accompagnateur the drawing of a figure."""
    return _png(request, _accompagnateur(request, pk), figure)


@login_not_required
@require_safe
@limit_visitors()
@ratelimit(group="statistiques-png", key="user_or_ip", rate=PNG_RATE)
def public_png(request, slug, figure):
    """Give anyone the drawing of a public figure."""
    return _png(request, _public(slug), figure)


@require_POST
def administration_publish(request, pk):
    """Make the statistics public, or keep them for the service again."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    procedure.statistiques_publiques = request.POST.get("publiques") == "oui"
    procedure.save(update_fields=["statistiques_publiques"])
    messages.success(
        request,
        "Les statistiques sont publiques."
        if procedure.statistiques_publiques
        else "Les statistiques sont réservées au service.",
    )
    return redirect("statistiques:administration_show", procedure.pk)


def _show(request, regard: _Regard) -> HttpResponse:
    form = _form_of(request, regard)
    periode = form.chosen if form.is_valid() else None
    bilan = perimetre = None
    figures = []
    if periode is not None:
        perimetre = regard.perimetre_of(periode)
        bilan = bilan_of(perimetre)
        figures = [_shown(regard, figure, periode) for figure in bilan.figures]
    context = {
        "procedure": regard.procedure,
        "regard": regard.name,
        "form": form,
        "page_url": regard.url("show"),
        "periode": periode,
        "perimetre": perimetre,
        "presets": [(preset, Periode.of(preset).query_string) for preset in Prereglage],
        "bilan": bilan,
        "figures": figures,
        # The pages of the three spaces are one app, which is nobody's home.
        "space": {"administration": "procedures"}.get(regard.name, regard.name),
    }
    return render(request, "instruction/statistiques_show.html", context)


def _form_of(request, regard: _Regard) -> PeriodeForm:
    """Read the period; from day to day, anyone could tell one dossier: the public has presets."""
    names = ("periode",) if regard.name == "public" else ("periode", "du", "au")
    return PeriodeForm({name: request.GET.get(name, "") for name in names})


def _shown(regard: _Regard, figure: Figure, periode: Periode) -> dict:
    csv_url, png_url = (regard.url(kind, figure.slug) for kind in ("csv", "png"))
    return {
        "figure": figure,
        "image": None if figure.is_empty else draw(figure),
        "csv_url": csv_url + periode.query_string,
        "png_url": png_url + periode.query_string,
    }


def _csv(request, regard: _Regard, slug: str) -> HttpResponse:
    form = _form_of(request, regard)
    if not form.is_valid():
        return _back(request, regard)
    figure, _perimetre = _one_figure(regard, form, slug)
    return _file(regard, figure, "csv", "text/csv; charset=utf-8", figure_to_csv(figure))


def _png(request, regard: _Regard, slug: str) -> HttpResponse:
    form = _form_of(request, regard)
    if not form.is_valid():
        return _back(request, regard)
    figure, perimetre = _one_figure(regard, form, slug)
    if figure.is_empty:
        raise Http404
    return _file(regard, figure, "png", "image/png", figure_to_png(figure, perimetre))


def _back(request, regard: _Regard) -> HttpResponse:
    """Return to the page, which says what is wrong with the period."""
    return redirect(f"{regard.url('show')}?{request.GET.urlencode()}")


def _one_figure(regard: _Regard, form: PeriodeForm, slug: str) -> tuple[Figure, Perimetre]:
    perimetre = regard.perimetre_of(form.chosen)
    figure = figure_of(perimetre, slug)
    if figure is None:
        raise Http404
    return figure, perimetre


def _file(
    regard: _Regard, figure: Figure, extension: str, content_type: str, content: bytes
) -> HttpResponse:
    day = timezone.localdate().isoformat()
    filename = f"statistiques-{regard.procedure.slug}-{figure.slug}-{day}.{extension}"
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
