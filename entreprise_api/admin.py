"""Ops look at the look-ups; nobody edits what API Entreprise said."""

from django.contrib import admin

from entreprise_api.models import Etablissement


@admin.register(Etablissement)
class EtablissementAdmin(admin.ModelAdmin):
    list_display = (
        "siret",
        "name",
        "state",
        "capital_state",
        "attempts",
        "next_attempt_at",
        "last_error",
        "created_at",
    )
    list_filter = ("state", "capital_state", "diffusable", "etat_administratif")
    search_fields = ("=siret", "=siret_answered", "=siren", "raison_sociale", "enseigne")
    ordering = ("-pk",)
    show_full_result_count = False

    @admin.display(description="nom")
    def name(self, etablissement: Etablissement) -> str:
        return etablissement.name

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
