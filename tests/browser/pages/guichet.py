"""« Mes dossiers », as its usager goes through it."""

from playwright.sync_api import Locator

from tests.browser.pages.base import BasePage


class GuichetPage(BasePage):
    """The list of my dossiers."""

    path = "/dossiers/"

    def look_at(self, name: str) -> "GuichetPage":
        """Choose the cards or the table."""
        switch = self.page.get_by_role("navigation", name="Présentation de la liste")
        switch.get_by_role("link", name=name).click()
        return self

    def filter(self, *, search: str = "", status: str = "Tous", organisme: str = "Toutes"):
        """Ask for some dossiers."""
        self.page.get_by_role("searchbox").fill(search)
        self.page.get_by_label("Statut", exact=True).select_option(label=status)
        self.page.get_by_label("Administration", exact=True).select_option(label=organisme)
        self.press("Rechercher")
        return self

    def tab(self, name: str) -> "GuichetPage":
        """Open a tab of the list, the bin included."""
        tabs = self.page.get_by_role("navigation", name="Mes dossiers, par avancement")
        tabs.get_by_role("link", name=name).click()
        return self

    @property
    def cards(self) -> Locator:
        """Return the dossiers shown as cards."""
        return self.page.locator(".tps-cards > li")

    @property
    def rows(self) -> Locator:
        """Return the dossiers shown as a table."""
        return self.page.get_by_role("main").get_by_role("row").filter(has=self.page.locator("td"))

    def card(self, dossier) -> Locator:
        """Return the card of a dossier."""
        return self.cards.filter(has_text=f"Dossier nº {dossier.pk} ")
