"""Every re-identification config trains and is tested on a few rendered crops.

Networks, pictures and batches are shrunk; data sets, pipelines, losses, samplers,
schedules, hooks and metrics are the config's own.
"""

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


@pytest.mark.parametrize("name", CONFIGS)
def test_trains_and_tests(name, data, tmp_path):
    runner = Runner.from_cfg(make_small(load(name), data, tmp_path))
    runner.train()
    losses = runner.message_hub.get_scalar("train/loss").data[0]
    assert len(losses) >= 1 and np.isfinite(losses).all()
    metrics = runner.test()
    assert METRICS <= metrics.keys() and metrics["num_valid_queries"] > 0
    assert all(0 < metrics[key] <= 1 for key in METRICS - {"rank1", "rank5"})
