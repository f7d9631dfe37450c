"""Who may do what with a dossier."""

from dossiers.models import Dossier
from procedures.policies import can_administer, can_instruct


def can_edit(user, dossier: Dossier) -> bool:
    """Tell whether `user` may change the answers now.

    - Its usager, while it is en brouillon or en construction: yes.
    - Anyone else: no.
    """
    return dossier.usager_id == user.pk and dossier.is_editable


def can_submit(user, dossier: Dossier) -> bool:
    """Tell whether `user` may file it: its usager alone."""
    return dossier.usager_id == user.pk


def can_delete(user, dossier: Dossier) -> bool:
    """Tell whether `user` may delete it: its usager, while it is en brouillon."""
    return dossier.usager_id == user.pk and dossier.is_brouillon


def can_annotate(user, dossier: Dossier) -> bool:
    """Tell whether `user` may read and write its annotations privées.

    - An accompagnateur assigned to its procédure, unless they are its usager: yes, at any time
      once it is submitted, decided too.
    - Its usager, an accompagnateur of another procédure, an administrateur: no.
    - On a test, those who play the accompagnateur.
    """
    return can_decide(user, dossier)


def can_start_instruction(user, dossier: Dossier) -> bool:
    """Tell whether `user` may pass it en instruction.

    - TPS itself, at the date planned for the procédure (None): yes.
    - Otherwise, whoever may decide.
    """
    return not dossier.is_brouillon if user is None else can_decide(user, dossier)


def can_decide(user, dossier: Dossier) -> bool:
    """Tell whether `user` may change its state once it is submitted.

    - An accompagnateur assigned to its procédure, unless they are its usager: yes.
    - Its usager, an accompagnateur of another procédure, an administrateur: no.
    - On a test, its tester and the administrateurs of the procédure play the part, nobody else.
    """
    if dossier.is_brouillon:
        return False
    if dossier.is_test:
        return dossier.usager_id == user.pk or can_administer(user, dossier.procedure)
    return dossier.usager_id != user.pk and can_instruct(user, dossier.procedure_id)
