"""What persons do during the measures, on a procédure that was filled with dossiers."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import quote_plus

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import F
from django.urls import reverse

from accounts.models import User
from commun.keyset import paginate
from dossiers.completeness import problems_of
from dossiers.enums import DossierState
from dossiers.models import Dossier
from instruction.enums import TRI_ORDERS, Onglet, Tri
from procedures.models import Procedure
from tps.bench.charge import Request

# Words typed into the search: people, companies, beginnings, several at once.
SEARCHES = [
    "dupont",
    "élodie",
    "transports mar",
    "boulangerie",
    "menuiserie dubois",
    "zoe",
    "00012",
]


# They read the whole procédure: some dozens of times tell enough.
STATISTICS_MAX = 40


class NotEnoughDossiers(Exception):
    """The procédure lacks dossiers in a state that a scenario consumes."""


@dataclass(frozen=True)
class Scenario:
    """One thing persons do, as many times as it is measured."""

    name: str
    requests: list[Request]


def scenarios_of(procedure: Procedure, count: int) -> list[Scenario]:
    """Return `count` requests of each kind; those that change a dossier take one each.

    Raises NotEnoughDossiers.
    """
    mine = session_for(procedure.affectations.select_related("user").first().user)
    brouillons = _complete_brouillons(procedure, count)
    sessions = {brouillon.pk: session_for(brouillon.usager) for brouillon in brouillons}
    decidable = _some(procedure, DossierState.EN_INSTRUCTION, count)
    home = Request(reverse("instruction:procedure_list"), mine)
    return [
        Scenario("Page publique", [Request(procedure.get_absolute_url())] * count),
        Scenario("Formulaire", [_form(brouillon, sessions) for brouillon in brouillons]),
        Scenario("Enregistrer un champ", [_autosave(item, sessions) for item in brouillons]),
        Scenario("Soumettre", [_submit(brouillon, sessions) for brouillon in brouillons]),
        Scenario("Mes procédures", [home] * count),
        Scenario("Liste", list(islice(_lists(procedure, mine), count))),
        Scenario("Recherche", list(islice(_searches(procedure, mine), count))),
        Scenario("Dossier", list(islice(_dossiers(procedure, mine), count))),
        Scenario("Statistiques", [_statistics(procedure, mine)] * min(count, STATISTICS_MAX)),
        Scenario("Accepter", [_accept(pk, mine) for pk in decidable]),
    ]


def session_for(user: User) -> str:
    """Sign a person in and return the key of the session."""
    store = importlib.import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key


def _statistics(procedure: Procedure, session: str) -> Request:
    url = reverse("statistiques:instruction_show", args=[procedure.pk])
    return Request(f"{url}?periode=tout", session)


def _complete_brouillons(procedure: Procedure, count: int) -> list[Dossier]:
    """Return brouillons that may be submitted."""
    candidates = Dossier.objects.filter(procedure=procedure, state=DossierState.BROUILLON)
    complete = (
        dossier
        for dossier in candidates.with_detail().order_by("pk").iterator(chunk_size=100)
        if not problems_of(dossier)
    )
    found = list(islice(complete, count))
    if len(found) < count:
        raise NotEnoughDossiers
    return found


def _some(procedure: Procedure, state: DossierState, count: int) -> list[int]:
    dossiers = Dossier.objects.for_procedure(procedure).not_archived().filter(state=state)
    found = list(dossiers.values_list("pk", flat=True)[:count])
    if len(found) < count:
        raise NotEnoughDossiers
    return found


def _form(brouillon: Dossier, sessions: dict[int, str]) -> Request:
    return Request(reverse("dossiers:dossier_edit", args=[brouillon.pk]), sessions[brouillon.pk])


def _autosave(brouillon: Dossier, sessions: dict[int, str]) -> Request:
    champs = brouillon.revision.formulaire.champs
    champ = next(champ for champ in champs if champ.type == "texte_court")
    return Request(
        reverse("dossiers:reponse_save", args=[brouillon.pk, champ.id]),
        sessions[brouillon.pk],
        data={champ.field_name: f"Réponse du dossier {brouillon.pk}"},
        htmx=True,
    )


def _submit(brouillon: Dossier, sessions: dict[int, str]) -> Request:
    return Request(
        reverse("dossiers:dossier_submit", args=[brouillon.pk]),
        sessions[brouillon.pk],
        data={},
        status=302,
        location=reverse("dossiers:dossier_detail", args=[brouillon.pk]),
    )


def _accept(pk: int, session: str) -> Request:
    return Request(
        reverse("instruction:dossier_accept", args=[pk]),
        session,
        data={"motivation": "Le dossier remplit les conditions."},
        status=302,
        # The next dossier, or the list after the last one.
        location=reverse("instruction:procedure_list"),
    )


def _lists(procedure: Procedure, session: str) -> Iterator[Request]:
    """Yield every tab in every order, then pages from the middle of the longest list, for ever."""
    base = reverse("instruction:dossier_list", args=[procedure.pk])
    paths = [f"{base}?onglet={onglet.value}&tri={tri.value}" for onglet in Onglet for tri in Tri]
    for tri in (Tri.DEPOT_DESC, Tri.DEPOT_ASC, Tri.MODIFICATION_DESC):
        cursor = _middle(procedure, TRI_ORDERS[tri])
        paths.append(f"{base}?onglet={Onglet.TOUS.value}&tri={tri.value}&page={cursor}")
    return (Request(path, session) for path in cycle(paths))


def _middle(procedure: Procedure, order: list[str]) -> str:
    """Return the cursor of the page in the middle of the list."""
    dossiers = Dossier.objects.for_procedure(procedure).soumis().not_archived()
    column = order[0].lstrip("-")
    ranked = dossiers.order_by(F(column).asc()).values_list(column, flat=True)
    middle = ranked[dossiers.count() // 2]
    lookup = "lte" if order[0].startswith("-") else "gte"
    page = paginate(dossiers.filter(**{f"{column}__{lookup}": middle}), order, None, 1)
    return page.next_cursor or ""


def _searches(procedure: Procedure, session: str) -> Iterator[Request]:
    """Yield searches in the procédure, then over all, for ever."""
    base = reverse("instruction:dossier_list", args=[procedure.pk])
    everywhere = reverse("instruction:dossier_search")
    for words in cycle(SEARCHES):
        yield Request(f"{base}?onglet=tous&q={quote_plus(words)}", session)
        yield Request(f"{everywhere}?q={quote_plus(words)}", session)


def _dossiers(procedure: Procedure, session: str) -> Iterator[Request]:
    """Yield the pages of a thousand submitted dossiers, for ever."""
    submitted = Dossier.objects.for_procedure(procedure).soumis().values_list("pk", flat=True)
    for pk in cycle(submitted[:1000]):
        yield Request(reverse("instruction:dossier_detail", args=[pk]), session)
