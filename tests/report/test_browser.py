"""The report in a browser: that it works, for everybody, and asks for nothing else."""

import shutil

import pytest

from skmnist.report import write_report
from tests.report.cases import EVIL, measured

pytestmark = pytest.mark.slow("starts a browser")

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
if CHROMIUM is None:
    pytest.skip("no Chromium is installed", allow_module_level=True)

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

# Background and text of every element that has text of its own, and their contrast (WCAG 2).
CONTRASTS = """
() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const parse = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return Array.from(context.getImageData(0, 0, 1, 1).data);
  };
  const backdrop = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((c) => {
      c /= 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const element of document.querySelectorAll("body *:not(script):not(svg *)")) {
    const own = Array.from(element.childNodes).some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility() || element.closest(".skip")) continue;
    const [a, b] = [luminance(parse(getComputedStyle(element).color)),
                    luminance(backdrop(element))].sort((x, y) => y - x);
    found.push([element.tagName + "." + element.className, (a + 0.05) / (b + 0.05)]);
  }
  return found;
}
"""
OPEN_ALL = "document.querySelectorAll('details').forEach((box) => (box.open = true))"
MODELS = "Array.from(document.querySelectorAll('#scores tbody th'), (th) => th.textContent.trim())"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(measured(), path)
    return path.as_uri()


@pytest.fixture(scope="module")
def browser():
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options += ["--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, address):
    """Open the report; afterwards, check that there was no error and no request."""
    contexts, complaints, requests = [], [], []

    def open_(width=1280, hash="", **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address + hash)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
    assert {url for url in requests if not url.startswith("data:")} <= {address}


def by_score(ascending=False):
    rows = [row for row in measured().rows if row.error is None]
    rows.sort(key=lambda row: row.mean("accuracy"), reverse=not ascending)
    return [" ".join(row.model.split()) for row in rows] + ["broken"]


def header(page, name):
    return page.locator("#scores thead th", has_text=name).first


def test_nothing_in_labels_is_run(open_page):
    page = open_page()
    assert page.evaluate("window.hacked") is None
    assert EVIL in page.evaluate(MODELS)
    assert page.title() == "Classifiers compared on digits & <b>more</b>"


def test_click_sorts_and_turns_round(open_page):
    page = open_page()
    accuracy = header(page, "accuracy")
    assert page.evaluate(MODELS) == by_score()
    assert accuracy.get_attribute("aria-sort") == "descending"
    accuracy.get_by_role("button").click()
    assert page.evaluate(MODELS) == by_score(ascending=True)
    assert accuracy.get_attribute("aria-sort") == "ascending"
    fit = header(page, "fit s")
    fit.get_by_role("button").click()
    assert accuracy.get_attribute("aria-sort") is None
    assert fit.get_attribute("aria-sort") == "descending"
    slowest = sorted(
        (row for row in measured().rows if row.error is None), key=lambda row: -row.fit_seconds
    )
    assert page.evaluate(MODELS) == [*(row.model for row in slowest), "broken"]


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_keyboard_sorts(open_page, key):
    page = open_page()
    header(page, "model").get_by_role("button").focus()
    page.keyboard.press(key)
    assert header(page, "model").get_attribute("aria-sort") == "ascending"
    found = page.evaluate(MODELS)
    assert sorted(found) != by_score() and set(found) == set(by_score())
    assert found == page.evaluate(f"{MODELS}.sort((a, b) => a.localeCompare(b, 'en'))")
    page.keyboard.press(key)
    assert page.evaluate(MODELS) == found[::-1]


def test_numbers_sort_as_numbers_and_what_is_missing_comes_last(open_page):
    page = open_page()
    button = header(page, "weights").get_by_role("button")
    known = [row for row in measured().rows if row.n_parameters is not None]
    known.sort(key=lambda row: row.n_parameters)
    expected = [row.model for row in known]
    assert 1 < len(expected) < len(measured().rows)
    button.click()
    assert page.evaluate(MODELS)[: len(known)] == expected[::-1]
    button.click()
    assert page.evaluate(MODELS)[: len(known)] == expected


@pytest.mark.parametrize("system", ["light", "dark"])
def test_dark_and_light(open_page, system):
    page = open_page(color_scheme=system)
    other = "light" if system == "dark" else "dark"
    button = page.get_by_role("button", name="Dark colours")

    def looks():
        red = page.evaluate("getComputedStyle(document.body).backgroundColor").split("(")[1]
        return "light" if int(red.split(",")[0]) > 127 else "dark"

    assert looks() == system
    assert button.get_attribute("aria-pressed") == str(system == "dark").lower()
    button.focus()
    page.keyboard.press("Enter")
    assert looks() == other
    assert button.get_attribute("aria-pressed") == str(other == "dark").lower()
    button.click()
    assert looks() == system


@pytest.mark.parametrize("system", ["light", "dark"])
def test_text_can_be_read(open_page, system):
    page = open_page(color_scheme=system)
    page.evaluate(OPEN_ALL)
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 300
    assert [found for found in contrasts if found[1] < 4.5] == []


def test_plots_can_be_seen_in_the_dark(open_page):
    page = open_page(color_scheme="dark")
    colours = page.evaluate(
        """Array.from(document.querySelectorAll("#folds ~ figure svg path"),
           (path) => getComputedStyle(path).fill).filter((fill) => fill.startsWith("rgb("))"""
    )
    darkest = min(max(map(int, colour[4:-1].split(","))) for colour in colours)
    assert colours and darkest > 100


@pytest.mark.parametrize("width", [320, 360, 390, 768])
def test_page_does_not_scroll_sideways(open_page, width):
    page = open_page(width)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """(width) => Array.from(document.querySelectorAll("main *:not(svg *)")).filter(
             (e) => !e.closest(".scroll, pre, .unseen, .word") && e.checkVisibility() &&
                    e.getBoundingClientRect().right > width + 1).map((e) => e.outerHTML)""",
        width,
    )
    assert outside == []
    table = page.locator(".scroll:has(#scores)")
    table.focus()
    page.keyboard.press("ArrowRight")
    for _ in range(100):
        if table.evaluate("(box) => box.scrollLeft") > 0:
            break
        page.wait_for_timeout(50)
    else:
        raise AssertionError("the table cannot be scrolled with the keyboard")


def test_tab_reaches_every_control_in_its_order(open_page):
    page = open_page()
    expected = page.evaluate(
        """() => {
          const all = document.querySelectorAll("a[href], button, summary, [tabindex]");
          const seen = Array.from(all).filter((e) => e.checkVisibility());
          seen.forEach((e, i) => (e.dataset.order = i));
          return seen.length;
        }"""
    )
    assert expected > 40
    reached, hidden = [], []
    for _ in range(expected):
        page.keyboard.press("Tab")
        order, outline = page.evaluate(
            """() => [Number(document.activeElement.dataset.order),
                      getComputedStyle(document.activeElement).outlineStyle]"""
        )
        reached.append(order)
        if outline == "none":
            hidden.append(order)
    assert reached == list(range(expected))
    assert hidden == []


def test_skip_link_leads_to_the_report(open_page):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"


def test_link_to_a_model_opens_it(open_page):
    page = open_page()
    box = page.locator("#model-3")
    assert box.get_attribute("open") is None
    page.locator("#scores tbody a").nth(2).click()
    sync_api.expect(box).to_have_attribute("open", "")
    assert open_page(hash="#model-4").locator("#model-4").get_attribute("open") is not None


def test_screen_readers_are_told_what_there_is(open_page):
    page = open_page()
    for role in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(role).count() == 1
    assert page.get_by_role("heading", level=1).count() == 1
    table = page.get_by_role("table", name="Mean scores and costs")
    assert table.get_by_role("columnheader").count() == len(measured().table()[0]) + 1
    assert table.get_by_role("rowheader").count() == len(measured().rows)
    plot = page.get_by_role("img", name="accuracy of each fold")
    assert f"mean {measured().rows[0].mean('accuracy'):.4f}" in plot.get_attribute("aria-label")
    cell = page.locator("#verdicts td", has_text="better").first
    assert cell.inner_text().split()[-1] == "better"


def test_without_scripts_the_tables_are_plain(browser, address):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        assert page.locator("#scores tbody tr").count() == len(measured().rows)
        assert page.locator("#scores").is_visible()
        assert not page.get_by_role("button", name="Dark colours").is_visible()
        assert not page.get_by_text("a click on a heading sorts").is_visible()
        page.locator("#model-2 > summary").click()
        assert page.locator("#model-2 h4").first.is_visible()


def test_paper_shows_everything_and_is_light(open_page):
    page = open_page(color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.get_by_role("navigation").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 1


def test_motion_is_reduced_for_those_who_ask(open_page):
    style = "getComputedStyle(document.documentElement).scrollBehavior"
    assert open_page().evaluate(style) == "smooth"
    assert open_page(reduced_motion="reduce").evaluate(style) == "auto"
