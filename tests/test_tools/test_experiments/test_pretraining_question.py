"""The experiments on pre-training with their tools replaced, and their tables."""

import json
from pathlib import Path

import pytest

from mmpsearch.errors import InputError

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
STAGES = "pretrain", "finetune"
FRACTION = "train_dataloader.dataset.identity_fraction"
OWN_BACKGROUND = "train_dataloader.dataset.pipeline.0.background=None"
NARROW = "model.backbone.position_std=0.02"


def gain_of(path: str) -> float:
    """What a checkpoint's pre-training is worth."""
    return sum(gain for row, gain in GAINS.items() if row in Path(path).parts)


def metrics(_: str, options: dict[str, str]) -> dict[str, float]:
    """0.5, more by seed, by labels and by what the training starts from."""
    mAP = (
        0.5
        + 0.1 * int(options["randomness.seed"])
        + gain_of(options.get(CHECKPOINT, ""))
    )
    return dict(mAP=mAP + 0.01 * float(options.get(FRACTION, 1)), rank1=0.7, mINP=0.3)


def probes(folder: str, _: dict[str, str]) -> dict[str, float]:
    found = dict.fromkeys(("frozen_rank1", "probe_mAP", "probe_rank1"), 0.2)
    frozen = 0.05 + gain_of(folder)
    return dict(found, frozen_mAP=frozen, effective_rank=9.0, feature_spread=0.5)


@pytest.fixture
def calls(monkeypatch):
    return replace_tools(monkeypatch, metrics, probes)


def run(name: str, tmp_path: Path, more: str = "") -> dict:
    """Rows of the result file of two seeds."""
    out = tmp_path / "r.json"
    arguments = f"--seeds 0 1 --work-dir {tmp_path}/w --out {out} --render-seed 3"
    arguments += " --pretrain-options train_cfg.max_epochs=1" + more
    load(name).EXPERIMENT.main(arguments.split())
    results = json.loads(out.read_text())
    assert results["commit"] == "abc1234"
    assert results["command"].startswith(f"python tools/experiments/{name}.py --seeds")
    return {row["name"]: row for row in results["rows"]}


def pretrainings(calls: list[list[str]]) -> list[list[str]]:
    return [
        call
        for call in calls
        if call[0] == "tools/train.py" and "train_cfg.max_epochs=1" in call
    ]


def test_personvit(calls, tmp_path, capsys):
    rows = run("personvit_synthetic", tmp_path)
    assert rows["scratch"]["mAP_100"] == pytest.approx([0.51, 0.61])
    assert rows["dino"]["mAP_10"] == pytest.approx([0.521, 0.621])
    assert rows["personvit"]["mean"]["mAP_25"] == pytest.approx(0.6025)
    assert rows["scratch"]["frozen_mAP"] == pytest.approx([0.05, 0.05])
    assert rows["personvit"]["mean"]["frozen_mAP"] == pytest.approx(0.1)
    pretrained = pretrainings(calls)
    given = ["model.patch_weight=0" in call for call in pretrained]
    assert given == [True, False, False] * 2
    assert not any(CHECKPOINT in word for call in pretrained for word in call)
    text = capsys.readouterr().out
    assert "| PersonViT (DINO and masked patches), against DINO" in text
    assert "| 0.601 ± 0.071 | 0.700 ± 0.000 |" in text


def test_published_values_are_of_their_rows_alone(calls, tmp_path):
    run("personvit_synthetic", tmp_path)
    found = {OWN_BACKGROUND: set(), NARROW: set()}
    rendering = "tools/dataset_tools/make_synthetic.py"
    for call in (each for each in calls if each[0] != rendering):
        folder = call[call.index("--out" if "probe" in call[0] else "--work-dir") + 1]
        row = Path(folder).relative_to(tmp_path / "w").parts[1]
        for option in (option for option in found if option in call):
            found[option].add((row, *call[:2]))
    train, small = "tools/train.py", "configs/personvit/personvit_vit-tiny_"
    pretrain, finetune = (small + f"{stage}_synthetic.py" for stage in STAGES)
    probe, row = "tools/analysis_tools/probe_features.py", "scratch_published_positions"
    assert found[OWN_BACKGROUND] == {("personvit_own_background", train, pretrain)}
    assert found[NARROW] == {(row, probe, pretrain), (row, train, finetune)}


def test_personvit_s_crops_are_in_the_wrapped_data_set(calls, tmp_path):
    run("personvit_synthetic", tmp_path, " --rows personvit")
    wrapped = "train_dataloader.dataset.dataset.data_root"
    for call in pretrainings(calls):
        assert f"{wrapped}={tmp_path}/w/data/luperson" in call


def test_up_reid(calls, tmp_path, capsys):
    rows = run("up_reid_synthetic", tmp_path)
    own = ["moco_own_background", "moco_overlap", "cc", "icc", "up_reid_own_background"]
    names = ["moco", "up_reid", *own]
    assert list(rows) == ["scratch", *names]
    assert rows["icc"]["mAP_100"] == pytest.approx([0.56, 0.66])
    pretrained = pretrainings(calls)
    moco = "configs/up_reid/moco_r18_pretrain_synthetic.py"
    data = f"{tmp_path}/w/data/luperson"
    for row, call in zip(names * 2, pretrained, strict=True):
        assert (call[1] == moco) == row.startswith("moco")
        assert ("model.grid=None" in call) == (row == "cc")
        assert ("model.consistency_weight=0" in call) == (row == "icc")
        assert (OWN_BACKGROUND in call) == (row in own)
        folder = data + "-overlapping" * (row == "moco_overlap")
        assert f"train_dataloader.dataset.dataset.data_root={folder}" in call
    text = capsys.readouterr().out
    assert "| MoCo v2, against from scratch | +0.020 | +0.000 |" in text
    assert "| UP-ReID (both), against MoCo v2 | +0.040 |" in text


def test_unlabelled_people_are_others(calls, tmp_path):
    run("up_reid_synthetic", tmp_path)
    rendered = [call for call in calls if "make_synthetic.py" in call[0]]
    seeds = {call[call.index("--out") + 1].split("/")[-1]: call for call in rendered}
    found = {name: int(call[call.index("--seed") + 1]) for name, call in seeds.items()}
    assert found == {"market1501": 3, "luperson": 1003, "luperson-overlapping": 3}


def test_every_row_starts_from_its_own_pretraining(calls, tmp_path):
    run("up_reid_synthetic", tmp_path)
    finetuned = [c for c in calls if "finetune" in c[1]]
    assert len(finetuned) == 2 * 8 * 3  # seeds, rows, labels
    for call in finetuned:
        row = Path(call[call.index("--work-dir") + 1]).parents[1]
        expected = [f"{CHECKPOINT}={row}/pretrain/train/last.pth"]
        found = [word for word in call if word.startswith(CHECKPOINT)]
        assert found == ([] if row.name == "scratch" else expected)
        assert (f"{PREFIX}=online.backbone." in call) == bool(found)


def test_shares_of_the_labels(calls, tmp_path):
    run("personvit_synthetic", tmp_path)
    found = set()
    for call in calls:
        options = dict(word.split("=", 1) for word in call if "=" in word)
        if FRACTION in options:
            found.add((options[FRACTION], options["model.num_identities"]))
    assert found == {("0.1", "15"), ("0.25", "38"), ("1.0", "150")}


def test_nothing_is_repeated(calls, tmp_path):
    run("personvit_synthetic", tmp_path)
    number = len(calls)
    run("personvit_synthetic", tmp_path)
    assert len(calls) == number


def test_some_rows_render_what_they_need(calls, tmp_path):
    rows = run("up_reid_synthetic", tmp_path, " --rows moco scratch")
    assert list(rows) == ["moco", "scratch"]
    rendered = [call for call in calls if "make_synthetic.py" in call[0]]
    found = {call[call.index("--out") + 1].split("/")[-1] for call in rendered}
    assert found == {"market1501", "luperson"}


def test_rows_are_added(calls, tmp_path):
    run("personvit_synthetic", tmp_path, " --rows scratch personvit")
    first = json.loads((tmp_path / "r.json").read_text())
    rows = run("personvit_synthetic", tmp_path, " --rows dino --add")
    assert list(rows) == ["scratch", "personvit", "dino"]
    assert rows["scratch"] == first["rows"][0]
    both = json.loads((tmp_path / "r.json").read_text())
    assert both["command"].startswith(first["command"] + " && python tools/")
    assert both["commit"] == first["commit"]
    assert both["minutes"] >= first["minutes"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("dino --add --seeds 0", r"seeds \[0, 1\], this run \[0\]: write it"),
        ("scratch dino --add", "has scratch already: leave it out of --rows"),
    ],
)
def test_rows_that_cannot_be_added_are_refused_at_once(rows, message, calls, tmp_path):
    run("personvit_synthetic", tmp_path, " --rows scratch")
    before, number = (tmp_path / "r.json").read_text(), len(calls)
    with pytest.raises(InputError, match=message):
        run("personvit_synthetic", tmp_path, f" --rows {rows}")
    assert (tmp_path / "r.json").read_text() == before
    assert len(calls) == number  # nothing was trained
