"""The messages of the demo: a question answered, a correction asked, a canned answer."""

import uuid

from accounts.models import User
from dossiers import corrections, messagerie
from dossiers.enums import DossierState, MessageSide
from dossiers.models import Dossier
from instruction.models import ReponseType
from procedures.models import Procedure


def create_echanges(procedure: Procedure, people: dict[str, User]) -> None:
    """Let the usager and the service of a procédure write to each other."""
    usager, accompagnateur = people["usager@demo.tps"], people["accompagnateur@demo.tps"]
    ReponseType.objects.create(
        procedure=procedure,
        title="Demande d’un devis",
        body="Bonjour,\nPouvez-vous joindre un devis de moins de trois mois ?\nCordialement",
    )
    mine = Dossier.objects.owned_by(usager).for_procedure(procedure).order_by("pk")
    asked, corrected = mine.filter(state=DossierState.EN_CONSTRUCTION)[:2]
    for by, side, body in (
        (usager, MessageSide.USAGER, "Bonjour, puis-je joindre le budget voté en janvier ?"),
        (accompagnateur, MessageSide.SERVICE, "Bonjour, oui : joignez-le avant la clôture."),
    ):
        messagerie.post(asked.pk, by=by, side=side, body=body, token=uuid.uuid4())
    first = corrections.correctable_champs(corrected)[0]
    corrections.ask(
        corrected.pk,
        by=accompagnateur,
        texts={first.id: "Précisez cette réponse : elle sera publiée telle quelle."},
        message="Votre dossier est presque prêt : une réponse reste à préciser.",
        token=uuid.uuid4(),
    )
