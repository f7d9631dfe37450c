"""The procédure that is filled: a form of champs of all types, and answers to draw from."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from random import Random

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisme, User
from commun.text import fold
from instruction.peuplement.vocabulaire import COMMUNES, NOMS, PRENOMS, sentence, siren, siret
from procedures.champs import CHAMP_TYPES, Champ
from procedures.enums import Demandeurs
from procedures.formulaire import Formulaire
from procedures.models import Affectation, Procedure
from procedures.publication import publish
from procedures.revisions import create_procedure, draft_of

ACCOMPAGNATEUR_EMAIL = "accompagnateur@charge.exemple.fr"
_ADMINISTRATEUR_EMAIL = "administrateur@charge.exemple.fr"
_SECTION_EVERY = 10
_SAMPLES_PER_CHAMP = 200
_OPTIONS = [commune.title() for _code, commune in COMMUNES]

# What an usager would type, by type of champ.
_TYPED: dict[str, Callable[[Random], object]] = {
    "texte_court": lambda random: sentence(random, random.randint(2, 7)),
    "texte_long": lambda random: "\n".join(sentence(random, 12) for _ in range(3)),
    "nombre_entier": lambda random: str(random.randrange(5000)),
    "nombre_decimal": lambda random: f"{random.randrange(10**7) / 100:.2f}",
    "montant": lambda random: f"{random.randrange(10**7) / 100:.2f}",
    "date_heure": lambda random: f"{random.randrange(1, 28):02d}/11/2026 14:30",
    "civilite": lambda random: random.choice(["Mme", "M."]),
    "departement": lambda random: random.choice(["59", "2A", "974"]),
    "region": lambda random: random.choice(["32", "11", "04"]),
    "pays": lambda random: random.choice(["FR", "BE", "CA"]),
    "engagement": lambda random: "on",
    "date": lambda random: (date(2024, 1, 1) + timedelta(random.randrange(1500))).isoformat(),
    "case_a_cocher": lambda random: "on",
    "oui_non": lambda random: random.choice(["oui", "non"]),
    "choix_unique": lambda random: random.choice(_OPTIONS),
    "listes_liees": lambda random: ["Région", random.choice(_OPTIONS)],
    "choix_multiple": lambda random: random.sample(_OPTIONS, random.randint(1, 4)),
    "adresse_email": lambda random: fold(
        f"{random.choice(PRENOMS)}.{random.choice(NOMS)}@exemple.fr".replace("’", "")
    ),
    "telephone": lambda random: f"06 12 {random.randrange(100):02d} {random.randrange(100):02d} 78",
    "commune": lambda random: random.choice(COMMUNES)[1],
    "dossier_lie": lambda random: "",  # none of theirs exists yet
    "siret": lambda random: siret(random, siren(random)),
}


@dataclass(frozen=True)
class ChampSample:
    """An answer ready to be put into a row: its JSON, and its folded search text."""

    json: str
    search_text: str


@transaction.atomic
def create_procedure_of_load(slug: str, *, title: str, champs: int) -> Procedure:
    """Create and publish a procédure of `champs` elements, with one accompagnateur.

    Its accounts have no password. Raises ValidationError when it cannot be published.
    """
    organisme, _ = Organisme.objects.get_or_create(name="Organisme des mesures de charge")
    administrateur, accompagnateur = (
        _account(email) for email in (_ADMINISTRATEUR_EMAIL, ACCOMPAGNATEUR_EMAIL)
    )
    organisme.administrateurs.add(administrateur)
    procedure = create_procedure(
        by=administrateur,
        organisme=organisme,
        title=title,
        slug=slug,
        description="Procédure remplie pour mesurer les temps de réponse.",
        demandeurs=Demandeurs.TOUS,
        service_name="Service des mesures",
        service_email="mesures@charge.exemple.fr",
        cadre_juridique="Mesures de charge, sans portée juridique",
    )
    draft = draft_of(procedure)
    draft.set_formulaire(Formulaire(champs=_champs(champs)))
    draft.save(update_fields=["document", "updated_at"])
    Affectation.objects.create(procedure=procedure, user=accompagnateur)
    publish(procedure, by=administrateur)
    procedure.refresh_from_db()
    return procedure


def samples_of(champ: Champ, random: Random) -> list[ChampSample]:
    """Return answers to `champ` as they are stored, each accepted by its form field."""
    field = champ.form_field()
    type_it = _TYPED.get(champ.type, lambda random: champ.sample())
    samples = []
    for _ in range(_SAMPLES_PER_CHAMP):
        stored = champ.to_stored(field.clean(type_it(random)))
        if stored is not None:
            samples.append(ChampSample(json.dumps(stored), fold(champ.search_text(stored))))
    return samples


def _account(email: str) -> User:
    user = User.objects.for_email(email).first()
    return user or User.objects.create_user(email, date_joined=timezone.now())


def _champs(count: int) -> list[Champ]:
    """Return `count` elements: a title of section every ten, then every type in turn."""
    types = cycle(
        champ_class
        for champ_class in CHAMP_TYPES.values()
        if not (champ_class.is_section or champ_class.is_bloc)
    )
    champs = []
    for rank in range(count):
        is_title = rank % _SECTION_EVERY == 0
        champ_class = CHAMP_TYPES["titre_de_section"] if is_title else next(types)
        properties = {"id": f"charge{rank:03d}", "label": f"{champ_class.name} nº {rank + 1}"}
        if "options" in champ_class.model_fields:
            properties["options"] = _OPTIONS
        if "lists" in champ_class.model_fields:
            properties["lists"] = ["--Région--", *_OPTIONS, "--Hors région--", "Ailleurs"]
        if champ_class.holds_files or champ_class.links_dossier or rank % 3 == 0:
            properties["required"] = False
        champs.append(champ_class(**properties))
    return champs
