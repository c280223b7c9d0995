import pickle
from pathlib import Path

import numpy as np
import pytest

from mmpsearch.datasets import LUPerson
from mmpsearch.datasets.reid.forgetting import write_ranked_list
from mmpsearch.datasets.reid.luperson import read_image_list
from mmpsearch.errors import DataLayoutError, UnreadableImageError


def paths(dataset):
    return [dataset.get_data_info(i)["img_path"] for i in range(len(dataset))]


def test_tree_and_lists_give_the_same(copied):
    root = copied("luperson")
    tree = LUPerson(root)
    assert len(tree) == 20 and (tree.person_ids == -1).all()
    assert tree.num_identities == 0 and tree.metainfo["num_cameras"] == 0
    listed = LUPerson(root, image_list="list.txt")
    assert paths(listed) == paths(tree)
    names = (root / "list.txt").read_text().split()
    (root / "CFS_list.pkl").write_bytes(pickle.dumps(names[:3]))
    assert paths(LUPerson(root, image_list="CFS_list.pkl")) == paths(tree)[:3]
    keys = LUPerson(root, image_list="CFS_list.pkl", as_keys=True)
    assert paths(keys) == names[:3]
    loaded = LUPerson(root, pipeline=[dict(type="mmpsearch.LoadImage")])[0]
    assert loaded["img"].shape == (32, 16, 3)


@pytest.mark.parametrize(
    "content, message",
    [
        (Path("x"), "it holds pathlib"),
        (np.array(["a"]), "no list but NumpyValue"),
        ({"a": 1}, "a dict without 'keys', the list of names; it has a"),
        ({"keys": 1}, "no list but int"),
        ([1, 2], "not one of texts"),
    ],
)
def test_other_pickles_are_refused(tmp_path, content, message):
    (tmp_path / "list.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(DataLayoutError, match=message):
        LUPerson(tmp_path, image_list="list.pkl").full_init()


def test_what_public_tools_write(copied):
    root = copied("luperson")
    names = (root / "list.txt").read_text().split()
    contents = [
        {"keys": names, "vids": np.arange(len(names))},  # of LUPerson's MoCo
        {"keys": tuple(name.encode() for name in names)},
        names,
    ]
    for protocol in (2, 4):
        for content in contents:
            (root / "keys.pkl").write_bytes(pickle.dumps(content, protocol))
            keys = LUPerson(root, image_list="keys.pkl", as_keys=True)
            assert paths(keys) == names


def test_names_relative_to_the_folder_images(copied, tmp_path):
    root = copied("luperson")
    names = (root / "list.txt").read_text().split()
    (tmp_path / "LUP").mkdir()
    root.rename(tmp_path / "LUP/images")  # as TransReID-SSL has it
    (tmp_path / "LUP/CFS_list.pkl").write_bytes(pickle.dumps(names))
    listed = LUPerson(tmp_path / "LUP", image_list="CFS_list.pkl")
    assert paths(listed) == [str(tmp_path / "LUP/images" / name) for name in names]
    assert all(Path(path).is_file() for path in paths(listed))
    (tmp_path / "LUP/CFS_list.pkl").write_bytes(pickle.dumps(["nowhere.jpg"]))
    with pytest.raises(FileNotFoundError, match=r"LUP/nowhere\.jpg"):
        LUPerson(tmp_path / "LUP", image_list="CFS_list.pkl").full_init()


def test_empty_and_impossible(tmp_path):
    with pytest.raises(DataLayoutError, match="the train list .* is empty"):
        LUPerson(tmp_path).full_init()
    with pytest.raises(ValueError, match="as_keys needs image_list"):
        LUPerson(tmp_path, as_keys=True)
    with pytest.raises(ValueError, match="split 'test'"):
        LUPerson(tmp_path, "test")


def test_lmdb(copied):
    lmdb = pytest.importorskip("lmdb")
    root = copied("luperson")
    keys = (root / "list.txt").read_text().split()
    with lmdb.open(str(root / "db"), map_size=10**7) as database:
        with database.begin(write=True) as transaction:
            for key in keys:
                transaction.put(key.encode(), (root / key).read_bytes())
    backend = dict(backend="lmdb", db_path=str(root / "db"))
    load = dict(type="mmpsearch.LoadImage", backend_args=backend)
    files = LUPerson(root, pipeline=[dict(type="mmpsearch.LoadImage")])
    stored = LUPerson(root, image_list="list.txt", as_keys=True, pipeline=[load])
    assert stored[3]["img_path"] == keys[3]
    (root / "list.txt").write_text("no/such.jpg\n")
    lost = LUPerson(root, image_list="list.txt", as_keys=True, pipeline=[load])
    with pytest.raises(UnreadableImageError, match="no/such.jpg is not a key of .*db"):
        lost[0]
    assert np.array_equal(stored[3]["img"], files[3]["img"])


def test_fractions(copied):
    root = copied("luperson")
    everything = paths(LUPerson(root))
    half = paths(LUPerson(root, fraction=0.5))
    assert len(half) == 10 and half == sorted(half)  # in the order of the list
    assert set(paths(LUPerson(root, fraction=0.25))) < set(half) < set(everything)
    assert half == paths(LUPerson(root, fraction=0.5))
    assert half != paths(LUPerson(root, fraction=0.5, seed=1))
    best_first = [f"{path},{score}" for score, path in enumerate(everything[::-1])]
    (root / "scores.txt").write_text("\n".join(best_first) + "\n")
    listed = dict(image_list="scores.txt", choice="first")
    assert paths(LUPerson(root, fraction=0.2, **listed)) == everything[::-1][:4]
    assert LUPerson(root, fraction=0.5).published("train").images == 2_090_122


def test_impossible_fractions(tmp_path):
    for fraction in (0, 1.5):
        with pytest.raises(ValueError, match=r"fraction must be in \(0, 1\]"):
            LUPerson(tmp_path, fraction=fraction)
    with pytest.raises(ValueError, match="needs image_list"):
        LUPerson(tmp_path, choice="first")
    with pytest.raises(ValueError, match="'random' or 'first'"):
        LUPerson(tmp_path, choice="best", image_list="x.txt")


def test_a_ranked_list_of_any_names_is_read_back(tmp_path):
    names = ["my photos/a b.jpg", "c,d.jpg", "é.jpg", "1.5.jpg"]
    write_ranked_list(tmp_path / "list.txt", names, np.array([4, 3, 2.5, -1e-3]))
    assert read_image_list(tmp_path / "list.txt") == names
    (tmp_path / "list.txt").write_text("a.jpg 3\n\nb.jpg\n")
    assert read_image_list(tmp_path / "list.txt") == ["a.jpg", "b.jpg"]
    with pytest.raises(FileNotFoundError, match=r"2 of 2 pictures of list.txt .*a.jpg"):
        LUPerson(tmp_path, image_list="list.txt").full_init()
