from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.io import savemat

from mmpsearch.evaluation.functional import (
    matlab_galleries,
    mean_over_trials,
    python_galleries,
    sysu_mm01_metrics,
)
from mmpsearch.evaluation.metrics import SYSUMM01Metric

# Cameras from 0: 2 and 5 are infrared. Three people, 12 pictures in each folder.
ROWS = [
    (person, camera) for camera in (2, 5, 0, 1, 3, 4) for person in (4, 6, 9)
    for _ in range(12)
]  # fmt: skip


def samples(as_dict=False):
    random = np.random.default_rng(0)
    found = []
    for person, camera in sorted(ROWS, key=lambda r: (r[1] not in (2, 5), *r)):
        sample = dict(
            embedding=random.normal(size=4) + person / 3,
            person_id=person,
            camera_id=camera,
            modality="ir" if camera in (2, 5) else "rgb",
        )
        found.append(sample if as_dict else SimpleNamespace(**sample))
    return found


def tables():
    random = np.random.default_rng(1)
    return {
        (camera, person): np.stack([random.permutation(12) + 1 for _ in range(10)])
        for camera in (1, 2, 4, 5)
        for person in (4, 6, 9)
    }


def write_tables(path):
    cells = np.empty((6, 1), object)
    for camera in range(6):
        cells[camera, 0] = np.empty((9, 1), object)
        for person in range(9):
            empty = np.zeros((0, 0))
            table = tables().get((camera + 1, person + 1), empty)
            cells[camera, 0][person, 0] = table
    savemat(path, {"rand_perm_cam": cells})


def evaluate(metric, rows=None):
    rows = samples() if rows is None else rows
    metric.process(None, rows)
    return metric.evaluate(len(rows))


def expected(galleries):
    rows = samples()
    labels = np.array([(row.person_id, row.camera_id + 1) for row in rows]).T
    embeddings = np.stack([row.embedding for row in rows])
    is_query = np.array([row.modality == "ir" for row in rows])
    found = sysu_mm01_metrics(
        (embeddings[is_query], embeddings[~is_query]),
        labels[0][is_query],
        labels[0][~is_query],
        labels[1][is_query],
        labels[1][~is_query],
        galleries=galleries(labels[0][~is_query], labels[1][~is_query]),
    )
    return mean_over_trials(found)


@pytest.mark.parametrize("as_dict", [False, True])
def test_every_mode_and_shot_is_named_and_is_that_of_its_galleries(as_dict):
    metric = SYSUMM01Metric(("all", "indoor"), ("single", "multi"), ranks=(1, 5))
    found = evaluate(metric, samples(as_dict))
    for mode, shot in product(("all", "indoor"), ("single", "multi")):
        cameras = (1, 2, 4, 5) if mode == "all" else (1, 2)
        count = 1 if shot == "single" else 10
        want = expected(
            lambda people, own, c=cameras, n=count: python_galleries(people, own, c, n)
        )
        name = f"{mode}_{shot}_python"
        assert found[f"{name}/mAP"] == pytest.approx(want.mAP)
        assert found[f"{name}/mINP"] == pytest.approx(want.mINP)
        assert found[f"{name}/rank1"] == pytest.approx(want.cmc[0])
        assert found[f"{name}/rank5"] == pytest.approx(want.cmc[4])
        assert found[f"{name}/num_valid_queries"] == 72
    assert len(found) == 4 * 5


def test_the_authors_permutations(tmp_path):
    path = tmp_path / "rand_perm_cam.mat"
    write_tables(path)
    want = expected(
        lambda people, own: matlab_galleries(people, own, (1, 2), 1, tables())
    )
    named = SYSUMM01Metric("indoor", "single", "matlab", permutations=str(path))
    of_dataset = SYSUMM01Metric("indoor", "single", "matlab")
    of_dataset.dataset_meta = dict(gallery_permutations=str(path))
    for metric in (named, of_dataset):
        found = evaluate(metric)
        assert found["indoor_single_matlab/mAP"] == pytest.approx(want.mAP)
    with pytest.raises(ValueError, match="needs exp/rand_perm_cam.mat"):
        evaluate(SYSUMM01Metric(protocol="matlab"))


def test_what_it_cannot_do_is_said():
    with pytest.raises(
        ValueError, match="mode must be of .'all', 'indoor'., got 'out'"
    ):
        SYSUMM01Metric("out")
    with pytest.raises(ValueError, match="shot must be of"):
        SYSUMM01Metric(shot=())
    with pytest.raises(ValueError, match="protocol must be of"):
        SYSUMM01Metric(protocol="numpy")
    with pytest.raises(ValueError, match="num_trials must be 1 to 10"):
        SYSUMM01Metric(num_trials=11)
    visible = [row for row in samples() if row.modality == "rgb"]
    with pytest.raises(ValueError, match="both modalities.*got 144 of .'rgb'."):
        evaluate(SYSUMM01Metric(), visible)
    with pytest.raises(ValueError, match="no 'modality'; SYSUMM01Metric needs"):
        evaluate(SYSUMM01Metric(), [dict(embedding=[0.0], person_id=0, camera_id=0)])
