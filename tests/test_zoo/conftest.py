"""A publisher on loopback, and a home of its own for every test."""

import pytest

from mmpsearch.zoo import http

from ..loopback import serve


@pytest.fixture
def publisher():
    with serve() as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """The folder of downloads; no mirror, no further catalogue, no waiting."""
    monkeypatch.setenv("MMPSEARCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MMPSEARCH_MIRROR", raising=False)
    monkeypatch.delenv("MMPSEARCH_CATALOGUE", raising=False)
    monkeypatch.setattr(http, "PAUSE", 0.0)
    return tmp_path / "home"
