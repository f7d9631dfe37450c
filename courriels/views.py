"""The inbox of the demo: what would have left, to whom."""

from collections.abc import Callable
from functools import wraps

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from commun.keyset import paginate
from courriels.models import DemoMessage

PAGE_SIZE = 25
# The document of an email has inline styles and nothing else; nothing in it may run or call out.
MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "form-action": [NONE],
    "base-uri": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": True,
}


def demo_only(view: Callable) -> Callable:
    """Answer 404 unless this install is a demo."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


@login_not_required
@require_safe
@demo_only
def demo_list(request):
    """List the messages, the latest first, of one recipient or of all."""
    recipient = request.GET.get("destinataire", "").replace("\x00", "").strip()
    messages = DemoMessage.objects.defer("text", "html", "headers")
    if recipient:
        messages = messages.filter(to__icontains=recipient)
    page = paginate(messages, ["-pk"], request.GET.get("suite"), PAGE_SIZE)
    context = {"page": page, "count": messages.count(), "recipient": recipient}
    return render(request, "courriels/demo_list.html", context)


@login_not_required
@require_safe
@demo_only
def demo_detail(request, pk):
    """Show one message as its recipient reads it."""
    message = get_object_or_404(DemoMessage, pk=pk)
    return render(request, "courriels/demo_detail.html", {"message": message})


@login_not_required
@require_safe
@demo_only
@xframe_options_sameorigin
@csp(MAIL_POLICY)
def demo_html(request, pk):
    """Serve the HTML part of one message, for the frame of its page."""
    message = get_object_or_404(DemoMessage.objects.only("html").exclude(html=""), pk=pk)
    return HttpResponse(message.html)
