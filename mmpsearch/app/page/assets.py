"""Scripts and styles that lie beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path

# Keeps the key of the session in the tab, so that a page that is loaded again finds it.
RECALL = "() => [sessionStorage.getItem('mmpsearch') || '']"
REMEMBER = "(key) => { sessionStorage.setItem('mmpsearch', key); return []; }"
# Which tracks are chosen at the moment, as JSON.
CHOSEN = """(chosen, person, frame) => {
  const boxes = document.querySelectorAll("#mmp-tracks [data-key]:checked");
  return [JSON.stringify([...boxes].map((box) => box.dataset.key)), person, frame];
}"""
# Nothing is chosen among new rows: the browser keeps the boxes of the old ones. What
# was not done, because of an error, stays chosen.
CHOOSE_NOTHING = """() => {
  if (document.querySelector("#mmp-labels-said .error")) return [];
  for (const box of document.querySelectorAll("#mmp-tracks [data-key]"))
    box.checked = false;
  return [];
}"""
# {name, type, text} -> a file of the browser's; nothing is kept on the server.
SAVE_FILE = """(content) => {
  if (!content) return [];
  const file = JSON.parse(content);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([file.text], { type: file.type }));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  return [];
}"""


@cache
def asset(name: str) -> str:
    """Text of a file, such as ``style.css``."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
