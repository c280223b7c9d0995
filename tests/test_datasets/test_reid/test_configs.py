from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmpsearch.registry import DATASETS, TRANSFORMS

FOLDER = Path(__file__).parents[3] / "configs" / "_base_" / "datasets"
# sets without labels have neither people nor a test part: their methods test them
UNLABELLED = {"reid_luperson_views", "reid_luperson_contrast"}
CONFIGS = sorted(
    path for path in FOLDER.glob("reid_*.py") if path.stem not in UNLABELLED
)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_config(path):
    config = Config.fromfile(path)
    init_default_scope("mmpsearch")
    train, test = config.train_dataloader, config.test_dataloader
    sampler = train.sampler
    assert train.batch_size == sampler.num_identities * sampler.num_instances
    for loader, part in ((train, "train"), (test, "test")):
        assert loader.dataset.split == part
        for transform in loader.dataset.pipeline:
            TRANSFORMS.build(transform)
        dataset = DATASETS.build({**loader.dataset, "lazy_init": True})
        if part == "train" and "synthetic" not in path.stem:
            assert config.num_identities == dataset.published("train").identities


def test_there_is_a_config_for_every_set():
    names = {path.stem for path in CONFIGS}
    sets = (
        "market1501 msmt17 dukemtmc occluded_duke cuhk03 personx synthetic_market1501"
    )
    sets = [*sets.split(), "synthetic_market1501"]
    assert names == {f"reid_{name}" for name in sets}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_missing_data_is_explained(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = Config.fromfile(path)
    layout = path.stem.replace("reid_", "").replace("synthetic_", "")
    explained = rf"(?s)is missing.*layout.*make_synthetic.py --layout {layout} --out"
    with pytest.raises(FileNotFoundError, match=explained):
        DATASETS.build(config.train_dataloader.dataset)
