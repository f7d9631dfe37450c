"""The five emails of a dossier's life: their default texts and how they are written."""

from collections.abc import Mapping
from dataclasses import dataclass

from courriels.rendering import wrap_html
from django.template.loader import get_template

from commun.markdown import linkify_text
from procedures.balises import fill_balises
from procedures.enums import CourrielEvent
from procedures.models import ModeleCourriel, Procedure

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


def write_courriel(subject: str, body: str, values: Mapping[str, str]) -> WrittenCourriel:
    """Fill a template in; whatever a person typed is escaped in the HTML part."""
    filled_subject = " ".join(fill_balises(subject, values).split())[:SUBJECT_MAX]
    text = _squeeze(fill_balises(body, values))
    return WrittenCourriel(
        subject=filled_subject,
        body_text=text,
        body_html=wrap_html(
            title=filled_subject,
            content_html=linkify_text(text),
            action_url=values.get("lien_dossier", ""),
            action_label="Voir mon dossier",
        ),
    )


def _squeeze(text: str) -> str:
    """Remove the holes that empty balises leave: never more than one blank line."""
    lines = []
    for line in (line.rstrip() for line in text.replace("\r\n", "\n").split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip()
