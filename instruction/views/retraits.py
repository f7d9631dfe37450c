"""The dossiers that their usagers withdrew: what the service still knows of them."""

from functools import wraps

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from commun.keyset import paginate
from dossiers.models import Dossier, Retrait, Suppression
from procedures.groupes import may_have_rules
from procedures.models import Groupe, Procedure

RETRAITS_PER_PAGE = 50


@require_safe
def retrait_list(request, pk):
    """List the dossiers of a procédure that were withdrawn, and not taken back."""
    mine = Procedure.objects.instructed_by(request.user).select_related("organisme")
    procedure = get_object_or_404(mine, pk=pk)
    retraits = Retrait.objects.seen_by(request.user).filter(procedure=procedure)
    page = paginate(
        retraits.select_related("groupe"),
        ["-withdrawn_at", "-pk"],
        request.GET.get("suite"),
        RETRAITS_PER_PAGE,
    )
    context = {"procedure": procedure, "page": page, "total": retraits.count()}
    context["has_groupes"] = may_have_rules(procedure)
    return render(request, "instruction/retrait_list.html", context)


def say_withdrawn(view):
    """Say of a dossier not found that its usager withdrew it, to those who could read it."""

    @wraps(view)
    def wrapper(request, *args, pk, **kwargs):
        try:
            return view(request, *args, pk=pk, **kwargs)
        except (Http404, Dossier.DoesNotExist):
            retrait = _retrait(request.user, pk)
            if retrait is None:
                return _say_erased(request, pk)
            context = {"retrait": retrait, "procedure": retrait.procedure}
            return render(request, "instruction/retrait_detail.html", context, status=410)

    return wrapper


def _say_erased(request, dossier_number: int):
    """Say that a dossier was erased at the end of its conservation, else raise Http404."""
    mine = Suppression.objects.filter(groupe__in=Groupe.objects.of_member(request.user))
    erased = mine.select_related("procedure").filter(dossier_number=dossier_number).first()
    if erased is None:
        raise Http404
    context = {"erased": erased, "procedure": erased.procedure}
    return render(request, "instruction/suppression_detail.html", context, status=410)


def _retrait(user, dossier_number: int) -> Retrait | None:
    retraits = Retrait.objects.seen_by(user)
    return retraits.select_related("procedure").filter(dossier_number=dossier_number).first()
