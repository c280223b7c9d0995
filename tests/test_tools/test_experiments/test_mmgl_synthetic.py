"""The experiment with its tools replaced, and the table drawn from its file."""

import json
from pathlib import Path

import pytest

from .scripts import load, replace_tools

GAINS = {"mmgl": 0.05, "mmgl_batch_shuffle": 0.1, "supervised_rgb": 0.2}
START = "model.backbone.init_cfg.checkpoint"


def gain_of(path: str) -> float:
    """What a row's pre-training is worth."""
    return sum(GAINS.get(part, 0.0) for part in Path(path).parts)


def metrics(_: str, options: dict[str, str]) -> dict[str, float]:
    mAP = 0.2 + 0.1 * int(options["randomness.seed"]) + gain_of(options.get(START, ""))
    scores = dict(rank1=0.4, mAP=mAP, mINP=0.1)
    return {f"all_single_python/{name}": value for name, value in scores.items()}


def probes(folder: str, _: dict[str, str]) -> dict[str, float]:
    scores = dict(frozen_mAP=0.1 + gain_of(folder), frozen_rank1=0.3)
    found = {f"all_single_python/{name}": value for name, value in scores.items()}
    return found | dict(
        paired_share=0.45, permutation_stripe=0.9, permutation_whole=0.8
    )


@pytest.fixture
def calls(monkeypatch):
    return replace_tools(monkeypatch, metrics, probes)


def run(tmp_path: Path, more: str = "") -> dict:
    """Rows of the result file of two seeds."""
    out = tmp_path / "r.json"
    arguments = f"--seeds 0 1 --work-dir {tmp_path}/w --out {out}"
    arguments += " --pretrain-options train_cfg.max_epochs=1" + more
    load("mmgl_synthetic").main(arguments.split())
    return {row["name"]: row for row in json.loads(out.read_text())["rows"]}


def test_rows_and_table(calls, tmp_path, capsys):
    rows = run(tmp_path)
    assert list(rows) == ["scratch", *GAINS]
    assert rows["scratch"]["mAP"] == pytest.approx([0.2, 0.3])
    for name, gain in GAINS.items():
        assert rows[name]["mean"]["mAP"] == pytest.approx(0.25 + gain)
        assert rows[name]["mean"]["frozen_mAP"] == pytest.approx(0.1 + gain)
    assert rows["mmgl"]["paired_share"] == [0.45, 0.45]
    assert "paired_share" not in rows["supervised_rgb"]
    text = capsys.readouterr().out
    title = "| supervised on RGB pictures of others, less from scratch"
    assert f"{title} | +0.200 ± 0.000 | +0.000 ± 0.000 | +0.200 ± 0.000 |" in text
    assert "(chance 0.021) | 0.450 | 0.450 |" in text
    number = len(calls)
    run(tmp_path)
    assert len(calls) == number  # nothing is repeated


def test_rows_differ_in_the_shuffle_and_start_from_their_own(calls, tmp_path):
    module = load("mmgl_synthetic")
    run(tmp_path)
    pretrained = [c for c in calls if c[:2] == ["tools/train.py", module.PRETRAIN]]
    shuffles = ["model.data_preprocessor.shuffle=batch" in c for c in pretrained]
    assert shuffles == [False, True] * 2
    assert all("train_cfg.max_epochs=1" in call for call in pretrained)
    for call in (c for c in calls if c[:2] == ["tools/train.py", module.FINETUNE]):
        row = Path(call[call.index("--work-dir") + 1]).parents[1]
        found = [word for word in call if word.startswith(START)]
        expected = [f"{START}={row}/pretrain/train/last.pth"]
        assert found == ([] if row.name == "scratch" else expected)


def test_supervised_people_are_others(calls, tmp_path):
    run(tmp_path, " --render-seed 4 --rows scratch supervised_rgb")
    rendered = [call for call in calls if "make_synthetic.py" in call[0]]
    seeds = {Path(c[c.index("--out") + 1]).name: c for c in rendered}
    found = {name: c[c.index("--seed") + 1] for name, c in seeds.items()}
    assert found == {"sysu_mm01": "4", "other_people": "1004"}
