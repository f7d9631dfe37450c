"""Whatever people typed, or API Entreprise said, is shown as text on every page that shows it."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organisme, User
from courriels.models import Courriel, DemoMessage
from dossiers import workflow
from dossiers.models import Attestation, Dossier, PieceJointe
from entreprise_api.enums import LookupState
from entreprise_api.models import Etablissement
from procedures.champs import CHAMP_TYPES, new_champ
from procedures.models import (
    FormulaireVierge,
    ModeleAttestation,
    ModeleCourriel,
    Procedure,
    Revision,
)
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.procedures.factories import formulaire_of
from tests.test_hostile_requests import LISTS, PEOPLE
from tests.test_url_matrix import MATRIX, World, first_world, world

MARK = "tps-intrus"
READ = "intrus-lu"
ELEMENT = f'"\'><{MARK} onfocus=alert(1)>&lt;{{{{ "intrus"|add:"-lu" }}}}'
LINKS = (
    "javascript:alert(1) [a](javascript:alert(1)) ![b](javascript:alert(1)) <javascript:alert(1)> "
    'https://a.fr/"onmouseover="alert(1) https://a.fr/\'><script>alert(1)</script> '
    f'[c](https://a.fr/ "t\\" onclick=\'alert(1)\'") <{MARK}> data:text/html,<script>1</script> '
    "vbscript:1 //a.fr/<b> www.exämple.fr/<b> [d](data:text/html;base64,AA==)"
)
ADDRESSES = {"action", "formaction", "href", "src", "hx-get", "hx-post"}
ADMIN = [
    "accounts_user", "accounts_organisme", "courriels_courriel", "dossiers_dossier",
    "dossiers_historyentry", "dossiers_piecejointe", "entreprise_api_etablissement",
    "procedures_procedure", "procedures_revision",
]  # fmt: skip

__all__ = ["first_world", "world"]  # the fixtures


class Intruders(HTMLParser):
    """Notes the elements and attributes that nobody but a person who typed them put there."""

    def __init__(self, html: str):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        scripts = [value for name, value in attrs if tag == "script" and name == "src"]
        if tag == MARK or (tag == "script" and not scripts):
            self.found.append(tag)
        for name, value in attrs:
            address = (value or "").strip().lower()
            is_code = address.startswith(("javascript:", "vbscript:", "data:text"))
            is_code = is_code and name in ADDRESSES
            if name.startswith("on") or name == "style" or is_code:
                self.found.append((tag, name, value))


@pytest.fixture
def hostile_world(world, settings) -> World:
    """Put markup wherever a person or an API may write."""
    settings.DEMO = True
    User.objects.update(first_name=ELEMENT, last_name=LINKS[:150])
    Organisme.objects.filter(pk=world.procedure.organisme_id).update(name=ELEMENT)
    _write_procedure(world.procedure)
    etablissement = Etablissement.objects.create(
        siret="13002526500013", state=LookupState.COMPLET, diffusable=True,
        raison_sociale=ELEMENT, sigle=ELEMENT, enseigne=ELEMENT, personne=ELEMENT,
        forme_juridique=ELEMENT, naf_label=ELEMENT, effectif=ELEMENT, adresse=LINKS,
        commune=ELEMENT, pays=ELEMENT, capital_devise=ELEMENT[:20], last_error=ELEMENT,
    )  # fmt: skip
    for dossier in Dossier.objects.all():
        _write_dossier(dossier)
    Dossier.objects.filter(pk=world.dossier.pk).update(etablissement=etablissement)
    _decide(world)
    PieceJointe.objects.update(name=ELEMENT)
    FormulaireVierge.objects.update(name=ELEMENT)
    return world


def _write_procedure(procedure: Procedure) -> None:
    champs = [*procedure.published_revision.formulaire.champs]
    for number, name in enumerate(CHAMP_TYPES):
        champ = new_champ(name, id=f"hostile{number}", label=ELEMENT, required=False)
        values = {"help_text": LINKS, "text": LINKS, "options": [ELEMENT, LINKS[:300]]}
        for key in values.keys() & type(champ).model_fields.keys():
            setattr(champ, key, values[key])
        champs.append(champ)
    Revision.objects.filter(procedure=procedure).update(
        document=formulaire_of(*champs).model_dump(mode="json")
    )
    Procedure.objects.filter(pk=procedure.pk).update(
        title=ELEMENT, description=f"{LINKS}\n\n{ELEMENT}\n\n# {ELEMENT}", service_name=ELEMENT,
        service_phone=ELEMENT[:40], service_hours=ELEMENT,
        service_website=f"https://a.fr/\"'><{MARK}>",
        service_address=ELEMENT, cadre_juridique=LINKS, donnees_destinataires=LINKS,
        dpo_contact=ELEMENT,
    )  # fmt: skip
    for event in ("validation", "rejet"):
        ModeleCourriel.objects.create(
            procedure=procedure, event=event, subject=ELEMENT,
            body=f"{LINKS} {{{{ motivation }}}} {{{{ nom_usager }}}} {ELEMENT}",
        )  # fmt: skip
    ModeleAttestation.objects.create(
        procedure=procedure, is_active=True, title=ELEMENT, signatory_name=ELEMENT,
        body=f"{LINKS} {{{{ motivation }}}} {{{{ nom_usager }}}} {ELEMENT}", footer=ELEMENT,
    )  # fmt: skip
    Attestation.objects.update(
        title=ELEMENT, procedure_title=ELEMENT, organisme_name=ELEMENT, signatory_name=ELEMENT,
    )  # fmt: skip
    procedure.refresh_from_db()


def _write_dossier(dossier: Dossier) -> None:
    texts = {
        champ.id: ELEMENT if champ.type == "texte_court" else LINKS
        for champ in Revision.objects.get(pk=dossier.revision_id).formulaire.champs
        if champ.type.startswith("texte") or champ.type == "choix_unique"
    }
    refused = {
        champ.id: [ELEMENT] if champ.type == "choix_multiple" else ELEMENT
        for champ in Revision.objects.get(pk=dossier.revision_id).formulaire.champs
        if champ.holds_answer and champ.id not in texts
    }
    Dossier.objects.filter(pk=dossier.pk).update(
        prenom=ELEMENT, nom=LINKS[:150], reponses=texts, saisies_refusees=refused
    )


def _decide(world: World) -> None:
    """Accept a dossier with a hostile motivation; its email leaves to the inbox of the demo."""
    decided = DossierFactory(
        procedure=world.procedure, usager=world.people["usager"], en_instruction=True
    )
    _write_dossier(decided)
    PieceJointeFactory(dossier=decided)
    world.decided = workflow.run(
        workflow.ACCEPT,
        decided.pk,
        by=world.people["accompagnateur"],
        motivation=f"{LINKS}\n{ELEMENT}",
    )
    DemoMessage.objects.update(subject=ELEMENT, text=LINKS, to=ELEMENT, from_email=ELEMENT)
    courriel = Courriel.objects.latest("pk")
    DemoMessage.objects.create(
        from_email=ELEMENT, to=ELEMENT, subject=courriel.subject, text=courriel.body_text,
        html=courriel.body_html,
    )  # fmt: skip


def _pages(world: World) -> Iterator[tuple[str, str, Client]]:
    """Yield the address of every page, who asks for it, and their client."""
    urls = [reverse(name, kwargs=objects(world)) for name, (_, objects, _) in MATRIX.items()]
    decided = {"pk": world.decided.pk}
    urls += [
        reverse("dossiers:dossier_detail", kwargs=decided),
        reverse("instruction:dossier_detail", kwargs=decided),
        reverse("instruction:dossier_list", args=[world.procedure.pk]) + "?onglet=tous",
        *(f"/demo/courriels/{message.pk}/" for message in DemoMessage.objects.all()),
        *(f"/demo/courriels/{message.pk}/html/" for message in DemoMessage.objects.all()),
    ]
    searches = {"q": ELEMENT, "destinataire": ELEMENT, "onglet": ELEMENT, "champ": "hostile1"}
    lists = [reverse(name, kwargs=MATRIX[name][1](world)) for name in LISTS]
    for persona in (*PEOPLE, "anonyme"):
        client = Client()
        if persona != "anonyme":
            client.force_login(world.people[persona])
        for url in urls:
            yield url, persona, client.get(url)
        for url in lists:
            yield f"{url}?q", persona, client.get(url, searches)
    ops = Client()
    ops.force_login(world.people["exploitant"])
    for name in ADMIN:
        url = reverse(f"admin:{name}_changelist")
        yield url, "exploitant", ops.get(url)
        yield f"{url}?q", "exploitant", ops.get(url, {"q": ELEMENT})


def _intruders(response) -> list:
    if not response["Content-Type"].startswith("text/html"):
        for close in response._resource_closers:
            close()
        return []
    html = response.content.decode()
    found = Intruders(html).found
    return [*found, "template"] if READ in html else found


def test_nothing_that_was_typed_becomes_markup(hostile_world):
    shown, intruders = 0, {}
    for url, persona, response in _pages(hostile_world):
        shown += b"&lt;tps-intrus" in getattr(response, "content", b"")
        found = _intruders(response)
        if url.endswith("/html/"):  # the document of an email has styles of its own
            found = [item for item in found if item[1] != "style"]
        if found:
            intruders[url, persona] = found[:3]

    assert intruders == {}
    assert shown > 40
