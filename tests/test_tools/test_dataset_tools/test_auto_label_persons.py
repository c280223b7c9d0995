"""A stock detector of MMDetection boxes rendered people; the data set reads them."""

import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import nn

from mmpsearch.apis import InputError
from mmpsearch.apis.person_labeller import PersonLabeller
from mmpsearch.datasets import COCOPersons
from mmpsearch.datasets.synthetic import make_options, make_synthetic
from mmpsearch.datasets.transforms import LoadImage
from mmpsearch.errors import ModelLoadError
from tests.test_apis import crop_model
from tests.test_apis.tiny_graphs import constant_detector

PATH = Path(__file__).parents[3] / "tools/dataset_tools/auto_label_persons.py"
SPEC = importlib.util.spec_from_file_location("auto_label_persons", PATH)
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)
THRESHOLD = 0.3


@pytest.fixture(scope="module")
def detector(tmp_path_factory):
    """Config and checkpoint of MMDetection's RetinaNet, narrow and at random."""
    folder = tmp_path_factory.mktemp("detector")
    stock = tool.SHIPPED / "retinanet/retinanet_r18_fpn_1x_coco.py"
    config = Config.fromfile(stock)
    config.model.backbone.update(base_channels=8, stem_channels=8, init_cfg=None)
    config.model.neck.update(in_channels=[8, 16, 32, 64], out_channels=16)
    config.model.bbox_head.update(in_channels=16, feat_channels=16, stacked_convs=1)
    config.model.test_cfg.update(nms_pre=50, max_per_img=20)
    for dataset in (config.test_dataloader.dataset, config.val_dataloader.dataset):
        dataset.pipeline[1].scale = (96, 64)
    config.dump(folder / "detector.py")
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope("mmdet"):
        model = MODELS.build(config.model)
    nn.init.normal_(model.bbox_head.retina_cls.weight, std=0.5)
    nn.init.zeros_(model.bbox_head.retina_cls.bias)
    model.bbox_head.retina_cls.bias.data[::80] = 3.0  # class 0, a person
    torch.save({"state_dict": model.state_dict()}, folder / "detector.pth")
    return folder / "detector.py", folder / "detector.pth"


@pytest.fixture
def photos(tmp_path):
    """Three rendered scenes, one of them in a sub-folder, and a file cut off."""
    root = tmp_path / "rendered"
    options = make_options("coco", scenes=3, width=96, height=64)
    make_synthetic(options, root)
    folder = tmp_path / "mine/photos"
    (folder / "more").mkdir(parents=True)
    first, *others = sorted((root / "train2017").iterdir())
    shutil.copy(first, folder / "more" / "a.jpg")
    for number, file in enumerate(others):
        shutil.copy(file, folder / f"{number}.jpg")
    (folder / "cut.jpg").write_bytes(first.read_bytes()[:500])
    (folder / "film.mp4").write_bytes(b"")
    return folder


def call(detector, photos, *options):
    threshold = ["--score-threshold", str(THRESHOLD), "--device", "cpu"]
    tool.main([*map(str, detector), str(photos), *threshold, *options])


def test_the_data_set_reads_the_boxes(detector, photos, capsys):
    call(detector, photos)
    output = capsys.readouterr()
    assert "3 pictures show somebody" in output.out
    assert "left out: " in output.err and "cut.jpg is empty or cut off" in output.err
    folder = photos.parent / "annotations"
    assert [file.name for file in folder.iterdir()] == ["instances_photos.json"]
    content = json.loads((folder / "instances_photos.json").read_text())
    names = [image["file_name"] for image in content["images"]]
    assert names == ["0.jpg", "1.jpg", "more/a.jpg"]
    assert all(item["score"] >= THRESHOLD for item in content["annotations"])
    assert content["info"]["score_threshold"] == THRESHOLD

    dataset = COCOPersons(str(photos.parent), subset="photos")
    labeller = PersonLabeller(*detector, score_threshold=THRESHOLD, device="cpu")
    assert 0 < len(dataset) <= 3
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        boxes, scores = labeller(LoadImage()({"img_path": info["img_path"]})["img"])
        np.testing.assert_allclose(info["gt_bboxes"], boxes, atol=0.02)
        assert (np.diff(scores) <= 0).all()
        assert (boxes[:, 2:] - boxes[:, :2] >= 8).all()
        assert (boxes >= 0).all() and (boxes <= [96, 64, 96, 64]).all()


def test_an_interrupted_call_is_continued(detector, photos, monkeypatch):
    call(detector, photos)
    out = photos.parent / "annotations/instances_photos.json"
    whole = out.read_bytes()
    out.unlink()
    seen = []
    original = PersonLabeller.__call__

    def dies_at_the_second(self, image, path):
        seen.append(image.shape)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return original(self, image, path)

    monkeypatch.setattr(PersonLabeller, "__call__", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        call(detector, photos)
    part = photos.parent / "annotations/.instances_photos.part.jsonl"
    assert not out.exists() and len(part.read_text().splitlines()) == 2
    with open(part, "a") as file:  # as a kill leaves it
        file.write('{"file_name": "1.jpg", "hei')
    with pytest.raises(InputError, match="was begun with .* --restart"):
        call(detector, photos, "--min-size", "20")
    call(detector, photos)
    assert len(seen) == 4  # the first picture was not looked at again
    assert out.read_bytes() == whole and not part.exists()


def test_other_classes_and_sizes(detector, photos):
    call(detector, photos, "--class-name", "bicycle", "--out", str(photos / "b.json"))
    bicycles = json.loads((photos / "b.json").read_text())["annotations"]
    call(detector, photos, "--min-size", "40", "--out", str(photos / "p.json"))
    people = json.loads((photos / "p.json").read_text())["annotations"]
    assert bicycles != people
    assert all(min(item["bbox"][2:]) >= 39.9 for item in people)


def test_mistakes_end_in_one_sentence(detector, photos, tmp_path):
    config, checkpoint = detector
    (tmp_path / "empty").mkdir()
    torch.save({"state_dict": {"a": torch.ones(1)}}, tmp_path / "other.pth")
    Config(crop_model.config()).dump(tmp_path / "crops.py")
    (tmp_path / "bare.py").write_text("model = dict(type='RetinaNet')")
    for arguments, message in {
        (config, checkpoint, tmp_path / "gone"): "is no folder with pictures",
        (config, checkpoint, tmp_path / "empty"): "has no pictures",
        ("gone.py", checkpoint, photos): "there is no config file gone.py",
        (config, "gone.pth", photos): "checkpoint gone.pth: there is no such file",
        (config, tmp_path / "other.pth", photos): "does not fit the config's RetinaNet",
        (tmp_path / "bare.py", checkpoint, photos): "model of bare.py cannot be built",
        (config, checkpoint, photos, "--class-name", "unicorn"): "no class 'unicorn'",
        (tmp_path / "crops.py", checkpoint, photos): "crops.py is a re-identification",
    }.items():
        with pytest.raises((InputError, ModelLoadError), match=message):
            tool.main([*map(str, arguments), "--device", "cpu"])
    assert not (photos.parent / "annotations").exists()  # nothing is in the way


def test_a_call_that_did_no_picture_is_forgotten(detector, photos, tmp_path):
    part = tmp_path / ".o.part.jsonl"
    part.write_text('{"config": "another"}\n')
    call(detector, photos, "--out", str(tmp_path / "o.json"))
    assert (tmp_path / "o.json").exists() and not part.exists()


@pytest.mark.parametrize("folder", ["../mine/photos", "photos/more/..", "."])
def test_relative_folders(detector, photos, monkeypatch, folder):
    monkeypatch.chdir(photos if folder == "." else photos.parent)
    call(detector, folder)
    out = photos.parent / "annotations/instances_photos.json"
    names = [image["file_name"] for image in json.loads(out.read_text())["images"]]
    assert names == ["0.jpg", "1.jpg", "more/a.jpg"]


def test_any_other_detector(photos, tmp_path, capsys):
    pytest.importorskip("onnxruntime", reason="the extra 'onnx'")
    rows = np.array([[8, 4, 40, 60, 0.9, 0], [1, 1, 5, 60, 0.8, 0]], np.float32)
    graph = constant_detector(tmp_path / "d.onnx", (64, 96), output=rows[None])
    out = tmp_path / "o.json"
    tool.main(["--detector", str(graph), str(photos), "--out", str(out)])
    content = json.loads(out.read_text())
    assert content["info"]["config"] == str(graph)
    assert content["info"]["checkpoint"] is None
    boxes = [one["bbox"] for one in content["annotations"]]
    assert boxes == [[8, 4, 32, 56]] * 3  # the narrow one is below --min-size
    with pytest.raises(SystemExit):
        tool.main(["--detector", str(graph), "CONFIG", str(photos)])
    assert "CONFIG and CHECKPOINT, or --detector" in capsys.readouterr().err
