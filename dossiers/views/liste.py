"""My dossiers: what is expected of me first, as cards or as a table."""

from dataclasses import dataclass

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Organisme
from commun.keyset import paginate
from dossiers.attentes import attentes_of, with_attentes
from dossiers.enums import DossierState, DossierTab, InviteOrigin, Vue
from dossiers.invitations import waiting_invitations
from dossiers.models import Dossier, DossierQuerySet, Transfert

PAGE_SIZE = 20
TESTS_MAX = 20
OFFERS_MAX = 20
ORDER = ["-is_expected", "-updated_at", "-pk"]
SEARCH_MAX = 200
VUE_IN_SESSION = "mes_dossiers_vue"
_DIGITS_MAX = 18


@dataclass(frozen=True)
class Filtres:
    """What the address of the list asks for; unknown values count as not given."""

    search: str
    state: str
    organisme: int | None

    @classmethod
    def read(cls, data) -> "Filtres":
        """Read the parameters `q`, `statut` and `organisme`."""
        state, organisme = data.get("statut", ""), data.get("organisme", "")
        is_number = organisme.isascii() and organisme.isdigit() and len(organisme) <= _DIGITS_MAX
        return cls(
            search=data.get("q", "").replace("\x00", "").strip()[:SEARCH_MAX],
            state=state if state in DossierState.values else "",
            organisme=int(organisme) if is_number else None,
        )

    @property
    def are_any(self) -> bool:
        """Tell whether something is filtered."""
        return bool(self.search or self.state or self.organisme is not None)

    def apply(self, dossiers: DossierQuerySet) -> DossierQuerySet:
        """Return those of `dossiers` that are asked for."""
        found = dossiers.search_of_usager(self.search)
        if self.state:
            found = found.filter(state=self.state)
        if self.organisme is not None:
            found = found.filter(procedure__organisme_id=self.organisme)
        return found


@never_cache
@require_safe
def dossier_list(request):
    """List my dossiers and those I was invited to, by what is left to do with them."""
    filtres = Filtres.read(request.GET)
    mine = Dossier.objects.filled_in_by(request.user)
    found = filtres.apply(mine)
    counts = found.tab_counts()
    tab = request.GET.get("onglet")
    if tab not in DossierTab:
        tab = next((name for name in DossierTab if counts[name]), DossierTab.EN_COURS)
    rows = with_attentes(request.user, found.in_tab(tab)).with_people().without_answers()
    rows = rows.with_corrections().with_unread(request.user)
    page = paginate(rows, ORDER, request.GET.get("suite"), PAGE_SIZE)
    attentes = attentes_of(request.user, page)
    organismes = Organisme.objects.filter(pk__in=mine.order_by().values("procedure__organisme"))
    total = sum(counts.values())
    context = {
        "page": page,
        "rows": [(dossier, attentes.get(dossier.pk, [])) for dossier in page],
        "filtres": filtres,
        "states": DossierState.choices,
        "organismes": list(organismes),
        "tab": tab,
        "tabs": [(name, name.label, counts[name]) for name in DossierTab],
        "total": total,
        "has_any": bool(total) or mine.exists(),
        "vue": _vue(request),
        "vues": Vue.choices,
        "in_corbeille": Dossier.with_trash.in_corbeille_of(request.user).count(),
        "invitations": waiting_invitations(request.user, InviteOrigin.USAGER),
        "offers": Transfert.objects.offered_to(request.user)
        .select_related("dossier__procedure__organisme", "proposed_by")
        .order_by("pk")[:OFFERS_MAX],
        "tests": Dossier.tests.owned_by(request.user)
        .with_people()
        .without_answers()
        .order_by("-updated_at", "-pk")[:TESTS_MAX],
    }
    return render(request, "dossiers/dossier_list.html", context)


def _vue(request) -> str:
    """Return how the list is shown: as the address says, else as it last said."""
    asked = request.GET.get("vue")
    if asked in Vue.values:
        if request.session.get(VUE_IN_SESSION) != asked:
            request.session[VUE_IN_SESSION] = asked
        return asked
    kept = request.session.get(VUE_IN_SESSION)
    return kept if kept in Vue.values else Vue.CARTES.value
