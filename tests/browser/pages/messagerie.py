"""The messagerie of a dossier, on either side."""

from playwright.sync_api import Locator

from tests.browser.pages.base import BasePage


class MessageriePage(BasePage):
    """A thread and where one writes."""

    @property
    def messages(self) -> Locator:
        """Return the messages, oldest first."""
        return self.page.locator("li.tps-message")

    @property
    def box(self) -> Locator:
        """Return where the message is written."""
        return self.page.get_by_role("textbox", name="Votre message")

    def write(self, text: str) -> None:
        """Write a message, without sending it."""
        self.box.fill(text)

    def join(self, *files: dict) -> None:
        """Choose files."""
        self.page.get_by_label("Fichiers à joindre").set_input_files(files)

    def send(self) -> None:
        """Send what is written."""
        self.press("Envoyer le message")

    def insert(self, title: str) -> None:
        """Insert a canned answer."""
        self.page.get_by_label("Réponse type").select_option(label=title)
        self.press("Insérer")
