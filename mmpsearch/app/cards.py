"""What the page shows, as HTML: a picture to click in, results, notes. All is escaped.

Buttons carry what they do in ``data-do`` and ``data-id``; ``page/results.js`` and
``page/picker.js`` hand that to the server.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import datetime

from mmpsearch.apis.reading_report import count
from mmpsearch.apis.search_report import format_time, verdict
from mmpsearch.app.answers import Answer
from mmpsearch.app.media import printable_name, short_name
from mmpsearch.app.sessions import DIFFERENT, SAME
from mmpsearch.gallery.different_people import FEWEST
from mmpsearch.gallery.pair_rates import PairRates
from mmpsearch.gallery.search_result import Match


def escape(text: object) -> str:
    """One line of text for HTML, with quotes."""
    return html.escape(printable_name(str(text)), quote=True)


def note(text: str, kind: str = "info") -> str:
    """A sentence that screen readers say at once; ``kind`` is info, warning or error.

    Nothing for no text.
    """
    if not text:
        return ""
    role = "alert" if kind == "error" else "status"
    return f'<p class="mmp-note {kind}" role="{role}">{escape(text)}</p>'


def picker(
    name: str,
    address: str,
    size: tuple[int, int],
    people: Sequence[Sequence[float]],
    chosen: Sequence[float] | None = None,
) -> str:
    """A picture in which everybody is a button, and a box can be drawn.

    Args:
        name: Of the picture.
        address: Of the picture, ``data:...``.
        size: Width and height of the original, in whose pixels boxes are.
        people: Boxes, xyxy.
        chosen: Box of the person who is looked for.
    """
    width, height = size
    buttons, heights = [], _heights(people)
    for number, box in enumerate(people):
        pressed = chosen is not None and list(chosen) == list(box)
        buttons.append(
            f'<button type="button" class="mmp-person" data-person="{number}" '
            f'aria-pressed="{str(pressed).lower()}" style="{_place(box, size)};'
            f'z-index:{heights[number]}" '
            f'aria-label="Search for person {number + 1} of {len(people)}" '
            f'title="Search for this person"><span aria-hidden="true">{number + 1}'
            "</span></button>"
        )
    drawn = ""
    if chosen is not None and list(chosen) not in [list(box) for box in people]:
        drawn = f'<div class="mmp-drawn" style="{_place(chosen, size)}"></div>'
    return (
        f'<figure class="mmp-picker"><div class="mmp-scene" data-width="{width}" '
        f'data-height="{height}"><img draggable="false" src="{address}" width="{width}"'
        f' height="{height}" alt="{escape(_alt(name, len(people)))}">'
        f"{''.join(buttons)}{drawn}"
        '<div class="mmp-drawing" hidden></div></div>'
        f"<figcaption>{escape(_caption(name, len(people)))} "
        '<button type="button" class="mmp-pen" aria-pressed="false">Draw with a finger'
        "</button></figcaption></figure>"
    )


def _heights(people: Sequence[Sequence[float]]) -> list[int]:
    """Small boxes above large ones: who stands before somebody can be clicked."""
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in people]
    order = sorted(range(len(areas)), key=lambda number: -areas[number])
    return [order.index(number) + 1 for number in range(len(areas))]


def _place(box: Sequence[float], size: tuple[int, int]) -> str:
    width, height = size
    left, top = 100 * box[0] / width, 100 * box[1] / height
    wide, high = 100 * (box[2] - box[0]) / width, 100 * (box[3] - box[1]) / height
    return f"left:{left:.3f}%;top:{top:.3f}%;width:{wide:.3f}%;height:{high:.3f}%"


def _alt(name: str, count: int) -> str:
    people = "nobody" if not count else "1 person" if count == 1 else f"{count} people"
    return f"{name}: {people} found"


def _caption(name: str, count: int) -> str:
    if not count:
        return (
            f"{name}: nobody was found. Draw a box around the person with the mouse or "
            "a finger, or try a picture in which people are larger."
        )
    who = "the person" if count == 1 else f"one of the {count} people"
    return f"{name}: click on {who}, or draw a box around somebody else."


def when(match: Match) -> str:
    """When somebody was seen, in words; ``""``: unknown."""
    if match.clock is not None:
        return datetime.fromtimestamp(match.clock).strftime("%Y-%m-%d %H:%M:%S")
    return "" if match.time is None else format_time(match.time)


def results(answer: Answer, crops: Sequence[str] | None) -> str:
    """Cards, or what to do when there are none.

    Args:
        answer: Of a search.
        crops: Address of each match's picture, ``""`` for those that cannot be shown;
            None: they are still being read.
    """
    matches = answer.result.matches
    parts = [f'<p class="mmp-verdict" role="status">{escape(_verdict(answer))}</p>']
    if answer.note:
        parts.append(note(answer.note, "warning"))
    if not matches and answer.result.nearest is not None:
        parts.append(note("The nearest one, which does not reach the threshold:"))
        matches = [answer.result.nearest]
    crops = [None] * len(matches) if crops is None else crops
    cards = "".join(
        _card(match, crop, answer.marks)
        for match, crop in zip(matches, crops, strict=True)
    )
    state = "" if answer.result.found else " refused"
    return "".join(parts) + f'<ol class="mmp-cards{state}">{cards}</ol>'


def shown_matches(answer: Answer) -> list[Match]:
    """Those of whom ``results`` wants pictures."""
    nearest = answer.result.nearest
    return answer.result.matches or ([] if nearest is None else [nearest])


def _verdict(answer: Answer) -> str:
    result = answer.result
    if result.found:
        return verdict(result)
    if result.nearest is None:
        return (
            "There is nobody to compare with: take away filters of cameras and times."
        )
    return (
        f"Nobody reaches the threshold {result.threshold:.2f}. The most similar of "
        f"{result.searched} reaches {result.nearest.similarity:.2f}: lower the "
        "threshold, or take away filters."
    )


def _card(match: Match, crop: str | None, marks: Mapping[int, str]) -> str:
    name = short_name(match.path) or "picture"
    camera = match.camera or "no camera"
    words = f"result {match.rank}: similarity {match.similarity:.2f}, {camera}"
    words += f", {when(match)}" if when(match) else ""
    if crop:
        picture = f'<img src="{crop}" alt="{escape(words)}" loading="lazy">'
    else:
        why = "reading the picture" if crop is None else "the picture cannot be shown"
        picture = f'<span class="mmp-blank">{why}</span>'
    mark = marks.get(match.id, "")
    judge = "".join(
        f'<button type="button" data-do="{how}" data-id="{match.id}" '
        f'aria-pressed="{str(mark == how).lower()}" '
        f'aria-label="Result {match.rank} is {words_of}">{shown}</button>'
        for how, shown, words_of in (
            (SAME, "Same", "the same person"),
            (DIFFERENT, "Different", "a different person"),
        )
    )
    return (
        f'<li class="mmp-card {mark}"><button type="button" class="mmp-open" '
        f'data-do="open" data-id="{match.id}" aria-label="Open {escape(words)}">'
        f"{picture}</button>"
        f'<p class="mmp-facts"><span class="rank">{match.rank}</span> '
        f"<strong>{match.similarity:.2f}</strong> <span>{escape(camera)}</span> "
        f"<span>{escape(when(match))}</span></p>"
        f'<p class="mmp-name" title="{escape(name)}">{escape(name)}</p>'
        f'<div class="mmp-judge" role="group" aria-label="Judge result {match.rank}">'
        f"{judge}</div></li>"
    )


def viewer(match: Match, address: str, kind: str = "scene") -> str:
    """A dialog with the whole picture, or a clip."""
    name = short_name(match.path)
    title = ", ".join(filter(None, [name, match.camera, when(match)]))
    if kind == "clip":
        shown = (
            f'<video controls autoplay muted loop src="{address}" '
            f'aria-label="{escape(f"clip around {title}")}"></video>'
        )
    else:
        alt = f"whole picture with the person's box: {title}"
        shown = f'<img src="{address}" alt="{escape(alt)}">'
    buttons = "".join(
        f'<button type="button" data-do="{do}" data-id="{match.id}">{words}</button>'
        for do, words, there in (
            ("clip", "Play the clip around it", match.time is not None),
            ("scene", "Show the frame", kind == "clip"),
            ("look", "Look for somebody in this picture", kind != "clip"),
            ("remove", "Remove for good …", True),
        )
        if there and do != kind
    )
    return (
        f'<dialog class="mmp-viewer" aria-label="{escape(title)}">'
        f'<p class="mmp-name">{escape(title)}</p>{shown}'
        f'<div class="mmp-judge">{buttons}'
        '<button type="button" data-close autofocus>Close</button></div></dialog>'
    )


def removal(match: Match, alike: int) -> str:
    """A dialog that asks whether somebody is to be removed for good.

    Args:
        match: Who was looked at.
        alike: How many results were judged the same person.
    """
    buttons = f'<button type="button" data-do="removed" data-id="{match.id}">'
    buttons += "Remove this sighting</button>"
    if alike:
        buttons += f'<button type="button" data-do="removed-same" data-id="{match.id}">'
        buttons += f"Remove the {alike} marked Same</button>"
    title = escape(", ".join(filter(None, [short_name(match.path), when(match)])))
    return (
        f'<dialog class="mmp-viewer" aria-label="Remove for good: {title}">'
        f'<p class="mmp-name">{title}</p><p>Who is removed does not come back when the '
        "file is added again. The picture itself is not deleted. The tab Gallery lets "
        f'people come back.</p><div class="mmp-judge">{buttons}'
        '<button type="button" data-close autofocus>Cancel</button></div></dialog>'
    )


def rates_text(rates: PairRates, threshold: float) -> str:
    """What a threshold lets through, in two sentences of HTML."""
    pairs, share = len(rates.different), rates.false_accepts(threshold)
    if pairs < FEWEST:
        return note(
            "How sure a threshold is cannot be told yet: the gallery has only "
            f"{count(pairs, 'pair')} of people who were seen together, of {FEWEST} "
            "needed."
        )
    if share:
        text = f"{_per_mille(share)} of {pairs:,} pairs of different people reach it"
    else:
        text = (
            f"None of {pairs:,} pairs of different people reach it (so at most "
            f"{_per_mille(rates.most_false_accepts(threshold))}, with 95 % confidence)"
        )
    right = rates.true_accepts(threshold)
    if right is not None:
        text += f"; {100 * right:.0f} % of the pairs of views of one track do"
    return note(f"Threshold {threshold:.2f}: {text}.")


def _per_mille(share: float) -> str:
    return f"{100 * share:.2g} %"
