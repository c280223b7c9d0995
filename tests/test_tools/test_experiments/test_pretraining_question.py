"""The experiments on pre-training with their tools replaced, and their tables."""

import json
from pathlib import Path

import pytest

from .scripts import load, replace_tools

GAINS = {
    "dino": 0.02,
    "personvit": 0.05,
    "moco": 0.02,
    "cc": 0.03,
    "icc": 0.05,
    "up_reid": 0.06,
}
CHECKPOINT = "model.backbone.init_cfg.checkpoint"
PREFIX = "model.backbone.init_cfg.prefix"


def metrics(_: str, options: dict[str, str]) -> dict[str, float]:
    """0.5, more by seed and by what the training starts from."""
    start = Path(options.get(CHECKPOINT, "")).parts[-4:]
    gain = sum(gain for row, gain in GAINS.items() if row in start)
    mAP = 0.5 + 0.1 * int(options["randomness.seed"]) + gain
    return dict(mAP=mAP, rank1=0.7, mINP=0.3)


@pytest.fixture
def calls(monkeypatch):
    return replace_tools(monkeypatch, metrics)


def run(name: str, tmp_path: Path) -> dict:
    """Rows of the result file of two seeds."""
    out = tmp_path / "r.json"
    arguments = f"--seeds 0 1 --work-dir {tmp_path}/w --out {out}"
    arguments += " --pretrain-options train_cfg.max_epochs=1"
    load(name).EXPERIMENT.main(arguments.split())
    results = json.loads(out.read_text())
    assert results["commit"] == "abc1234"
    assert results["command"].startswith(f"python tools/experiments/{name}.py --seeds")
    return {row["name"]: row for row in results["rows"]}


def pretrainings(calls: list[list[str]]) -> list[list[str]]:
    return [call for call in calls if "train_cfg.max_epochs=1" in call]


def test_personvit(calls, tmp_path, capsys):
    rows = run("personvit_synthetic", tmp_path)
    assert rows["scratch"]["mAP"] == pytest.approx([0.5, 0.6])
    assert rows["dino"]["mAP"] == pytest.approx([0.52, 0.62])
    assert rows["personvit"]["mean"]["mAP"] == pytest.approx(0.6)
    pretrained = pretrainings(calls)
    assert ["model.patch_weight=0" in call for call in pretrained] == [True, False] * 2
    assert not any(CHECKPOINT in word for call in pretrained for word in call)
    text = capsys.readouterr().out
    assert "| PersonViT (DINO and masked patches), against DINO" in text
    assert "| 0.600 ± 0.071 | 0.700 ± 0.000 |" in text


def test_up_reid(calls, tmp_path, capsys):
    rows = run("up_reid_synthetic", tmp_path)
    assert list(rows) == ["scratch", "moco", "cc", "icc", "up_reid"]
    assert rows["icc"]["mAP"] == pytest.approx([0.55, 0.65])
    pretrained = pretrainings(calls)
    moco = "configs/up_reid/moco_r18_pretrain_synthetic.py"
    assert [call[1] == moco for call in pretrained] == [True, False, False, False] * 2
    for option, row in (("model.grid=None", 1), ("model.consistency_weight=0", 2)):
        given = [option in call for call in pretrained]
        assert given == [place == row for place in range(4)] * 2
    text = capsys.readouterr().out
    assert "| MoCo v2, against from scratch | +0.020 | +0.000 | +0.000 |" in text
    assert "| UP-ReID (both), against MoCo v2 | +0.040 |" in text


def test_every_row_starts_from_its_own_pretraining(calls, tmp_path):
    run("up_reid_synthetic", tmp_path)
    finetuned = [c for c in calls if "finetune" in c[1]]
    assert len(finetuned) == 2 * 5 * 2  # trained and tested
    for call in finetuned:
        row = Path(call[call.index("--work-dir") + 1]).parent
        expected = [f"{CHECKPOINT}={row}/pretrain/train/last.pth"]
        found = [word for word in call if word.startswith(CHECKPOINT)]
        assert found == ([] if row.name == "scratch" else expected)
        assert (f"{PREFIX}=online.backbone." in call) == bool(found)


def test_nothing_is_repeated(calls, tmp_path):
    run("personvit_synthetic", tmp_path)
    number = len(calls)
    run("personvit_synthetic", tmp_path)
    assert len(calls) == number
