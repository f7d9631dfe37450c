"""Where the identity of who applies comes from."""

from django.db import models


class FromFranceConnect(models.Model):
    """Whether civilité, prénom and nom are as FranceConnect gives them, with the birth date."""

    is_from_franceconnect = models.BooleanField("identité reprise de FranceConnect", default=False)
    date_de_naissance = models.DateField("date de naissance", null=True, blank=True)

    class Meta:
        abstract = True
