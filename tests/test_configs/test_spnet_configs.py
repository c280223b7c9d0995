"""Every SPNet config trains an epoch and is tested, on a few rendered scenes.

Networks and pictures are shrunk; data sets, pipelines, losses, samplers, schedules and
hooks are the config's own.
"""

from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.datasets.synthetic import (
    make_crop_options,
    make_options,
    make_synthetic,
    make_synthetic_crops,
)

ROOT = Path(__file__).parents[2]
CONFIGS = sorted(
    path.relative_to(ROOT) for path in (ROOT / "configs" / "spnet").glob("*.py")
)
LAYOUTS = {"CUHKSYSU": "cuhk_sysu", "PRW": "prw", "COCOPersons": "coco"}
SMALL_PYRAMID = {
    "neck": {"in_channels": [16, 32, 64], "out_channels": 32},
    "anchor_embedder": {"in_channels": 32},
}
# The same stages with 16, 32 and 64 channels.
SMALL_BACKBONES = {
    "mmpsearch.ConvNeXt": {"arch": {"depths": [1] * 4, "channels": [8, 16, 32, 64]}},
    "mmpretrain.ResNet": {"stem_channels": 8, "base_channels": 2},
    "mmpsearch.SemanticSwin": {
        "arch": {"embed_dims": 8, "depths": [1] * 4, "num_heads": [1, 1, 2, 2]}
    },
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder per layout: eight training scenes, some test scenes with queries."""
    root = tmp_path_factory.mktemp("rendered")
    common = {"scenes": 8, "width": 160, "height": 112}
    people = {
        "identities": 4,
        "test_identities": 4,
        "gallery_scenes": 4,
        "query_scenes": 2,
    }
    for layout in LAYOUTS.values():
        fields = common if layout == "coco" else {**common, **people}
        make_synthetic(make_options(layout, **fields), root / layout)
    crops = dict(identities=4, test_identities=3, crops_per_identity=5)
    options = make_crop_options("market1501", **crops, width=16, height=32)
    make_synthetic_crops(options, root / "market1501")
    return root


def shrink(config: Config, data: Path, work_dir: Path) -> Config:
    if config.model.backbone.get("depth") != 18:  # small already
        config.merge_from_dict({"model": SMALL_PYRAMID})
        config.model.backbone.update(SMALL_BACKBONES[config.model.backbone.type])
        config.model.backbone.init_cfg = None  # the named weights have other sizes
    if "queue_size" in config.model.reid_loss:
        config.model.reid_loss.queue_size = 64
    if "samples_per_image" in config.model.train_pathway:
        config.model.train_pathway.samples_per_image = 16
    config.model.setdefault("search", {}).update(max_boxes=20)
    config.train_dataloader.batch_size = 4
    for name in ("train_dataloader", "val_dataloader", "test_dataloader"):
        loader = config.get(name)
        if not loader:
            continue
        loader.update(num_workers=0, persistent_workers=False)
        if loader.dataset.type == "mmpsearch.FeatureProbeSet":
            loader.dataset.pop("train", None)  # a share of very few people
            loader.dataset.dataset.data_root = str(data / "market1501")
            loader.dataset.dataset.pipeline[1].scale = (32, 64)
            continue
        layout = LAYOUTS[loader.dataset.type.split(".")[1]]
        loader.dataset.data_root = str(data / layout)
        if layout == "cuhk_sysu" and loader.dataset.split == "test":
            loader.dataset.gallery_size = 50
        for step in loader.dataset.pipeline:
            if step.type == "mmpsearch.WindowResize":
                step.update(short=112, long=160)
            if step.type == "mmpsearch.RandomCropPair":
                step.size = 96
    config.train_cfg.update(max_epochs=1, val_interval=1)
    if "num_identities" in config.model.reid_loss:
        config.model.reid_loss.num_identities = 4
    config.work_dir = str(work_dir)
    config.log_level = "WARNING"
    return config


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_trains_and_tests(path, data, tmp_path):
    config = shrink(Config.fromfile(ROOT / path), data, tmp_path)
    runner = Runner.from_cfg(config)
    runner.train()
    losses = runner.message_hub.get_scalar("train/loss").data[0]
    assert len(losses) >= 2 and np.isfinite(losses).all()
    assert (tmp_path / "epoch_1.pth").is_file()
    if config.get("test_dataloader"):
        metrics = runner.test()
        names = {"mAP", "top1", "det_ap", "det_recall"}
        if "FeatureProbe" in config.test_cfg.type:
            names = {"frozen_mAP", "probe_mAP"}
        elif "QueryCentric" not in config.test_cfg.type:
            names |= {"gt_mAP"}
        assert names <= set(metrics)
        assert all(0 <= metrics[name] <= 1 for name in names)
