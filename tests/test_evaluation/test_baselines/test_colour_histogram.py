import cv2
import numpy as np
import pytest

from mmpsearch.evaluation.baselines import (
    colour_histograms,
    evaluate_colour_histograms,
    grey_world,
)
from mmpsearch.evaluation.baselines.colour_histogram import (
    BINS,
    histogram_embeddings,
    stripe_counts,
)
from tests.test_evaluation.search_cases import make_protocol

RED, BLUE, WHITE = (0, 0, 255), (255, 0, 0), (255, 255, 255)
# bins: hue * 16 + saturation * 4 + value
RED_BIN, BLUE_BIN, WHITE_BIN = 0 * 16 + 15, 8 * 16 + 15, 0 * 16 + 3


def flag(height=60, width=20):
    """Upper half red, lower half blue."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2], image[height // 2 :] = RED, BLUE
    return image


def test_counts_by_hand():
    counts = stripe_counts(flag(), np.array([[0, 0, 20, 60]]))
    assert counts.shape == (1, 6, BINS)
    assert counts[0, :, RED_BIN].tolist() == [200, 200, 200, 0, 0, 0]
    assert counts[0, :, BLUE_BIN].tolist() == [0, 0, 0, 200, 200, 200]
    assert counts.sum() == 60 * 20


@pytest.mark.parametrize("height", [60, 61, 64, 5, 1])
def test_three_stripes_are_sums_of_six(height):
    rng = np.random.default_rng(height)
    image = rng.integers(0, 256, (height, 7, 3), dtype=np.uint8)
    counts = stripe_counts(image, np.array([[0, 0, 7, height]]))
    rows = np.arange(height)
    for stripe in range(3):
        part = image[rows * 3 // height == stripe]
        if len(part) == 0:
            continue
        own = stripe_counts(part, np.array([[0, 0, 7, len(part)]])).sum(axis=1)
        assert np.array_equal(counts[:, 2 * stripe : 2 * stripe + 2].sum(1), own)


@pytest.mark.parametrize("stripes", [1, 3, 6])
def test_every_stripe_has_length_one(stripes):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (50, 40, 3), dtype=np.uint8)
    boxes = np.array([[0, 0, 40, 50], [10, 5, 20, 49]])
    rows = colour_histograms(image, boxes, stripes)
    assert rows.shape == (2, stripes * BINS)
    lengths = np.linalg.norm(rows.reshape(2, stripes, BINS), axis=2)
    np.testing.assert_allclose(lengths, 1, rtol=1e-6)


def test_whole_box_is_the_root_of_shares():
    row = colour_histograms(flag(), np.array([[0, 0, 20, 60]]), stripes=1)[0]
    np.testing.assert_allclose(row[[RED_BIN, BLUE_BIN]], np.sqrt(0.5))


def test_size_does_not_matter():
    small = colour_histograms(flag(), np.array([[0, 0, 20, 60]]))
    large = colour_histograms(flag(600, 200), np.array([[0, 0, 200, 600]]))
    np.testing.assert_allclose(small, large, rtol=1e-6)


def test_boxes_outside_the_image():
    boxes = np.array([[-10, -20, 20, 60], [30, 70, 40, 90], [5, 5, 5, 9]])
    counts = stripe_counts(flag(), boxes)
    assert counts[0].sum() == 20 * 60
    assert counts[1:].sum() == 0
    assert np.isfinite(histogram_embeddings(counts, 6)).all()


def test_grey_world_takes_out_a_colour_cast():
    rng = np.random.default_rng(0)
    image = rng.integers(20, 120, (30, 30, 3)).astype(np.uint8)
    cast = np.round(image * [0.5, 1.0, 1.5]).astype(np.uint8)
    evened = grey_world(cast).astype(int)
    np.testing.assert_allclose(evened.mean(axis=(0, 1)), 128, atol=0.5)
    assert np.abs(evened - grey_world(image)).max() <= 2  # rounding of the cast
    assert grey_world(np.zeros((4, 4, 3), np.uint8)).max() == 0


def test_normalisation_of_image_or_box():
    image = np.concatenate([np.full((10, 10, 3), 40), np.full((10, 10, 3), 200)], 1)
    image = image.astype(np.uint8)
    box = np.array([[0, 0, 10, 10]])
    values = {}
    for name in ("raw", "grey_world", "grey_world_box"):
        values[name] = int(stripe_counts(image, box, name)[0].sum(0).argmax()) % 4
    # brightness 40; 40 * 128 / 120 = 43; 128
    assert values == {"raw": 0, "grey_world": 0, "grey_world_box": 2}


def test_unknown_number_of_stripes():
    with pytest.raises(ValueError, match="one of .1, 3, 6.*got 4"):
        colour_histograms(flag(), np.zeros((0, 4)), stripes=4)


def people_by_colour(folder):
    """Three photographs, a red and a blue person each, at changing places."""
    people, paths = [], []
    for image in range(3):
        canvas = np.full((80, 120, 3), 90, np.uint8)
        left = [10 + 5 * image, 20, 40 + 5 * image, 70]
        right = [70, 10, 100, 60 + image]
        for box, colour in ((left, RED), (right, BLUE)):
            canvas[box[1] : box[3], box[0] : box[2]] = colour
        paths.append(str(folder / f"{image}.png"))
        cv2.imwrite(paths[-1], canvas)
        people.append([(left, 1), (right, 2)])
    return make_protocol(people, [(0, 0), (1, 1), (1, 0)]), paths


@pytest.mark.parametrize("workers", [0, 2])
def test_people_of_plain_colours_are_found(tmp_path, workers):
    protocol, paths = people_by_colour(tmp_path)
    names = ("raw",) if workers else ("raw", "grey_world", "grey_world_box")
    rows = evaluate_colour_histograms(protocol, paths, names, workers)
    assert len(rows) == 3 * len(names)
    assert len({row["name"] for row in rows}) == len(rows)
    assert [row["mAP"] for row in rows] == sorted(
        (row["mAP"] for row in rows), reverse=True
    )
    for row in rows:
        if row["normalisation"] != "grey_world_box":  # which makes both grey
            assert row["mAP"] == row["top1"] == 1
        assert row["det_ap"] == row["det_recall"] == 1


def test_unreadable_image_is_named(tmp_path):
    protocol, paths = people_by_colour(tmp_path)
    (tmp_path / "1.png").write_bytes((tmp_path / "1.png").read_bytes()[:60])
    with pytest.raises(OSError, match="1.png"):
        evaluate_colour_histograms(protocol, paths)
    with pytest.raises(ValueError, match="3 images.*2 paths"):
        evaluate_colour_histograms(protocol, paths[:2])
