"""Select a part of a page and look at it: `Markup(response).one("main h1").text`."""

import re
from xml.etree.ElementTree import Element

import cssselect2
import tinyhtml5
from tinyhtml5 import inputstream


class _Patterns(dict):
    """The regular expressions of tinyhtml5, made once each: it looks its own up by a wrong key."""

    def __missing__(self, key: tuple[object, bool]) -> re.Pattern:
        characters, opposite = key
        listed = "".join(f"\\x{ord(character):02x}" for character in characters)
        self[key] = re.compile(f"[{listed if opposite else f'^{listed}'}]+")
        return self[key]


inputstream.characters_until_regex = _Patterns()


class Part:
    """One element of a page."""

    def __init__(self, element: Element):
        self.element = element
        self.attrs = element.attrib

    def __getitem__(self, name: str) -> str:
        return self.attrs[name]

    @property
    def text(self) -> str:
        """Return the text of the element and its children, its spaces folded."""
        return " ".join("".join(self.element.itertext()).split())

    @property
    def classes(self) -> list[str]:
        """Return the classes of the element, in order."""
        return self.attrs.get("class", "").split()


class Markup:
    """A page, from a response or a string."""

    def __init__(self, source):
        html = source.content.decode() if hasattr(source, "content") else str(source)
        self._root = cssselect2.ElementWrapper.from_html_root(
            tinyhtml5.parse(html, namespace_html_elements=False)
        )

    def all(self, selector: str) -> list[Part]:
        """Return the elements that match `selector`, in the order of the page."""
        return [Part(match.etree_element) for match in self._root.query_all(selector)]

    def one(self, selector: str) -> Part:
        """Return the only element that matches `selector`; fails when there is none or several."""
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} elements match {selector}"
        return found[0]
