import pytest


@pytest.fixture(autouse=True)
def own_user_cache(tmp_path, monkeypatch):
    """Keep the tests' caches out of the user's home."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user_cache"))
