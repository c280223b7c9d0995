import logging
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch

from mmpsearch.engine.hooks import RankingPicturesHook
from mmpsearch.errors import ConfigError
from mmpsearch.structures import ReIDSample


def sample(folder, name, person, camera, is_query, vector):
    path = folder / f"{name}.png"
    cv2.imwrite(str(path), np.full((40, 20, 3), 40 * person + 50, np.uint8))
    made = ReIDSample(metainfo=dict(img_path=str(path)))
    made.person_id, made.camera_id, made.is_query = person, camera, is_query
    made.embedding = torch.tensor(vector)
    return made


@pytest.fixture
def samples(tmp_path):
    return [
        sample(tmp_path, "query", 1, 0, True, [1.0, 0.0]),
        sample(tmp_path, "own_camera", 1, 0, False, [1.0, 0.0]),
        sample(tmp_path, "far", 2, 1, False, [0.0, 2.0]),
        sample(tmp_path, "near", 1, 1, False, [3.0, 1.0]),
        sample(tmp_path, "wrong", 2, 0, False, [1.0, 1.0]),
    ]


def run(hook, samples, folder):
    runner = SimpleNamespace(
        work_dir=str(folder), timestamp="now", logger=logging.getLogger("test")
    )
    hook.before_test_epoch(runner)
    for number, one in enumerate(samples):
        hook.after_test_iter(runner, number, None, [one])
    hook.after_test_epoch(runner)
    return folder / "now" / "shown"


def test_matches_are_ranked_and_judged_as_the_metric_does(samples, tmp_path):
    hook = RankingPicturesHook("shown", number=5, top=2)
    folder = run(hook, samples, tmp_path)
    page = (folder / "ranked.html").read_text()
    assert page.index("near.png") < page.index("wrong.png")
    assert "own_camera.png" not in page and "far.png" not in page
    assert "1 of the 2 most similar of 3 pictures show this person" in page
    assert cv2.imread(str(folder / "ranked_1.jpg")).shape[2] == 3
    assert not (folder / "ranked_2.jpg").exists()


def test_unknown_cameras_are_never_the_same(samples, tmp_path):
    for one in samples:
        one.camera_id = -1
    folder = run(RankingPicturesHook("shown"), samples, tmp_path)
    assert "own_camera.png" in (folder / "ranked.html").read_text()


def test_what_cannot_be_ranked(samples, tmp_path):
    with pytest.raises(ConfigError, match="cross_modality_matches"):
        run(RankingPicturesHook("shown"), samples[1:], tmp_path)
    with pytest.raises(ConfigError, match="predicts neither"):
        run(RankingPicturesHook("shown"), [ReIDSample()], tmp_path)
