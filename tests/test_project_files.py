"""What a repository's visitors read agrees with the package."""

import re
from pathlib import Path

import pytest
import yaml

from mmpsearch.version import __version__

ROOT = Path(__file__).parents[1]
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[!c]*.yml"))


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == __version__
    assert {"cff-version", "message", "title", "authors"} <= set(citation)


def test_the_changelog_has_this_version_and_room_for_the_next():
    text = (ROOT / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert __version__ in text


def test_pre_commit_checks_with_the_tested_ruff():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    (ruff,) = (repo["rev"] for repo in hooks if "ruff" in repo["repo"])
    constraints = (ROOT / "requirements/constraints.txt").read_text().splitlines()
    assert f"ruff=={ruff.removeprefix('v')}" in constraints


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_an_issue_form_is_complete(file):
    form = yaml.safe_load(file.read_text())
    assert form["name"] and form["description"]
    questions = [part for part in form["body"] if part["type"] != "markdown"]
    assert len({part["id"] for part in questions}) == len(questions)
    assert all(part["attributes"]["label"] for part in questions)


def test_whoever_reports_a_fault_is_asked_for_the_environment():
    asked = [form.stem for form in FORMS if "mmpsearch env" in form.read_text()]
    assert asked == ["bug", "number"]
