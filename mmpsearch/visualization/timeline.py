"""Appearances over time, as a part of a page: one lane a camera."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True)
class TimelineBar:
    """One appearance.

    Attributes:
        camera: Its lane.
        start: Seconds, on one scale for all bars of an axis.
        end: The same.
        begins: ``start`` in words.
        ends: ``end`` in words.
        similarity: Of the best sighting.
        picture: Of the best sighting; None where it cannot be read.
        axis: Bars of different axes are not drawn beside each other; the words stand
            above it.
    """

    camera: str
    start: float
    end: float
    begins: str
    ends: str
    similarity: float
    picture: Image.Image | None = None
    axis: str = ""


STYLE = """
.lanes { display: grid; grid-template-columns: max-content 1fr; gap: .35rem .8rem;
  align-items: center; margin: 0 0 1rem; }
.lane { position: relative; height: 1.5rem; background: var(--card);
  border-radius: 4px; }
.bar { position: absolute; top: .2rem; bottom: .2rem; min-width: 4px;
  background: var(--open); border-radius: 3px; }
.camera { max-width: 14rem; overflow-wrap: anywhere; }
.scale { display: flex; justify-content: space-between; color: var(--faint);
  font-size: .85rem; font-variant-numeric: tabular-nums; }
.axis { grid-column: 1 / -1; margin: .4rem 0 0; color: var(--faint); }
.appearances { border-collapse: collapse; margin-bottom: 1rem; }
.appearances th { text-align: left; color: var(--faint); font-weight: 400; }
.appearances td, .appearances th { padding: .2rem 1.1rem .2rem 0; }
.appearances td { border-top: 1px solid var(--card); vertical-align: middle;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.appearances img { display: block; height: 4.5rem; width: auto; border-radius: 3px; }
"""


def timeline_html(bars: Sequence[TimelineBar], embed) -> str:
    """Lanes and a table; nothing for no bars.

    Args:
        bars: In the order of the table.
        embed: Picture, kind and words -> an image element.
    """
    if not bars:
        return ""
    parts = ["<h2>Seen where and when</h2>", '<div class="lanes">']
    for axis in dict.fromkeys(bar.axis for bar in bars):
        parts += _axis(axis, [bar for bar in bars if bar.axis == axis])
    parts.append("</div>")
    parts.append(
        '<table class="appearances"><thead><tr><th>camera</th><th>from</th><th>to</th>'
        "<th>similarity</th><th>picture</th></tr></thead><tbody>"
    )
    for bar in bars:
        picture = embed(bar.picture, "seen", f"{bar.camera} {bar.begins}")
        parts.append(
            f"<tr><td>{_escape(bar.camera)}</td><td>{_escape(bar.begins)}</td>"
            f"<td>{_escape(bar.ends)}</td><td>{bar.similarity:.3f}</td>"
            f"<td>{picture}</td></tr>"
        )
    parts.append("</tbody></table>")
    return "\n".join(parts)


def _axis(words: str, bars: Sequence[TimelineBar]) -> list[str]:
    first = min(bars, key=lambda bar: bar.start)
    last = max(bars, key=lambda bar: bar.end)
    length = max(last.end - first.start, 1e-9)
    parts = [f'<p class="axis">{_escape(words)}</p>'] if words else []
    for camera in dict.fromkeys(bar.camera for bar in bars):
        drawn = "".join(
            f'<div class="bar" style="left:{_share(bar.start - first.start, length)}%;'
            f'width:{_share(bar.end - bar.start, length)}%" '
            f'title="{_escape(f"{bar.begins} – {bar.ends}")}"></div>'
            for bar in bars
            if bar.camera == camera
        )
        parts.append(f'<div class="camera">{_escape(camera)}</div>')
        parts.append(f'<div class="lane">{drawn}</div>')
    scale = f"<span>{_escape(first.begins)}</span><span>{_escape(last.ends)}</span>"
    parts.append(f'<div></div><div class="scale">{scale}</div>')
    return parts


def _share(part: float, whole: float) -> str:
    # a bar of no length at the end would otherwise stick out
    return f"{min(100 * part / whole, 99.6):.2f}"


def _escape(text: str) -> str:
    readable = text.encode("utf-8", "replace").decode("utf-8")
    return html.escape(readable, quote=True)
