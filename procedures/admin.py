"""Procédures for exploitants: searchable, and what the life cycle owns is read-only."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from procedures.models import Administration, Affectation, Procedure, Revision


class ReadOnlyMixin:
    """Show without adding, changing or deleting."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class AdministrationInline(admin.TabularInline):
    """The administrateurs of a procédure: an exploitant gives an orphaned one to somebody."""

    model = Administration
    extra = 0
    raw_id_fields = ["user"]
    readonly_fields = ["created_at"]

    def has_change_permission(self, request, obj=None):
        """Refuse: somebody is added or removed, and never becomes somebody else."""
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user", "procedure")


class OrphanFilter(admin.SimpleListFilter):
    """The procédures that nobody may change any more."""

    title = "administrateurs"
    parameter_name = "administrateurs"

    def lookups(self, request, model_admin):
        return [("aucun", "Plus aucun administrateur")]

    def queryset(self, request, queryset):
        return queryset.orphaned() if self.value() == "aucun" else queryset


class AffectationInline(ReadOnlyMixin, admin.TabularInline):
    """The accompagnateurs of a procédure; its administrateurs choose them."""

    model = Affectation
    extra = 0
    fields = readonly_fields = ["user", "created_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user", "procedure")


@admin.register(Procedure)
class ProcedureAdmin(admin.ModelAdmin):
    """Procédures: their texts may be corrected, their state and form belong to TPS."""

    list_display = ["title", "organisme", "state", "demandeurs", "published_at", "updated_at"]
    list_filter = ["state", "demandeurs", OrphanFilter]
    list_select_related = ["organisme"]
    list_per_page = 50
    search_fields = ["title", "slug", "organisme__name", "service_email"]
    search_help_text = "Titre, adresse publique, organisme, email du service"
    date_hierarchy = "created_at"
    show_full_result_count = False
    raw_id_fields = ["organisme"]
    inlines = [AdministrationInline, AffectationInline]
    fields = [
        "title",
        "slug",
        "organisme",
        "description",
        "demandeurs",
        "retention_months",
        "service_name",
        "service_email",
        "service_phone",
        "service_website",
        "service_hours",
        "service_address",
        "cadre_juridique",
        "donnees_destinataires",
        "dpo_contact",
        "thanks_text",
        "closing_text",
        "state",
        "revision",
        "published_at",
        "closed_at",
        "opens_at",
        "closes_at",
        "passage_at",
        "author",
        "created_at",
        "updated_at",
    ]
    readonly_fields = [
        "slug",
        "demandeurs",
        "state",
        "revision",
        "published_at",
        "closed_at",
        "opens_at",
        "closes_at",
        "passage_at",
        "author",
        "created_at",
        "updated_at",
    ]

    def has_add_permission(self, request):
        """Refuse: a procédure is created with its draft, by an administrateur."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Refuse: dossiers depend on it."""
        return False

    @admin.display(description="formulaire publié")
    def revision(self, procedure):
        """Lead to the published revision."""
        if procedure.published_revision_id is None:
            return "–"
        url = reverse("admin:procedures_revision_change", args=[procedure.published_revision_id])
        return format_html('<a href="{}">Révision publiée</a>', url)

    @admin.display(description="créée par")
    def author(self, procedure):
        """Name who created it."""
        return procedure.created_by or "–"


@admin.register(Revision)
class RevisionAdmin(ReadOnlyMixin, admin.ModelAdmin):
    """Forms, to read only."""

    list_display = ["procedure", "number", "published_at", "published_by", "updated_at"]
    list_filter = [("published_at", admin.EmptyFieldListFilter)]
    list_select_related = ["procedure", "published_by"]
    list_per_page = 50
    search_fields = ["procedure__title", "procedure__slug"]
    search_help_text = "Titre ou adresse publique de la procédure"
    show_full_result_count = False
    fields = ["procedure", "number", "published_at", "published_by", "document", "created_at"]

    def get_queryset(self, request):
        """Leave the documents out: a list does not show them."""
        return super().get_queryset(request).defer("document", "deleted_champs")
