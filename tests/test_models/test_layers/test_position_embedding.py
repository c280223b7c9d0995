import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.layers.position_embedding import (
    infer_grid,
    resize_at_load,
    resize_at_run_time,
)
from tests.test_models.reid_golden import golden_arrays

GRIDS = {"14x14": (14, 14), "16x8": (16, 8), "24x8": (24, 8), "21x10": (21, 10)}


@pytest.mark.parametrize(
    "source, target",
    [("14x14", "16x8"), ("16x8", "24x8"), ("14x14", "21x10"), ("16x8", "21x10")],
)
def test_loading_as_transreid(source, target):
    data = golden_arrays("vit_forward")
    got = resize_at_load(data[f"resize/src_{source}"], GRIDS[source], GRIDS[target])
    want = data[f"resize/bilinear_{source}_to_{target}"]
    assert_close(got, want, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    "size", [(96, 64), (96, 48), (128, 64), (384, 128), (192, 96), (256, 128)]
)
def test_run_time_as_dino(size):
    data = golden_arrays("vit_forward")
    grid = (size[0] // 16, size[1] // 16)
    got = resize_at_run_time(data["resize/src_16x8"], (16, 8), grid)
    want = data[f"resize/bicubic_runtime_{size[0]}x{size[1]}"]
    assert_close(got, want, atol=1e-5, rtol=1e-5)


def test_size_form_keeps_constants_and_class_token():
    embedding = torch.cat((torch.zeros(1, 1, 2), torch.ones(1, 32, 2)), dim=1)
    got = resize_at_run_time(embedding, (8, 4), (5, 3), "size")
    assert_close(got[:, 1:], torch.ones(1, 15, 2))
    assert_close(got[:, :1], torch.zeros(1, 1, 2))


def test_same_grid_is_returned_as_it_is():
    embedding = torch.randn(1, 33, 2)
    assert resize_at_run_time(embedding, (8, 4), (8, 4)) is embedding


def test_grids():
    assert infer_grid(128, 2) == (16, 8)
    assert infer_grid(196, 1) == (14, 14)
    with pytest.raises(ValueError, match="210 patches are no grid of aspect 2"):
        infer_grid(210, 2)
    with pytest.raises(ValueError, match="does not belong to a grid of 4 x 4"):
        resize_at_load(torch.zeros(1, 33, 2), (4, 4), (8, 4))
    with pytest.raises(ValueError, match="form must be"):
        resize_at_run_time(torch.zeros(1, 33, 2), (8, 4), (4, 4), "other")
