import argparse

import cv2
import numpy as np
import pytest
import torch
from torch.testing import assert_close

from mmpsearch.apis import ImageReadError, InputError, ReadingReport
from mmpsearch.apis.patch_tokens import PatchTokens
from mmpsearch.errors import CheckpointError
from mmpsearch.models.backbones import VisionTransformer
from tests.test_models.test_selfsup.small import small_model


def save(tmp_path, content):
    file = tmp_path / "weights.pth"
    torch.save(content, file)
    return file


def pictures(number=2, height=48, width=20):
    generator = np.random.default_rng(0)
    return list(generator.integers(0, 256, (number, height, width, 3), dtype=np.uint8))


def test_a_pretraining_of_ours(tmp_path):
    model = small_model()
    with torch.no_grad():  # a teacher that is not the student
        model.teacher.backbone.cls_token.add_(1.0)
    found = PatchTokens(save(tmp_path, dict(state_dict=model.state_dict())), heads=3)
    assert (found.image_size, found.grid, found.patch) == ((64, 32), (4, 2), 16)
    shown = pictures()
    inputs = found.inputs(shown)
    assert inputs.shape == (2, 3, 64, 32)
    tokens = found.tokens(shown)
    assert_close(tokens, model.teacher.backbone(inputs)[0])
    head = found.head()
    assert_close(head(tokens)[1], model.teacher.head(tokens)[1])
    attention = found.attention(shown)
    assert attention.shape == (2, 3, 4, 2)
    assert (attention.sum(axis=(2, 3)) <= 1 + 1e-5).all()


def test_a_public_pretraining(tmp_path):
    model = small_model(head=dict(shared=False))
    content = dict(
        student={f"module.{k}": v for k, v in model.student.state_dict().items()},
        teacher=model.teacher.state_dict(),
        args=argparse.Namespace(lr=1.0),
        epoch=3,
    )
    found = PatchTokens(save(tmp_path, content), heads=3)
    tokens = found.tokens(pictures())
    assert_close(found.head()(tokens)[1], model.teacher.head(tokens)[1])


@pytest.mark.parametrize("prefix", ["", "backbone.", "base."])
def test_other_transformers(tmp_path, prefix):
    arch = dict(dims=24, depth=1, heads=3)
    plain = VisionTransformer(arch, image_size=(48, 48), patch_size=16)
    state = {f"{prefix}{k}": v for k, v in plain.state_dict().items()}
    found = PatchTokens(save(tmp_path, state | {f"{prefix}fc.bias": torch.zeros(2)}), 3)
    assert found.image_size == (48, 48)
    assert_close(found.tokens(pictures()), plain(found.inputs(pictures()))[0])
    with pytest.raises(InputError, match="no projection head"):
        found.head()


def test_normalisation(tmp_path):
    state = dict(state_dict=small_model().state_dict())
    half = PatchTokens(save(tmp_path, state), 3, (127.5,) * 3, (127.5,) * 3)
    blue = np.zeros((64, 32, 3), np.uint8)
    blue[..., 0] = 255  # BGR
    inputs = half.inputs([blue])
    assert_close(inputs[0, :, 0, 0], torch.tensor([-1.0, -1.0, 1.0]))


def test_what_cannot_be_used(tmp_path):
    state = dict(state_dict=small_model().state_dict())
    with pytest.raises(InputError, match=r"width 24 is none of .* \(--heads\)"):
        PatchTokens(save(tmp_path, state))
    for heads in (5, 0, -3):
        with pytest.raises(InputError, match=rf"weights.pth: {heads} attention.*, 24;"):
            PatchTokens(save(tmp_path, state), heads=heads)
    with pytest.raises(InputError, match="has no vision transformer"):
        PatchTokens(save(tmp_path, dict(weight=torch.zeros(1))))
    with pytest.raises(CheckpointError, match="no such file"):
        PatchTokens(tmp_path / "missing.pth")


def test_pictures_that_cannot_be_read_are_left_out(tmp_path):
    model = PatchTokens(save(tmp_path, small_model().state_dict()), 3, batch_size=2)
    crops = tmp_path / "crops"
    crops.mkdir()
    for name, picture in zip("ace", pictures(3), strict=True):
        cv2.imwrite(str(crops / f"{name}.png"), picture)
    (crops / "b.jpg").write_bytes(b"broken")
    with pytest.raises(ImageReadError, match=r"b\.jpg"):
        list(model.batches(crops))
    report = ReadingReport()
    batches = list(model.batches(crops, report=report))
    names = [[one.path[-5:] for one in batch] for batch in batches]
    assert names == [["a.png", "c.png"], ["e.png"]]
    assert report.images == 3 and len(report.unreadable) == 1
    assert "crops/b.jpg" in str(report)
    some = ReadingReport()
    assert [len(b) for b in model.batches(crops, 2, some)] == [2] and some.images == 2
    with pytest.raises(ImageReadError, match="nowhere: there is no such file or fol"):
        list(model.batches(tmp_path / "nowhere", report=ReadingReport()))
