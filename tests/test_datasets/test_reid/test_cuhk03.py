import builtins
import shutil

import cv2
import numpy as np
import pytest

from mmpsearch.datasets import CUHK03
from mmpsearch.datasets.reid.cuhk03_mat import picture_name, read_test_sets
from mmpsearch.errors import DataLayoutError, MatFileError

h5py = pytest.importorskip("h5py")


def names(dataset):
    infos = map(dataset.get_data_info, range(len(dataset)))
    return [info["img_path"].rsplit("/", 1)[1] for info in infos]


@pytest.mark.parametrize("boxes", ["labeled", "detected"])
def test_new_protocol(rendered, boxes):
    root = rendered("cuhk03")
    train, test = (CUHK03(root, part, boxes=boxes) for part in ("train", "test"))
    assert (len(train), train.num_identities) == (20, 4)
    assert (len(test), test.num_identities) == (15, 3)
    assert test.metainfo["num_queries"] == 6
    assert f"images_{boxes}" in train.get_data_info(0)["img_path"]
    views = [int(name.split("_")[2]) - 1 for name in names(test)]
    assert test.camera_ids.tolist() == views
    assert not set(names(train)) & set(names(test))


def test_classic_protocol(rendered):
    root = rendered("cuhk03")
    sets = read_test_sets(root / "cuhk03_release" / "cuhk-03.mat")
    assert sets.shape == (20, 2, 2)
    for split in (0, 19):
        options = dict(protocol="classic", split_index=split)
        train, test = (CUHK03(root, part, **options) for part in ("train", "test"))
        assert (train.num_identities, test.num_identities) == (5, 2)
        half = len(test) // 2
        assert names(test)[:half] == names(test)[half:]
        people = {tuple(map(int, name.split("_")[:2])) for name in names(test)}
        assert people == set(map(tuple, sets[split].tolist()))
        assert len(train) + half == 35


@pytest.mark.parametrize("boxes", ["labeled", "detected"])
def test_pictures_come_out_of_the_mat_file_once(copied, boxes):
    root = copied("cuhk03")
    folder = root / f"images_{boxes}"
    before = {p.name: cv2.imread(str(p)) for p in folder.iterdir()}
    shutil.rmtree(folder)
    assert len(CUHK03(root, boxes=boxes)) == 20
    after = {p.name: cv2.imread(str(p)) for p in folder.iterdir()}
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[name], after[name]) for name in before)
    shutil.rmtree(root / "cuhk03_release")
    assert len(CUHK03(root, boxes=boxes)) == 20
    assert not list(root.glob(".images*"))


def test_names():
    assert picture_name(1, 1, 1) == "1_001_1_01.png"
    assert picture_name(5, 49, 10) == "5_049_2_10.png"
    assert picture_name(2, 440, 6) == "2_440_2_06.png"


def test_what_is_wrong_is_named(copied, monkeypatch):
    root = copied("cuhk03")
    with pytest.raises(ValueError, match="boxes 'drawn'"):
        CUHK03(root, boxes="drawn")
    with pytest.raises(ValueError, match="protocol 'old'"):
        CUHK03(root, protocol="old")
    with pytest.raises(ValueError, match="split_index 20"):
        CUHK03(root, protocol="classic", split_index=20)
    picture = next((root / "images_labeled").iterdir())
    content = picture.read_bytes()
    picture.unlink()
    with pytest.raises(FileNotFoundError, match=picture.name):
        [CUHK03(root, part).full_init() for part in ("train", "test")]
    picture.write_bytes(content)
    release = root / "cuhk03_release" / "cuhk-03.mat"
    with h5py.File(release, "a") as file:
        del file["testsets"]
    with pytest.raises(DataLayoutError, match="no variable 'testsets'"):
        CUHK03(root, protocol="classic").full_init()
    release.write_bytes(b"nothing")
    with pytest.raises(MatFileError, match="damaged or not a MATLAB 7.3 file"):
        CUHK03(root, protocol="classic").full_init()

    real = builtins.__import__

    def without_h5py(name, *args, **kwargs):
        if name == "h5py":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_h5py)
    with pytest.raises(ImportError, match="pip install h5py"):
        CUHK03(root, protocol="classic").full_init()
    release.unlink()
    with pytest.raises(FileNotFoundError, match=r"cuhk03_release"):
        CUHK03(root, protocol="classic").full_init()
