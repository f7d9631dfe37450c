"""The labels: on a dossier, and for a procédure."""

from playwright.sync_api import Locator, expect

from tests.browser.pages.base import BasePage


class LabelMenu(BasePage):
    """The labels in the head of a dossier, and their menu."""

    @property
    def shown(self) -> Locator:
        """Return the labels that the dossier has."""
        return self.page.get_by_role("list", name="Labels").get_by_role("listitem")

    @property
    def opener(self) -> Locator:
        """Return what opens the menu."""
        return self.page.locator("#labels-ouvrir")

    def open_by_keyboard(self) -> None:
        """Open the menu without a mouse."""
        self.opener.focus()
        self.page.keyboard.press("Enter")

    def toggle_by_keyboard(self, name: str) -> None:
        """Walk to the box of a label and press space."""
        box = self.page.get_by_role("checkbox", name=name)
        for _ in range(30):
            if box.evaluate("element => element === document.activeElement"):
                break
            self.page.keyboard.press("Tab")
        expect(box).to_be_focused()
        self.page.keyboard.press("Space")

    def save_by_keyboard(self) -> None:
        """Send the boxes."""
        self.page.keyboard.press("Enter")
