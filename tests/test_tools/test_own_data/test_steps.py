"""From tracks to a config, as a user runs the tools."""

import csv
import json

import cv2
import pytest
from mmengine.config import Config

from mmpsearch.datasets.io.mot_files import write_mot
from mmpsearch.datasets.synthetic.video import VideoOptions, render_video, truth_of
from mmpsearch.utils.check_config import check_config

OPTIONS = VideoOptions(people=3, cameras=2, seconds=5, fps=4, width=160, height=112)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """Tracked cameras: the rendered truth in place of a tracker's result."""
    root = tmp_path_factory.mktemp("own") / "tracks"
    for index in range(OPTIONS.cameras):
        folder = root / f"camera{index + 1}"
        (folder / "gt").mkdir(parents=True)
        (folder / "img1").mkdir()
        scenes = []
        for number, (image, scene) in enumerate(render_video(OPTIONS, index), start=1):
            cv2.imwrite(str(folder / f"img1/{number:06d}.jpg"), image)
            scenes.append(scene)
        write_mot(folder / "gt" / "gt.txt", truth_of(scenes))
    return root


def edit(table, change):
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        change(row)
    with open(table, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def labelled(run_tool, rendered):
    """After the first look and the edit: tracks of equal number are one person."""
    status, text = run_tool("own_data/show_tracks.py", rendered)
    assert status == 0, text
    assert (rendered / "sheets/camera1_01.jpg").exists()
    table = rendered / "people.csv"
    edit(table, lambda row: row.update(person=f"p{row['track']}"))
    status, text = run_tool("own_data/show_tracks.py", rendered)
    assert status == 0 and "3 people on 1 sheets" in text, text
    return rendered


@pytest.fixture(scope="module")
def data(run_tool, labelled):
    out = labelled.parent / "mine"
    status, text = run_tool("own_data/write_dataset.py", labelled, "--out", out)
    assert status == 0 and "3 people" in text, text
    return out


def test_the_data_set_names_people_over_cameras(data):
    content = json.loads((data / "annotations.json").read_text())
    cameras = {image["id"]: image["camera_id"] for image in content["images"]}
    seen = {(a["person_id"], cameras[a["image_id"]]) for a in content["annotations"]}
    people = {person for person, _ in seen}
    assert people == {"p1", "p2", "p3"} and len(seen) == 6
    assert {image["split"] for image in content["images"]} == {"train", "test"}


@pytest.mark.parametrize("model", ["spnet-tiny", "spnet-s"])
def test_the_config_is_valid_and_knows_the_numbers(run_tool, data, model, tmp_path):
    out = tmp_path / f"{model}.py"
    arguments = (data, "--model", model, "--out", out, "--iterations", 40)
    status, text = run_tool("own_data/write_config.py", *arguments)
    assert status == 0, text
    config = Config.fromfile(out)
    assert check_config(config) == []
    dataset = config.train_dataloader.dataset
    assert dataset.data_root == str(data) and dataset.split == "train"
    assert config.val_dataloader.dataset.split == "test"
    content = json.loads((data / "annotations.json").read_text())
    training = {i["id"] for i in content["images"] if i["split"] == "train"}
    people = {
        a["person_id"] for a in content["annotations"] if a["image_id"] in training
    }
    assert config.model.reid_loss.num_identities == len(people)
    assert config.train_cfg.max_epochs == round(40 / (len(training) // 8))
    assert config.val_evaluator.further_cameras == ("cross",)


def test_check_dataset_reads_both_forms(run_tool, data, labelled):
    for name, root in (("coco_person_search", data), ("mot_person_search", labelled)):
        status, text = run_tool("dataset_tools/check_dataset.py", name, root)
        assert status == 0 and "nothing is wrong" in text, text
    (image,) = list((data / "images/camera1").glob("000003.jpg"))
    image.rename(image.with_suffix(".bak"))
    status, text = run_tool(
        "dataset_tools/check_dataset.py", "coco_person_search", data
    )
    image.with_suffix(".bak").rename(image)
    assert status == 1 and "1 pictures are missing" in text, text


def test_mistakes_are_one_line(run_tool, labelled, data, tmp_path):
    table = tmp_path / "people.csv"
    table.write_text("camera,track\n")
    wrong = (
        ("own_data/show_tracks.py", tmp_path / "nowhere", "no camera with gt/gt.txt"),
        (
            "own_data/write_config.py",
            tmp_path,
            "--out",
            tmp_path / "a.py",
            "is missing",
        ),
        (
            *("own_data/write_dataset.py", labelled, "--out", tmp_path / "x"),
            *("--people", table, "the header lacks first, last, person"),
        ),
        (
            *("own_data/write_dataset.py", labelled, "--out", tmp_path / "x"),
            *("--frame-step", 0, "--frame-step: 0: must be at least 1"),
        ),
        (
            *("own_data/write_config.py", data, "--out", tmp_path / "a.py"),
            *("--person-key", "name", "no annotation of a person has 'name'"),
        ),
    )
    for tool, *arguments, message in wrong:
        status, text = run_tool(tool, *arguments)
        assert status == 2 and message in text and "Traceback" not in text, text


def test_rendered_videos(run_tool, tmp_path):
    arguments = ("--people", 2, "--cameras", 1, "--seconds", 1, "--fps", 4)
    size = ("--width", 96, "--height", 80)
    tool = "dataset_tools/make_synthetic_video.py"
    status, text = run_tool(tool, "--out", tmp_path, *arguments, *size)
    assert status == 0 and "camera1.mp4: 4 frames" in text, text
    capture = cv2.VideoCapture(str(tmp_path / "camera1.mp4"))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 4
    assert (tmp_path / "truth/camera1/gt/gt.txt").exists()
    status, text = run_tool(tool, "--out", tmp_path, "--people", 0)
    assert status == 2 and "people=0: at least 1" in text, text
