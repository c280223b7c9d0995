"""A page that is served, and a browser to look at it."""

import shutil
from contextlib import ExitStack, contextmanager

import pytest

from mmpsearch.app.launch import Address, launch
from mmpsearch.app.media import MediaRoots
from mmpsearch.app.service import SearchService
from mmpsearch.gallery import Gallery
from tests.test_app.conftest import BLUE, BOXES, DARK_RED, GREEN, RED, save

pytest.importorskip("gradio", reason="the page needs the extra [app]")
WAIT = 60_000  # milliseconds; a busy machine is slow

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --no-first-run "
    "--disable-component-update --disable-sync"
).split()


@contextmanager
def serving(root, inferencer, users=None, token=None, fill=True, **options):
    """A page over three pictures.

    Yields:
        The service and the page's address.
    """
    photos = root / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    save(photos / "a.png", (RED, BOXES["left"]), (GREEN, BOXES["right"]))
    save(photos / "b.png", (BLUE, BOXES["left"]))
    save(photos / "c.png", (DARK_RED, BOXES["right"]))
    service = SearchService(
        inferencer,
        Gallery.open(root / "people.gallery"),
        MediaRoots([photos]),
        root / "state",
        **options,
    )
    page = None
    try:
        if fill:
            service.jobs.wait(service.add(str(photos), camera="door").number, 60)
        address = Address(port=0, users=users, token=token)
        page, url = launch(service, address, block=False)
        yield service, url
    finally:
        if page is not None:
            page.close(verbose=False)
        service.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory, colour_inferencer):
    """One page for all tests of a module."""
    with serving(tmp_path_factory.mktemp("page"), colour_inferencer) as found:
        yield found


@pytest.fixture(scope="module")
def chromium():
    """A browser without a window; while it is there, asyncio.run refuses to work."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium (apt-get install chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=ARGUMENTS
        )
        yield browser
        browser.close()


# What the page was still asking for when it was loaded again ends as an error.
BROKEN_OFF = ("AbortError", "Connection errored out")


class Visitor:
    """A user with a browser tab; what goes wrong in it is kept.

    Attributes:
        tab: Playwright's page.
        errors: Of the console, uncaught ones, and of the server.
        strangers: Requests to anybody but the page's server.
    """

    def __init__(self, browser, url, width=1280, height=900, **options):
        options["viewport"] = dict(width=width, height=height)
        self.context = browser.new_context(**options)
        self.tab, self.url = self.context.new_page(), url
        self.tab.set_default_timeout(WAIT)
        self.errors, self.strangers, self._reloaded = [], [], False
        self.tab.on("console", self._console)
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tab.on("request", self._request)
        self.tab.on("response", self._response)

    def _console(self, message):
        broken_off = self._reloaded and any(one in message.text for one in BROKEN_OFF)
        if message.type == "error" and not broken_off:
            self.errors.append(message.text)

    def _request(self, request):
        if not request.url.startswith((self.url, "data:", "blob:", "about:")):
            self.strangers.append(request.url)

    def _response(self, response):
        if response.status >= 500:
            self.errors.append(f"{response.status} {response.url}")

    def alerted(self, dialog):
        self.errors.append(f"a script ran: {dialog.message}")
        dialog.dismiss()

    def reload(self, tab="Search"):
        """Load the page again, whatever it was asking for."""
        self._reloaded = True
        self.tab.reload()
        self.tab.get_by_role("tab", name=tab).click()

    def enter(self, tab="Search"):
        self.tab.goto(self.url)
        self.tab.get_by_role("tab", name=tab).click()
        return self

    def upload(self, file):
        self.tab.set_input_files("#mmp-upload input[type=file]", str(file))
        self.tab.wait_for_selector("#mmp-picker figure, #mmp-said .error")
        return self

    def click_person(self, number):
        self.tab.click(f"[data-person='{number}']")
        self.tab.wait_for_selector("#mmp-results .mmp-card img")
        return self

    def _expect(self, locator):
        from playwright.sync_api import expect

        return expect(locator)

    def sees(self, selector, *texts):
        """Wait until the element reads so: what the server sends comes later."""
        for text in texts:
            self._expect(self.tab.locator(selector)).to_contain_text(text, timeout=WAIT)

    def counts(self, selector, number, text=None):
        """Wait until so many are there, of those that hold the text."""
        found = self.tab.locator(selector, has_text=text)
        self._expect(found).to_have_count(number, timeout=WAIT)

    def finds(self, *names):
        """Wait until the first results are of these files, in this order."""
        found = self.tab.locator("#mmp-results .mmp-card .mmp-name")
        for place, name in enumerate(names):
            self._expect(found.nth(place)).to_have_text(name, timeout=WAIT)


@pytest.fixture
def own_page(tmp_path, colour_inferencer):
    """Serve a page for one test alone; see ``serving``."""
    with ExitStack() as stack:

        def make(**options):
            made = serving(tmp_path, colour_inferencer, **options)
            return stack.enter_context(made)

        yield make


@pytest.fixture
def visit(chromium, own_page):
    """Open a tab of a browser of its own; at the end nothing has gone wrong in it."""
    visitors = []

    def make(url, **options):
        visitors.append(Visitor(chromium, url, **options))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.context.close()
        assert not visitor.errors
        assert not visitor.strangers


@pytest.fixture
def query_file(tmp_path):
    return save(tmp_path / "q.png", (RED, BOXES["right"]), (BLUE, BOXES["left"]))
