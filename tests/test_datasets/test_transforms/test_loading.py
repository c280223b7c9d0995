import cv2
import numpy as np
import pytest
from PIL import Image

from mmpsearch.datasets.transforms import LoadImage
from mmpsearch.errors import UnreadableImageError


@pytest.fixture
def jpeg(tmp_path):
    path = tmp_path / "a.jpg"
    image = np.random.default_rng(0).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    cv2.imwrite(str(path), image)
    return path


def load(path, **keys):
    return LoadImage()(dict(img_path=str(path), **keys))


def test_loads_and_cuts_boxes(jpeg):
    boxes = np.array([[-3, 5, 60, 20]], np.float32)
    results = load(jpeg, gt_bboxes=boxes, height=30, width=40)
    assert (results["img"] == cv2.imread(str(jpeg))).all()
    assert results["img_shape"] == results["ori_shape"] == (30, 40)
    assert results["gt_bboxes"].tolist() == [[0, 5, 40, 20]]


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-200]), "cut off"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_bytes(b"<html>not found</html>"), "not an image"),
        (lambda path: path.unlink(), "cannot be read"),
    ],
)
def test_bad_files_are_named(jpeg, change, message):
    change(jpeg)
    with pytest.raises(UnreadableImageError, match=message) as error:
        load(jpeg)
    assert str(jpeg) in str(error.value)


def test_another_image_than_annotated(jpeg):
    with pytest.raises(UnreadableImageError, match="30 x 40 .* says 40 x 30"):
        load(jpeg, height=40, width=30)


@pytest.fixture
def sideways(jpeg):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(jpeg).save(jpeg, exif=exif)
    return jpeg


def test_crops_are_turned_upright(sideways):
    stored, upright = load(sideways), load(sideways, upright=True)
    assert stored["img_shape"] == (30, 40) and upright["img_shape"] == (40, 30)
    assert (upright["img"] == np.rot90(stored["img"], -1)).all()


def test_the_stated_size_tells_which_picture_was_annotated(sideways):
    boxes = np.array([[0, 0, 30, 40]], np.float32)
    results = load(sideways, gt_bboxes=boxes, height=40, width=30)
    assert results["img_shape"] == (40, 30)
    assert results["gt_bboxes"].tolist() == [[0, 0, 30, 40]]
    assert load(sideways, height=30, width=40)["img_shape"] == (30, 40)
    with pytest.raises(UnreadableImageError, match="EXIF orientation 6 does not"):
        load(sideways, height=41, width=30)


def test_turning_changes_nothing_without_an_orientation(jpeg):
    assert (load(jpeg, upright=True)["img"] == load(jpeg)["img"]).all()
