"""DDAG, CAJ, MPANet, variational distillation and NFS, made small."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmpsearch.registry import MODELS
from mmpsearch.structures.reid_sample import ReIDSample
from mmpsearch.utils.schedules import TrainingProgress

ROOT = Path(__file__).parents[2] / "configs"
METHODS = ("ddag", "caj", "mpanet", "mutual_info", "nfs")
CONFIGS = sorted(
    str(path.relative_to(ROOT)) for name in METHODS for path in (ROOT / name).glob("*")
)
CONFIGS = [name for name in CONFIGS if name.endswith(".py")]
WIDTH = dict(ddag=2048, caj=2048, mpanet=7 * 2048, mutual_info=4 * 2048, nfs=2048)
PEOPLE = {"sysu-mm01": 395, "regdb": 206}


def load(name):
    return Config.fromfile(ROOT / name)


def shrink(model):
    """The same composition with a narrow ResNet-50."""
    model.backbone.update(init_cfg=None, stem_channels=8, base_channels=4)
    for part in (model, model.get("neck", {}), *model.get("heads", {}).values()):
        if "in_channels" in part:
            part.in_channels = part.in_channels // 16


def make_samples(ids, modalities):
    samples = []
    for person, modality in zip(ids, modalities, strict=True):
        sample = ReIDSample()
        sample.person_id, sample.camera_id, sample.modality = person, 0, modality
        samples.append(sample)
    return samples


def random_batch(views):
    ids = [0, 5] * (views + 1)
    modalities = ["rgb"] * 2 * views + ["ir"] * 2
    images = [torch.randint(256, (3, 96, 48), dtype=torch.uint8) for _ in ids]
    return dict(inputs=images, data_samples=make_samples(ids, modalities))


def small_model(name):
    """The config's model, ready to train, and a batch for it."""
    torch.manual_seed(0)
    config = load(name)
    shrink(config.model)
    model = MODELS.build(config.model).train()
    if any(h.type == "mmpsearch.TrainingProgressHook" for h in config.custom_hooks):
        model.start_iteration(TrainingProgress(0, 0, 10))
    return model, random_batch(config.train_dataloader.sampler.get("rgb_views", 1))


@pytest.mark.parametrize("name", [name for name in CONFIGS if "sysu" in name])
def test_mixed_precision_keeps_losses_in_float32(name):
    model, batch = small_model(name)
    data = model.data_preprocessor(batch, True)
    exact = model(**data, mode="loss")
    with torch.autocast("cpu", torch.bfloat16):
        losses = model(**data, mode="loss")
    for key, value in losses.items():
        assert value.dtype == torch.float32 and value.isfinite(), key
    assert losses.keys() == exact.keys()
    model.parse_losses(losses)[0].backward()
    assert all(
        p.grad.isfinite().all() for p in model.parameters() if p.grad is not None
    )


@pytest.mark.parametrize("name", [name for name in CONFIGS if "sysu" in name])
def test_one_step_and_a_prediction(name):
    model, batch = small_model(name)
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
        assert sample.embedding.shape == (WIDTH[name.split("/")[0]] // 16,)
        assert sample.embedding.isfinite().all()


@pytest.mark.parametrize("name", CONFIGS)
def test_numbers(name):
    config = load(name)
    data_set = next(key for key in PEOPLE if key in name)
    assert config.model.num_identities == PEOPLE[data_set]
    loader = config.train_dataloader
    sampler = loader.sampler
    views = sampler.get("rgb_views", 1) + 1
    pairs = sampler.num_identities * sampler.num_instances
    assert loader.batch_size == pairs * views
    pipelines = [loader.dataset.pipeline, config.test_dataloader.dataset.pipeline]
    sizes = {tuple(t.scale) for p in pipelines for t in p if t.type == "mmcv.Resize"}
    assert len(sizes) == 1  # the same for training and testing


@pytest.mark.parametrize("name", ["ddag/ddag_r50_sysu-mm01.py", "caj/caj_r50_regdb.py"])
def test_backbone_alone_learns_slowly(name):
    optimiser = load(name).optim_wrapper
    assert optimiser.optimizer.lr == 0.1
    assert optimiser.paramwise_cfg.custom_keys == {"backbone": dict(lr_mult=0.1)}


@pytest.mark.parametrize("name", [name for name in CONFIGS if "sysu" in name])
def test_starts_from_scratch_by_one_field(name):
    config = load(name)
    shrink(config.model)
    config.model.backbone.init_cfg = dict(type="Pretrained", checkpoint=None)
    model = MODELS.build(config.model)
    model.init_weights()
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert norms and all(p.isfinite().all() for p in model.parameters())
