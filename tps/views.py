"""The pages that belong to no one: home, state of the service, legal pages, errors."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_ratelimit.exceptions import Ratelimited

from commun.keyset import paginate
from commun.limits import limit_visitors
from procedures.models import Procedure
from tps.status import check_service

HOME_PAGE_SIZE = 20


@login_not_required
@require_safe
@limit_visitors()
def home(request):
    """List the open procédures, found by their title or organisme."""
    search = request.GET.get("q", "").strip()[:200]
    found = Procedure.objects.publiees().search(search)
    page = paginate(
        found.select_related("organisme").defer("description", "search_text"),
        ["-published_at", "-pk"],
        request.GET.get("suite"),
        HOME_PAGE_SIZE,
    )
    context = {"page": page, "search": search, "total": found.count()}
    return render(request, "tps/home.html", context)


@login_not_required
@never_cache
@require_safe
@limit_visitors("ip")  # who is signed in must not be asked while the database is down
def status(request):
    """Say whether the service works; JSON for machines, with 503 when the database is down."""
    checks = check_service()
    code = 200 if all(check.ok for check in checks if check.is_vital) else 503
    if not request.accepts("text/html") or request.GET.get("format") == "json":
        return JsonResponse(
            {"ok": code == 200} | {check.name: check.as_json() for check in checks}, status=code
        )
    # Without the request the page asks nothing of the database, not even who is signed in.
    page = render_to_string(
        "tps/status.html", {"checks": checks, "ok": code == 200}, request if code == 200 else None
    )
    return HttpResponse(page, status=code)


@login_not_required
@require_safe
def legal(request):
    """Show who publishes and hosts the site."""
    return render(request, "tps/legal.html")


@login_not_required
@require_safe
def privacy(request):
    """Show what is done with personal data."""
    return render(request, "tps/privacy.html")


@login_not_required
@require_safe
def accessibility(request):
    """Show the declaration of accessibility."""
    return render(request, "tps/accessibility.html")


@login_not_required
def csrf_failure(request, reason=""):
    """Explain that the page had expired, and that going back keeps what was typed."""
    return render(request, "403_csrf.html", status=403)


@login_not_required
def permission_denied(request, exception):
    """Say that access is refused, or that one goes too fast."""
    if isinstance(exception, Ratelimited):
        response = render(request, "429.html", status=429)
        response["Retry-After"] = "60"
        return response
    return render(request, "403.html", status=403)
