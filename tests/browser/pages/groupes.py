"""The pages of the groupes d’accompagnateurs."""

from playwright.sync_api import Locator

from tests.browser.pages.base import BasePage


class GroupesPage(BasePage):
    """« Accompagnateurs et groupes » of a procédure."""

    def make_from(self, champ: str) -> None:
        """Make a groupe of each answer to a question."""
        self.page.get_by_role("link", name="Créer les groupes à partir d’un champ").click()
        self.page.get_by_role("link", name=champ).click()
        self.press("Créer ces groupes")

    def row_of(self, name: str) -> Locator:
        """Return the row of a groupe."""
        link = self.page.get_by_role("link", name=name, exact=True)
        return self.page.locator("#groupes > li").filter(has=link)

    def add_member(self, groupe: str, email: str) -> None:
        """Add a member to a groupe, and come back."""
        self.row_of(groupe).get_by_role("link", name=groupe, exact=True).click()
        self.page.get_by_label("Adresses email à ajouter").fill(email)
        self.press("Ajouter ces membres")
        self.page.locator("#accompagnateurs").get_by_text(email).wait_for()
        self.page.get_by_role("link", name="Revenir aux groupes").click()
