"""Continuous integration runs what the repository has, on the versions it promises."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = {
    file.stem: yaml.load(file.read_text(), yaml.BaseLoader)
    for file in sorted((ROOT / ".github/workflows").glob("*.yml"))
}
STEPS = [
    (name, step)
    for name, workflow in WORKFLOWS.items()
    for job in workflow["jobs"].values()
    for step in job["steps"]
]


def test_what_is_expected_is_there():
    assert set(WORKFLOWS) == {"docs", "nightly", "release", "tests"}
    assert {"push", "pull_request"} <= set(WORKFLOWS["tests"]["on"])
    assert WORKFLOWS["release"]["on"] == {"push": {"tags": ["v*"]}}


def test_every_supported_python_is_tested_and_both_ends_of_the_versions():
    matrix = WORKFLOWS["tests"]["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.10", "3.11", "3.12", "3.13"]
    assert 'python_requires=">=3.10"' in (ROOT / "setup.py").read_text()
    ends = {row["versions"]: row["constraints"] for row in matrix["include"]}
    assert ends == {"oldest": "requirements/oldest.txt", "newest": "/dev/null"}
    for file in (*matrix["constraints"], ends["oldest"]):
        assert (ROOT / file).is_file()


def test_the_oldest_versions_are_the_lower_bounds_of_the_package():
    def pairs(file, sign):
        lines = (ROOT / "requirements" / file).read_text().splitlines()
        return dict(line.split(sign) for line in lines if sign in line)

    oldest, bounds = pairs("oldest.txt", "=="), pairs("runtime.txt", ">=")
    assert set(bounds) <= set(oldest)
    for package, bound in bounds.items():
        parts = bound.split(".")
        assert oldest[package].split(".")[: len(parts)] == parts, package


@pytest.mark.parametrize("name, step", STEPS)
def test_steps_name_files_that_are_there(name, step):
    for path in re.findall(r"(?:tools|requirements)/[\w./]+", step.get("run", "")):
        assert (ROOT / path).exists(), f"{name}: {path}"
    if "uses" in step:  # of a published version, not of a moving branch
        assert re.search(r"@(v\d+|release/v\d+)$", step["uses"])


def test_only_the_publishing_jobs_may_write():
    for name, workflow in WORKFLOWS.items():
        assert workflow["permissions"] == {"contents": "read"}, name
        writers = [
            job
            for job, content in workflow["jobs"].items()
            if "write" in content.get("permissions", {}).values()
        ]
        assert writers == (["publish"] if name in ("docs", "release") else [])
        assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_the_image_copies_what_the_package_is_built_from():
    """Whatever Docker may send is what the Dockerfile copies, and nothing else."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    sent = {line[1:] for line in lines if line.startswith("!")}
    text = (ROOT / "Dockerfile").read_text()
    copied = {
        word.rstrip("/")
        for line in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE)
        for word in line.split()
    }
    assert copied == sent
    assert all((ROOT / path).exists() for path in sent)
    assert text.count("USER 1000") == text.count("ENTRYPOINT") == 2
