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
