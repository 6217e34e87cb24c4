"""A report, parsed, and what holds for every one."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"meta", "img", "br", "link", "input"}


class Page(HTMLParser):
    """The elements of a page: tag, attributes, text, and whether they are closed rightly."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self._open, self.wrong = [], [], []
        self.feed(html)
        self.close()
        self.wrong += [f"{element['tag']} is not closed" for element in self._open]

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        if len(set(names)) != len(names):
            self.wrong.append(f"{tag} has an attribute twice: {names}")
        parent = self._open[-1] if self._open else None
        element = {"tag": tag, "text": "", "parent": parent, **dict(attributes)}
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        if not self._open or self._open[-1]["tag"] != tag:
            self.wrong.append(f"</{tag}> closes {self._open[-1]['tag'] if self._open else None}")
        else:
            self._open.pop()

    def handle_data(self, data):
        for element in self._open:
            element["text"] += data

    def all(self, *tags, within=None):
        return [
            element
            for element in self.elements
            if element["tag"] in tags and (within is None or within in ancestors(element))
        ]

    def id(self, name):
        (element,) = (element for element in self.elements if element.get("id") == name)
        return element


def ancestors(element):
    while (element := element["parent"]) is not None:
        yield element


def words(element):
    return " ".join(element["text"].split())


def lines_of(page, table):
    """Return the texts of a table's body, row by row."""
    (body,) = page.all("tbody", within=table)
    return [
        [words(cell) for cell in page.all("th", "td", within=row)]
        for row in page.all("tr", within=body)
    ]


def check_structure(html):
    """Check what holds for every report, and return it, parsed."""
    page = Page(html)
    assert page.wrong == []
    assert html.startswith("<!doctype html>")
    (root,) = page.all("html")
    assert root["lang"] == "en"
    assert (
        len(page.all("main"))
        == len(page.all("header"))
        == len(page.all("nav"))
        == len(page.all("footer"))
        == 1
    )
    assert words(page.all("title")[0]) == words(page.all("h1")[0])
    levels = [int(e["tag"][1]) for e in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert all(words(e) for e in page.all("h1", "h2", "h3", "h4", "a", "button", "summary"))

    ids = [e["id"] for e in page.elements if "id" in e]
    assert len(set(ids)) == len(ids)
    for element in page.elements:
        for target in element.get("aria-labelledby", "").split():
            assert target in ids
        for value in (element.get("src"), element.get("href")):
            assert value is None or value.startswith("data:image/png;base64,") or value[1:] in ids
        assert not {name for name in element if name.startswith("on")}
    assert not page.all("link", "iframe", "object", "embed", "base", "form")
    assert not re.search(r"https?://|//cdn|@import", html)
    for name in re.findall(r"url\(([^)]*)\)", html):
        assert name.startswith("#") and name[1:] in ids

    assert all(e["alt"].strip() for e in page.all("img"))
    for svg in page.all("svg"):
        assert svg["role"] == "img" and len(svg["aria-label"]) > 20
    for table in page.all("table"):
        assert words(page.all("caption", within=table)[0])
        assert all(th["scope"] in ("col", "row") for th in page.all("th", within=table))
        region = next(e for e in ancestors(table) if e.get("role") == "region")
        assert region["tabindex"] == "0" and region["aria-label"]
        widths = {len(page.all("th", "td", within=row)) for row in page.all("tr", within=table)}
        assert len(widths) == 1

    (script,) = page.all("script")
    digest = base64.b64encode(hashlib.sha256(script["text"].encode()).digest()).decode()
    (policy,) = (e["content"] for e in page.all("meta") if "http-equiv" in e)
    assert "default-src 'none'" in policy and f"script-src 'sha256-{digest}'" in policy
    assert re.findall(r"(\S+)-src 'unsafe-inline'", policy) == ["style"]
    return page
