import pytest

from mmpsearch.datasets import CustomReID
from mmpsearch.datasets.reid.custom import numbered
from mmpsearch.errors import DataLayoutError


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def labels(dataset):
    return list(
        zip(dataset.person_ids.tolist(), dataset.camera_ids.tolist(), strict=True)
    )


def test_folders(tmp_path):
    root = touch(
        tmp_path,
        *("train/anna/x_c2.jpg", "train/anna/y_c5.jpg", "train/bob/z_c2.jpg"),
        *("train/bob/notes.txt", "query/carl/q_c7.jpg"),
        *("gallery/carl/g_c2.jpg", "gallery/dora/h_c5.jpg"),
    )
    assert labels(CustomReID(root)) == [(0, -1), (0, -1), (1, -1)]
    pattern = dict(camera_pattern=r"_c(\d+)")
    assert labels(CustomReID(root, **pattern)) == [(0, 0), (0, 1), (1, 0)]
    test = CustomReID(root, "test", **pattern)
    assert labels(test) == [(0, 2), (0, 0), (1, 1)]
    assert test.metainfo["num_queries"] == 1
    with pytest.raises(DataLayoutError, match="camera_pattern 's"):
        CustomReID(root, camera_pattern=r"s(\d)").full_init()


def test_folders_of_people_alone_are_for_training(tmp_path):
    root = touch(tmp_path, "7/a.png", "11/b.png", "11/c.png")
    assert labels(CustomReID(root)) == [(1, -1), (1, -1), (0, -1)]
    with pytest.raises(FileNotFoundError, match="query is missing"):
        CustomReID(root, "test").full_init()


def test_table(tmp_path):
    touch(tmp_path, "a.jpg", "b.jpg", "c.jpg", "d.jpg")
    table = tmp_path / "t.csv"
    table.write_text(
        "path, person_id, camera_id, split\n"
        "a.jpg, 10, north, train\n"
        "b.jpg, -1, south, train\n"
        "c.jpg, 9, north, query\n"
        "d.jpg, 9, , gallery\n"
    )
    train = CustomReID(tmp_path, table="t.csv")
    assert labels(train) == [(0, 0), (-1, 1)] and train.num_identities == 1
    assert labels(CustomReID(tmp_path, "test", table="t.csv")) == [(0, 0), (0, -1)]

    table.write_text("path,person_id\na.jpg,x \nb.jpg,x\n")
    assert labels(CustomReID(tmp_path, table="t.csv")) == [(0, -1), (0, -1)]
    table.write_bytes("path,person_id\na.jpg,é\n".encode("latin-1"))
    with pytest.raises(DataLayoutError, match="t.csv is not a text file in UTF-8"):
        CustomReID(tmp_path, table="t.csv").full_init()
    table.write_text("path,person_id\na.jpg,x\nb.jpg,\n")
    assert labels(CustomReID(tmp_path, table="t.csv")) == [(0, -1), (-1, -1)]
    with pytest.raises(DataLayoutError, match="the query list of .* is empty"):
        CustomReID(tmp_path, "test", table="t.csv").full_init()
    table.write_text("file,person_id\na.jpg,x\n")
    with pytest.raises(DataLayoutError, match="the header lacks path"):
        CustomReID(tmp_path, table="t.csv").full_init()
    table.write_text("path,person_id,split\na.jpg,x,val\n")
    with pytest.raises(DataLayoutError, match="line 2: expected a path and a split"):
        CustomReID(tmp_path, table="t.csv").full_init()
    table.write_text("path,person_id\nz.jpg,x\n")
    with pytest.raises(FileNotFoundError, match="1 of 1 pictures of t.csv"):
        CustomReID(tmp_path, table="t.csv").full_init()


def test_numbers_sort_by_value_and_texts_by_letter():
    assert numbered(["10", "9", "-1", ""]) == {"9": 0, "10": 1, "": -1, "-1": -1}
    assert numbered(["b", "10", "9"]) == {"10": 0, "9": 1, "b": 2, "": -1, "-1": -1}
