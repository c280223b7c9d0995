"""Every command of the page is run, on a toy or on a few rendered crops."""

import logging
import runpy
import shlex
import sys
from pathlib import Path

import pytest
import torch

from mmpsearch.registry import HOOKS
from tests.test_docs.pages import code_blocks
from tests.toy_training import toy_config_text

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "training_extras.md").read_text(encoding="utf-8")


def options_of(word: str) -> list[str]:
    """What the page's only command with this word gives to ``--cfg-options``."""
    blocks = [block for block in code_blocks(TEXT, "bash") if word in block]
    (block,) = blocks
    command = block.replace("\\\n", " ").splitlines()[0]
    words = shlex.split(command)
    return words[words.index("--cfg-options") + 1 :]


@pytest.fixture
def train(tmp_path, monkeypatch, capsys):
    """Run tools/train.py in this process; the run's folder and what was written."""
    monkeypatch.setattr(logging, "raiseExceptions", False)

    def call(*options: str, config: str | None = None) -> tuple[Path, str]:
        if config is None:
            config = str(tmp_path / "toy.py")
            Path(config).write_text(toy_config_text())
        arguments = [config, "--work-dir", str(tmp_path / "run"), "--cfg-options"]
        monkeypatch.setattr(sys, "argv", ["train.py", *arguments, *options])
        try:
            runpy.run_path(str(ROOT / "tools/train.py"), run_name="__main__")
        except SystemExit as end:
            assert not end.code, capsys.readouterr().err
        captured = capsys.readouterr()
        return tmp_path / "run", captured.out + captured.err

    return call


def weights(path: Path) -> dict:
    return torch.load(path, weights_only=False)


def test_the_average_of_the_weights(train):
    run, _ = train(*options_of("EMAHook"))
    found = weights(run / "epoch_4.pth")
    plain = found["ema_state_dict"]["module.output.weight"]
    assert not torch.equal(found["state_dict"]["output.weight"], plain)


def test_the_best_checkpoint(train):
    run, _ = train(*options_of("save_best"))
    assert len(list(run.glob("best_mAP_epoch_*.pth"))) == 1


def test_early_stopping(train):
    run, said = train(*options_of("EarlyStoppingHook"), "optim_wrapper.optimizer.lr=0")
    assert not (run / "epoch_4.pth").exists() and (run / "epoch_2.pth").exists()


def test_a_hook_of_ones_own(train, tmp_path, monkeypatch):
    (block,) = [b for b in code_blocks(TEXT, "python") if "ExampleNormHook" in b]
    (tmp_path / "my_hooks.py").write_text(block)
    monkeypatch.syspath_prepend(tmp_path)
    try:
        _, said = train(
            *options_of("my_hooks"),
            # the toy has imports of its own
            "custom_imports.imports=[mmpsearch.registry,my_hooks,tests.toy_training]",
        )
    finally:
        HOOKS.module_dict.pop("ExampleNormHook", None)
        sys.modules.pop("my_hooks", None)
    assert said.count("length of the weights: ") == 4


def test_a_backbone_of_timm(train, tmp_path, monkeypatch):
    pytest.importorskip("timm", reason="its backbones")
    from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops

    people = dict(identities=4, test_identities=3, crops_per_identity=5)
    options = make_crop_options("market1501", **people, width=16, height=32)
    make_synthetic_crops(options, tmp_path / "data")
    small = [
        f"{part}_dataloader.{key}"
        for part in ("train", "val", "test")
        for key in (
            f"dataset.data_root={tmp_path / 'data'}",
            "num_workers=0",
            "batch_size=8",
        )
    ]
    (block,) = [b for b in code_blocks(TEXT, "python") if "TIMMBackbone" in b]
    config = tmp_path / "bot_timm.py"
    config.write_text(block.replace('"configs/', f'"{ROOT}/configs/'))
    sampler = "train_dataloader.sampler"
    _, said = train(
        *small,
        f"{sampler}.num_identities=4",
        f"{sampler}.num_instances=2",
        "model.num_identities=4",
        "train_cfg.max_epochs=1",
        "train_cfg.val_interval=1",
        config=str(config),
    )
    assert "mAP" in said
