"""How TPS writes text, numbers and identifiers in a page."""

from django import template

from commun.file_size import file_size as write_file_size
from commun.markdown import linkify_text, render_markdown

register = template.Library()


@register.filter
def markdown(text: str):
    """Render markdown as safe HTML."""
    return render_markdown(text or "")


@register.filter
def linkified(text: str):
    """Escape plain text, keep its lines, make its addresses clickable."""
    return linkify_text(text or "")


@register.filter
def file_size(size_bytes: int) -> str:
    """Write the size of a file: `2,2 Ko`."""
    return write_file_size(size_bytes)


@register.filter
def duration(minutes: int) -> str:
    """Write a number of minutes: `1 minute`, `45 minutes`, `2 h 15`, `3 h`."""
    hours, left = divmod(minutes, 60)
    if not hours:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{hours}\N{NO-BREAK SPACE}h" + (f"\N{NO-BREAK SPACE}{left:02d}" if left else "")


@register.filter
def siret(number: str) -> str:
    """Write a SIRET as `123 456 789 00012`; anything else is left as it is."""
    if len(number or "") != 14:
        return number or ""
    return f"{number[:3]} {number[3:6]} {number[6:9]} {number[9:]}"


@register.simple_tag(takes_context=True)
def query_with(context, **changes) -> str:
    """Return the query string of this page with some parameters changed, or removed by None."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}" if query else "?"
