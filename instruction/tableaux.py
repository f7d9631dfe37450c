"""How a person left each list: their columns, the last list, the lists they named."""

from django.db import IntegrityError, transaction
from django.http import QueryDict

from instruction.colonnes import Catalogue
from instruction.listing import Listing
from instruction.models import Tableau
from procedures.models import Procedure


def tableau_of(user, procedure: Procedure) -> Tableau:
    """Return how `user` left the list of a procédure; not saved yet at their first visit."""
    found = Tableau.objects.filter(user_id=user.pk, procedure=procedure).first()
    return found or Tableau(user_id=user.pk, procedure=procedure)


def listing_of(
    user, procedure: Procedure, data: QueryDict, tableau: Tableau | None = None
) -> Listing:
    """Return the list that an address names, with the columns that `user` chose.

    A task that holds `Listing.query_string` gets the same dossiers by
    `listing_of(user, procedure, QueryDict(query))` then `Listing.filter`.
    """
    chosen = tuple(tableau.columns) if tableau is not None and tableau.columns else None
    listing = Listing.read(data, user=user, procedure=procedure, everywhere=False)
    return listing.with_chosen(chosen)


def remember_list(tableau: Tableau, listing: Listing) -> None:
    """Note what the list shows, for when the person comes back; nothing when it is the same."""
    if tableau.query == listing.query_string:
        return
    tableau.query = listing.query_string
    _save(tableau, "query")


def choose_columns(tableau: Tableau, keys: list[str]) -> None:
    """Keep the columns of a person; those that do not exist are left out."""
    tableau.columns = [column.key for column in Catalogue(tableau.procedure).chosen(keys)]
    _save(tableau, "columns")


def _save(tableau: Tableau, field: str) -> None:
    """Save one field; two first visits at once make one row."""
    try:
        with transaction.atomic():
            tableau.save(update_fields=None if tableau.pk is None else [field])
    except IntegrityError:
        Tableau.objects.filter(user_id=tableau.user_id, procedure=tableau.procedure).update(
            **{field: getattr(tableau, field)}
        )
