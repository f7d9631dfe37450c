"""Ops look at dossiers; nobody edits here what the workflow owns."""

from django.contrib import admin

from dossiers.models import Dossier, HistoryEntry, Invite, PassageAutomatique, PieceJointe


class ReadOnlyAdmin(admin.ModelAdmin):
    """See, search, change nothing."""

    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class OfRealDossiersMixin:
    """Leave out what belongs to the test mode, and what is in the bin."""

    def get_queryset(self, request):
        return (
            super().get_queryset(request).filter(dossier__is_test=False, dossier__deleted_at=None)
        )


@admin.register(Dossier)
class DossierAdmin(ReadOnlyAdmin):
    list_display = ("id", "procedure", "usager", "state", "submitted_at", "archived_at")
    list_display_links = ("id",)
    list_filter = ("state", ("archived_at", admin.EmptyFieldListFilter))
    search_fields = ("=id", "usager__email__istartswith")
    search_help_text = "Numéro du dossier ou début de l’adresse email de l’usager"
    ordering = ("-id",)
    exclude = ("search_text", "search_vector")

    def get_queryset(self, request):
        found = (
            super()
            .get_queryset(request)
            .select_related("procedure", "usager", "etablissement", "revision__procedure")
        )
        if request.resolver_match.url_name.endswith("_changelist"):
            return found.defer("reponses", "saisies_refusees", "search_text", "search_vector")
        return found


@admin.register(HistoryEntry)
class HistoryEntryAdmin(OfRealDossiersMixin, ReadOnlyAdmin):
    list_display = ("at", "dossier", "action", "from_state", "to_state", "author")
    list_filter = ("action",)
    list_select_related = ("dossier",)
    search_fields = ("=dossier__id", "by__email__istartswith")
    search_help_text = "Numéro du dossier ou début de l’adresse email de l’auteur"
    ordering = ("-id",)

    @admin.display(description="auteur")
    def author(self, entry: HistoryEntry) -> str:
        return entry.author


@admin.register(Invite)
class InviteAdmin(OfRealDossiersMixin, ReadOnlyAdmin):
    list_display = ("created_at", "dossier", "email", "origin", "role", "accepted_at", "revoked_at")
    list_filter = ("origin", "role")
    list_select_related = ("dossier",)
    search_fields = ("=dossier__id", "email__istartswith")
    search_help_text = "Numéro du dossier ou début de l’adresse email de l’invité"
    ordering = ("-id",)
    # Of the two people alone.
    exclude = ("message",)


@admin.register(PieceJointe)
class PieceJointeAdmin(OfRealDossiersMixin, ReadOnlyAdmin):
    list_display = ("id", "dossier", "name", "content_type", "size_bytes", "created_at")
    list_select_related = ("dossier",)
    search_fields = ("=dossier__id", "=sha256")
    search_help_text = "Numéro du dossier ou empreinte SHA-256"
    ordering = ("-id",)
    # The file itself is read on the page of the dossier, by those who may.
    exclude = ("file",)


@admin.register(PassageAutomatique)
class PassageAutomatiqueAdmin(ReadOnlyAdmin):
    list_display = ("procedure", "planned_at", "finished_at", "total", "done", "skipped", "failed")
    list_select_related = ("procedure",)
    search_fields = ("procedure__title",)
    search_help_text = "Titre de la procédure"
    ordering = ("-planned_at", "-id")
