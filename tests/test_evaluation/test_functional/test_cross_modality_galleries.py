import itertools

import numpy as np
import pytest

from mmpsearch.evaluation.functional.cross_modality_galleries import (
    CAMERAS,
    SHOTS,
    matlab_galleries,
    python_galleries,
)

from ..cross_modality_golden import candidates, golden_sampling

SETTINGS = list(itertools.product(CAMERAS, SHOTS))


@pytest.fixture(scope="module")
def sampling():
    return golden_sampling()


@pytest.fixture(scope="module")
def pictures(sampling):
    return candidates(sampling, CAMERAS["all"])


def permutations_of(sampling):
    """The published choice of ten, completed to permutations of all pictures."""
    tables = {}
    trials = [sampling[f"matlab_all_multi_trial{t}"] for t in range(10)]
    for i, folder in enumerate(sampling["order_matlab_all_single"]):
        camera, person = folder.split("/")
        count = sampling["images_per_cam_and_id"][camera][person]
        rows = []
        for trial in trials:
            first = trial[10 * i : 10 * i + 10]
            rows.append(first + sorted(set(range(1, count + 1)) - set(first)))
        tables[int(camera[3:]), int(person)] = np.array(rows)
    return tables


@pytest.mark.parametrize(("mode", "shot"), SETTINGS)
def test_python_galleries_are_the_published_ones(sampling, pictures, mode, shot):
    people, cameras, numbers = pictures
    found = python_galleries(people, cameras, CAMERAS[mode], SHOTS[shot])
    folders = sampling[f"order_python_{mode}_single"]
    for trial, gallery in enumerate(found):
        wanted = sampling[f"python_{mode}_{shot}_trial{trial}"]
        assert numbers[gallery].tolist() == wanted
        chosen = zip(cameras[gallery], people[gallery], strict=True)
        names = [f"cam{camera}/{person:04d}" for camera, person in chosen]
        assert names == np.repeat(folders, SHOTS[shot]).tolist()


@pytest.mark.parametrize(("mode", "shot"), SETTINGS)
def test_matlab_galleries_are_the_published_ones(sampling, pictures, mode, shot):
    people, cameras, numbers = pictures
    found = matlab_galleries(
        people, cameras, CAMERAS[mode], SHOTS[shot], permutations_of(sampling)
    )
    folders = sampling[f"order_matlab_{mode}_single"]
    for trial, gallery in enumerate(found):
        wanted = sampling[f"matlab_{mode}_{shot}_trial{trial}"]
        assert numbers[gallery].tolist() == wanted
        chosen = zip(cameras[gallery], people[gallery], strict=True)
        names = [f"cam{camera}/{person:04d}" for camera, person in chosen]
        assert names == np.repeat(folders, SHOTS[shot]).tolist()


def test_small_folders_are_taken_whole():
    people, cameras = [7, 7, 7, 9], [1, 1, 2, 1]
    for gallery in python_galleries(people, cameras, (1, 2), 10, 3):
        assert sorted(gallery) == [0, 1, 2, 3]
    only = python_galleries(people, cameras, (2,), 1, 1)
    assert [gallery.tolist() for gallery in only] == [[2]]


def test_permutations_must_fit_the_pictures():
    table = {(1, 7): np.array([[2, 1, 3]])}
    with pytest.raises(ValueError, match="person 7 has 2 pictures under camera 1"):
        matlab_galleries([7, 7], [1, 1], (1,), 1, table, 1)
    with pytest.raises(ValueError, match="0 trials of 0 pictures"):
        matlab_galleries([7, 7], [1, 1], (1,), 1, {}, 1)
    found = matlab_galleries([7] * 3, [1] * 3, (1,), 2, table, 1)
    assert [gallery.tolist() for gallery in found] == [[1, 0]]
