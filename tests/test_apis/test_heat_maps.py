"""Grad-CAM against its formula, worked out with plain autograd."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mmpsearch.apis import InputError, ReIDInferencer
from mmpsearch.apis.heat_maps import fit_map, heat_maps
from mmpsearch.apis.image_sources import read_one
from mmpsearch.visualization.attention import draw_heat

from .crop_model import GREEN, RED, config, crop, two_stem_weights, two_stems

pytest.importorskip("pytorch_grad_cam", reason="the extra 'heatmaps'")


def network():
    narrow = dict(depth=18, stem_channels=8, base_channels=4)
    settings = config(dict(type="mmpsearch.ReIDResNet", **narrow))
    settings["model"]["neck"] = dict(type="mmpsearch.GlobalPoolNeck", pool="avg_max")
    settings["model"]["heads"]["whole"]["in_channels"] = 32
    return settings


@pytest.fixture
def inferencer():
    torch.manual_seed(0)
    with pytest.warns(UserWarning, match="no checkpoint"):
        return ReIDInferencer(network(), device="cpu")


def by_formula(inferencer, image, direction):
    """(height, width) of a picture and the unit vector that its embedding meets."""
    model = inferencer.model
    batch = inferencer._collate([inferencer._prepare(image, None)])
    inputs = model.data_preprocessor(batch, False)["inputs"]
    (maps,) = model.backbone(inputs)
    maps.retain_grad()
    embeddings = model.embeddings((maps,))
    (embeddings["whole"].after_bn[0] @ direction).backward()
    weights = maps.grad.mean(dim=(2, 3), keepdim=True)
    values = (weights * maps).sum(dim=1).relu().detach()
    values = (values - values.min()) / (values - values.min()).max()
    return values, inputs.shape[2:]


def test_equals_the_formula_in_any_batch(inferencer):
    pictures = [read_one(crop(RED, seed=1)), read_one(crop(GREEN, seed=2))]
    query = read_one(crop(GREEN, seed=3))
    direction = torch.from_numpy(inferencer(query.pixels)[0])
    together = heat_maps(inferencer, pictures, query)
    assert together.shape == (2, 64, 32) and together.dtype == np.float32
    for image, found in zip(pictures, together, strict=True):
        small, size = by_formula(inferencer, image, direction)
        grid = F.interpolate(small[None], size, mode="bilinear", align_corners=False)
        assert 0 <= found.min() and found.max() <= 1 + 1e-6
        difference = np.abs(found - grid[0, 0].numpy())
        assert difference.max() < 0.02
        alone = heat_maps(inferencer, [image], query)[0]
        np.testing.assert_allclose(alone, found, atol=1e-5)


def test_without_a_query_the_own_embedding_is_explained(inferencer):
    image = read_one(crop(RED, seed=1))
    direction = torch.from_numpy(inferencer(image.pixels)[0])
    (found,) = heat_maps(inferencer, [image])
    small, size = by_formula(inferencer, image, direction)
    grid = F.interpolate(small[None], size, mode="bilinear", align_corners=False)
    assert np.abs(found - grid[0, 0].numpy()).max() < 0.02
    assert inferencer.model.training is False


def test_each_modality_has_its_own_map(tmp_path):
    two_stem_weights(tmp_path / "w.pth")
    inferencer = ReIDInferencer(two_stems(), tmp_path / "w.pth", device="cpu")
    images = [read_one(crop(RED))]
    rgb, ir = (heat_maps(inferencer, images, modality=m) for m in ("rgb", "ir"))
    assert np.abs(rgb - ir).max() > 0.01
    with pytest.raises(InputError, match="say which"):
        heat_maps(inferencer, images)


@pytest.mark.filterwarnings("ignore:no checkpoint")
def test_transformers_are_sent_to_their_own_tool():
    with pytest.raises(InputError, match="VisionTransformer is none.*attention_maps"):
        heat_maps(ReIDInferencer(config(), device="cpu"), [read_one(crop(RED))])


def test_drawn_beside_the_picture():
    image = np.full((40, 20, 3), 128, np.uint8)
    values = np.zeros((4, 2), np.float32)
    values[0] = 1
    drawn = draw_heat(image, fit_map(values, image))
    assert drawn.shape == (40, 40, 3) and (drawn[:, :20] == 128).all()
    assert drawn[0, 20:].mean() > drawn[-1, 20:].mean()  # hot above, dark below
