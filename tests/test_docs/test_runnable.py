"""The blocks marked ```python runnable``` of the documentation run."""

import numpy as np
import pytest
import torch
from mmengine.config import Config
from PIL import Image

from mmpsearch.registry import DATASETS, MODELS

from .pages import PAGES, ROOT, code_blocks, name

CONFIG = "configs/spnet/spnet-tiny_r18_oc-finetune_synthetic.py"
REID_CONFIGS = {
    "reid.pth": "configs/reid/bot/bot_r18_synth.py",
    "agw.pth": "configs/mmgl/agw_r18-tiny_synthetic.py",
}
BLOCKS = [
    pytest.param(block, id=f"{name(page)}-{number}")
    for page in PAGES
    for number, block in enumerate(
        code_blocks(page.read_text(encoding="utf-8"), "python runnable")
    )
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the blocks find in the working directory: configs, weights, pictures."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "configs").symlink_to(ROOT / "configs", target_is_directory=True)
    torch.manual_seed(0)
    settings = {**Config.fromfile(ROOT / CONFIG).model, "reid_loss": None}
    model = MODELS.build({**settings, "train_pathway": None})
    torch.save({"state_dict": model.state_dict()}, folder / "weights.pth")
    for file, config in REID_CONFIGS.items():
        model = MODELS.build(Config.fromfile(ROOT / config).model)
        torch.save({"state_dict": model.state_dict()}, folder / file)
    random = np.random.default_rng(0)
    for pictures in ("photos", "crops", "query"):
        (folder / pictures).mkdir()
    for file in ("scene.jpg", "photos/a.jpg", "photos/b.jpg"):
        pixels = random.integers(0, 255, (28, 42, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((336, 224)).save(folder / file)
    crops = [f"crops/{person:04}_c1.jpg" for person in range(1, 13)]
    for file in (*crops, "query/0001_c2.jpg"):
        pixels = random.integers(0, 255, (24, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((48, 96)).save(folder / file)
    return folder


@pytest.fixture(autouse=True)
def _forget_registered_examples():
    before = [(registry, set(registry.module_dict)) for registry in (MODELS, DATASETS)]
    yield
    for registry, known in before:
        for added in registry.module_dict.keys() - known:
            if added.startswith("Example"):
                del registry.module_dict[added]


def test_there_are_blocks():
    assert len(BLOCKS) >= 8


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_runs(block, folder, monkeypatch):
    monkeypatch.chdir(folder)
    exec(compile(block, "docs", "exec"), {"__name__": "docs"})
