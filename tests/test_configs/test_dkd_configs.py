"""DKD's configs train and are tested on a few rendered scenes, each kind once.

Shrunk like the other two-stage configs. The kinds that are left out differ from these
in the terms of the distillation or in the data set.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.datasets import PRW
from mmpsearch.errors import ConfigError
from mmpsearch.registry import MODELS
from mmpsearch.utils.check_config import RUNNER_KEYS
from mmpsearch.utils.checkpoint import load_checkpoint
from tests.test_apis.tiny_graphs import colour_embedder

from .test_two_stage_configs import ROOT, data, narrow, shrink

__all__ = ["data"]  # a fixture
FOLDER = ROOT / "dkd"
CONFIGS = sorted(path.stem for path in FOLDER.glob("*.py"))
NUM_IDENTITIES = {"cuhk-sysu": 5532, "prw": 483, "synthetic": 150}
STUDENTS = ("dkd_r50_prw", "dkd-tiny_r18_synthetic", "dkd-0-tiny_r18_synthetic")
TEACHERS = ("teacher-r1_r50_prw", "teacher-r2-tiny_r18_synthetic")
# the rows of the paper's Tables 2 and 3: L_p, FSA, L_pr, L_tr
ROWS = {
    "dkd-0": (0, False, 0, 0),
    "dkd-1": (1, False, 0, 0),
    "dkd-2": (1, False, 0, 0),
    "dkd-3": (1, True, 0, 0),
    "dkd-4": (0, False, 10, 0),
    "dkd-5": (0, False, 0, 1),
    "dkd-6": (0, False, 10, 1),
    "dkd-7": (1, True, 10, 0),
    "dkd-8": (1, True, 0, 1),
    "dkd": (1, True, 10, 1),
}


def load(name: str) -> Config:
    return Config.fromfile(FOLDER / f"{name}.py")


def narrow_reid(model: Config) -> None:
    model.backbone.update(stem_channels=8, base_channels=4, init_cfg=None)
    model.heads.whole.in_channels = 128 if model.backbone.depth == 50 else 32
    if "num_identities" in model:
        model.num_identities = 4


def shrink_student(name: str, data: Path, work_dir: Path, order=None) -> Config:
    config = load(name)
    config.model.train_proposals = config.model.train_proposals or {}
    has_loss = config.model.reid_loss is not None
    if not has_loss:
        config.model.reid_loss = dict()
    config = shrink(config, data, work_dir)
    if not has_loss:
        config.model.reid_loss = None
    else:
        width = 128 if "r50" in name else 32
        config.model.reid_loss.embed_dims = width
    narrow_reid(config.model.teacher)
    if "distillation" in config.model:
        teacher = MODELS.build(config.model.teacher)
        if order is None:
            scenes = PRW(data_root=config.train_dataloader.dataset.data_root)
            order = scenes.metainfo["identity_order"]
        meta = {"dataset_meta": {"identity_order": order}}
        path = work_dir / "teacher.pth"
        torch.save({"state_dict": teacher.state_dict(), "meta": meta}, path)
        config.model.teacher_checkpoint = str(path)
    return config


@pytest.mark.parametrize("row", ROWS)
def test_rows_of_the_paper(row):
    terms = load(f"{row}_r50_prw").model.get("distillation", {})
    names = ("probability", "shifted", "pairwise", "triplet")
    assert tuple(terms.get(name, 0) for name in names) == ROWS[row]


@pytest.mark.parametrize("name", CONFIGS)
def test_numbers_of_the_data_set(name):
    model = load(name).model
    number = next(value for key, value in NUM_IDENTITIES.items() if key in name)
    if name.startswith("teacher"):
        assert model.num_identities == number
    elif name.startswith("dkd"):
        assert model.reid_loss.num_identities == number
        if model.get("distillation"):
            assert model.teacher.num_identities == number


@pytest.mark.parametrize("name", [*STUDENTS, "detector_r50_prw"])
def test_students_train_and_are_tested(name, data, tmp_path):
    config = shrink_student(name, data, tmp_path)
    runner = Runner.from_cfg(config)
    runner.train()
    for scalar in ("loss", *("loss_pairwise",) * ("dkd_r50" in name)):
        values = runner.message_hub.get_scalar(f"train/{scalar}").data[0]
        assert len(values) >= 2 and np.isfinite(values).all()
    (path,) = tmp_path.glob("*_[12].pth")
    assert not any("teacher" in key for key in load_checkpoint(path)["state_dict"])
    metrics = runner.test()
    assert metrics["gt_mAP"] > 0 and 0 <= metrics["mAP"] <= 1


def test_a_teacher_of_other_classes_is_refused(data, tmp_path):
    config = shrink_student("dkd-tiny_r18_synthetic", data, tmp_path, [9, 8, 7, 6])
    with pytest.raises(ConfigError, match="its classes are other identities"):
        Runner.from_cfg(config).train()


@pytest.mark.parametrize("name", TEACHERS)
def test_teachers_train_and_say_their_classes(name, data, tmp_path):
    config = load(name)
    narrow_reid(config.model)
    config.train_dataloader.update(
        num_workers=0, persistent_workers=False, batch_size=8
    )
    config.train_dataloader.dataset.scenes.data_root = str(data / "prw")
    config.train_cfg.max_epochs = 1
    config.work_dir, config.log_level = str(tmp_path), "WARNING"
    Runner.from_cfg(config).train()
    meta = load_checkpoint(tmp_path / "epoch_1.pth")["meta"]
    scenes = PRW(data_root=str(data / "prw"))
    order = meta["dataset_meta"]["identity_order"]
    assert order == scenes.metainfo["identity_order"] and len(order) == 4


@pytest.mark.parametrize("name", ["two-step_d-r2_r50_prw", "two-step_gt-r1_r50_prw"])
def test_two_steps(name, data, tmp_path, monkeypatch):
    config = load(name)
    arguments = ["test_two_step.py", str(tmp_path / "config.py")]
    for part in ("reid", "detector"):
        if config.model[part] is None:
            continue
        narrow(config.model[part], 4)
        if part == "reid":
            narrow_reid(config.model.reid)
        else:
            config.model.detector.rpn_head.test_cfg.max_per_img = 20
            config.model.detector.search.score_threshold = 0.01
        path = tmp_path / f"{part}.pth"
        state = MODELS.build(config.model[part]).state_dict()
        torch.save({"state_dict": {**state, "reid_loss.unused": torch.ones(1)}}, path)
        arguments += [f"--{part}", str(path)]
    loader = config.test_dataloader
    loader.update(num_workers=0, persistent_workers=False)
    loader.dataset.data_root = str(data / "prw")
    for step in loader.dataset.pipeline:
        if step.type == "mmpsearch.WindowResize":
            step.update(short=112, long=160)
    # variables of the bases have done their work
    content = {k: v for k, v in config.items() if k in RUNNER_KEYS}
    Config(content).dump(tmp_path / "config.py")
    arguments += ["--work-dir", str(tmp_path), "--cfg-options", "log_level=WARNING"]
    monkeypatch.setattr(sys, "argv", arguments)
    monkeypatch.syspath_prepend(str(ROOT.parent / "tools"))
    import test_two_step

    results = {}
    run = Runner.test
    monkeypatch.setattr(Runner, "test", lambda self: results.update(run(self)))
    monkeypatch.setattr(test_two_step, "leave_together", lambda: None)
    test_two_step.main()
    assert {"mAP", "top1", "det_ap"} <= results.keys()
    if "gt" in name:  # an untrained detector may find nobody
        assert results["mAP"] > 0 and results["det_recall"] == 1


@pytest.mark.parametrize("detector", ["boxes", None])
def test_any_detector_and_embedder(detector, data, tmp_path, monkeypatch):
    """On the rendered PRW, with the true boxes by way of a file, and without it."""
    pytest.importorskip("onnxruntime", reason="the extra 'onnx'")
    embedder = colour_embedder(tmp_path / "e.onnx")
    embedder.with_suffix(".yaml").write_text("channel_order: bgr\n")
    config = load("two-step_gt-r1_r50_prw")
    loader = config.test_dataloader
    loader.update(num_workers=0, persistent_workers=False)
    loader.dataset.data_root = str(data / "prw")
    content = {k: v for k, v in config.items() if k in RUNNER_KEYS}
    Config(content).dump(tmp_path / "config.py")
    arguments = ["test_two_step.py", str(tmp_path / "config.py")]
    arguments += ["--embedder", str(embedder), "--work-dir", str(tmp_path)]
    if detector:
        scenes = PRW(data_root=str(data / "prw"), split="test")
        protocol = scenes.metainfo["protocol"]
        truth = {
            key: protocol.ground_truth_of(i)[0].tolist()
            for i, key in enumerate(protocol.image_keys)
        }
        (tmp_path / "boxes.json").write_text(json.dumps(truth))
        arguments += ["--detector", str(tmp_path / "boxes.json")]
    arguments += ["--cfg-options", "log_level=WARNING"]
    monkeypatch.setattr(sys, "argv", arguments)
    monkeypatch.syspath_prepend(str(ROOT.parent / "tools"))
    import test_two_step

    results = {}
    run = Runner.test
    monkeypatch.setattr(Runner, "test", lambda self: results.update(run(self)))
    monkeypatch.setattr(test_two_step, "leave_together", lambda: None)
    test_two_step.main()
    assert results["det_recall"] == 1 and results["det_ap"] > 0.99
    assert results["mAP"] > 0.2  # clothes' mean colour
