"""The statistics of a procédure."""

from playwright.sync_api import Locator

from tests.browser.pages.base import BasePage


class StatistiquesPage(BasePage):
    """The figures of a procédure, in any of the three spaces."""

    def choose_period(self, name: str) -> None:
        """Follow one of the periods that have a name."""
        self.page.get_by_role("navigation", name="Période").get_by_role("link", name=name).click()

    def choose_dates(self, first: str, last: str) -> None:
        """Show the figures between two days."""
        self.fill("Du", first).fill("Au", last).press("Afficher ces dates")

    def figure(self, title: str) -> Locator:
        """Return the part of the page where a figure stands."""
        return self.page.get_by_role("region", name=title, exact=True)

    def drawing(self, title: str) -> Locator:
        """Return the drawing of a figure, as a reader of screens finds it."""
        return self.figure(title).get_by_role("img")

    def unfold_table(self, title: str) -> Locator:
        """Show the table behind a drawing and return it."""
        self.figure(title).get_by_text("Voir les chiffres").click()
        return self.figure(title).get_by_role("table")

    def tile(self, label: str) -> Locator:
        """Return the number that stands over a label."""
        return self.page.locator(".tps-tuiles > div").filter(has_text=label).locator("dd")
