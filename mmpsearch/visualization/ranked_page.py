"""Ranked lists as one HTML page that needs nothing beside itself."""

from __future__ import annotations

import base64
import html
import io
import os
from collections.abc import Sequence
from string import Template

from PIL import Image

from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.visualization.ranked_list import RankedList, Sighting
from mmpsearch.visualization.timeline import STYLE, timeline_html

JPEG_QUALITY = 82

PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: light dark; --ink: #1c1e21; --paper: #fff; --card: #f0f1f3;
  --faint: #62676e; --right: #18944a; --wrong: #cd2d2d; --open: #3a6ec8;
  --query: #ffb000; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e9eb; --paper: #15171a;
  --card: #24272b; --faint: #a2a7ae; --right: #3fbf73; --wrong: #f06a6a;
  --open: #7ea6ee; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 1400px; color: var(--ink);
  background: var(--paper); font: 16px/1.4 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 1.2rem 0 .6rem; }
section { margin-bottom: 2.5rem; }
.query, .match { background: var(--card); border-radius: 8px; padding: .7rem; }
.query { border-left: 6px solid var(--query); }
.pictures { display: flex; gap: .5rem; align-items: center; }
.pictures img { min-width: 0; height: auto; border-radius: 4px; }
.crop { flex: 0 1 auto; max-width: 30%; }
.scene { flex: 0 1 auto; max-width: 70%; }
.pictures img:only-child { max-width: 100%; margin: 0 auto; }
.query .pictures img:only-child { margin: 0; }
ol { list-style: none; margin: 0; padding: 0; display: grid; gap: .7rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); }
ol.crops { grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); }
.match { border: 3px solid var(--open); }
.match.right { border-color: var(--right); }
.match.wrong { border-color: var(--wrong); }
.refused .match { border: 3px dashed var(--faint); }
.words { margin: .5rem 0 0; overflow-wrap: anywhere; }
.rank { font-weight: 700; font-size: 1.15rem; margin-right: .6rem; }
.similarity { font-variant-numeric: tabular-nums; font-weight: 600; }
.detail { color: var(--faint); }
.words a { color: inherit; }
.verdict { font-weight: 700; margin: .6rem 0 0; }
.nobody .verdict { color: var(--wrong); }
$style</style>
</head>
<body>
<h1>$title</h1>
$sections
</body>
</html>
""")

SECTION = Template("""<section class="$state">
<div class="query">
$queries<p class="verdict">$verdict</p>
</div>
$timeline
$matches
</section>
""")

QUERY = Template("""<div class="pictures">$crop$scene</div>
<p class="words"><strong>Query</strong> $name <span class="detail">$detail</span></p>
""")

MATCH = Template("""<li class="match $state">
<div class="pictures">$crop$scene</div>
<p class="words"><span class="rank">$rank</span><span class="similarity">$similarity\
</span>$judgement<br>$name <span class="detail">$detail</span></p>
</li>
""")

JUDGEMENTS = {
    None: ("", ""),
    True: ("right", " · same person"),
    False: ("wrong", " · another person"),
}


def ranked_page(ranked: Sequence[RankedList], title: str = "Person search") -> str:
    """One page with every query and its matches.

    Pictures lie in the page as JPEG data; there is no script, and no link but those
    to the pictures' own files. All words are escaped. It fits a phone's width.

    Args:
        ranked: The queries, in order.
        title: Of the page, plain text.

    Returns:
        The page's HTML, UTF-8.
    """
    sections = "\n".join(_section(one) for one in ranked)
    return PAGE.substitute(title=_escape(title), sections=sections, style=STYLE)


def save_ranked_page(
    path: str | os.PathLike, ranked: Sequence[RankedList], title: str = "Person search"
) -> None:
    """Write the page in one step."""
    with replace_when_done(path) as temporary:
        temporary.write_text(ranked_page(ranked, title), encoding="utf-8")


def _section(ranked: RankedList) -> str:
    matches = "".join(
        _match(rank, sighting) for rank, sighting in enumerate(ranked.sightings, 1)
    )
    if matches:
        title = "Ranked matches" if ranked.found else "Most similar, but turned down"
        state = "" if ranked.found else "refused"
        state = state if ranked.has_scenes else f"crops {state}".rstrip()
        matches = f'<h2>{title}</h2>\n<ol class="{state}">\n{matches}</ol>'
    return SECTION.substitute(
        state="" if ranked.found else "nobody",
        queries="".join(map(_query, (ranked.query, *ranked.further))),
        verdict=_escape(ranked.verdict),
        timeline=timeline_html(ranked.timeline, _image),
        matches=matches,
    )


def _query(sighting: Sighting) -> str:
    return QUERY.substitute(
        crop=_image(sighting.crop, "crop", "query person"),
        scene=_image(sighting.scene, "scene", "query scene"),
        name=_name(sighting),
        detail=_escape(sighting.detail),
    )


def _match(rank: int, sighting: Sighting) -> str:
    state, judgement = JUDGEMENTS[sighting.correct]
    similarity = sighting.similarity
    return MATCH.substitute(
        state=state,
        judgement=judgement,
        crop=_image(sighting.crop, "crop", f"person of rank {rank}"),
        scene=_image(sighting.scene, "scene", f"scene of rank {rank}"),
        rank=rank,
        similarity="" if similarity is None else f"{similarity:.3f}",
        name=_name(sighting),
        detail=_escape(sighting.detail),
    )


def _image(picture: Image.Image | None, kind: str, words: str) -> str:
    if picture is None:
        return ""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return (
        f'<img class="{kind}" alt="{_escape(words)}" width="{picture.width}" '
        f'height="{picture.height}" src="data:image/jpeg;base64,{data}">'
    )


def _name(sighting: Sighting) -> str:
    title = _escape(sighting.title)
    if not sighting.link.startswith("file:"):
        return title
    return f'<a href="{_escape(sighting.link)}">{title}</a>'


def _escape(text: str) -> str:
    """For HTML; names that are not valid Unicode keep their readable part."""
    readable = text.encode("utf-8", "replace").decode("utf-8")
    return html.escape(readable, quote=True)
