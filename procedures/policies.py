"""Who may do what with a procédure."""

from procedures.models import Affectation, Procedure


def can_administer(user, procedure: Procedure) -> bool:
    """Tell whether `user` designs this procédure.

    - Whoever is on its list of administrateurs, while administrateur of its organisme: yes.
    - Anyone else, the other administrateurs of its organisme, its accompagnateurs and the
      exploitants included: no.
    """
    return Procedure.objects.administered_by(user).filter(pk=procedure.pk).exists()


def can_instruct(user, procedure_id: int, groupe_id: int | None = None) -> bool:
    """Tell whether `user` handles the dossiers of this procédure, or of that groupe of it.

    - An accompagnateur of one of its groupes, or of that one: yes.
    - Anyone else, the administrateurs of its organisme included: no.
    """
    mine = Affectation.objects.filter(procedure_id=procedure_id, user_id=user.pk)
    return (mine.filter(groupe_id=groupe_id) if groupe_id else mine).exists()
