"""SpCL's configs made small, on a few rendered crops, for the real runner."""

from pathlib import Path

from mmengine.config import Config

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops

CONFIGS = Path(__file__).parents[1] / "configs" / "spcl"
PEOPLE, CROPS = 8, 6
PICTURES = PEOPLE * CROPS


def render(root: Path) -> Path:
    """A target and, with other people, a source: 8 people in training, 6 crops each."""
    people = dict(identities=PEOPLE, test_identities=3, crops_per_identity=CROPS)
    for seed, layout in enumerate(("market1501", "personx")):
        size = dict(width=16, height=32, seed=seed)
        make_synthetic_crops(make_crop_options(layout, **people, **size), root / layout)
    return root


def small_config(name: str, data: Path, work_dir: Path, **changes) -> Config:
    """A config with two epochs of two iterations and a narrow network.

    Args:
        name: of the file in configs/spcl.
        data: from :func:`render`.
        work_dir: of the run.
        **changes: dotted keys, merged at the end.
    """
    config = Config.fromfile(CONFIGS / name)
    backbone = config.model.backbone
    backbone.pop("init_cfg", None)
    backbone.update(stem_channels=4, base_channels=2)
    config.model.heads.whole.in_channels = 64 if backbone.depth == 50 else 16
    loaders = [config[f"{split}_dataloader"] for split in ("train", "val", "test")]
    hook = next(h for h in config.custom_hooks if h.type == "mmpsearch.PseudoLabelHook")
    train = loaders[0]
    datasets = [train.dataset, *(loader.dataset for loader in loaders[1:])]
    for pipeline in (*(dataset.pipeline for dataset in datasets), hook.pipeline):
        for step in pipeline:
            if step.type == "mmcv.Resize":
                step.scale = (16, 32)
    for loader in loaders:
        loader.update(num_workers=0, persistent_workers=False)
        target = loader.dataset.get("target", loader.dataset)
        target.data_root = str(data / "market1501")
    if "source" in train.dataset:
        train.dataset.source.data_root = str(data / "personx")
    train.batch_size = train.sampler.batch_size = 16
    train.sampler.iterations = 2
    hook.update(k1=5, k2=2, min_samples=2, batch_size=32, num_workers=0)
    config.train_cfg.update(max_epochs=2, val_interval=5)
    config.work_dir, config.log_level = str(work_dir), "WARNING"
    config.merge_from_dict(changes)
    return config
