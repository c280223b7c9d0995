import numpy as np
import pytest
from scipy.io import savemat

from mmpsearch.datasets import CUHKSYSU
from mmpsearch.errors import DataLayoutError, MatFileError

from ..layouts import cells, struct_array, write_cuhk, write_cuhk_subset


@pytest.fixture
def root(tmp_path):
    return write_cuhk(tmp_path / "CUHK-SYSU")


def test_training_split(root):
    dataset = CUHKSYSU(str(root))
    assert dataset.num_identities == 2 and len(dataset) == 2
    palette = dict(palette=[(220, 20, 60)])  # MMDetection's pictures ask for it
    assert dataset.metainfo == dict(
        **palette,
        name="CUHK-SYSU",
        classes=("person",),
        num_identities=2,
        identity_order=[1, 2],
    )
    first, second = dataset.get_data_info(0), dataset.get_data_info(1)
    assert first["img_key"] == "s1.jpg" and first["img_path"].endswith("SSM/s1.jpg")
    assert (first["height"], first["width"], first["camera_id"]) == (100, 120, -1)
    assert first["gt_bboxes"].tolist() == [[10, 10, 30, 50], [50, 12, 70, 52]]
    # Box order is that of Images.mat; number k of Train.mat becomes k - 1.
    assert first["gt_person_ids"].tolist() == [1, 0]
    assert second["gt_person_ids"].tolist() == [0]
    assert len(first["query_ids"]) == 0


def test_test_split_and_protocol(root):
    dataset = CUHKSYSU(str(root), "test", gallery_size=50)
    infos = [dataset.get_data_info(i) for i in range(5)]
    assert [info["img_key"] for info in infos] == ["s3.jpg", "s4.jpg", "s5.jpg"] + [
        "s6.jpg",
        "s7.jpg",
    ]
    ids = [info["gt_person_ids"].tolist() for info in infos]
    assert ids == [[-1, 1, 2], [2], [1], [2], [-1]]
    # Unlabelled persons get ids beyond the official ones.
    assert infos[0]["gt_unique_ids"].tolist() == [3, 1, 2]
    assert infos[4]["gt_unique_ids"].tolist() == [4]
    assert infos[0]["query_ids"].tolist() == [0]
    assert infos[0]["query_bboxes"].tolist() == [[40, 6, 57, 39]]
    assert infos[1]["query_ids"].tolist() == [1]

    protocol = dataset.metainfo["protocol"]
    assert protocol.name == "CUHK-SYSU TestG50"
    assert protocol.image_keys == [info["img_key"] for info in infos]
    assert protocol.query_images.tolist() == [0, 1]
    assert protocol.query_person_ids.tolist() == [1, 2]
    assert protocol.gallery_of(0).tolist() == [2, 1, 4]
    assert protocol.gallery_of(1).tolist() == [0, 3, 4]
    images, boxes = protocol.positives_of(1)
    assert images.tolist() == [0, 3]
    assert boxes.tolist() == [[70, 7, 80, 37], [33, 3, 54, 44]]
    # The box of width 0 in s4.jpg is gone from samples and ground truth alike.
    assert dataset.problem_counts == {"boxes without area": 1}
    assert protocol.ground_truth_of(1)[0].tolist() == [[20, 10, 40, 50]]


def test_second_load_reads_the_cache(root, monkeypatch):
    first = CUHKSYSU(str(root), "test")
    module = "mmpsearch.datasets.person_search.cuhk_sysu"
    monkeypatch.setattr(f"{module}.read_cuhk_protocol", lambda *a: pytest.fail("read"))
    again = CUHKSYSU(str(root), "test")
    protocols = first.metainfo["protocol"], again.metainfo["protocol"]
    for field in ("gallery_images", "positive_boxes", "gt_person_ids", "query_boxes"):
        assert np.array_equal(*(getattr(p, field) for p in protocols))


def test_copy_without_identities_is_recognised(root):
    (root / "annotation" / "test").rename(root / "elsewhere")
    with pytest.raises(FileNotFoundError, match="boxes without identities") as error:
        CUHKSYSU(str(root))
    assert "Train.mat is missing" in str(error.value)
    with pytest.raises(FileNotFoundError, match="TestG50.mat is missing"):
        CUHKSYSU(str(root), "test")


def test_boxes_of_another_release_are_recognised(root):
    path = root / "annotation" / "Images.mat"
    image = {
        "imname": "s1.jpg",
        "nAppear": 1.0,
        "box": struct_array([{"idlocate": np.ones((1, 4)), "ishard": 0.0}]),
    }
    rows = [dict(image, imname=f"s{i}.jpg") for i in range(1, 8)]
    savemat(path, {"Img": struct_array(rows)})
    with pytest.raises(DataLayoutError, match="no box .* belongs to an identity"):
        CUHKSYSU(str(root))


def test_a_lost_identity_is_counted(root):
    train = root / "annotation" / "pool.mat"
    # s2.jpg now belongs to the test images: one of three appearances is lost.
    savemat(train, {"pool": cells(["s2.jpg", "s3.jpg", "s4.jpg", "s5.jpg"])})
    dataset = CUHKSYSU(str(root), read_sizes=False)
    assert dataset.problem_counts["identities without box"] == 1


@pytest.mark.parametrize("missing", ["Images.mat", "pool.mat"])
def test_missing_file_shows_the_layout(root, missing):
    (root / "annotation" / missing).unlink()
    with pytest.raises(FileNotFoundError) as error:
        CUHKSYSU(str(root))
    message = str(error.value)
    assert f"annotation/{missing} is missing" in message
    assert "Expected layout" in message and "on request" in message


def test_protocol_of_other_images_and_wrong_fields(root):
    savemat(root / "annotation" / "pool.mat", {"pool": cells(["s3.jpg", "s4.jpg"])})
    with pytest.raises(MatFileError, match="pool.mat does not list"):
        CUHKSYSU(str(root), "test")
    savemat(root / "annotation" / "Images.mat", {"Img": struct_array([{"x": 1.0}])})
    with pytest.raises(DataLayoutError, match="Img has not the fields"):
        CUHKSYSU(str(root))


def test_unknown_gallery_size(root):
    with pytest.raises(ValueError, match="gallery_size 60 is not one of"):
        CUHKSYSU(str(root), "test", gallery_size=60)


def test_several_gallery_sizes(root):
    sizes = dict(gallery_size=100, further_gallery_sizes=[50, 100])
    meta = CUHKSYSU(str(root), "test", **sizes).metainfo
    assert list(meta["protocols"]) == ["G50"]
    assert meta["protocols"]["G50"].name == "CUHK-SYSU TestG50"
    assert meta["protocol"].name == "CUHK-SYSU TestG100"
    assert "protocols" not in CUHKSYSU(str(root), "test").metainfo
    with pytest.raises(ValueError, match="gallery_size 60 is not one of"):
        CUHKSYSU(str(root), "test", further_gallery_sizes=[60])


@pytest.mark.parametrize(
    "subset, file, variable",
    [
        ("occlusion", "Occlusion", "Occlusion1"),
        ("resolution", "Resolution", "Test_Size"),
    ],
)
def test_occluded_and_low_resolution_queries(root, subset, file, variable):
    with pytest.raises(FileNotFoundError, match=rf"subset/{file}\.mat"):
        CUHKSYSU(str(root), "test", subset=subset).full_init()
    write_cuhk_subset(root, file, variable)
    dataset = CUHKSYSU(str(root), "test", subset=subset)
    protocol = dataset.metainfo["protocol"]
    assert protocol.name == f"CUHK-SYSU {file}"
    assert protocol.query_images.tolist() == [1]  # s4.jpg
    assert protocol.query_person_ids.tolist() == [2]  # not the file's position
    assert protocol.gallery_of(0).tolist() == [4, 3, 0]
    images, boxes = protocol.positives_of(0)
    assert images.tolist() == [3, 0]
    assert boxes.tolist() == [[33, 3, 54, 44], [70, 7, 80, 37]]
    assert dataset.get_data_info(1)["query_bboxes"].tolist() == [[20, 10, 40, 50]]
    assert len(dataset.get_data_info(0)["query_ids"]) == 0


def test_a_subset_is_tested_by_itself(root):
    with pytest.raises(ValueError, match="queries of its own; test it without"):
        CUHKSYSU(str(root), "test", subset="occlusion", further_gallery_sizes=[50])
    with pytest.raises(ValueError, match="'night' is not one of occlusion, resol"):
        CUHKSYSU(str(root), "test", subset="night")


@pytest.mark.parametrize("person", [np.ones((1, 4)), struct_array([{"name": "s1"}])])
def test_a_damaged_person_is_named(root, person):
    path = next(root.rglob("Train.mat"))
    savemat(path, {"Train": cells([person])})
    with pytest.raises(DataLayoutError, match="Train.mat: person 1 of Train has not"):
        CUHKSYSU(str(root))
