"""What the exploitant does with accounts and organismes; passwords are never shown."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.socialaccount import admin as socialaccount_admin
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.db.models import Exists, OuterRef

from accounts.models import Organisme, User

admin.site.site_header = "TPS · exploitation"
admin.site.site_title = "TPS"
admin.site.index_title = "Exploitation"
# The form of Django's admin knows neither rate limits nor double authentication.
admin.site.login = secure_admin_login(admin.site.login)

# The providers are in the settings, tokens are not kept, and claims are not for the exploitant.
for _model in (SocialApp, SocialToken, SocialAccount):
    socialaccount_admin.admin.site.unregister(_model)


class EmailAddressInline(admin.TabularInline):
    """The address as the sign-in pages know it: verified or not."""

    model = EmailAddress
    extra = 0
    can_delete = False
    readonly_fields = ["email"]
    fields = ["email", "verified", "primary"]

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """A person; their password is theirs to choose, by the link « Mot de passe oublié »."""

    list_display = ["email", "full_name", "is_verified", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff", "date_joined"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["-date_joined"]
    show_full_result_count = False
    fields = [
        "email", "first_name", "last_name", "is_active", "is_staff", "is_superuser",
        "date_joined", "last_login",
    ]  # fmt: skip
    readonly_fields = ["date_joined", "last_login"]
    inlines = [EmailAddressInline]

    def get_queryset(self, request):
        verified = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True, primary=True)
        return super().get_queryset(request).annotate(verified=Exists(verified))

    def get_readonly_fields(self, request, obj=None):
        """Let a superuser alone make others exploitant: the right to do so would be theirs too."""
        locked = [] if request.user.is_superuser else ["is_staff", "is_superuser"]
        return [*self.readonly_fields, *locked]

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    @admin.display(description="nom")
    def full_name(self, user):
        return user.full_name

    @admin.display(description="adresse vérifiée", boolean=True, ordering="verified")
    def is_verified(self, user):
        return user.verified


@admin.register(Organisme)
class OrganismeAdmin(admin.ModelAdmin):
    """A public body, and the administrateurs who run its procédures."""

    list_display = ["name", "siret", "created_at"]
    search_fields = ["name", "siret"]
    autocomplete_fields = ["administrateurs"]
    show_full_result_count = False


@admin.register(SocialAccount)
class SocialAccountAdmin(admin.ModelAdmin):
    """An identity linked to an account: the exploitant may unlink it, never make or read it."""

    list_display = ["user", "provider", "date_joined"]
    list_filter = ["provider"]
    search_fields = ["user__email"]
    fields = ["user", "provider", "date_joined", "last_login"]
    readonly_fields = fields
    show_full_result_count = False

    def has_add_permission(self, request):
        return False
