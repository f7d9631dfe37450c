"""What I am told of by email, procédure by procédure, and how I refuse it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from commun.keyset import paginate
from commun.limits import limit_visitors
from dossiers.models import PreferenceNotification
from dossiers.preferences import preferences_of, procedures_concerning
from instruction.enums import PROCEDURES_PER_PAGE
from instruction.forms_preferences import PreferenceForm
from instruction.notifications.desabonnement import read_token, unsubscribe
from procedures.models import Procedure


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preference_list(request):
    """Show my procédures with what I am told of; a POST saves the page shown."""
    page = paginate(
        procedures_concerning(request.user),
        ["title", "id"],
        request.GET.get("page"),
        PROCEDURES_PER_PAGE,
    )
    preferences = preferences_of(request.user, [procedure.pk for procedure in page])
    instructed = set(
        Procedure.objects.instructed_by(request.user)
        .filter(pk__in=list(preferences))
        .values_list("pk", flat=True)
    )
    rows = [
        (
            procedure,
            PreferenceForm(
                request.POST or None,
                instance=preferences[procedure.pk],
                prefix=f"p{procedure.pk}",
                is_instructing=procedure.pk in instructed,
            ),
        )
        for procedure in page
    ]
    if request.method == "POST" and all(form.is_valid() for _procedure, form in rows):
        for _procedure, form in rows:
            if form.has_changed():
                _save(form)
        messages.success(request, "Vos notifications sont enregistrées.")
        return redirect(request.get_full_path())
    status = 422 if request.method == "POST" else 200
    context = {"page": page, "rows": rows}
    return render(request, "instruction/preference_list.html", context, status=status)


# The token is the authority: a mail program posts without a session (RFC 8058).
@csrf_exempt
@login_not_required
@limit_visitors()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_confirm(request, token):
    """Ask once, then send no digest any more; reading the page changes nothing."""
    found = read_token(token)
    if found is None:
        raise Http404
    user, procedure = found
    if request.method == "POST":
        unsubscribe(user, procedure)
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse("Vous êtes désabonné.", content_type="text/plain; charset=utf-8")
    context = {
        "procedure": procedure,
        "is_done": request.method == "POST",
        "preferences_url": reverse("instruction:preference_list"),
    }
    return render(request, "instruction/unsubscribe.html", context)


def _save(form: PreferenceForm) -> None:
    """Keep what was chosen, even where another window made the row meanwhile."""
    chosen = {name: form.cleaned_data[name] for name in form.fields}
    PreferenceNotification.objects.update_or_create(
        user_id=form.instance.user_id, procedure_id=form.instance.procedure_id, defaults=chosen
    )
