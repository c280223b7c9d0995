"""Threshold, filters, timeline and exports, over the videos of two cameras."""

import json
import re

import pytest

from tests.test_app.conftest import (
    BLUE,
    DARK_RED,
    GREEN,
    RED,
    ROW,
    save,
    save_video,
)

from .conftest import serving

MORNING = "2026-11-29T08:30:00"
CARDS = "() => document.querySelectorAll('.mmp-card img').length"


@pytest.fixture(scope="module")
def two_cameras(tmp_path_factory, colour_inferencer):
    """Four people at the door; red and blue in the yard, an hour later."""
    root = tmp_path_factory.mktemp("cameras")
    with serving(root, colour_inferencer, fill=False) as (service, url):
        for file in (root / "photos").iterdir():
            file.unlink()
        colours = zip((RED, GREEN, BLUE, DARK_RED), ROW, strict=True)
        door = save_video(root / "photos/door.webm", *colours, seconds=4)
        yard = save_video(root / "photos/yard.webm", (RED, ROW[1]), (BLUE, ROW[3]))
        for path, camera, start in (
            (door, "door", MORNING),
            (yard, "yard", "2026-11-29T09:30:00"),
        ):
            job = service.add(path, camera=camera, start=start, fps=5)
            assert service.jobs.wait(job.number, 60).state == "done"
        yield service, url


def test_threshold_filters_timeline_and_files(two_cameras, visit, tmp_path):
    visitor = visit(two_cameras[1], width=1400).enter()
    tab = visitor.tab
    query = save(tmp_path / "q.png", (RED, ROW[0]), (BLUE, ROW[2]))
    visitor.upload(query).click_person(0)
    # seen by two cameras, each of which has its line
    tab.wait_for_selector("#mmp-timeline img")
    visitor.sees("#mmp-timeline", "door", "yard")
    # the threshold tells what it lets through
    number = tab.locator("#mmp-threshold input[type=number]")
    number.fill("0.3")
    number.press("Tab")
    tab.wait_for_selector("#mmp-rates:has-text('Threshold 0.30')")
    visitor.sees("#mmp-rates", "of 130 pairs of different people")
    number.fill("1")
    number.press("Tab")
    tab.wait_for_selector("#mmp-rates:has-text('None of 130 pairs')")
    # nobody is exactly alike after a video's compression
    tab.get_by_label("Only people who reach it").check()
    tab.wait_for_selector(".mmp-verdict:has-text('Nobody reaches')")
    visitor.sees(".mmp-verdict", "lower the threshold")
    visitor.counts(".refused .mmp-card", 1)
    tab.get_by_label("Only people who reach it").uncheck()
    tab.wait_for_function(f"({CARDS})() > 1")
    # one camera alone
    tab.get_by_label("Cameras (none: all)").click()
    tab.get_by_role("option", name="yard").click()
    tab.keyboard.press("Escape")
    tab.wait_for_function(
        "() => { const names = [...document.querySelectorAll('.mmp-card .mmp-name')]"
        ".map((one) => one.innerText); return names.length && "
        "names.every((name) => name === 'yard.webm'); }"
    )
    # and only at a time when nobody was there
    until = tab.get_by_role("textbox", name="To")
    until.fill("2026-11-29T09:00")
    until.press("Enter")
    tab.wait_for_selector(".mmp-verdict:has-text('nobody to compare with')")
    until.fill("")
    until.press("Enter")
    tab.wait_for_function(f"({CARDS})() > 1")
    # what is left is kept as files
    content = {}
    for button in ("Report", "CSV", "JSON", "Appearances"):
        with tab.expect_download() as download:
            tab.get_by_role("button", name=button, exact=True).click()
        content[button] = open(download.value.path(), encoding="utf-8").read()
    assert content["Report"].startswith("<!DOCTYPE html>")
    assert not re.search(r'(?:src|href)="https?:', content["Report"])
    rows = content["CSV"].splitlines()
    assert rows[0].startswith("rank,similarity,camera") and ",yard," in rows[1]
    assert {m["camera"] for m in json.loads(content["JSON"])["matches"]} == {"yard"}
    assert "yard" in content["Appearances"] and "door" not in content["Appearances"]
    # the clip around a result plays
    tab.locator(".mmp-open").first.click()
    tab.get_by_role("button", name="Play the clip around it").click()
    tab.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
    tab.keyboard.press("Escape")
    tab.wait_for_selector("dialog[open]", state="detached")
