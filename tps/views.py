"""The pages that belong to no one: home, status, errors."""

from django.shortcuts import render


def csrf_failure(request, reason=""):
    """Explain that the page had expired, and that going back keeps what was typed."""
    return render(request, "403_csrf.html", status=403)
