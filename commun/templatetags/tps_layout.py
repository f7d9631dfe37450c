"""The parts of the layout that need a little work: the breadcrumb, the menu of spaces."""

from django import template
from django.urls import NoReverseMatch, reverse

register = template.Library()


@register.inclusion_tag("layout/includes/breadcrumb.html")
def breadcrumb(*parts) -> dict:
    """Render « Accueil > … > page »: pairs of a label and its address, then the current label."""
    if not parts or len(parts) % 2 == 0:
        raise template.TemplateSyntaxError(
            "breadcrumb takes pairs of a label and an address, then the label of this page"
        )
    *pairs, current = parts
    items = [
        {"label": label, "url": url} for label, url in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    return {"items": items, "current": current}


@register.simple_tag(takes_context=True)
def role_menu(context) -> dict:
    """Return the spaces the person may enter, the one this page belongs to, and if there is choice.

    A page belongs to the space whose home begins its address (the test mode, in the app of the
    dossiers, is a page of the cockpit), or else has the same namespace as its own URL, unless the
    view gives another as `space`.
    """
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    namespace = context.get("space") or (match.namespace if match else "")
    spaces = []
    for role in context.get("roles") or []:
        try:
            url = reverse(role.url_name)
        except NoReverseMatch:
            continue
        begins = bool(match) and request.path.startswith(url)
        is_namesake = bool(namespace) and role.url_name.split(":")[0] == namespace
        spaces.append({"label": role.label, "url": url, "rank": (begins, is_namesake)})
    current = max(spaces, key=lambda space: space["rank"], default=None)
    if current and not any(current["rank"]):
        current = None
    for space in spaces:
        space["is_current"] = space is current
    return {"spaces": spaces, "current": current, "others": len(spaces) > 1}
