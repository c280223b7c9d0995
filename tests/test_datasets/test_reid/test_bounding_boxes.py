import pytest

from mmpsearch.datasets import DukeMTMCReID, Market1501, OccludedDuke, PersonX
from mmpsearch.errors import DataLayoutError


def touch(root, folder, *names):
    (root / folder).mkdir(parents=True, exist_ok=True)
    for name in names:
        (root / folder / name).touch()


def official_market(root):
    names = ["0002_c1s1_000451_03.jpg", "0007_c6s3_070717_01.jpg", "Thumbs.db"]
    touch(root, "bounding_box_train", *names, "0000_c1s1_000151_01.jpg")
    touch(root, "query", "0001_c1s1_001051_00.jpg")
    junk = ["-1_c3s2_000401_03.jpg", "-1_c1s1_000401_03.jpg"]
    real = ["0000_c1s1_000151_01.jpg", "0001_c2s1_000001_02.jpg.jpg"]
    touch(root, "bounding_box_test", *junk, *real)
    return root


def test_official_market_names(tmp_path):
    root = official_market(tmp_path)
    train = Market1501(root)
    assert train.person_ids.tolist() == [0, 1] and train.camera_ids.tolist() == [0, 5]
    assert train.read_split("train").counts().left_out == 1
    test = Market1501(root, "test")
    assert test.person_ids.tolist() == [1, 0, 1]
    assert test.camera_ids.tolist() == [0, 0, 1]
    counts = test.read_split("gallery").counts()
    assert (counts.images, counts.identities, counts.left_out) == (2, 2, 2)
    touch(root, "images", "000001.jpg", "any.png")
    more = Market1501(root, "test", more_distractors="images")
    assert more.person_ids.tolist() == [1, 0, 1, 0, 0]
    assert more.camera_ids.tolist() == [0, 0, 1, -1, -1]


def test_official_duke_and_personx_names(tmp_path):
    for cls in (DukeMTMCReID, OccludedDuke):
        touch(tmp_path, "bounding_box_train", "0001_c2_f0046182.jpg")
        dataset = cls(tmp_path)
        assert (dataset.person_ids[0], dataset.camera_ids[0]) == (0, 1)
    root = tmp_path / "x"
    names = [f"0005_c{camera}_01.jpg" for camera in (3, 4, 8, 10, 11, 12)]
    touch(root, "bounding_box_train", *names, "0007_c3s1_12.png")
    dataset = PersonX(root)
    order = sorted([*names, "0007_c3s1_12.png"])
    cameras = dict(zip(order, dataset.camera_ids.tolist(), strict=True))
    assert [cameras[name] for name in names] == [0, 1, 2, 3, 4, 5]
    assert cameras["0007_c3s1_12.png"] == 0


@pytest.mark.parametrize(
    "cls, good, bad",
    [
        (Market1501, "0002_c1s1_000451_03.jpg", "2_c1_000451.jpg"),
        (DukeMTMCReID, "0001_c2_f0046182.jpg", "0001_c2s1_000451_03.jpg"),
        (PersonX, "0005_c3_01.jpg", "0005_c5_01.jpg"),
    ],
)
def test_names_off_the_grammar_are_counted(tmp_path, cls, good, bad):
    touch(tmp_path, "bounding_box_train", good, bad)
    with pytest.raises(DataLayoutError, match=f"1 of 2 file names.*first '{bad}'"):
        cls(tmp_path).full_init()


@pytest.mark.parametrize("layout", ["dukemtmc", "occluded_duke", "personx"])
def test_rendered_sets(rendered, layout):
    classes = dict(dukemtmc=DukeMTMCReID, occluded_duke=OccludedDuke, personx=PersonX)
    train = classes[layout](rendered(layout))
    test = classes[layout](rendered(layout), "test")
    others = 0 if layout == "personx" else 2
    assert (len(train), train.num_identities) == (20, 4)
    assert (len(test), test.num_identities) == (15 + others, 3 + others)
    assert test.metainfo["num_queries"] == 6
    names = [test.get_data_info(i)["img_path"].split("/")[-1] for i in range(len(test))]
    repeated = len(names) - len(set(names))
    assert (repeated > 0) == (layout == "occluded_duke")


def test_every_rendered_query_has_a_match_under_another_camera(rendered):
    for layout, cls in (("market1501", Market1501), ("occluded_duke", OccludedDuke)):
        test = cls(rendered(layout), "test")
        count = test.metainfo["num_queries"]
        persons, cameras = test.person_ids, test.camera_ids
        for query in range(count):
            same = persons[count:] == persons[query]
            assert (same & (cameras[count:] != cameras[query])).any()
