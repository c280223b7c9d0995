"""Tracks: followed in a video on the page, merged, split, left out, exported."""

import re

import pytest

from tests.test_app.conftest import BLUE, RED, ROW, save_video
from tests.test_datasets.test_person_search.test_own.test_writer import (
    tracks,  # noqa: F401  (a fixture)
)

from .looks import CONTRAST, UNNAMED


def choose(tab, *keys):
    for key in keys:
        tab.get_by_label(f"Choose {key}").check()


def press(tab, button, then):
    tab.get_by_role("button", name=button, exact=True).click()
    tab.wait_for_selector(f"#mmp-labels-said:has-text('{then}')")


def test_tracks_are_judged_and_exported(own_page, visit, tracks):  # noqa: F811
    service, url = own_page(fill=False, tracks=tracks)
    visitor = visit(url).enter("Tracks and labels")
    tab = visitor.tab
    tab.wait_for_selector(".mmp-track img")
    visitor.counts(".mmp-track", 4)
    press(tab, "Same person", "two tracks or more")
    choose(tab, "door/1@1", "hall/1@1")
    press(tab, "Same person", "one person now")
    tab.wait_for_function(
        "() => [...document.querySelectorAll('.mmp-track strong')]"
        ".filter((name) => name.innerText == 'door/1').length == 2 && "
        "!document.querySelector('#mmp-tracks :checked')"
    )
    assert [row.person for row in service.labels.rows()].count("door/1") == 2
    choose(tab, "hall/2@1")
    tab.get_by_label(re.compile("Split at frame")).fill("99")
    press(tab, "Split", "from 2 to 4, not 99")
    tab.get_by_label(re.compile("Split at frame")).fill("3")
    press(tab, "Split", "two tracks now")
    tab.wait_for_selector("[data-key='hall/2@3']")
    tab.wait_for_selector("#mmp-tracks :checked", state="detached")
    choose(tab, "hall/2@3")
    press(tab, "No person (discard)", "1 tracks are left out")
    tab.wait_for_selector(".mmp-track.discarded")
    tab.get_by_role("button", name="Export as a training set").click()
    press(tab, "Write it beside the tracks", "Train with")
    assert (tracks.parent / "people-dataset" / "annotations.json").is_file()
    press(tab, "Write it beside the tracks", "take another name")


def test_a_video_is_followed_with_a_bar_that_survives(own_page, visit, tmp_path):
    pytest.importorskip("lap", reason="ByteTrack needs lap")
    service, url = own_page(fill=False, tracks=tmp_path / "tracks")
    people = (RED, ROW[0]), (BLUE, ROW[2])
    video = save_video(tmp_path / "photos" / "hall.webm", *people, seconds=3)
    visitor = visit(url, color_scheme="dark").enter("Tracks and labels")
    tab = visitor.tab
    tab.wait_for_selector("text=There are no tracks yet")
    field = tab.locator("#mmp-follow-path input")
    for path, words in (("/etc/passwd", "--media"), (f"{video}.mp4", "no such file")):
        field.fill(path)
        field.press("Enter")
        press(tab, "Follow", words)
    held = service.turns.now()
    with held:  # somebody searches meanwhile, so that the work is still under way
        field.fill(video)
        field.press("Enter")
        press(tab, "Follow", "you can leave this page")
        tab.wait_for_selector("#mmp-follow-jobs .running progress")
        visitor.reload("Tracks and labels")
        tab.wait_for_selector("#mmp-follow-jobs .running progress")
    tab.wait_for_selector("#mmp-follow-jobs .mmp-job.done:has-text('2 tracks')")
    tab.wait_for_selector("#mmp-tracks .mmp-track img")
    visitor.counts(".mmp-track", 2)
    assert not tab.evaluate(CONTRAST) and not tab.evaluate(UNNAMED)
