"""People and the public bodies they work for."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.roles import Role, roles_of


class UserQuerySet(models.QuerySet):
    """Filters on people."""

    def for_email(self, email: str):
        """Return the people (none or one) whose address is `email`, whatever its case."""
        return self.filter(email=normalize_email(email))


def normalize_email(email: str) -> str:
    """Return the one form under which an address is stored and compared."""
    return email.strip().lower()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    """Makes accounts."""

    def create_user(self, email, password=None, **fields):
        """Create an account; without a password it is opened by the link of an invitation."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        """Create an exploitant."""
        return self.create_user(
            email, password, **{"is_staff": True, "is_superuser": True} | fields
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by their email address."""

    email = models.EmailField("adresse email", unique=True)
    first_name = models.CharField("prénom", max_length=150, blank=True)
    last_name = models.CharField("nom", max_length=150, blank=True)
    is_staff = models.BooleanField("exploitant", default=False)
    is_active = models.BooleanField("actif", default=True)
    date_joined = models.DateTimeField("inscription", default=timezone.now)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = "personne"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_whatever_case"),
        ]

    def __str__(self):
        return self.full_name or self.email

    def save(self, *args, **kwargs):
        self.email = normalize_email(self.email)
        super().save(*args, **kwargs)

    def clean(self):
        super().clean()
        self.email = normalize_email(self.email)

    @property
    def full_name(self) -> str:
        """Return « Prénom Nom », empty when neither is known."""
        return f"{self.first_name} {self.last_name}".strip()

    @cached_property
    def roles(self) -> list[Role]:
        """Return the roles of this person in the order of the header menu; asked once a request."""
        return roles_of(self)


class Organisme(models.Model):
    """A public body that offers procédures."""

    name = models.CharField("nom", max_length=200, unique=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    administrateurs = models.ManyToManyField(
        User, related_name="organismes", blank=True, verbose_name="administrateurs"
    )
    created_at = models.DateTimeField("création", auto_now_add=True)

    class Meta:
        verbose_name = "organisme"
        ordering = ["name"]

    def __str__(self):
        return self.name
