"""What was posted after the session had ended: kept until its author signs in again."""

from django.contrib.auth.views import redirect_to_login
from django.http import QueryDict

SESSION_KEY = "saisie_suspendue"
BODY_MAX_BYTES = 300_000


def suspend(request, pk: int):
    """Keep the posted answers in the session and lead to sign-in; files cannot be kept."""
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    body = typed.urlencode()
    if len(body) <= BODY_MAX_BYTES:
        request.session[SESSION_KEY] = {"pk": pk, "body": body}
    return redirect_to_login(request.path)


def resume(request, pk: int) -> QueryDict | None:
    """Return what was kept for this dossier, once; None for nothing."""
    kept = request.session.get(SESSION_KEY)
    if not kept or kept["pk"] != pk:
        return None
    del request.session[SESSION_KEY]
    return QueryDict(kept["body"])
