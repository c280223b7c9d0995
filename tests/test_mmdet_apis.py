"""MMDetection's two functions on our configs and checkpoints, without any data."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmdet.apis import inference_detector, init_detector
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmpsearch.registry import MODELS

CONFIGS = Path(__file__).parents[1] / "configs"
TINY = (
    "spnet/spnet-tiny_r18_oc-finetune_synthetic.py",
    "person_search_baselines/seqnet-tiny_r18_synthetic.py",
)


def checkpoint_of(config, folder, meta):
    """Random weights, as a file."""
    torch.manual_seed(0)
    init_default_scope("mmpsearch")
    state = MODELS.build(Config.fromfile(config).model).state_dict()
    torch.save({"state_dict": state, "meta": meta}, folder / "weights.pth")
    return str(folder / "weights.pth")


@pytest.fixture
def picture(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "scene.png"), pixels)
    return str(tmp_path / "scene.png"), pixels


@pytest.mark.parametrize("name", TINY)
def test_a_checkpoint_finds_the_same_in_a_file_and_in_an_array(tmp_path, picture, name):
    config = CONFIGS / name
    meta = {"dataset_meta": {"classes": ("person",)}}
    options = {"test_dataloader.dataset.data_root": str(tmp_path / "no_data")}
    model = init_detector(
        config,
        checkpoint_of(config, tmp_path, meta),
        device="cpu",
        cfg_options=options,
    )
    assert model.dataset_meta["classes"] == ("person",)
    assert model.dataset_meta["palette"] == [(220, 20, 60)]
    path, pixels = picture
    from_file, from_array = (
        inference_detector(model, path),
        inference_detector(model, [pixels])[0],
    )
    found = from_file.pred_instances
    assert found.embeddings.shape == (len(found), 96)
    assert len(found) or "spnet" not in name  # random heads may score nobody
    for key in ("bboxes", "scores", "embeddings"):
        assert torch.equal(found[key], from_array.pred_instances[key])
    boxes = found.bboxes  # in pixels of the picture
    assert (boxes[:, 2] <= 120).all() and (boxes[:, 3] <= 90).all()


def test_without_a_checkpoint_the_data_set_is_not_asked_either():
    model = init_detector(CONFIGS / TINY[0], device="cpu")
    assert not model.training
