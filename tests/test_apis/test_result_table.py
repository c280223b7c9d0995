"""Ranking on the terminal, wide and narrow."""

import io

import pytest
from rich.console import Console

from mmpsearch.apis import SearchResult, print_result, result_table
from mmpsearch.apis.result_table import common_folder

from .test_search_report import match


def shown_table(result, width=60):
    console = Console(file=io.StringIO(), width=width)
    console.print(result_table(result))
    return console.file.getvalue()


def test_the_table_shows_paths_below_their_folder_in_one_line():
    folder = "/" + "a-long-name/" * 6
    found = [
        match(1, 0.8, f"{folder}door/a.jpg"),
        match(2, 0.7, f"{folder}yard/b.jpg", camera="yard"),
    ]
    shown = shown_table(SearchResult(found, found[0], 0.5, 9), 100)
    rows = [line for line in shown.splitlines() if "20 10 60 90" in line]
    assert "door/a.jpg" in rows[0] and "yard/b.jpg" in rows[1] and len(rows) == 2
    assert "long" not in rows[0] and " yard " in rows[1]
    alone = shown_table(SearchResult(found[:1], found[0], 0.5, 9), 100)
    assert "camera" not in alone
    assert common_folder(["a.jpg", "/x/b.jpg"]) == common_folder([]) == ""


def test_names_cannot_command_the_terminal():
    evil = match(1, 0.8, "/x/y/\x1b]0;evil\x07[red]\udcff.jpg", camera="\x1b[31m")
    other = match(2, 0.8, "/x/b.jpg")
    shown = shown_table(SearchResult([evil, other], evil, 0.5, 9), 160)
    assert "\x1b" not in shown and "\x07" not in shown
    assert r"y/\x1b]0;evil\x07[red]\xff.jpg" in shown and r"\x1b[31m" in shown


@pytest.mark.parametrize("width", [30, 70, 80, 120])
def test_numbers_are_whole_and_the_folder_in_one_piece_at_any_width(width):
    folder = "/home/somebody/surveillance/2026/november/building-a/cameras"
    found = [
        match(1, 0.8, f"{folder}/hall/2026-11-29.mp4", camera="the hall", time=75.2),
        match(2, 0.7, f"{folder}/yard/2026-11-30.mp4", camera="yard", time=3.0),
    ]
    console = Console(file=io.StringIO(), width=width)
    print_result(console, SearchResult(found, found[0], None, 51))
    lines = console.file.getvalue().splitlines()
    assert f"in {folder}" in lines
    if width == 30:  # no table of seven columns fits
        return
    rows = [line for line in lines if "20 10 60 90" in line]
    numbers = (("1", "0.800", "1:15.2"), ("2", "0.700", "0:03.0"))
    for row, expected in zip(rows, numbers, strict=True):
        assert set(expected) <= set(row.split()) and "mp4" in row
        assert len(row) <= width
    assert ("…" in rows[0]) == (width < 80)
