"""Lay out what the documentation site is built from; called by tools/build_docs.sh.

    python tools/docs/stage_site.py work_dirs/docs

Pages keep their places in the repository (README.md, docs/, configs/), so that links
between them hold on the site as they do in a checkout. Beside them go the pages that
are made here: notebooks with what they printed, the catalogue of models from the
metafiles, and a page of the reference for each package. The navigation is the sections
of docs/index.md. Needs only PyYAML.
"""

import argparse
import posixpath
import re
import shutil
from pathlib import Path

import yaml
from api_pages import api_pages
from catalogue_page import catalogue_page
from notebook_pages import links_to_pages, notebook_page

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("*.md", "docs/*.md", "configs/**/README.md", "demo/**/*.md")
_SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| \[(.+?)\]\((\S+?)\.(?:md|ipynb)\)", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)|src=\"([^\"#]+)\"")
Navigation = list[dict]


def navigation(index: str) -> Navigation:
    """Sections of docs/index.md: those with a table of pages, in its order.

    Args:
        index: text; in a table's first column stand links: ``[Train](train.md)``.

    Returns:
        For each section ``{section: [{title: path in the repository}, ...]}``.
    """
    sections = []
    for title, body in _SECTION.findall(index):
        pages = [
            {name: posixpath.normpath(f"docs/{path}.md")}
            for name, path in _ROW.findall(body)
        ]
        if pages:
            sections.append({title: pages})
    return sections


def linked_files(page: Path) -> set[Path]:
    """Files of the repository, other than pages, that a page shows or links to."""
    found = set()
    for link, source in _LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / (link or source)).resolve()
        if target.suffix in (".md", ".ipynb") or not target.is_relative_to(ROOT):
            continue
        if target.is_file():
            found.add(target)
    return found


def site_text(text: str) -> str:
    """A page's Markdown as the site's reader takes it: a plain language on fences."""
    plain = re.sub(r"^```python runnable$", "```python", text, flags=re.MULTILINE)
    return links_to_pages(plain)


def stage(target: Path) -> None:
    """Write ``target/pages`` and ``target/mkdocs.yml`` anew."""
    pages = target / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    sources = sorted(page for pattern in PAGES for page in ROOT.glob(pattern))
    for page in sources:
        path = pages / page.relative_to(ROOT)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(site_text(page.read_text(encoding="utf-8")), encoding="utf-8")
        for file in linked_files(page):
            copy = pages / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    for notebook in sorted(ROOT.glob("docs/notebooks/*.ipynb")):
        text, pictures = notebook_page(notebook)
        path = pages / notebook.relative_to(ROOT).with_suffix(".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for name, picture in pictures.items():
            (path.parent / name).write_bytes(picture)
    api = api_pages(ROOT)
    for name, text in {**catalogue_page(ROOT), **api}.items():
        path = pages / "reference" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings = {
        "INHERIT": str(ROOT / "tools/docs/mkdocs.yml"),
        "docs_dir": "pages",
        "site_dir": "site",
        "nav": whole_navigation(sources, list(api)),
    }
    (target / "mkdocs.yml").write_text(yaml.safe_dump(settings, sort_keys=False))


def whole_navigation(sources: list[Path], api: list[str]) -> Navigation:
    """The sections, then what no section lists: methods, catalogue and reference.

    Args:
        sources: pages of the repository.
        api: pages of ``api_pages``.
    """
    sections = navigation((ROOT / "docs/index.md").read_text(encoding="utf-8"))
    pages = [page for part in sections for found in part.values() for page in found]
    listed = {path for page in pages for path in page.values()}
    methods = [path.relative_to(ROOT).as_posix() for path in sources]
    methods = [
        path
        for path in methods
        if path.startswith(("configs/", "demo/")) and path not in listed
    ]
    return [
        {"Home": ["README.md", {"All pages": "docs/index.md"}]},
        *sections,
        {"Methods": [{"Model catalogue": "reference/models.md"}, *methods]},
        {"API": [f"reference/{name}" for name in api]},
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", type=Path, help="folder that is written")
    stage(parser.parse_args().target)
