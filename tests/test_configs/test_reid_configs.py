"""Every config of ``configs/reid``, made small: one training step, one prediction."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmpsearch.registry import MODELS
from mmpsearch.structures.reid_sample import ReIDSample

ROOT = Path(__file__).parents[2] / "configs" / "reid"
CONFIGS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("*/*.py"))
# Market-1501's represent the other data sets', which differ in the loaders alone.
TRAINED = [name for name in CONFIGS if "market1501" in name or "synth" in name]
NUM_IDENTITIES = dict(
    market1501=751, msmt17=1041, dukemtmc=702, cuhk03=767, personx=410, synth=150
) | {"occluded-duke": 702}


def load(name):
    return Config.fromfile(ROOT / name)


def shrink(model):
    """The same composition with a narrow backbone; returns the image size."""
    backbone = model.backbone
    backbone.init_cfg = None
    if backbone.type == "mmpsearch.VisionTransformer":
        backbone.update(arch=dict(dims=24, depth=1, heads=3), image_size=(64, 32))
        width = 24
    elif backbone.type == "mmpsearch.SemanticSwin":
        backbone.arch = dict(embed_dims=8, depths=[1] * 4, num_heads=[1, 1, 2, 2])
        width = 64
    elif backbone.type == "mmpsearch.OSNet":
        backbone.width = 0.25
        width = 128
    else:
        backbone.update(stem_channels=8, base_channels=4)
        width = 128 if backbone.depth == 50 else 32
    for head in model.heads.values():
        head.in_channels = width
    if "in_channels" in model.neck:
        model.neck.in_channels = width
    return (64, 32) if width == 24 else (192, 64)


def make_samples(ids):
    samples = []
    for person in ids:
        sample = ReIDSample()
        sample.person_id, sample.camera_id = person, 0
        samples.append(sample)
    return samples


def expected_width(model):
    """Sum of the heads' embedding sizes, as the recipe states them."""
    sizes = [h.get("embed_dims", h.in_channels) for h in model.heads.values()]
    return sum(sizes)


@pytest.mark.parametrize("name", TRAINED)
def test_one_step_and_a_prediction(name):
    torch.manual_seed(0)
    config = load(name).model
    size = shrink(config)
    model = MODELS.build(config)
    images = [torch.randint(256, (3, *size), dtype=torch.uint8) for _ in range(4)]
    batch = dict(inputs=images, data_samples=make_samples([0, 0, 5, 5]))
    model.train()
    losses = model(**model.data_preprocessor(batch, True), mode="loss")
    assert all(value.isfinite() for value in losses.values())
    total, _ = model.parse_losses(losses)
    total.backward()
    unreached = [
        n for n, p in model.named_parameters() if p.requires_grad and p.grad is None
    ]
    assert unreached == []  # distributed training would wait for them
    model.eval()
    for sample in model.test_step(batch):
        assert sample.embedding.shape == (expected_width(config),)
        assert sample.embedding.isfinite().all()


@pytest.mark.parametrize("name", CONFIGS)
def test_numbers_of_the_data_set(name):
    config = load(name)
    data_set = next(key for key in NUM_IDENTITIES if key in name)
    assert config.model.num_identities == NUM_IDENTITIES[data_set]
    loader = config.train_dataloader
    if loader.sampler.type == "mmpsearch.IdentitySampler":
        sampler = loader.sampler
        assert loader.batch_size == sampler.num_identities * sampler.num_instances
    pipelines = [loader.dataset.pipeline, config.test_dataloader.dataset.pipeline]
    sizes = {tuple(t.scale) for p in pipelines for t in p if t.type == "mmcv.Resize"}
    assert len(sizes) == 1  # the same for training and testing
    width, height = sizes.pop()
    backbone = config.model.backbone
    if "image_size" in backbone:
        assert tuple(backbone.image_size) == (height, width)


def test_full_size_embeddings_are_as_published():
    sizes = dict(bot=2048, agw=2048, sbs=2048, pcb=6 * 256, mgn=8 * 256, bdb=512 + 1024)
    for method, size in sizes.items():
        assert (
            expected_width(load(f"{method}/{method}_r50_market1501.py").model) == size
        )
