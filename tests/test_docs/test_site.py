"""The documentation site: every page is reached, every model is in the catalogue."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .pages import ROOT, relative_links


@pytest.fixture(scope="module")
def tools():
    """The builder's modules, which find each other beside themselves."""
    folder = str(ROOT / "tools/docs")
    sys.path.insert(0, folder)
    try:
        names = ("api_pages", "catalogue_page", "stage_site")
        return {name: importlib.import_module(name) for name in names}
    finally:
        sys.path.remove(folder)


@pytest.fixture(scope="module")
def site(tools, tmp_path_factory):
    target = tmp_path_factory.mktemp("site")
    tools["stage_site"].stage(target)
    return target


def paths_of(navigation) -> list[str]:
    if isinstance(navigation, str):
        return [navigation]
    parts = navigation.values() if isinstance(navigation, dict) else navigation
    return [path for part in parts for path in paths_of(part)]


def test_navigation_is_the_sections_of_the_index(tools):
    text = (
        "# All\n| I want to | |\n|---|---|\n| search | [here](search.md) |\n"
        "## Train\n| page | for |\n|---|---|\n| [Own](own.md) | [no](not.md) |\n"
        "## Words\n- [a](b.md)\n"
        "## Reference\n| page | for |\n|---|---|\n| [Safe](../SECURITY.md) | code |\n"
    )
    assert tools["stage_site"].navigation(text) == [
        {"Train": [{"Own": "docs/own.md"}]},
        {"Reference": [{"Safe": "SECURITY.md"}]},
    ]


def test_every_page_is_in_the_navigation_once(site):
    settings = yaml.safe_load((site / "mkdocs.yml").read_text())
    listed = paths_of(settings["nav"])
    staged = (site / "pages").rglob("*.md")
    assert sorted(listed) == sorted(
        page.relative_to(site / "pages").as_posix() for page in staged
    )


def test_a_reader_finds_pages_by_what_they_want():
    """Listed in docs/index.md, in a section that is named after a purpose."""
    text = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    wanted = "Search pictures, Train, Evaluate, Pre-train, Extend, Reference"
    assert [name for name in sections if name in wanted] == wanted.split(", ")
    linked = {link.partition("#")[0] for link in relative_links(text)}
    pages = {page.name for page in (ROOT / "docs").glob("*.md")}
    assert pages - linked == {"index.md"}


def test_links_hold_among_the_staged_pages(site):
    for page in (site / "pages").rglob("*.md"):
        for link in relative_links(page.read_text(encoding="utf-8")):
            path = link.partition("#")[0]
            assert not path or (page.parent / path).exists(), (page, link)


def test_the_catalogue_has_every_model_with_its_numbers(site):
    text = (site / "pages/reference/models.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    listed = [
        model
        for metafile in (ROOT / "configs").rglob("metafile.yml")
        for model in yaml.safe_load(metafile.read_text(encoding="utf-8"))["Models"]
    ]
    assert sorted(found) == sorted(model["Name"] for model in listed)
    for model in listed:
        (row,) = (x for x in text.splitlines() if x.startswith(f"| `{model['Name']}`"))
        for result in model.get("Results") or ():
            for name, value in result["Metrics"].items():
                assert f"{name} {value}" in row
        downloads = bool(model.get("Weights") or model.get("Files"))
        assert downloads == ("by name; " in row)


def test_the_reference_names_public_modules_only(tools):
    pages = tools["api_pages"].api_pages(ROOT)
    modules = re.findall(r"^::: (\S+)$", "".join(pages.values()), re.MULTILINE)
    assert {"mmpsearch.errors", "mmpsearch.gallery.appearances"} <= set(modules)
    for module in modules:
        assert (ROOT / Path(*module.split("."))).with_suffix(".py").is_file()
        assert not re.search(r"\._|\.cli\.|\.converters\.", module)


@pytest.mark.slow
def test_the_site_builds_without_a_warning(site):
    for package in ("mkdocs", "material", "mkdocstrings"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is missing: pip install -e '.[docs]'")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"],
        cwd=site,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
        check=True,
    )
    page = (site / "site/index.html").read_text(encoding="utf-8")
    loaded = re.findall(r'<(?:script|img|link rel="stylesheet")[^>]*https?://', page)
    assert not loaded  # a page shows itself without the internet
