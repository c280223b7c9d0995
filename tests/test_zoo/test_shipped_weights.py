"""Weights that come with the repository."""

import pytest

from mmpsearch.utils.checkpoint import load_checkpoint, says_drawn_people
from mmpsearch.zoo import DownloadError, find, resolve
from mmpsearch.zoo.download import fetch, local_file
from mmpsearch.zoo.entry import WeightFile


def test_spnet_tiny_is_there_and_says_what_it_is():
    found = resolve("spnet-tiny")
    assert found.task == "person-search" and found.drawn_people
    assert found.checkpoint.stat().st_size < 3e6
    checkpoint = load_checkpoint(found.checkpoint)
    assert says_drawn_people(checkpoint)
    assert {"config", "commit", "recipe", "mAP", "top1"} <= checkpoint["meta"].keys()
    assert find("spnet-tiny").config == found.config


def test_nothing_is_copied_and_a_damaged_file_is_refused(tmp_path, home):
    path = tmp_path / "w.pth"
    path.write_bytes(b"abc")
    file = WeightFile("", "w.pth", 3, "sha256:ba7816bf", path)
    assert fetch(file) == local_file(file) == path
    path.write_bytes(b"abd")
    with pytest.raises(DownloadError, match="wrong digest"):
        fetch(file)
    path.unlink()
    with pytest.raises(DownloadError, match="comes with mmpsearch, but is not there"):
        fetch(file)
    assert local_file(file) is None and not (home / "checkpoints").exists()
