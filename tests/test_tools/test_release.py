"""The release script: version, changelog and tag, and what it refuses."""

import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHANGELOG = (
    "# Changes\n\n## Unreleased\n\n- A fix.\n\n## 0.1.0 (2026-01-02)\n\n- All.\n"
)


@pytest.fixture
def tool():
    return runpy.run_path(str(ROOT / "tools/release.py"))


def test_the_version_is_read_and_written(tool):
    source = '"""One place."""\n\n__version__ = "0.1.0"\n'
    citation = "cff-version: 1.2.0\nversion: 0.1.0\ntitle: x\n"
    for text in (source, citation):
        changed = tool["with_version"](text, "0.2.0")
        assert changed == text.replace("0.1.0", "0.2.0")
        assert tool["current_version"](changed) == "0.2.0"


def test_what_is_unreleased_becomes_the_version_s_section(tool):
    text = tool["released_changelog"](CHANGELOG, "0.2.0", "2026-12-01")
    assert text == (
        "# Changes\n\n## Unreleased\n\n## 0.2.0 (2026-12-01)\n\n- A fix.\n\n"
        "## 0.1.0 (2026-01-02)\n\n- All.\n"
    )
    with pytest.raises(SystemExit, match="nothing under"):
        tool["released_changelog"](text, "0.3.0", "2026-12-02")


@pytest.mark.parametrize(
    "version, tags, message",
    [
        ("0.0.9", [], "older than 0.1.0"),
        ("next", [], "no version"),
        ("0.1.0", ["v0.1.0"], "there already"),
        ("0.1.0", ["v0.0.1"], None),
        ("0.10.0", ["v0.1.0"], None),
    ],
)
def test_versions_go_up_and_are_tagged_once(tool, version, tags, message):
    if message is None:
        tool["check_version"](version, "0.1.0", tags)
        return
    with pytest.raises(SystemExit, match=message):
        tool["check_version"](version, "0.1.0", tags)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A repository with the three files, whose archives need no building."""
    for file in ("mmpsearch/version.py", "CITATION.cff", "tools/release.py"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    for name, value in {
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    for command in ("init -q", "add .", "commit -q -m all"):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    tool = runpy.run_path(str(tmp_path / "tools/release.py"))
    return tmp_path, tool


def _git(folder, *command):
    done = subprocess.run(
        ["git", *command], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_a_release_is_one_commit_with_a_tag(project):
    folder, tool = project
    built = []
    tool["release"].__globals__["build_and_check"] = built.append
    tool["release"]("0.2.0", "2026-12-01")
    assert built == ["0.2.0"]
    assert _git(folder, "tag", "--points-at", "HEAD") == "v0.2.0"
    assert _git(folder, "status", "--porcelain") == ""
    changed = _git(folder, "show", "--name-only", "--format=%s").split("\n")
    assert changed[0] == "Release 0.2.0"
    assert set(changed[2:]) == {"CHANGELOG.md", "CITATION.cff", "mmpsearch/version.py"}
    assert "0.2.0 (2026-12-01)" in (folder / "CHANGELOG.md").read_text()


def test_a_build_that_fails_leaves_everything_as_it_was(project):
    folder, tool = project

    def fail(version):
        raise SystemExit("no")

    tool["release"].__globals__["build_and_check"] = fail
    with pytest.raises(SystemExit, match="no"):
        tool["release"]("0.2.0", "2026-12-01")
    assert _git(folder, "status", "--porcelain") == ""
    assert _git(folder, "tag") == ""


def test_uncommitted_changes_are_refused(project):
    folder, tool = project
    (folder / "CHANGELOG.md").write_text("mine")
    with pytest.raises(SystemExit, match="has changes"):
        tool["release"]("0.2.0", "2026-12-01")
    assert (folder / "CHANGELOG.md").read_text() == "mine"
