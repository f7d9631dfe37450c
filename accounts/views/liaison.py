"""Which account a new identity of FranceConnect opens: proven, never taken from the address."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_ratelimit.core import is_ratelimited

from accounts import identites
from accounts.forms import IdentiteEmailForm, IdentitePasswordForm
from accounts.models import User
from accounts.oidc import session
from accounts.roles import is_agent
from accounts.views.connexion import AGENT_REFUSED, leave_provider, sign_in

LINKS_RATE_BY_EMAIL = "5/h"
LINKS_RATE_BY_VISITOR = "20/h"
TOO_MANY_LINKS = (
    "Plusieurs liens sont déjà partis. Cherchez-les dans les courriers indésirables, ou "
    "recommencez dans une heure."
)
WAITED_LONG = (
    "Cette connexion par FranceConnect a attendu trop longtemps. Recommencez, ou connectez-vous "
    "avec votre mot de passe."
)
TAKEN = "Cette identité FranceConnect est déjà reliée à un compte. Recommencez la connexion."


def with_pending(view):
    """Give the view the identity that waits in this browser; without one, back to sign-in."""

    @login_not_required
    @never_cache
    @wraps(view)
    def wrapper(request, *args, **kwargs):
        if request.user.is_authenticated:
            return redirect("account_home")
        pending = session.read_pending(request)
        if pending is None:
            messages.warning(request, WAITED_LONG)
            return redirect("account_login")
        return view(request, pending, *args, **kwargs)

    return wrapper


@require_safe
@with_pending
def identite_choose(request, pending):
    """Ask which account, by what the address that FranceConnect gives is here."""
    return _page(request, pending)


@require_POST
@with_pending
def identite_keep(request, pending):
    """Open an account at the address that FranceConnect gives, when nobody has one there."""
    if not pending.identity.email:
        return _page(request, pending)
    try:
        user = identites.open_account(pending.identity)
    except identites.EmailTaken:
        return redirect("identite_choose")
    return sign_in(request, user, pending.identity, pending.next_url)


@sensitive_post_parameters("password")
@require_POST
@with_pending
def identite_prove(request, pending):
    """Link the identity to the account of its address, on the password of that account."""
    user = User.objects.for_email(pending.identity.email).first()
    if not _may_prove(user):
        return redirect("identite_choose")
    form = IdentitePasswordForm(request.POST, request=request, user=user)
    if not form.is_valid():
        return _page(request, pending, password_form=form)
    return _link(request, pending, lambda: _linked(pending.identity, user))


@require_POST
@with_pending
def identite_send_link(request, pending):
    """Send a link to the address given: its account, or a new one, will be the identity's."""
    form = IdentiteEmailForm(request.POST)
    if form.is_valid() and _is_too_often(request, form.cleaned_data["email"]):
        form.add_error("email", TOO_MANY_LINKS)
    if not form.is_valid():
        return _page(request, pending, email_form=form)
    email = form.cleaned_data["email"]
    with transaction.atomic():
        token = session.new_link(request, pending, email)
        identites.send(
            email,
            "identite_lien",
            path=reverse("identite_confirm", args=[token]),
            label="Confirmer mon adresse",
            identity=pending.identity.name,
            minutes=session.LINK_LIFETIME_SECONDS // 60,
        )
    return redirect("identite_link_sent")


@require_safe
@with_pending
def identite_link_sent(request, pending):
    """Say where the link left for, and where to open it."""
    email, _ = list(pending.links.values())[-1] if pending.links else ("", 0)
    if not email:
        return redirect("identite_choose")
    return render(request, "accounts/identite_link_sent.html", {"email": email})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def identite_confirm(request, token):
    """Link the identity to the account of the address that was written to, on a button.

    The link opens nothing by itself, and nothing in another browser: who asks for a link to the
    address of somebody else gains nothing when that person follows it.
    """
    pending = session.read_pending(request)
    email = pending.email_of(token) if pending else None
    if request.user.is_authenticated or email is None:
        return render(request, "accounts/identite_link_refused.html", status=410)
    if request.method == "POST":
        return _link(request, pending, lambda: identites.link_by_email(pending.identity, email))
    has_account = User.objects.for_email(email).exists()
    context = {"email": email, "identity": pending.identity, "has_account": has_account}
    return render(request, "accounts/identite_confirm.html", context)


@require_POST
@with_pending
def identite_give_up(request, pending):
    """Forget the identity, and close the session that it opened at FranceConnect."""
    return leave_provider(request, pending.identity)


def _link(request, pending, link):
    """Call `link`, which returns the account that the identity now opens, and sign it in."""
    try:
        user = link()
    except identites.AgentAccount:
        return leave_provider(request, pending.identity, text=AGENT_REFUSED)
    except identites.IdentityTaken:
        session.forget_pending(request)
        messages.warning(request, TAKEN)
        return redirect("account_login")
    return sign_in(request, user, pending.identity, pending.next_url)


def _linked(identity, user: User) -> User:
    identites.link_proven(identity, user)
    return user


def _page(request, pending, *, password_form=None, email_form=None):
    email = pending.identity.email
    user = User.objects.for_email(email).first() if email else None
    context = {
        "identity": pending.identity,
        "has_account": user is not None,
        "is_agent": user is not None and is_agent(user),
        "may_prove": _may_prove(user),
        "password_form": password_form or IdentitePasswordForm(request=request, user=user),
        "email_form": email_form or IdentiteEmailForm(),
    }
    return render(request, "accounts/identite_choose.html", context)


def _may_prove(user: User | None) -> bool:
    """Tell whether a password proves anything: it does not where nobody verified the address."""
    return (
        user is not None
        and user.is_active
        and user.has_usable_password()
        and identites.is_verified(user)
        and not is_agent(user)
    )


def _is_too_often(request, email: str) -> bool:
    limits = (("email", LINKS_RATE_BY_EMAIL), ("visitor", LINKS_RATE_BY_VISITOR))
    keys = {"email": lambda group, request: email, "visitor": "ip"}
    return any(
        is_ratelimited(request, group=f"identite-{name}", key=keys[name], rate=rate, increment=True)
        for name, rate in limits
    )
