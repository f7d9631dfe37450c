"""The outbox seen by exploitants: everything readable, nothing editable."""

from django.contrib import admin
from django.utils.translation import ngettext

from courriels.models import Courriel
from courriels.outbox import resend


@admin.register(Courriel)
class CourrielAdmin(admin.ModelAdmin):
    """Read-only list and record; « Renvoyer » is all one may do."""

    list_display = ["created_at", "kind", "to_email", "subject", "state", "attempts", "sent_at"]
    list_display_links = ["subject"]
    list_filter = ["state", "created_at"]
    list_per_page = 50
    search_fields = ["^to_email", "=reference", "=key", "=kind"]
    search_help_text = "Début de l’adresse, ou référence, clef ou type exacts"
    show_full_result_count = False
    ordering = ["-id"]
    exclude = ["body_html"]
    actions = ["resend_courriels"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_resend_permission(self, request):
        """Say whether this exploitant may send again."""
        return request.user.has_perm("courriels.change_courriel")

    @admin.action(description="Renvoyer", permissions=["resend"])
    def resend_courriels(self, request, queryset):
        """Give the emails in échec back to the queue; the others are left alone."""
        count = resend(queryset)
        self.message_user(
            request,
            ngettext(
                "%(count)s email en échec a été remis dans la file.",
                "%(count)s emails en échec ont été remis dans la file.",
                count,
            )
            % {"count": count},
        )
