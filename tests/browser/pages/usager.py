"""The pages of an usager."""

import re
from base64 import b64encode

from playwright.sync_api import Locator, expect

from tests.browser.pages.base import BasePage

MAKE_TRANSFER = """files => {
  const transfer = new DataTransfer();
  files.forEach(({ name, mimeType, buffer }) => {
    const bytes = Uint8Array.from(atob(buffer), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type: mimeType, lastModified: 1764000000000 }));
  });
  return transfer;
}"""


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

    def drop(self, label: str, *files: dict) -> None:
        """Drag files from the desktop to the frame of a pièce jointe, and let them go."""
        encoded = [file | {"buffer": b64encode(file["buffer"]).decode()} for file in files]
        transfer = self.page.evaluate_handle(MAKE_TRANSFER, encoded)
        zone = self.champ(label).locator("[data-tps-upload]")
        for event in ("dragover", "drop"):
            zone.dispatch_event(event, {"dataTransfer": transfer})

    def sending(self, label: str, name: str) -> Locator:
        """Return the line of a file on its way, or refused."""
        sendings = self.champ(label).get_by_role("list", name=re.compile("Envois"))
        return sendings.get_by_role("listitem").filter(has_text=name)

    def file(self, label: str, name: str) -> Locator:
        """Return the line of a file that was joined."""
        return self.champ(label).locator(".tps-fichier").filter(has_text=name)
