"""The documentation site: it builds without a warning, is complete, and needs no network.

Sphinx's own linkcheck asks the servers that links lead to, and there may be none to be reached.  So
every link inside the site is followed here, to the anchor, in the HTML that was built; links to
other sites are only checked for being well-formed addresses.
"""

import importlib
import inspect
import json
import pkgutil
import re
import shutil
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import skmnist

pytestmark = pytest.mark.slow("builds the site, which runs every example")

# Attributes by which a browser fetches something to show the page.
FETCHED = {("img", "src"), ("script", "src"), ("source", "src"), ("iframe", "src")}
FETCHED |= {("img", "srcset"), ("object", "data"), ("video", "src")}


@dataclass
class Page:
    """What a page links to, needs, and can be linked at."""

    links: list = field(default_factory=list)
    fetched: list = field(default_factory=list)
    anchors: set = field(default_factory=set)
    images_without_text: list = field(default_factory=list)


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.page.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and given.get("href"):
            self.page.links.append(given["href"])
        if tag == "link" and {"stylesheet", "icon", "preload"} & set(given["rel"].split()):
            self.page.fetched.append(given["href"])
        if tag == "img" and not given.get("alt"):
            self.page.images_without_text.append(given.get("src"))
        for name, value in attrs:
            if (tag, name) in FETCHED:
                # A set is "one.png, other.png 2.00x".
                self.page.fetched += [part.split()[0] for part in value.split(",")]


@cache
def read(path):
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page


def public_objects():
    """Yield (path of import, object) for all that a public module or the package exports."""
    modules = {"skmnist": skmnist}
    for found in pkgutil.walk_packages(skmnist.__path__, "skmnist."):
        parts = found.name.split(".")
        if parts[1] == "cli" or any(part.startswith("_") for part in parts):
            continue
        module = importlib.import_module(found.name)
        if hasattr(module, "__all__"):
            modules[found.name] = module
    for module_name, module in modules.items():
        for name in module.__all__:
            value = getattr(module, name)
            if not inspect.ismodule(value) and not name.startswith("__"):
                yield f"{module_name}.{name}", value


def test_no_warnings(site):
    """Of Sphinx, or of Python while the examples run; -W makes the former an error."""
    assert site.warnings == ""
    assert site.status == 0


def test_every_public_name_has_a_page(site):
    pages = {path.stem for path in (site.html / "api" / "generated" / "names").glob("*.html")}
    documented = {}
    for full in pages:
        module_name, _, name = full.rpartition(".")
        documented[full] = getattr(importlib.import_module(module_name), name)
    public = dict(public_objects())
    assert len(public) > 40
    missing = [
        path for path, value in public.items() if not any(value is d for d in documented.values())
    ]
    assert missing == []


def test_pages_of_names_document_them(site):
    page = site.html / "api" / "generated" / "names" / "skmnist.MLPClassifier.html"
    text = page.read_text(encoding="utf-8")
    for anchor in ("", ".fit", ".predict_proba", ".partial_fit", ".set_params"):
        assert f'id="skmnist.MLPClassifier{anchor}"' in text
    for parameter in inspect.signature(skmnist.MLPClassifier).parameters:
        assert f"<strong>{parameter}</strong>" in text


def test_every_page_of_the_sources_can_be_reached(site):
    """From the first page, by links."""
    index = site.html / "index.html"
    reached, todo = {index}, [index]
    while todo:
        here = todo.pop()
        for link in read(here).links:
            parts = urlsplit(link)
            target = (here.parent / unquote(parts.path)).resolve()
            if not parts.scheme and target.suffix == ".html" and target not in reached:
                reached.add(target)
                todo.append(target)
    sources = [p for p in site.sources.rglob("*.md") if "_build" not in p.parts]
    assert len(sources) > 15
    expected = {site.html / p.relative_to(site.sources).with_suffix(".html") for p in sources}
    assert {str(p) for p in expected - reached} == set()


def test_links_inside_the_site(site):
    broken, followed = [], 0
    for path in site.pages:
        for link in read(path).links + read(path).fetched:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
            followed += 1
            if not target.is_file():
                broken.append(f"{path.relative_to(site.html)}: {link}: no such file")
            elif parts.fragment and target.suffix == ".html":
                anchor = unquote(parts.fragment)
                if anchor not in read(target).anchors:
                    broken.append(f"{path.relative_to(site.html)}: {link}: no such anchor")
    assert broken == []
    assert followed > 1000


def test_links_to_other_sites_are_addresses(site):
    links = {link for path in site.pages for link in read(path).links if urlsplit(link).scheme}
    assert any("scikit-learn.org/stable/modules/generated/sklearn." in link for link in links)
    for link in links:
        parts = urlsplit(link)
        assert parts.scheme in ("https", "http"), link
        assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", parts.netloc), link
        assert not re.search(r"[\s<>\"{}|\\^`]", link), link


def test_nothing_is_fetched_from_elsewhere(site):
    for path in site.pages:
        for address in read(path).fetched:
            assert not urlsplit(address).netloc, f"{path.name}: {address}"
    for path in (*site.html.rglob("*.css"), *(site.html / "_static").glob("skmnist*")):
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", text), path.name


def test_no_path_of_this_machine_is_shown(site):
    folders = {str(Path(skmnist.__file__).resolve().parents[1]), str(site.sources.parent)}
    folders.add(str(Path.home()) + "/")
    for path in site.pages:
        text = path.read_text(encoding="utf-8")
        assert [folder for folder in folders if folder in text] == [], path.name


def test_images_have_descriptions(site):
    without = {path.name: read(path).images_without_text for path in site.pages}
    assert {name: images for name, images in without.items() if images} == {}


def test_search_index(site):
    text = (site.html / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(re.fullmatch(r"Search\.setIndex\((.*)\)", text, re.DOTALL)[1])
    names = index["docnames"]
    assert {"index", "how-to/from-scikeras", "auto_examples/grid_search"} <= set(names)

    def found(term):
        where = [index[kind].get(term, []) for kind in ("terms", "titleterms")]
        return {names[i] for at in where for i in ([at] if isinstance(at, int) else at)}

    assert "how-to/from-scikeras" in found("scikera")  # the stem
    assert "skmnist" in index["objects"]


def test_search_in_a_browser(site):
    """The search page finds pages, from files alone."""
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("needs an installed Chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            page = browser.new_page()
            requests = []
            page.on("request", lambda request: requests.append(request.url))
            page.goto((site.html / "search.html").as_uri() + "?q=LeNetClassifier")
            page.wait_for_selector("#search-results li a", timeout=30_000)
            first = page.locator("#search-results li a").first.get_attribute("href")
            assert "LeNetClassifier" in first
            assert [url for url in requests if not url.startswith("file:")] == []
        finally:
            browser.close()
