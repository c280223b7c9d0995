import numpy as np
import pytest
from scipy.io import savemat

from mmpsearch.datasets import PRW
from mmpsearch.datasets.person_search.prw import read_query_info, whole_pixels
from mmpsearch.errors import DataLayoutError, MatFileError

from ..layouts import write_prw


@pytest.fixture
def root(tmp_path):
    return write_prw(tmp_path / "PRW")


def test_training_split(root):
    dataset = PRW(str(root))
    # Ids 1, 2, 932 are listed; nobody of the two frames is 2.
    assert dataset.num_identities == 3
    first, second = dataset.get_data_info(0), dataset.get_data_info(1)
    assert first["img_key"] == "c1s1_000151.jpg" and first["camera_id"] == 1
    # 10.6, 12.2, 20.9, 40.1 cut to 10, 12, 20, 40; x = -3.5 becomes 0.
    assert first["gt_bboxes"].tolist() == [[10, 12, 30, 52], [0, 5, 18, 45]]
    assert first["gt_person_ids"].tolist() == [0, -1]
    assert first["gt_unique_ids"].tolist() == [0, 3]
    assert second["gt_person_ids"].tolist() == [2, 0] and second["camera_id"] == 2


def test_test_split_and_protocol(root):
    dataset = PRW(str(root), "test")
    infos = [dataset.get_data_info(i) for i in range(3)]
    assert [i["gt_person_ids"].tolist() for i in infos] == [
        [479, -1],
        [479, 500],
        [500],
    ]
    assert [info["camera_id"] for info in infos] == [6, 1, 3]
    assert infos[0]["gt_unique_ids"].tolist() == [479, 501]
    # The box beyond the right border: cut in the sample, as annotated in the protocol.
    assert infos[0]["gt_bboxes"][1].tolist() == [110, 40, 120, 80]
    protocol = dataset.metainfo["protocol"]
    assert protocol.gt_boxes[1].tolist() == [110, 40, 140, 80]
    assert dataset.problem_counts == {"boxes outside": 1}

    assert protocol.gallery_offsets is None
    assert protocol.image_cameras.tolist() == [6, 1, 3]
    assert protocol.query_images.tolist() == [0, 1]
    assert protocol.query_person_ids.tolist() == [479, 500]
    # The first query's width of 17 differs by a pixel from its annotation's 16.
    assert protocol.query_boxes.tolist() == [[5, 5, 21, 37], [70, 7, 80, 37]]
    assert protocol.positives_of(0)[0].tolist() == [1]
    images, boxes = protocol.positives_of(1)
    assert images.tolist() == [2] and boxes.tolist() == [[20, 10, 40, 50]]
    assert infos[1]["query_ids"].tolist() == [1]


def test_query_without_gallery_match_is_counted(root):
    path = root / "annotations" / "c3s1_000251.jpg.mat"
    savemat(path, {"box_new": np.zeros((0, 5))})
    dataset = PRW(str(root), "test")
    assert dataset.problem_counts["queries without gallery match"] == 1
    assert dataset.problem_counts["images without persons"] == 1
    assert dataset.get_data_info(2)["gt_bboxes"].shape == (0, 4)
    assert dataset.metainfo["protocol"].queries_without_positive().tolist() == [1]


def test_ids_that_are_not_listed_become_unlabelled(root):
    savemat(root / "ID_train.mat", {"ID_train": np.array([[932]])})
    dataset = PRW(str(root))
    assert dataset.problem_counts["ids not listed"] == 2
    assert dataset.get_data_info(1)["gt_person_ids"].tolist() == [0, -1]


def test_query_that_is_not_annotated_keeps_its_box(root):
    with open(root / "query_info.txt", "a") as file:
        file.write("77 1 2 3 4 c3s1_000251.jpg\n\n")
    dataset = PRW(str(root), "test")
    assert dataset.problem_counts["queries without annotation"] == 1
    assert dataset.metainfo["protocol"].query_boxes[2].tolist() == [1, 2, 4, 6]


@pytest.mark.parametrize(
    "line, message",
    [
        ("479 5 5 16 c6s3_000201", "line 3: expected 'id x y"),
        ("479 a 5 16 32 c6s3_000201", "line 3: expected 'id x y"),
        ("479 5 5 16 32 c1s1_000151", "line 3: .* is not a frame of frame_test"),
    ],
)
def test_bad_query_lines_are_named(root, line, message):
    with open(root / "query_info.txt", "a") as file:
        file.write(line)
    with pytest.raises(DataLayoutError, match=message):
        PRW(str(root), "test")


def test_empty_query_file(tmp_path):
    path = tmp_path / "query_info.txt"
    path.write_text("\n")
    with pytest.raises(DataLayoutError, match="holds no query"):
        read_query_info(path)


@pytest.mark.parametrize(
    "missing",
    ["frame_train.mat", "ID_train.mat", "annotations/c1s1_000151.jpg.mat"],
)
def test_missing_file_shows_the_layout(root, missing):
    (root / missing).unlink()
    with pytest.raises(FileNotFoundError) as error:
        PRW(str(root))
    message = str(error.value)
    assert f"{missing} is missing" in message
    assert "Expected layout" in message and "PRW-baseline" in message


def test_bad_annotation_files_are_named(root):
    path = root / "annotations" / "c1s1_000151.jpg.mat"
    savemat(path, {"boxes": np.zeros((1, 5))})
    with pytest.raises(MatFileError, match=r"none of .*'box_new'.*it has \['boxes'\]"):
        PRW(str(root))
    savemat(path, {"box_new": np.zeros((1, 4))})
    with pytest.raises(DataLayoutError, match=r"shape \(1, 4\), expected \(n, 5\)"):
        PRW(str(root))


def test_changed_annotation_renews_the_cache(root):
    PRW(str(root))
    path = root / "annotations" / "c1s1_000151.jpg.mat"
    savemat(path, {"box_new": np.array([[932, 1, 2, 3, 4.0]])})
    assert PRW(str(root)).get_data_info(0)["gt_person_ids"].tolist() == [2]


def test_whole_pixels_cuts_towards_zero():
    boxes = whole_pixels(np.array([[-0.9, -7.2, 10.9, 5.0]]))
    assert boxes.tolist() == [[0, 0, 10, 5]]


def test_damaged_numbers_are_named(root):
    frame = next((root / "annotations").glob("c1s1_000151*"))
    savemat(frame, {"box_new": np.array([[1.0, np.nan, 2, 3, 4]])})
    with pytest.raises(DataLayoutError, match=f"{frame.name}: a box is not finite"):
        PRW(str(root))


def test_text_in_place_of_ids_is_named(root):
    savemat(root / "ID_train.mat", {"ID_train": "one"})
    with pytest.raises(DataLayoutError, match="ID_train must hold numbers"):
        PRW(str(root))
