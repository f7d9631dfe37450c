"""The pages of an accompagnateur."""

from playwright.sync_api import Locator

from tests.browser.pages.base import BasePage


class InstructionHomePage(BasePage):
    """« Mes procédures »."""

    path = "/instruction/"

    def open_tab_of(self, title: str, tab: str) -> "DossierListPage":
        """Follow the count of one tab of a procédure."""
        card = self.page.get_by_role("article").filter(has_text=title)
        card.get_by_role("link", name=tab).click()
        return DossierListPage(self.page, self.site_url)


class DossierListPage(BasePage):
    """The dossiers of a procédure."""

    def choose_tab(self, tab: str) -> None:
        """Show another tab."""
        self.page.get_by_role("navigation", name="Statuts").get_by_role("link", name=tab).click()

    def search(self, words: str) -> None:
        """Type into the search, without sending it."""
        self.page.get_by_label("Chercher un dossier").press_sequentially(words)

    def link_to(self, name: str) -> Locator:
        """Return the link to the dossier of that person."""
        return self.page.get_by_role("table").get_by_role("link", name=name)


class DossierPage(BasePage):
    """A dossier that is being instructed."""

    @property
    def dialog(self) -> Locator:
        """Return the dialog where a decision is written."""
        return self.page.get_by_role("dialog")

    @property
    def preview(self) -> Locator:
        """Return the email that would leave."""
        return self.page.get_by_role("region", name="L’email qui partira")

    @property
    def state(self) -> Locator:
        """Return where the status is shown."""
        return self.page.get_by_role("region", name="Statut et décision")

    def prepare(self, decision: str) -> None:
        """Begin a decision: « Accepter », « Classer sans suite » or « Rejeter »."""
        self.state.get_by_role("link", name=decision, exact=True).click()

    def motivate(self, text: str) -> None:
        """Write the motivation."""
        self.page.get_by_label("Motivation").fill(text)

    def decide(self, decision: str) -> None:
        """Take the decision that was prepared."""
        self.page.get_by_role("button", name=decision, exact=True).click()
