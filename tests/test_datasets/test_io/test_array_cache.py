import os
import stat

import numpy as np
import pytest

from mmpsearch.datasets.io import array_cache
from mmpsearch.datasets.io.array_cache import CACHE_FOLDER, cached_arrays


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """A builder that counts its calls, a source file, and an own user cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    source = tmp_path / "data" / "source.mat"
    source.parent.mkdir()
    source.write_text("a")
    made = []

    def build():
        made.append(1)
        return dict(values=np.arange(3), names=np.array(["é", "b"]))

    def call(version="1"):
        arrays = cached_arrays(source.parent, "thing", [source], version, build)
        assert arrays["values"].tolist() == [0, 1, 2]
        assert arrays["names"].tolist() == ["é", "b"]
        return len(made)

    return call, source


def test_built_once_until_source_or_version_changes(calls):
    call, source = calls
    assert call() == 1 and call() == 1
    assert call("2") == 2 and call("2") == 2
    source.write_text("longer")
    assert call("2") == 3
    os.utime(source, ns=(1, 1))
    assert call("2") == 4
    folder = source.parent / CACHE_FOLDER
    assert [path.name for path in folder.iterdir()] == ["thing.npz"]


def test_damaged_cache_is_rebuilt(calls):
    call, source = calls
    call()
    path = source.parent / CACHE_FOLDER / "thing.npz"
    path.write_bytes(path.read_bytes()[:100])
    assert call() == 2 and call() == 2


def test_a_cache_that_needs_unpickling_is_not_read(calls):
    call, source = calls
    call()
    path = source.parent / CACHE_FOLDER / "thing.npz"
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays["names"] = np.array([{}], dtype=object)
    np.savez(path, **arrays)
    assert call() == 2


def test_read_only_data_goes_to_the_user_cache(calls, monkeypatch, tmp_path):
    call, source = calls
    write = array_cache._write

    def refuse(path, key, arrays):
        if CACHE_FOLDER in path.parts:
            raise PermissionError(path)
        write(path, key, arrays)

    monkeypatch.setattr(array_cache, "_write", refuse)
    assert call() == 1 and call() == 1
    assert len(list((tmp_path / "user").rglob("thing.npz"))) == 1


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_folder_without_write_permission(calls):
    call, source = calls
    source.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert call() == 1 and call() == 1


def test_nowhere_to_write_warns_and_works(calls, monkeypatch, capsys):
    call, _ = calls

    def refuse(path, key, arrays):
        raise PermissionError(path)

    monkeypatch.setattr(array_cache, "_write", refuse)
    assert call() == 1 and call() == 2
