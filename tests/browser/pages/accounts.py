"""Sign-in."""

from tests.browser.pages.base import BasePage


class LoginPage(BasePage):
    """« Se connecter »."""

    path = "/compte/login/"

    def sign_in(self, email: str, password: str) -> None:
        """Give one's address and password."""
        self.page.get_by_role("textbox", name="Adresse").fill(email)
        self.page.get_by_label("Mot de passe", exact=False).first.fill(password)
        self.press("Se connecter")


class ProviderPage(BasePage):
    """The pages of FranceConnect, played by a provider on this machine."""

    def sign_in_as(self, sub: str) -> None:
        """Prove who one is."""
        self.page.get_by_placeholder("sub").fill(sub)
        self.press("Authorize")

    def refuse(self) -> None:
        """Give up."""
        self.press("Deny")


class ChooseAccountPage(BasePage):
    """« Votre compte sur TPS », after FranceConnect."""

    def keep(self) -> None:
        """Open an account at the address that FranceConnect gives."""
        self.press("Garder cette adresse")

    def prove(self, password: str) -> None:
        """Link FranceConnect to one's account."""
        self.fill("Mot de passe de ce compte", password)
        self.press("Relier FranceConnect à ce compte")
