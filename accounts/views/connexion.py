"""To FranceConnect or ProConnect and back, at sign-in and at sign-out."""

import logging
import re
from urllib.parse import urlencode

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.identites import AgentAccount, agent_account, known_usager
from accounts.oidc import session
from accounts.oidc.errors import (
    CANCELLED,
    MISCONFIGURED,
    PRIVATE_SECTOR,
    STATE_LOST,
    UNAVAILABLE,
    OidcError,
)
from accounts.oidc.identity import FRANCECONNECT, NAMES, text_of
from accounts.provider import OidcProvider
from accounts.roles import is_agent
from accounts.stages import SECOND_FACTOR_DONE
from commun.limits import limit_visitors

AGENT_REFUSED = (
    "Cette adresse est celle d’un compte d’agent, que FranceConnect n’ouvre pas. Connectez-vous "
    "avec votre mot de passe ou par ProConnect."
)
STILL_OPEN = (
    "Vous êtes déconnecté de TPS, mais {name} n’a pas confirmé que votre session y est fermée. "
    "Sur un ordinateur partagé, fermez aussi le navigateur."
)
_TRY_LATER = {"server_error", "temporarily_unavailable"}
_OUR_FAULT = {"invalid_scope", "invalid_request", "unauthorized_client", "invalid_client"}
_PRIVATE_SECTOR_CODE = "Y500015"
logger = logging.getLogger(__name__)


@login_not_required
@never_cache
@limit_visitors()
@require_safe
def oidc_begin(request, provider_id):
    """Lead to the provider; a `state` and a `nonce` of this browser go with the person."""
    provider = _provider_or_404(request, provider_id)
    if request.user.is_authenticated:
        return redirect("account_home")
    next_url = get_next_redirect_url(request) or ""
    try:
        return provider.begin(request, next_url=next_url)
    except OidcError as error:
        return _fail(request, provider_id, error, next_url)


@login_not_required
@never_cache
@limit_visitors()
@require_safe
def oidc_callback(request, provider_id):
    """Take the answer of the provider, which serves once, in the browser that asked for it."""
    provider = _provider_or_404(request, provider_id)
    next_url = ""
    try:
        state = _state_of(request, provider)
        if request.user.is_authenticated:  # signed in meanwhile, in another tab
            return redirect("account_home")
        next_url = state.get("next") or ""
        if "error" in request.GET:
            raise _error_of(request.GET)
        identity = provider.get_oauth2_adapter(request).identify(
            request.GET.get("code", ""), nonce=state["data"]["nonce"]
        )
        follow = _follow_franceconnect if provider_id == FRANCECONNECT else _follow_proconnect
        return follow(request, provider, identity, state)
    except OidcError as error:
        return _fail(request, provider_id, error, next_url)


@login_not_required
@never_cache
@require_safe
def identite_close(request):
    """Send who just left TPS to leave the provider: the next person here would still be them.

    A page, not a redirection: the policy of content would stop one that follows a form.
    """
    closing = session.read_closing(request)
    if closing is None:
        return redirect("home")
    provider_id = closing["provider"]
    try:
        adapter = _provider_or_404(request, provider_id).get_oauth2_adapter(request)
        endpoint = adapter.openid_config["end_session_endpoint"]
    except (OidcError, Http404):
        endpoint = ""
    if not endpoint:
        session.end_closing(request)
        messages.warning(request, STILL_OPEN.format(name=NAMES[provider_id]))
        return _after_closing(request, closing)
    query = {
        "id_token_hint": closing["id_token"],
        "state": closing["state"],
        "post_logout_redirect_uri": f"{settings.SITE_URL}{reverse(f'{provider_id}_closed')}",
    }
    context = {"url": f"{endpoint}?{urlencode(query)}", "name": NAMES[provider_id]}
    return render(request, "accounts/identite_close.html", context)


@login_not_required
@never_cache
@require_safe
def oidc_closed(request, provider_id):
    """Take note that the provider ended its session, when it answers what was asked here."""
    closing = session.read_closing(request)
    state = request.GET.get("state", "")
    is_ours = closing is not None and closing["provider"] == provider_id
    if not (is_ours and constant_time_compare(closing["state"], state)):
        messages.warning(request, STILL_OPEN.format(name=NAMES[provider_id]))
        return redirect("home")
    session.end_closing(request)
    if not closing["text"]:
        messages.success(request, f"Votre session {NAMES[provider_id]} est fermée.")
    return _after_closing(request, closing)


def sign_in(request, user, identity, next_url: str, *, second_factor_done: bool = False):
    """Sign `user` in by `identity`, through the steps of any sign-in; the session key changes."""
    session.forget_pending(request)
    session.remember_provider(request, identity)
    record_authentication(request, user, "socialaccount", provider=identity.provider)
    login = Login(
        user=user,
        redirect_url=next_url or None,
        state={SECOND_FACTOR_DONE: True} if second_factor_done else None,
    )
    return perform_login(request, login)


def leave_provider(request, identity, *, text: str = ""):
    """Close the session at the provider for who will not sign in; `text` is said afterwards."""
    session.forget_pending(request)
    opened = {"provider": identity.provider, "id_token": identity.id_token}
    session.begin_closing(request, opened, text=text)
    return redirect("identite_close")


def _follow_franceconnect(request, provider: OidcProvider, identity, state: dict):
    next_url = state.get("next") or ""
    try:
        user = known_usager(identity)
    except AgentAccount:
        return leave_provider(request, identity, text=AGENT_REFUSED)
    if user is not None:
        return sign_in(request, user, identity, next_url)
    session.keep_pending(request, session.Pending(identity, next_url))
    return redirect("identite_choose")


def _follow_proconnect(request, provider: OidcProvider, identity, state: dict):
    """Sign the agent in; once, ask for a second factor of who should have one."""
    next_url = state.get("next") or ""
    user = agent_account(identity)
    second_factor_done = "mfa" in identity.amr
    may_ask = text_of(identity.claims, "idp_id") in provider.app.settings["mfa_idp_ids"]
    was_asked = "login_hint" in state["data"]
    if may_ask and not (second_factor_done or was_asked) and is_agent(user):
        return provider.begin(request, next_url=next_url, login_hint=identity.email)
    return sign_in(request, user, identity, next_url, second_factor_done=second_factor_done)


def _provider_or_404(request, provider_id: str) -> OidcProvider:
    try:
        return get_adapter(request).get_provider(request, provider_id)
    except SocialApp.DoesNotExist:
        raise Http404 from None


def _state_of(request, provider: OidcProvider) -> dict:
    """Return what was kept when this browser left, and forget it. Raises OidcError."""
    try:
        return provider.unstash_redirect_state(request, request.GET.get("state", ""))
    except PermissionDenied:
        raise OidcError("state", STATE_LOST, messages.WARNING) from None


def _error_of(query) -> OidcError:
    """Return what an answer of failure means; only codes that are known go to the log."""
    code, description = query["error"], query.get("error_description", "")
    if _PRIVATE_SECTOR_CODE in f"{code} {description}":
        return OidcError(_PRIVATE_SECTOR_CODE, PRIVATE_SECTOR, messages.WARNING)
    if code == "access_denied":
        return OidcError(code, CANCELLED, messages.INFO)
    if code in _TRY_LATER:
        return OidcError(code, UNAVAILABLE)
    own_code = re.search(r"\bY\d{6}\b", f"{code} {description}")
    if code in _OUR_FAULT or own_code:
        return OidcError(own_code[0] if own_code else code, MISCONFIGURED)
    return OidcError("unknown error", UNAVAILABLE)


def _fail(request, provider_id: str, error: OidcError, next_url: str):
    """Say what happened on the sign-in page, where the password still serves."""
    if error.level >= messages.WARNING:
        logger.warning("Sign-in by %s refused: %s", NAMES[provider_id], error.reason)
    if request.user.is_authenticated:  # the same answer, twice
        return redirect("account_home")
    messages.add_message(request, error.level, error.text.format(name=NAMES[provider_id]))
    query = f"?{urlencode({'next': next_url})}" if next_url else ""
    return redirect(f"{reverse('account_login')}{query}")


def _after_closing(request, closing: dict):
    if closing["text"]:
        messages.error(request, closing["text"])
        return redirect("account_login")
    return redirect("home")
