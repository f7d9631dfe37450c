"""The pages of the invités."""

from playwright.sync_api import Locator

from tests.browser.pages.base import BasePage


class InvitesPage(BasePage):
    """The tab « Invités » of a dossier."""

    def open_for(self, dossier, space: str = "dossiers") -> "InvitesPage":
        """Go to the tab of that dossier, as its usager or as its accompagnateur."""
        path = f"/dossiers/{dossier.pk}/invites/"
        self.open(path if space == "dossiers" else f"/{space}{path}")
        return self

    def invite(self, email: str, *, message: str, right: str = "") -> None:
        """Ask somebody."""
        self.page.get_by_label("Adresse électronique").fill(email)
        if right:
            self.page.get_by_text(right, exact=True).click()
        self.page.get_by_label("Message").fill(message)
        self.press("Envoyer l’invitation")

    def row(self, person: str) -> Locator:
        """Return the line of an invité."""
        return self.page.get_by_role("listitem").filter(has_text=person)

    def revoke(self, person: str) -> None:
        """Take the right of an invité away, by the dialog."""
        self.row(person).get_by_role("link", name="Révoquer").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name="Révoquer", exact=True).click()
