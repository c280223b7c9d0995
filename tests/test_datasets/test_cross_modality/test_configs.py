"""The configs of the cross-modality sets load the batches that they promise."""

from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from mmpsearch.registry import DATASETS, METRICS

FOLDER = Path(__file__).parents[3] / "configs" / "_base_" / "datasets"
LAYOUTS = {
    "sysu_mm01": "sysu_mm01",
    "synthetic_sysu_mm01": "sysu_mm01",
    "regdb": "regdb",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_batches(name, rendered):
    config = Config.fromfile(FOLDER / f"{name}.py")
    init_default_scope("mmpsearch")
    loaders = {}
    for part in ("train", "test"):
        loader = config[f"{part}_dataloader"]
        loader.dataset.data_root = str(rendered(LAYOUTS[name]))
        loader.num_workers, loader.persistent_workers = 0, False
        loaders[part] = loader
    train = loaders["train"]
    assert train.sampler.num_identities * train.sampler.num_instances * 2 == (
        train.batch_size
    )
    train.sampler.update(num_identities=2, num_instances=2)
    train.batch_size = 8
    batch = next(iter(Runner.build_dataloader(train, seed=0)))
    modalities = [sample.modality for sample in batch["data_samples"]]
    assert modalities == ["rgb"] * 4 + ["ir"] * 4
    people = [sample.person_id for sample in batch["data_samples"]]
    assert people[:4] == people[4:]
    size = (3, 96, 48) if "synthetic" in name else (3, 288, 144)
    assert {tuple(picture.shape) for picture in batch["inputs"]} == {size}
    test = Runner.build_dataloader(loaders["test"])
    samples = [sample for batch in test for sample in batch["data_samples"]]
    assert len(samples) == len(test.dataset)
    assert METRICS.build(config.test_evaluator)
    if name != "synthetic_sysu_mm01":
        dataset = DATASETS.build({**config.train_dataloader.dataset, "lazy_init": True})
        assert dataset.published("train").identities == config.num_identities


@pytest.mark.parametrize("name", LAYOUTS)
def test_missing_data_is_explained(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = Config.fromfile(FOLDER / f"{name}.py")
    explained = rf"(?s)is missing.*layout.*synthetic.py --layout {LAYOUTS[name]} --out"
    with pytest.raises(FileNotFoundError, match=explained):
        DATASETS.build(config.train_dataloader.dataset)
