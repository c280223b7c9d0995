"""The dataset configs load what the layouts hold, in the batches they promise."""

from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.registry import DATASETS

from .layouts import write_coco, write_cuhk, write_own, write_prw
from .test_cross_modality.test_configs import LAYOUTS as MODALITY_LAYOUTS
from .test_reid.test_configs import CONFIGS as CROP_CONFIGS
from .test_reid.test_configs import UNLABELLED

FOLDER = Path(__file__).parents[2] / "configs" / "_base_" / "datasets"
# Writer, size of training inputs, size of test inputs.
CASES = {
    "prw": (write_prw, (512, 512), (900, 1080)),
    "cuhk_sysu": (write_cuhk, (512, 512), (900, 1080)),
    "coco_persons": (write_coco, (512, 512), None),
    "own_data": (write_own, (512, 512), (900, 1080)),
    "own_data_small": (write_own, (168, 202), (168, 202)),
    "synthetic_prw": (write_prw, (168, 202), (168, 202)),
    "synthetic_harder_prw": (write_prw, (336, 403), (336, 403)),
    "synthetic_cuhk_sysu": (write_cuhk, (168, 202), (168, 202)),
    "synthetic_coco": (write_coco, None, None),
}


def load(name, root):
    config = Config.fromfile(FOLDER / f"{name}.py")
    for part in ("train", "val", "test"):
        loader = config.get(f"{part}_dataloader")
        if loader and loader.dataset.type != "mmpsearch.FeatureProbeSet":
            loader.dataset.data_root = str(root)
            loader.num_workers, loader.persistent_workers = 0, False
    return config


def test_every_dataset_config_is_covered():
    names = {path.stem for path in FOLDER.glob("*.py")}
    crops = {path.stem for path in CROP_CONFIGS} | set(MODALITY_LAYOUTS)
    # parts of others, and sets without labels, which the pre-trainings' tests build
    others = {"person_search", "synthetic", "reid"} | UNLABELLED
    others |= {
        "probe_synthetic_64x32",
        "probe_market1501",
        "sysu_mm01_pretrain",
        "sysu_mm01_views",
    }
    assert names == set(CASES) | crops | others


@pytest.mark.parametrize("name", CASES)
def test_training_batches(name, tmp_path):
    write, size, _ = CASES[name]
    config = load(name, write(tmp_path / "data"))
    loader = config.train_dataloader
    assert loader.batch_size == 8 and loader.get("drop_last", False) == (
        "coco" not in name or name == "synthetic_coco"
    )
    loader.batch_size, loader.drop_last = 4, False
    views = loader.sampler.views
    assert views == (2 if "coco" in name else 1)
    loader = Runner.build_dataloader(loader, seed=0)
    batches = list(loader)
    assert len(loader.sampler) == len(loader.dataset) * views
    samples = [sample for batch in batches for sample in batch["data_samples"]]
    keys = [sample.img_key for sample in samples]
    assert keys[::views] == keys[views - 1 :: views]
    for batch in batches:
        for inputs, sample in zip(batch["inputs"], batch["data_samples"], strict=True):
            assert tuple(inputs.shape[1:]) == sample.img_shape
            if size:
                assert sample.img_shape == size
            boxes = sample.gt_instances.bboxes
            assert (boxes >= 0).all()
            assert (boxes[:, [2, 0]] <= sample.img_shape[1]).all()
            assert (boxes[:, [3, 1]] <= sample.img_shape[0]).all()


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[2]])
def test_test_loaders_give_every_image_in_protocol_order(name, tmp_path):
    write, _, size = CASES[name]
    config = load(name, write(tmp_path / "data"))
    assert config.test_dataloader == config.val_dataloader
    loader = Runner.build_dataloader(config.test_dataloader)
    samples = [sample for batch in loader for sample in batch["data_samples"]]
    protocol = loader.dataset.metainfo["protocol"]
    assert [sample.img_key for sample in samples] == protocol.image_keys
    assert [sample.img_id for sample in samples] == list(range(protocol.num_images))
    queries = [q for s in samples for q in s.query_instances.query_ids.tolist()]
    assert sorted(queries) == list(range(protocol.num_queries))
    for sample in samples:
        assert sample.img_shape == size
        # Boxes go back to the original image through the scale factor.
        scale = np.tile(sample.scale_factor, 2)
        original = sample.gt_instances.bboxes.numpy() / scale
        info = loader.dataset.get_data_info(sample.img_id)
        np.testing.assert_allclose(original, info["gt_bboxes"], atol=1e-3)


@pytest.mark.parametrize("name", CASES)
def test_missing_data_is_explained(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = Config.fromfile(FOLDER / f"{name}.py")
    hint = "docs/own_data.md" if "own_data" in name else "make_synt"
    with pytest.raises(FileNotFoundError, match=f"(?s)is missing.*layout.*{hint}"):
        DATASETS.build(config.train_dataloader.dataset)
