"""The form builder of an administrateur."""

from playwright.sync_api import Locator

from tests.browser.pages.base import BasePage

DRAG_STEPS = 8


class BuilderPage(BasePage):
    """« Formulaire »: palette, form, properties."""

    def open_for(self, procedure) -> "BuilderPage":
        """Go to the builder of a procédure."""
        return self.open(f"/administration/procedures/{procedure.pk}/formulaire/")

    @property
    def palette(self) -> Locator:
        """Return the types of champ."""
        return self.page.get_by_role("region", name="Ajouter un champ")

    @property
    def champs(self) -> Locator:
        """Return the cards of the form, in order."""
        form = self.page.get_by_role("region", name="Le formulaire, tel que l’usager le verra")
        return form.get_by_role("listitem").filter(has=self.page.locator("[data-tps-drag]"))

    @property
    def properties(self) -> Locator:
        """Return the panel of the selected champ."""
        return self.page.get_by_role("complementary")

    @property
    def label(self) -> Locator:
        """Return the field « Intitulé » of the selected champ."""
        return self.properties.get_by_label("Intitulé")

    @property
    def announcement(self) -> Locator:
        """Return what a screen reader reads out."""
        return self.page.locator("#tps-live")

    def champ(self, label: str) -> Locator:
        """Return the link that selects the champ of that label."""
        return self.champs.get_by_role("link", name=f": {label}, modifier")

    def labels(self) -> list[str]:
        """Return the labels of the form, in order."""
        names = self.champs.get_by_role("link", name=", modifier").all_text_contents()
        return [name.partition(" : ")[2].removesuffix(", modifier") for name in names]

    def add(self, type_name: str) -> None:
        """Press a type of the palette."""
        self.palette.get_by_role("button", name=type_name, exact=True).click()

    def rename(self, label: str) -> None:
        """Type another label over the former one."""
        self.label.press("ControlOrMeta+a")
        self.label.press_sequentially(label)

    def drag(self, label: str, below: str) -> None:
        """Drag a champ by its handle and drop it under another one."""
        handle = self._card(label).locator("[data-tps-drag]")
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        to = self._card(below).bounding_box()
        self.page.mouse.move(box["x"], to["y"] + to["height"] - 4, steps=DRAG_STEPS)
        self.page.mouse.up()

    def _card(self, label: str) -> Locator:
        return self.champs.filter(has=self.page.get_by_text(f": {label}, modifier"))
