"""What every page needs to know of the site and of the person."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject


def site(request) -> dict:
    """Give templates the demo flag and the roles of the person, computed only when shown."""
    user = getattr(request, "user", None)
    return {
        "demo": settings.DEMO,
        "site_url": settings.SITE_URL,
        "roles": SimpleLazyObject(lambda: _roles(user)),
    }


def _roles(user) -> list:
    return user.roles if user is not None and user.is_authenticated else []
