import cv2
import numpy as np
import pytest

from mmpsearch.evaluation.baselines import evaluate_crop_baselines, grey_layout

COLOURS = [(0, 0, 255), (0, 255, 0), (255, 0, 0)]


def write_crops(folder):
    """Three people by the colour of their trousers, each under three cameras."""
    paths, persons, cameras = [], [], []
    for person, colour in enumerate(COLOURS):
        for camera in range(3):
            image = np.full((48, 24, 3), 128, np.uint8)
            image[24:] = colour
            paths.append(str(folder / f"{person}_{camera}.png"))
            cv2.imwrite(paths[-1], image)
            persons.append(person)
            cameras.append(camera)
    return paths, np.array(persons), np.array(cameras)


@pytest.mark.parametrize("workers", [0, 2])
def test_colours_tell_people_apart(tmp_path, workers):
    paths, persons, cameras = write_crops(tmp_path)
    rows = evaluate_crop_baselines(paths, persons, cameras, cameras == 0, workers)
    assert len(rows) == 8 and rows[-1]["name"] == "chance"
    by_name = {row["name"]: row for row in rows}
    for name in ("whole crop, raw", "6 stripes, raw"):
        assert by_name[name]["mAP"] == by_name[name]["rank1"] == 1
    values = [row["mAP"] for row in rows[:-1]]
    assert values == sorted(values, reverse=True)


def test_grey_layout_by_hand():
    image = np.zeros((24, 6, 3), np.uint8)
    image[:12] = 100
    found = grey_layout(image, (2, 1))
    assert np.allclose(found, [0.5**0.5, -(0.5**0.5)], atol=1e-6)
    brighter = np.clip(image.astype(int) * 2 + 20, 0, 255).astype(np.uint8)
    assert np.allclose(grey_layout(brighter, (2, 1)), found, atol=1e-5)
    assert not grey_layout(np.full_like(image, 7)).any()
    assert grey_layout(image).shape == (36,)
