"""A token, and a search without a mouse."""

import re

from .looks import CONTRAST, UNNAMED

TOKEN = "a-token-that-nobody-guesses"
# Name of what has the focus, as it is read out.
FOCUSED = """() => { const one = document.activeElement;
  return one.getAttribute("aria-label") || one.labels?.[0]?.innerText ||
    one.innerText || one.placeholder || one.tagName; }"""
AHEAD = 60  # presses of Tab at most


def reach(tab, name):
    """Press Tab until something has the focus whose name matches; all on the way."""
    passed = []
    for _ in range(AHEAD):
        tab.keyboard.press("Tab")
        passed.append(" ".join(tab.evaluate(FOCUSED).split()))
        if re.search(name, passed[-1]):
            return passed
    raise AssertionError(f"{name} is not reached: {passed}")


def wait_for_focus(tab, name):
    tab.wait_for_function(f"(name) => ({FOCUSED})().startsWith(name)", arg=name)


def test_log_in_with_a_token_and_search_by_keyboard(
    own_page, visit, query_file, capfd, monkeypatch
):
    monkeypatch.setattr("mmpsearch.app.token_door.PAUSE", 0.1)
    _, url = own_page(token=TOKEN)
    visitor = visit(url)
    tab = visitor.tab
    tab.goto(url)
    tab.keyboard.type("wrong")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("[role=alert]:has-text('not the token')")
    assert not tab.evaluate(CONTRAST) and not tab.evaluate(UNNAMED)
    visitor.errors.clear()  # browsers report the 401 of a wrong one
    tab.keyboard.type(TOKEN)
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#mmp-upload")
    assert TOKEN not in tab.url
    tab.wait_for_selector("#mmp-rates .mmp-note")
    visitor.upload(query_file)
    tab.wait_for_selector("[data-person='1']")
    # the order in which the page is read
    tab.evaluate("document.activeElement.blur()")
    assert reach(tab, "Search for person 2 of 2") == [
        "Search",
        "Gallery",
        "Tracks and labels",
        "Model",
        "Click to upload or drop files",
        "Or one of the gallery ▼",
        "Search for person 1 of 2",
        "Search for person 2 of 2",
    ]
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".mmp-card img")
    visitor.finds("a.png")
    # the focus is kept, so that one goes on from there
    wait_for_focus(tab, "Search for person 2 of 2")
    passed = reach(tab, "^Open result 1")
    assert any("Threshold" in one for one in passed)
    tab.keyboard.press("Enter")
    tab.wait_for_selector("dialog[open] img")
    wait_for_focus(tab, "Close")
    tab.keyboard.press("Escape")
    tab.wait_for_selector("dialog[open]", state="detached")
    wait_for_focus(tab, "Open result 1")
    reach(tab, "^Result 1 is the same person")
    tab.keyboard.press("Space")
    tab.wait_for_selector(".mmp-card.same")
    said = capfd.readouterr()
    assert TOKEN not in said.out + said.err
