"""What may go wrong with a provider of identities, and the words for it."""

from django.contrib import messages

CANCELLED = (
    "Vous avez quitté {name} avant la fin : rien n’a changé. Recommencez, ou connectez-vous "
    "avec votre mot de passe."
)
STATE_LOST = (
    "Cette connexion par {name} n’est plus valable : elle a expiré, a déjà servi, ou a commencé "
    "dans un autre navigateur. Recommencez, ou connectez-vous avec votre mot de passe."
)
UNAVAILABLE = (
    "{name} ne répond pas. Réessayez dans quelques minutes, ou connectez-vous avec votre mot de "
    "passe."
)
REFUSED = (
    "La réponse de {name} n’a pas pu être vérifiée ; par sécurité, vous n’êtes pas connecté. "
    "Recommencez, ou connectez-vous avec votre mot de passe."
)
MISCONFIGURED = (
    "La connexion par {name} est mal réglée sur ce site. Connectez-vous avec votre mot de passe."
)
PRIVATE_SECTOR = (
    "{name} est réservé ici aux agents publics. Connectez-vous avec votre mot de passe."
)


class OidcError(Exception):
    """The sign-in cannot go on. `reason` is for the log and holds nothing that was received."""

    text = REFUSED
    level = messages.ERROR

    def __init__(self, reason: str, text: str = "", level: int | None = None):
        super().__init__(reason)
        self.reason = reason
        self.text = text or self.text
        self.level = level or self.level


class OidcUnavailable(OidcError):
    """The provider does not answer, or answers nothing usable: trying later makes sense."""

    text = UNAVAILABLE
