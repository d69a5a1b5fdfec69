"""Reads a report page: checks that its tags nest, and gives its tables, texts and attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "wbr", "circle", "path", "line", "img", "hr", "link", "input"}


@dataclass
class Element:
    """An element with its attributes, children and direct texts."""

    tag: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    def all(self, tag: str, css: str | None = None) -> list[Element]:
        """Elements below of this tag (and class), in order."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if child.tag == tag and (css is None or css in child.classes):
                    found.append(child)
                found += child.all(tag, css)
        return found

    @property
    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()

    @property
    def text(self) -> str:
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    def every(self) -> list[Element]:
        """This element and all below."""
        below = [e for c in self.children if isinstance(c, Element) for e in c.every()]
        return [self, *below]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> repeats an attribute: {names}"
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open[-1].tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read_page(text: str) -> Element:
    """The page as a tree; AssertionError where tags do not nest."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == [reader.root], "not closed: " + ", ".join(e.tag for e in reader.open[1:])
    return reader.root


def read_table(table: Element) -> list[dict[str, str]]:
    """Rows of a table by the titles of its columns."""
    titles = [cell.text for cell in table.all("thead")[0].all("th")]
    rows = [[cell.text for cell in row.all("td")] for row in table.all("tbody")[0].all("tr")]
    return [dict(zip(titles, row, strict=True)) for row in rows]


def region(page: Element, label: str) -> list[dict[str, str]]:
    """Rows of the table in the region of this name."""
    found = [e for e in page.all("div", "scroll") if e.attributes.get("aria-label") == label]
    return read_table(found[0].all("table")[0])


def check_closed(text: str, page: Element) -> None:
    """No script, no network, a strict policy."""
    policy = [
        meta.attributes["content"]
        for meta in page.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy[0].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "script-src" not in policy[0]
    for element in page.every():
        assert element.tag not in {"script", "link", "img", "iframe", "object", "form"}
        assert not [name for name in element.attributes if name.startswith("on")]
        assert not {"src", "action"} & set(element.attributes)
    check_reachable(page)
    assert not re.search(r"https?://|url\(|@import", text)


def check_reachable(page: Element) -> None:
    """Links lead to a place on the page, and what scrolls can be reached by keyboard and named."""
    ids = [element.attributes["id"] for element in page.every() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    links = page.all("a")
    assert {link.attributes["href"] for link in links} <= {f"#{name}" for name in ids}
    assert all(link.text.strip() for link in links)
    for box in page.all("div", "scroll"):
        inside = [e for e in box.every()[1:] if "tabindex" in e.attributes]
        named = box.attributes.get("tabindex") == "0" and box.attributes.get("aria-label")
        assert inside or (named and box.attributes["role"] == "region")
