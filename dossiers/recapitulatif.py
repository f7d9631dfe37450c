"""The récapitulatif: a whole dossier in one PDF, to keep or to print."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format

from commun.pdf import render_pdf
from dossiers.anciennes_reponses import anciennes_reponses
from dossiers.demande import ChampRow, sections_of
from dossiers.models import Dossier
from dossiers.timeline import steps_of
from procedures.logos import data_uri

RATE = "10/m"
RATE_GROUP = "recapitulatif"
# A PDF of this length, a hundred pages, takes some seconds; beyond, long answers are abridged.
TEXT_MAX = 300_000
# What a line weighs, even empty: it is the pages that take time.
LINE_WEIGHT = 100


@dataclass(frozen=True)
class Reponse:
    """One question as the PDF shows it."""

    row: ChampRow
    text: str

    @property
    def is_abridged(self) -> bool:
        """Tell whether the answer goes on."""
        return self.text != self.row.text


def make_recapitulatif(dossier: Dossier, *, is_public: bool) -> bytes:
    """Return the PDF of a dossier fetched `with_detail()`.

    `is_public`: for its usager, who is not shown what a company asked not to publish; else for
    those who instruct it, who see everything.
    """
    sections = [
        section for section in sections_of(dossier) if section.asked and not section.is_hidden
    ]
    rows = [row for section in sections for row in section.asked]
    weight_max = answer_weight_max([row.text for row in rows])
    context = {
        "dossier": dossier,
        "is_public": is_public,
        "steps": [step for step in steps_of(dossier) if step.at],
        "demandeur_name": dossier.demandeur_public_name if is_public else dossier.demandeur_name,
        "demandeur_rows": demandeur_rows(dossier, is_public=is_public),
        "sections": [
            (
                section,
                [
                    (group, [Reponse(row, abridge(row.text, weight_max)) for row in group.rows])
                    for group in section.groups
                ],
            )
            for section in sections
        ],
        "anciennes": anciennes_reponses(dossier),
        "rows_with_files": [row for row in rows if row.files],
        "edited_at": timezone.now(),
        "logo": data_uri(dossier.procedure),
    }
    return render_pdf("dossiers/pdf/recapitulatif.html", context)


def demandeur_rows(dossier: Dossier, *, is_public: bool) -> list[tuple[str, str]]:
    """Return the (label, value) pairs that say who applies."""
    etablissement, usager = dossier.etablissement, dossier.usager
    rows = []
    if etablissement is not None:
        rows += etablissement.public_rows() if is_public else etablissement.full_rows()
    if dossier.personne_name and (etablissement is None or not is_public):
        label = "Identité" if etablissement is None else "Représentant"
        rows.append((label, f"{dossier.get_civilite_display()} {dossier.personne_name}".strip()))
    if dossier.is_from_franceconnect:
        born_on = dossier.date_de_naissance
        born = f"date de naissance : {date_format(born_on, 'd/m/Y')} ; " if born_on else ""
        rows.append(("FranceConnect", f"{born}identité reprise de FranceConnect"))
    if dossier.mandataire_name:
        rows.append(("Mandataire, qui remplit le dossier", dossier.mandataire_name))
        if dossier.beneficiaire_email:
            rows.append(("Adresse email du bénéficiaire", dossier.beneficiaire_email))
    account = usager.email
    if not is_public and usager.full_name:
        account = f"{usager.full_name}, {usager.email}"
    return [*rows, ("Compte de l’usager", account)]


def answer_weight_max(texts: list[str]) -> int:
    """Return what each answer may weigh: anything, unless all of them weigh too much."""
    total = sum(weight_of(line) for text in texts for line in text.split("\n"))
    return total if total <= TEXT_MAX else TEXT_MAX // len(texts)


def abridge(text: str, weight_max: int) -> str:
    """Return the beginning of `text` that weighs at most `weight_max`."""
    kept, room = [], weight_max
    for line in text.split("\n"):
        if weight_of(line) > room:
            kept.append(line[: max(room - LINE_WEIGHT, 0)])
            break
        kept.append(line)
        room -= weight_of(line)
    return "\n".join(kept)


def weight_of(line: str) -> int:
    """Return the place a line takes, in characters."""
    return LINE_WEIGHT + len(line)


def recapitulatif_filename(dossier: Dossier) -> str:
    """Return the name under which the PDF is saved."""
    return f"{'test-' if dossier.is_test else ''}dossier-{dossier.pk}.pdf"
