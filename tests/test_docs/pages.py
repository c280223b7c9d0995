"""The documentation as text: pages, links, paths, code."""

import re
import unicodedata
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "configs/**/*.md", "demo/*.md")
    for page in ROOT.glob(pattern)
)
_FENCE = re.compile(r"^```(.*?)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def code_blocks(text: str, kind: str) -> list[str]:
    """Contents of the fences that open with ```` ```kind ````."""
    return [body for info, body in _FENCE.findall(text) if info.strip() == kind]


def relative_links(text: str) -> list[str]:
    """Targets of Markdown links and HTML images that lie in the repository."""
    prose = _FENCE.sub("", text)
    found = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'src="([^"]+)"', prose)
    return [
        link for link in found if "://" not in link and not link.startswith("mailto:")
    ]


def anchors(text: str) -> set[str]:
    """Anchors of the headings, as GitHub makes them."""
    found = set()
    for title in re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE):
        title = unicodedata.normalize("NFC", title.strip().lower().replace("`", ""))
        found.add(re.sub(r"[^\w\- ]", "", title).replace(" ", "-"))
    return found


def repository_paths(text: str) -> set[str]:
    """Paths below tools, configs, demo, tests, docs and so on that the text names.

    Placeholders (``<name>``, ``…``, ``*``) and folders of other projects are left out.
    """
    pattern = (
        r"(?<![\w/.<>-])((?:tools|configs|demo|docs|tests|requirements|mmpsearch)/"
        r"[\w./<>*-]+)"
    )
    paths = {path.rstrip(".,:") for path in re.findall(pattern, text)}
    return {path for path in paths if not set(path) & set("<>*")}


def config_names(text: str) -> set[str]:
    """Names of config files, given without their folder."""
    methods = (
        "spnet|dkd|moco|up-reid|bot|agw|sbs|pcb|mgn|bdb|vit|personvit|spcl|mmgl|"
        "one-stream"
    )
    return set(re.findall(rf"(?<![\w/])`((?:{methods})[\w-]*\.py)`", text))


def config_options(text: str) -> set[str]:
    """Options of ``--cfg-options`` that the text names, as ``key=value``.

    Those with a placeholder (``...``) for their value are left out.
    """
    keys = "model|train_dataloader|val_dataloader|test_dataloader|test_evaluator"
    pattern = rf"(?<![\w.])((?:{keys}|optim_wrapper|train_cfg|randomness|train_pathway)"
    pattern += r'\.[\w.]+=(?:"[^"]+"|[\w./-]+))'
    options = {match.replace('"', "") for match in re.findall(pattern, text)}
    return {option for option in options if not option.endswith("...")}
