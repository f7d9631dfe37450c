"""The six emails of a dossier's life: their default texts and how they are written."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.template.loader import get_template

from commun.markdown import linkify_text
from courriels.rendering import Logo, wrap_html
from procedures.balises import Balise, sample_values
from procedures.enums import COURRIEL_MOMENTS, CourrielEvent
from procedures.models import ModeleCourriel, Procedure
from procedures.passages import check_text, fill_text

SUBJECT_MAX = 250


def default_template(event: str) -> tuple[str, str]:
    """Return the subject and body that work untouched, their balises not filled in."""
    base = f"procedures/mails/{CourrielEvent(event).value}"
    return tuple(
        get_template(f"{base}_{part}.txt").template.source.strip() for part in ("subject", "body")
    )


@dataclass(frozen=True)
class WrittenCourriel:
    """An email ready to leave."""

    subject: str
    body_text: str
    body_html: str


def template_of(procedure: Procedure, event: str) -> tuple[str, str]:
    """Return the subject and body of `event`: the administrateur's, else the default."""
    own = ModeleCourriel.objects.filter(procedure=procedure, event=event).first()
    return (own.subject, own.body) if own else default_template(event)


@dataclass(frozen=True)
class CourrielOf:
    """One of the six emails of a procédure, as it stands."""

    event: CourrielEvent
    subject: str
    is_own: bool

    @property
    def moment(self) -> str:
        """Say when it leaves."""
        return COURRIEL_MOMENTS[self.event]


def courriels_of(procedure: Procedure) -> list[CourrielOf]:
    """Return the six emails in the order of a dossier's life."""
    own = {modele.event: modele.subject for modele in procedure.modeles_courriels.all()}
    return [
        CourrielOf(event, own.get(event) or default_template(event)[0], event in own)
        for event in CourrielEvent
    ]


def customise(procedure: Procedure, event: str, *, subject: str, body: str) -> None:
    """Keep the administrateur's text; one that is the default text is not kept."""
    body = body.replace("\r\n", "\n").strip()
    if (subject, body) == default_template(event):
        return_to_default(procedure, event)
        return
    ModeleCourriel.objects.update_or_create(
        procedure=procedure, event=event, defaults={"subject": subject, "body": body}
    )


def return_to_default(procedure: Procedure, event: str) -> None:
    """Forget the administrateur's text."""
    ModeleCourriel.objects.filter(procedure=procedure, event=event).delete()


def write_courriel(
    subject: str,
    body: str,
    values: Mapping[str, str],
    ending: str = "",
    logo: Logo | None = None,
) -> WrittenCourriel:
    """Fill a template in; whatever a person typed is escaped in the HTML part.

    `ending` is added as it is, before the address of the dossier: nothing in it is filled in.
    """
    filled_subject = " ".join(fill_text(subject, values).split())[:SUBJECT_MAX]
    text = _squeeze(fill_text(body, values))
    if ending:
        text = f"{text}\n\n{ending} {values.get('lien_dossier', '')}".rstrip()
    return WrittenCourriel(
        subject=filled_subject,
        body_text=text,
        body_html=wrap_html(
            title=filled_subject,
            content_html=linkify_text(text),
            action_url=values.get("lien_dossier", ""),
            action_label="Voir mon dossier",
            logo=logo,
        ),
    )


@dataclass(frozen=True)
class Preview:
    """An email as it would leave for an invented dossier, and what is wrong with its balises."""

    subject: str
    body_text: str
    problems: list[str]


def preview_of(subject: str, body: str, balises: list[Balise], ending: str = "") -> Preview:
    """Write a template being typed with the sample values of `balises`."""
    written = write_courriel(subject, body, sample_values(balises), ending)
    return Preview(written.subject, written.body_text, problems_of([subject, body], balises))


def problems_of(texts: list[str], balises: list[Balise]) -> list[str]:
    """Return what is wrong with the balises and the passages of `texts`, each said once."""
    problems: list[str] = []
    for text in texts:
        try:
            check_text(text, balises)
        except ValidationError as error:
            problems += error.messages
    return list(dict.fromkeys(problems))


def _squeeze(text: str) -> str:
    """Remove the holes that empty balises leave: never more than one blank line."""
    lines = []
    for line in (line.rstrip() for line in text.replace("\r\n", "\n").split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip()
