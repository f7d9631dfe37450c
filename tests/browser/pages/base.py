"""What every page has."""

from playwright.sync_api import Locator, Page


class BasePage:
    """A page of the site; the pages of a journey inherit from it."""

    path = "/"

    def __init__(self, page: Page, site_url: str):
        self.page = page
        self.site_url = site_url

    def open(self, path: str | None = None):
        """Go to the page by its address."""
        self.page.goto(self.site_url + (path or self.path))
        return self

    @property
    def heading(self) -> str:
        """Return the text of the page's only `h1`."""
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def error_summary(self) -> Locator:
        """Return the summary that a refused form shows first."""
        return self.page.get_by_role("alert")

    def fill(self, label: str, value: str):
        """Type into the field of that label."""
        self.page.get_by_label(label, exact=True).fill(value)
        return self

    def press(self, name: str):
        """Press the button of that name."""
        self.page.get_by_role("button", name=name, exact=True).click()
        return self

    def follow(self, name: str):
        """Follow the link of that name."""
        self.page.get_by_role("link", name=name, exact=True).click()
        return self

    def scrolls_sideways(self) -> bool:
        """Tell whether the page is wider than its window."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
