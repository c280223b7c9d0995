import pytest

from mmpsearch.datasets import CustomReID, Market1501
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


@pytest.mark.parametrize(
    "gallery, reason",
    [
        ("gallery/carl/g_c7.jpg", "every match was seen by the query's own camera"),
        ("gallery/dora/g_c2.jpg", "the two lists share no person"),
    ],
)
def test_a_test_set_that_cannot_be_answered(tmp_path, gallery, reason):
    """It is refused when it is built, which is before the first epoch."""
    root = touch(tmp_path, "query/carl/q_c7.jpg", gallery)
    with pytest.raises(
        DataLayoutError, match=f"none of the 1 has a match .*: {reason}"
    ):
        CustomReID(root, "test", camera_pattern=r"_c(\d+)")


def test_queries_without_a_match_are_counted(tmp_path):
    names = ("query/carl/q.jpg", "query/dora/r.jpg", "gallery/carl/g.jpg")
    dataset = CustomReID(touch(tmp_path, *names), "test")
    assert dataset.problem_counts == {"queries without gallery match": 1}


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


def notes(dataset):
    dataset.full_init()
    return dataset.problem_counts


def test_sub_folders_are_read_and_the_rest_is_counted(tmp_path):
    root = touch(
        tmp_path,
        *("train/anna/c2/x.tif", "train/anna/c5/y.jpg", "train/bob/c2/z.JFIF"),
        *("train/stray.jpg", "train/bob/notes.txt", "train/bob/phone.heic"),
        *("train/.ipynb_checkpoints/x.jpg", "train/__MACOSX/bob/._z.jpg"),
    )
    (root / "train/again").symlink_to(root / "train/anna")
    dataset = CustomReID(root, camera_pattern=r"c(\d)$")
    assert labels(dataset) == [(0, 0), (0, 1), (1, 0)]
    assert notes(dataset) == {
        "entries left out (train)": 5,
        "pictures beside the folders (train)": 1,
    }


def test_a_linked_person_is_read(tmp_path):
    touch(tmp_path, "disk/x.jpg", "set/train/bob/y.jpg")
    (tmp_path / "set/train/anna").symlink_to(tmp_path / "disk")
    dataset = CustomReID(tmp_path / "set")
    assert labels(dataset) == [(0, -1), (1, -1)] and not notes(dataset)


def test_flat_folders_with_patterns(tmp_path):
    root = touch(
        tmp_path,
        *(
            "bounding_box_train/0001_c12s1_01.jpg",
            "bounding_box_train/0002_c3s1_01.jpg",
        ),
        *("query/0007_c3s1_01.jpg", "bounding_box_test/0007_c12s9.jpg"),
        "bounding_box_test/-1_c3s9.jpg",
    )
    patterns = dict(person_pattern=r"^(-?\d+)_", camera_pattern=r"_c(\d+)")
    assert labels(CustomReID(root, **patterns)) == [(0, 1), (1, 0)]
    assert labels(CustomReID(root, "test", **patterns)) == [(0, 0), (-1, 0), (0, 1)]
    with pytest.raises(DataLayoutError, match="no folder per person.*person_pattern"):
        CustomReID(root).full_init()
    with pytest.raises(DataLayoutError, match="person_pattern '\\^x"):
        CustomReID(root, person_pattern="^x(.)").full_init()
    with pytest.raises(ValueError, match="no group"):
        CustomReID(root, person_pattern="abc")
    with pytest.raises(ValueError, match="no regular expression"):
        CustomReID(root, camera_pattern="(")
    with pytest.raises(DataLayoutError, match="CustomReID and patterns for person"):
        Market1501(root).full_init()


def test_columns_and_cells_that_mean_something_else(tmp_path):
    touch(tmp_path, "a_c1.jpg", "b_c2.jpg", "c_c1.jpg")
    table = tmp_path / "t.csv"

    def load(text, **options):
        table.write_text(text)
        return CustomReID(tmp_path, table="t.csv", **options)

    with pytest.raises(DataLayoutError, match="rename the column 'camid' to 'camera_"):
        load("path,person_id,camid\na_c1.jpg,1,1\n").full_init()
    dataset = load("path,person_id,age\na_c1.jpg,1,33\n")
    assert labels(dataset) == [(0, -1)]
    assert notes(dataset) == {"columns not used": 1}
    text = "path,person_id\na_c1.jpg,nan\nb_c2.jpg,None\nc_c1.jpg,x\n"
    dataset = load(text, camera_pattern=r"_c(\d)")
    assert labels(dataset) == [(-1, 0), (-1, 1), (0, 0)]
    assert notes(dataset) == {"empty people": 2} and dataset.num_identities == 1
    text = "path,person_id,camera_id\na_c1.jpg,x,1\n"
    with pytest.raises(ValueError, match="leave camera_pattern out"):
        load(text, camera_pattern=r"_c(\d)").full_init()
    with pytest.raises(ValueError, match="person_pattern is for folders"):
        load(text, person_pattern=r"^(.)")
    with pytest.raises(DataLayoutError, match="listed with two people, 'x' and 'y'"):
        load("path,person_id\na_c1.jpg,x\na_c1.jpg,y\n").full_init()
    dataset = load("path,person_id\na_c1.jpg,x\na_c1.jpg,x\n")
    assert notes(dataset) == {"pictures listed twice": 1}
    with pytest.raises(DataLayoutError, match="line 2: has more cells"):
        load("path,person_id\na_c1.jpg,x,y\n").full_init()


def test_paths_with_backslashes_are_named_as_such(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "t.csv").write_text("path,person_id\na\\1.jpg,x\n")
    with pytest.raises(FileNotFoundError, match="with backslashes.*write '/' there"):
        CustomReID(tmp_path, table="t.csv").full_init()
    (tmp_path / "t.csv").write_text("path,person_id\na/1.jpg,x\n")
    with pytest.raises(FileNotFoundError, match="its paths are relative to"):
        CustomReID(tmp_path, table="t.csv").full_init()


def test_one_picture_in_two_spellings_is_one_picture(tmp_path):
    touch(tmp_path, "a.jpg", "b.jpg")
    (tmp_path / "t.csv").write_text("path,person_id\na.jpg,x\n./a.jpg,y\n")
    with pytest.raises(DataLayoutError, match="a.jpg is listed with two people"):
        CustomReID(tmp_path, table="t.csv").full_init()
