"""Which dossiers a batch is about: rows that were ticked, or a whole list."""

from dataclasses import dataclass

from django.http import QueryDict

from dossiers.models import Dossier, DossierQuerySet
from instruction.listing import Listing
from procedures.models import Procedure

SELECTED_MAX = 500
_NUMBER_DIGITS = 18


@dataclass(frozen=True)
class Selection:
    """What was chosen on a list; it is read again, for who asks, each time it is used."""

    listing: Listing
    numbers: tuple[int, ...]
    is_whole_list: bool

    @classmethod
    def read(cls, data: QueryDict) -> "Selection":
        """Read `dossiers` (numbers), `tous`, and the parameters of the list."""
        typed = data.getlist("dossiers")[:SELECTED_MAX]
        numbers = [
            int(value)
            for value in typed
            if value.isascii() and value.isdigit() and len(value) <= _NUMBER_DIGITS
        ]
        listing = Listing.read(data, everywhere=False)
        return cls(listing, tuple(dict.fromkeys(numbers)), data.get("tous") == "1")

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was chosen."""
        return not (self.is_whole_list or self.numbers)

    def dossiers(self, user, procedure: Procedure) -> DossierQuerySet:
        """Return the dossiers chosen among those that `user` may see now, in their order."""
        mine = Dossier.objects.in_groupes_of(user, procedure)
        listing = self.listing.of(user, procedure)
        found = listing.filter(mine) if self.is_whole_list else mine.filter(pk__in=self.numbers)
        return listing.ordered(found)
