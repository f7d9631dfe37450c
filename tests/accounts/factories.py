"""People and organismes for tests."""

import factory
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.models import Organisme, User

PASSWORD = "demo-TPS-2026"
# Hashed once, cheaply: Django accepts any hasher that is listed when a password is checked.
_HASHES: dict[str, str] = {}


def _hashed(password: str) -> str:
    if password not in _HASHES:
        _HASHES[password] = make_password(password, hasher="md5")
    return _HASHES[password]


class UserFactory(factory.django.DjangoModelFactory):
    """A person whose address is verified; `verified=False`: signed up, not verified yet."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"personne{n}@exemple.fr")
    first_name = "Camille"
    last_name = factory.Sequence(lambda n: f"Durand{n}")
    password = factory.LazyFunction(lambda: _hashed(PASSWORD))

    class Params:
        invited = factory.Trait(password="!", first_name="", last_name="")
        exploitant = factory.Trait(is_staff=True, is_superuser=True)

    @factory.post_generation
    def verified(self, create, extracted, **kwargs):
        if create:
            EmailAddress.objects.create(
                user=self, email=self.email, primary=True, verified=extracted is not False
            )


class OrganismeFactory(factory.django.DjangoModelFactory):
    """A public body; `administrateurs=[…]` run it."""

    class Meta:
        model = Organisme
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Préfecture {n}")

    @factory.post_generation
    def administrateurs(self, create, extracted, **kwargs):
        if create and extracted:
            self.administrateurs.set(extracted)
