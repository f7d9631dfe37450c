"""From templates to the three parts of an email, in the layout of the State."""

from dataclasses import dataclass

from django.conf import settings
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template, render_to_string
from django.utils.safestring import SafeString

from commun.markdown import linkify_text

LAYOUT = "courriels/mails/layout.html"
FOOTER_TEXT = (
    "Vous recevez ce message parce que votre adresse est liée à un compte ou à un dossier sur TPS, "
    "le service des téléprocédures simplifiées. Cette adresse n’est pas lue : merci de ne pas "
    "répondre à ce message."
)


@dataclass(frozen=True)
class Logo:
    """The image of who writes: an absolute address, and what stands for it where it is hidden."""

    url: str
    alt: str


@dataclass(frozen=True)
class Rendered:
    """What `outbox.enqueue` takes: `body_html` is a whole document."""

    subject: str
    body_text: str
    body_html: str


def render_courriel(template_base: str, context: dict) -> Rendered:
    """Render `<template_base>_subject.txt`, `_body.txt` and `_body.html`.

    The texts are rendered without HTML escaping. The HTML one extends the layout and is optional:
    without it the text is laid out, its addresses clickable, with a button when the context has
    `action_url` and `action_label`, under the `logo` of the context, a `Logo`, when it has one.
    """
    defaults = {"site_url": settings.SITE_URL, "action_url": "", "action_label": "", "logo": None}
    context = defaults | context
    subject = " ".join(_render_text(f"{template_base}_subject.txt", context).splitlines()).strip()
    body_text = _render_text(f"{template_base}_body.txt", context).strip() + "\n"
    try:
        template = get_template(f"{template_base}_body.html")
    except TemplateDoesNotExist:
        body_html = wrap_html(
            title=subject,
            content_html=linkify_text(body_text.strip()),
            action_url=context["action_url"],
            action_label=context["action_label"],
            logo=context["logo"],
        )
    else:
        body_html = template.render(_layout_context() | {"title": subject} | context)
    return Rendered(subject, body_text, body_html)


def wrap_html(
    *,
    title: str,
    content_html: SafeString,
    action_url: str = "",
    action_label: str = "",
    logo: Logo | None = None,
) -> str:
    """Return the whole HTML document of an email; content that is not marked safe is escaped."""
    return render_to_string(
        LAYOUT,
        _layout_context()
        | {
            "title": title,
            "content_html": content_html,
            "action_url": action_url,
            "action_label": action_label,
            "logo": logo,
        },
    )


def text_as_html(title: str, text: str) -> str:
    """Lay out plain text: escaped, its lines kept, its addresses clickable."""
    return wrap_html(title=title, content_html=linkify_text(text.strip()))


def with_footer(text: str) -> str:
    """Add to a plain text what the layout says at its foot."""
    return f"{text.rstrip()}\n\n-- \n{FOOTER_TEXT}\n"


def _layout_context() -> dict:
    return {"site_url": settings.SITE_URL, "footer_text": FOOTER_TEXT, "content_html": ""}


def _render_text(template_name: str, context: dict) -> str:
    """Render a plain text: nothing is escaped, as nothing in it is markup."""
    return get_template(template_name).template.render(Context(context, autoescape=False))
