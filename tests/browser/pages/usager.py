"""The pages of an usager."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.pages.base import BasePage


class FormulairePage(BasePage):
    """The form of a dossier."""

    def open_for(self, dossier) -> "FormulairePage":
        """Go to the form of that dossier."""
        self.open(f"/dossiers/{dossier.pk}/modifier/")
        return self

    def champ(self, label: str) -> Locator:
        """Return the place of a question: its field, its error, its status."""
        return self.page.locator(".tps-champ").filter(has_text=label)

    def type(self, label: str, value: str) -> None:
        """Type an answer, key by key."""
        self.page.get_by_label(label, exact=True).press_sequentially(value)

    def expect_saved(self, label: str) -> None:
        """Wait until the page says that the answer is saved."""
        expect(self.champ(label).get_by_role("status")).to_contain_text("Enregistré à")

    @property
    def warning(self) -> Locator:
        """Return what the page says when nothing can be saved."""
        return self.page.locator("#autosave-etat")

    def attach(self, label: str, *files: dict) -> None:
        """Choose files for a pièce jointe."""
        self.page.get_by_label(re.compile(f"Choisir des fichiers.*{label}")).set_input_files(files)
