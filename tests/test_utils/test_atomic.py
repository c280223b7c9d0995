import os

import pytest

from mmpsearch.utils.atomic import replace_when_done


def test_the_file_appears_only_when_it_is_complete(tmp_path):
    path = tmp_path / "new" / "a.txt"
    with replace_when_done(path) as temporary:
        temporary.write_text("first")
        assert not path.exists() and temporary.suffix == ".txt"
    assert path.read_text() == "first"
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_failure_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError):
        with replace_when_done(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_takes_no_files_is_named_with_the_file():
    with pytest.raises(FileNotFoundError) as caught, replace_when_done("/proc/x.onnx"):
        pass
    assert caught.value.filename == "/proc/x.onnx"
