"""Make a release: version, changelog, archives, commit and tag.

    python tools/release.py 0.2.0           # all of it; then: git push --follow-tags
    python tools/release.py --check 0.2.0   # build and check only, changing nothing

The version goes into ``mmpsearch/version.py`` and ``CITATION.cff``; what CHANGELOG.md
has under *Unreleased* becomes the version's section. The source archive and the wheel
in ``dist/`` are checked by twine. Pushing the tag publishes them
(.github/workflows/release.yml). Nothing is written unless the folder is clean.
"""

import argparse
import datetime
import re
import subprocess
import sys
from pathlib import Path

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parents[1]
VERSION = Path("mmpsearch/version.py")
CITATION = Path("CITATION.cff")
CHANGELOG = Path("CHANGELOG.md")
_VERSION_LINE = re.compile(r'^(__version__ = |version: )"?([\w.+!-]+)"?$', re.MULTILINE)
_UNRELEASED = re.compile(r"^## Unreleased\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def current_version(text: str) -> str:
    """The version that ``version.py`` or ``CITATION.cff`` states."""
    (found,) = _VERSION_LINE.findall(text)
    return found[1]


def with_version(text: str, version: str) -> str:
    """The text of ``version.py`` or ``CITATION.cff`` with another version."""
    quote = '"' if "__version__" in text else ""
    return _VERSION_LINE.sub(rf"\g<1>{quote}{version}{quote}", text)


def released_changelog(text: str, version: str, day: str) -> str:
    """The changelog, its unreleased part as the section of a version.

    Args:
        text: CHANGELOG.md.
        version: such as ``0.2.0``.
        day: such as ``2026-12-01``.

    Raises:
        SystemExit: there is no unreleased part, or nothing in it.
    """
    unreleased = _UNRELEASED.search(text)
    if unreleased is None or not unreleased[1].strip():
        sys.exit(f"error: {CHANGELOG}: has nothing under '## Unreleased'")
    section = f"## Unreleased\n\n## {version} ({day})\n{unreleased[1]}"
    return text[: unreleased.start()] + section + text[unreleased.end() :]


def check_version(version: str, current: str, tags: list[str]) -> None:
    """Refuse what is no version, is older than the current one, or has a tag.

    The current version itself may be released as long as it has no tag.

    Raises:
        SystemExit: with the reason.
    """
    try:
        older = Version(version) < Version(current)
    except InvalidVersion:
        sys.exit(f"error: {version!r}: is no version such as 0.2.0")
    if older:
        sys.exit(f"error: {version}: is older than {current}")
    if f"v{version}" in tags:
        sys.exit(f"error: {version}: the tag v{version} is there already")


def build_and_check(version: str) -> None:
    """Build both archives into ``dist/`` and let twine read them.

    Raises:
        SystemExit: a program failed, or an archive has another version.
    """
    for old in (ROOT / "dist").glob("*"):
        old.unlink()
    _run(sys.executable, "-m", "build", "--no-isolation")
    archives = sorted((ROOT / "dist").iterdir())
    if [f"-{version}" in file.name for file in archives] != [True, True]:
        sys.exit(f"error: dist/: not two archives of {version}: {archives}")
    _run(sys.executable, "-m", "twine", "check", "--strict", *map(str, archives))


def release(version: str, day: str) -> None:
    """Write the version, build, commit and tag; a failed build changes no file."""
    if _output("git", "status", "--porcelain"):
        sys.exit("error: the folder has changes; commit them or set them aside first")
    before = {
        file: (ROOT / file).read_text() for file in (VERSION, CITATION, CHANGELOG)
    }
    tags = _output("git", "tag").split()
    check_version(version, current_version(before[VERSION]), tags)
    after = {file: with_version(before[file], version) for file in (VERSION, CITATION)}
    after[CHANGELOG] = released_changelog(before[CHANGELOG], version, day)
    try:
        _write(after)
        build_and_check(version)
    except BaseException:
        _write(before)
        raise
    _run(
        "git", "commit", "--quiet", "--message", f"Release {version}", *map(str, after)
    )
    _run("git", "tag", "--annotate", f"v{version}", "--message", f"mmpsearch {version}")
    print(f"v{version} is tagged; publish it: git push --follow-tags")


def _write(texts: dict[Path, str]) -> None:
    for file, text in texts.items():
        (ROOT / file).write_text(text)


def _run(*command: str) -> None:
    if subprocess.run(command, cwd=ROOT).returncode:
        sys.exit(f"error: {' '.join(command)} failed")


def _output(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("version", help="such as 0.2.0")
    parser.add_argument(
        "--check", action="store_true", help="only build and check this version"
    )
    arguments = parser.parse_args()
    if arguments.check:
        stated = current_version((ROOT / VERSION).read_text())
        if stated != arguments.version:
            sys.exit(f"error: {VERSION}: has {stated}, not {arguments.version}")
        build_and_check(arguments.version)
    else:
        release(arguments.version, datetime.date.today().isoformat())


if __name__ == "__main__":
    main()
