"""Markdown typed by administrateurs, and plain text whose addresses become links."""

import re

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True}).enable(
    ["linkify", "table", "strikethrough"]
)
_linkify = LinkifyIt()
_TAGS = {
    "a", "p", "br", "em", "strong", "s", "ul", "ol", "li", "blockquote", "code", "pre", "hr",
    "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_HEADING = re.compile(r"<(/?)h([1-6])>")
_FIRST_LEVEL = 3


def _lower_headings(html: str) -> str:
    # The levels used follow each other, whichever the author began with: no page skips one.
    used = sorted({match[2] for match in _HEADING.finditer(html)})
    return _HEADING.sub(
        lambda match: f"<{match[1]}h{min(_FIRST_LEVEL + used.index(match[2]), 6)}>", html
    )


def render_markdown(text: str) -> SafeString:
    """Return safe HTML for the markdown `text`: no raw HTML, no image, no script, titles from h3.

    Links open in place, with `rel="noopener noreferrer"` and only http, https, mailto and tel.
    """
    html = _lower_headings(_markdown.render(text))
    return mark_safe(  # noqa: S308 -- cleaned by nh3
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href", "title"}},
            url_schemes={"http", "https", "mailto", "tel"},
            link_rel="noopener noreferrer",
        )
    )


def linkify_text(text: str) -> SafeString:
    """Return `text` escaped, its line breaks kept and its web and email addresses clickable."""
    parts, position = [], 0
    for match in _linkify.match(text) or []:
        if match.schema not in ("", "http:", "https:", "mailto:"):
            continue
        parts.append(escape(text[position : match.index]))
        parts.append(
            f'<a href="{escape(match.url)}" rel="noopener noreferrer">{escape(match.text)}</a>'
        )
        position = match.last_index
    parts.append(escape(text[position:]))
    return mark_safe("".join(parts).replace("\n", "<br>"))  # noqa: S308 -- each part is escaped


def without_links(text: str, substitute: str) -> str:
    """Return `text` with each web address, as mail programs would find it, replaced."""
    parts, position = [], 0
    for match in _linkify.match(text) or []:
        if match.schema == "mailto:":
            continue
        parts += [text[position : match.index], substitute]
        position = match.last_index
    return "".join([*parts, text[position:]])
