"""Two people fill in one dossier of sixty champs while the server and the network fail at random.

Every value that a page has shown as « enregistré » was written in the database, and nobody
replaced a value that their page had not shown them first.
"""

import json
import os
import random
from dataclasses import dataclass, field

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Page

from dossiers.models import Dossier
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.browser.web_process import WebProcess
from tests.dossiers.factories import DossierFactory, InviteFactory
from tests.procedures.factories import ProcedureFactory

STEPS = 60
# Whatever chance says, the server dies then.
KILLED_AT = {10, 30, 50}
SEED = int(os.environ.get("TPS_CHAOS_SEED", "2026"))
SETTLE_MS = 60_000
# Every state that the row ever had, as the database itself saw it.
AUDIT = """
CREATE TABLE audit_reponses (id bigserial PRIMARY KEY, reponses jsonb, auteurs jsonb);
CREATE FUNCTION note_reponses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_reponses (reponses, auteurs) VALUES (NEW.reponses, NEW.auteurs);
  RETURN NEW;
END $$;
CREATE TRIGGER audit_reponses AFTER UPDATE ON dossiers_dossier
  FOR EACH ROW EXECUTE FUNCTION note_reponses();
"""
DROP_AUDIT = """
DROP TRIGGER audit_reponses ON dossiers_dossier;
DROP FUNCTION note_reponses();
DROP TABLE audit_reponses;
"""
# Notes each time the page says that an answer is saved, with what its field then holds.
WATCH = """
window.tpsSaid = [];
new MutationObserver((changes) => changes.forEach((change) => {
  const place = change.target.nodeType === 1 && change.target.closest("[id^=etat-]");
  if (!place || !place.textContent.includes("Enregistré à")) return;
  const id = place.id.slice(5);
  const field = document.getElementById(`id_champ_${id}`);
  const said = JSON.stringify([id, field.value]);
  if (window.tpsSaid.at(-1) !== said) window.tpsSaid.push(said);
})).observe(document, { childList: true, subtree: true });
"""

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Person:
    """One person at their page: what it showed, and what it said was saved."""

    name: str
    user: object
    page: Page
    shown: dict[str, set[str]] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    is_offline: bool = False

    def see(self, champ: str) -> str:
        """Note what the page shows at a champ, the other answer of a conflict included."""
        value = self.page.input_value(f"#id_champ_{champ}")
        self.shown.setdefault(champ, set()).add(value)
        other = self.page.locator(f"label[for='choix-{champ}-autre'] span")
        if other.count():
            text = other.inner_text().strip("«» \xa0")
            self.shown[champ].add("" if text == "sans réponse" else text)
        return value

    def is_busy(self, champ: str) -> bool:
        """Tell whether the page still has something to do with a champ."""
        return self.page.evaluate(
            """(id) => {
                const champ = document.getElementById(`champ-${id}`);
                const form = document.querySelector("form[data-tps-autosave]");
                return form.tpsIsUnsaved(champ);
            }""",
            champ,
        )

    def has_conflict(self, champ: str) -> bool:
        """Tell whether the page asks whose answer stays."""
        return self.page.locator(f"#choix-{champ}-autre").count() > 0

    def write(self, champ: str, value: str) -> None:
        """Answer a question."""
        self.see(champ)
        self.page.fill(f"#id_champ_{champ}", value)
        self.page.keyboard.press("Tab")
        self.typed[champ] = value
        self.shown[champ].add(value)

    def choose(self, champ: str, rng: random.Random) -> None:
        """Say whose answer stays."""
        self.see(champ)
        which = rng.choice(["mienne", "autre"])
        self.page.locator(f"label[for='choix-{champ}-{which}']").click()

    def said(self) -> list[str]:
        """Return what the page said was saved, as JSON of a champ and a value."""
        return self.page.evaluate("window.tpsSaid")


@pytest.fixture
def web(transactional_db, tmp_path):
    process = WebProcess(tmp_path / "web.log")
    process.start()
    process.wait()
    yield process
    process.kill()


@pytest.fixture
def audit(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute(AUDIT)
    yield
    with connection.cursor() as cursor:
        cursor.execute(DROP_AUDIT)


@pytest.fixture
def dossier(transactional_db) -> Dossier:
    champs = [
        new_champ("texte_court", id=f"champ{number:02d}", label=f"Question {number}")
        for number in range(60)
    ]
    return DossierFactory(procedure=ProcedureFactory(champs=champs), reponses={})


@pytest.fixture
def people(dossier, new_page, web) -> list[Person]:
    """Return the usager and somebody they invited, each at the form."""
    marie = UserFactory(first_name="Marie", last_name="Dupont")
    InviteFactory(dossier=dossier, accepted_by=marie)
    found = []
    for name, user in (("usager", dossier.usager), ("invitée", marie)):
        page = new_page()
        page.add_init_script(WATCH)
        page.on("dialog", lambda dialog: dialog.accept())
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookie = django_settings.SESSION_COOKIE_NAME
        value = client.cookies[cookie].value
        page.context.add_cookies([{"name": cookie, "value": value, "url": web.url}])
        page.goto(f"{web.url}/dossiers/{dossier.pk}/modifier/")
        found.append(Person(name, user, page))
    return found


def cause_trouble(rng: random.Random, web: WebProcess, people: list[Person], step: int) -> None:
    """Kill the server or start it again, cut the network of somebody or give it back."""
    draw = rng.random()
    if web.process is None:
        if draw < 0.5:
            web.start()
    elif draw < 0.08 or step in KILLED_AT:
        web.kill()
    person = rng.choice(people)
    if person.is_offline or rng.random() < 0.12:
        person.is_offline = not person.is_offline
        person.page.context.set_offline(person.is_offline)


def act(rng: random.Random, person: Person, champs: list[str], step: int) -> None:
    """Let somebody answer a question that their page is done with, or choose an answer."""
    # Often the same few, so that the two meet.
    champ = rng.choice(champs[:6] if rng.random() < 0.4 else champs)
    if person.has_conflict(champ):
        person.choose(champ, rng)
    elif not person.is_busy(champ):
        person.write(champ, f"{person.name} {step}")


def settle(web: WebProcess, people: list[Person], champs: list[str], rng: random.Random) -> None:
    """Give server and network back, answer what the pages ask, wait until all is saved."""
    if web.process is None:
        web.start()
    web.wait()
    for person in people:
        person.page.context.set_offline(False)
    waited = 0
    while waited < SETTLE_MS:
        busy = False
        for person in people:
            for champ in champs:
                if person.has_conflict(champ):
                    person.choose(champ, rng)
                    busy = True
                busy = busy or person.is_busy(champ)
        if not busy:
            return
        people[0].page.wait_for_timeout(500)
        waited += 500
    raise AssertionError("Some answers were never saved.")


def test_what_is_said_to_be_saved_is_and_nothing_is_overwritten_unseen(
    audit, dossier, people, web, troubles
):
    troubles.allow("")  # whatever a browser says of a server that is down
    rng = random.Random(SEED)
    champs = [champ.id for champ in dossier.revision.formulaire.champs]
    kills = 0
    for step in range(STEPS):
        alive = web.process is not None
        cause_trouble(rng, web, people, step)
        kills += alive and web.process is None
        act(rng, rng.choice(people), champs, step)
        rng.choice(people).page.wait_for_timeout(rng.choice([50, 200, 700]))

    settle(web, people, champs, rng)
    assert kills >= 2
    states = audited()
    check_said(people, states)
    check_overwritten(people, states)
    final = Dossier.objects.get(pk=dossier.pk).reponses
    assert final == states[-1][0]
    assert len(final) > 15


def audited() -> list[tuple[dict, dict]]:
    """Return every state of the answers, and who gave each, in the order of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reponses::text, auteurs::text FROM audit_reponses ORDER BY id")
        rows = cursor.fetchall()
    return [(json.loads(reponses), json.loads(auteurs)) for reponses, auteurs in rows]


def check_said(people: list[Person], states) -> None:
    """Fail when a value that was said to be saved was never written."""
    written = {(champ, value) for reponses, _ in states for champ, value in reponses.items()}
    for person in people:
        said = {tuple(json.loads(entry)) for entry in person.said()}
        assert said
        assert {(champ, value) for champ, value in said if value} <= written


def check_overwritten(people: list[Person], states) -> None:
    """Fail when somebody replaced a value that their page had not shown them."""
    by_user = {person.user.pk: person for person in people}
    before: dict = {}
    for reponses, auteurs in states:
        for champ in set(before) | set(reponses):
            former, present = before.get(champ), reponses.get(champ)
            if former is None or former == present:
                continue
            person = by_user[auteurs[champ]["by"]]
            assert former in person.shown[champ], (champ, former, present, person.name)
        before = reponses
