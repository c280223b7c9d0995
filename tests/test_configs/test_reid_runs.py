"""Every re-identification config trains and is tested on a few rendered crops.

Networks, pictures and batches are shrunk; data sets, pipelines, losses, samplers,
schedules, hooks and metrics are the config's own.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from mmengine.runner import Runner

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops

from .test_reid_configs import CONFIGS, load, shrink

LAYOUTS = dict(
    Market1501="market1501",
    DukeMTMCReID="dukemtmc",
    OccludedDuke="occluded_duke",
    MSMT17="msmt17",
    CUHK03="cuhk03",
    PersonX="personx",
)
METRICS = {"mAP", "mINP", "rank1", "rank5", "rank10"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder per layout: 20 training crops of 4 people, queries and a gallery."""
    root = tmp_path_factory.mktemp("rendered")
    people = dict(identities=4, test_identities=3, crops_per_identity=5)
    for layout in LAYOUTS.values():
        options = make_crop_options(layout, **people, width=16, height=32)
        make_synthetic_crops(options, root / layout)
    return root


def make_small(config, data, work_dir):
    height, width = shrink(config.model)
    config.model.num_identities = 4
    for name in ("train_dataloader", "val_dataloader", "test_dataloader"):
        loader = config[name]
        loader.update(num_workers=0, persistent_workers=False, batch_size=8)
        layout = LAYOUTS[loader.dataset.type.removeprefix("mmpsearch.")]
        loader.dataset.data_root = str(data / layout)
        for step in loader.dataset.pipeline:
            if step.type == "mmcv.Resize":
                step.scale = (width, height)
    if config.train_dataloader.sampler.type == "mmpsearch.IdentitySampler":
        config.train_dataloader.sampler.update(num_identities=4, num_instances=2)
    config.train_cfg.update(max_epochs=1, val_interval=2)
    config.work_dir, config.log_level = str(work_dir), "WARNING"
    return config


def joint(loader, *sets):
    """Put several data sets in the place of the loader's one."""
    pipeline = loader.dataset.pipeline
    loader.dataset = dict(
        type="mmpsearch.JointReIDDataset", datasets=list(sets), pipeline=pipeline
    )


def test_two_sources_and_two_targets(data, tmp_path):
    config = make_small(load("bot/bot_r18_synth.py"), data, tmp_path)
    sets = [
        dict(type="mmpsearch.MSMT17", data_root=str(data / "msmt17")),
        dict(type="mmpsearch.PersonX", data_root=str(data / "personx")),
    ]
    joint(config.train_dataloader, *sets)
    joint(config.test_dataloader, *(dict(each, split="test") for each in sets))
    config.model.num_identities = 8
    config.val_dataloader = config.val_cfg = config.val_evaluator = None
    runner = Runner.from_cfg(config)
    runner.train()
    metrics = runner.test()
    for target in ("msmt17", "personx"):
        assert 0 < metrics[f"{target}/mAP"] <= 1


@pytest.mark.parametrize("name", CONFIGS)
def test_trains_and_tests(name, data, tmp_path):
    runner = Runner.from_cfg(make_small(load(name), data, tmp_path))
    runner.train()
    losses = runner.message_hub.get_scalar("train/loss").data[0]
    assert len(losses) >= 1 and np.isfinite(losses).all()
    metrics = runner.test()
    assert METRICS <= metrics.keys() and metrics["num_valid_queries"] > 0
    assert all(0 < metrics[key] <= 1 for key in METRICS - {"rank1", "rank5"})
    (file,) = Path(runner.log_dir).glob("*.json")
    written = json.loads(file.read_text())
    assert {key: written[key] for key in metrics} == pytest.approx(metrics)
