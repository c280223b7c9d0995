"""From rendered videos to a trained model, by the commands of docs/own_video.md."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmpsearch.datasets.io.mot_files import read_mot
from mmpsearch.datasets.person_search.own.track_folder import read_tracked

pytest.importorskip("lap", reason="ByteTrack needs lap")
ROOT = Path(__file__).parents[3]
EMBEDDER = "configs/reid/bot/bot_r18_synth.py"
SIZE = ("--width", 192, "--height", 128)


@pytest.fixture(scope="module")
def videos(run_tool, tmp_path_factory):
    out = tmp_path_factory.mktemp("own") / "videos"
    arguments = ("--people", 4, "--seconds", 7, "--fps", 8, *SIZE)
    status, text = run_tool(
        "dataset_tools/make_synthetic_video.py", "--out", out, *arguments
    )
    assert status == 0, text
    return out


@pytest.fixture(scope="module")
def tracks(run_tool, videos):
    """The true boxes, without their numbers, stand in for a detector."""
    out = videos.parent / "tracks"
    for camera in ("camera1", "camera2"):
        rows = read_mot(videos / f"truth/{camera}/gt/gt.txt")
        boxes = videos / f"{camera}_boxes.txt"
        lines = [
            f"{frame},-1,{x1},{y1},{x2 - x1},{y2 - y1},0.9"
            for frame, (x1, y1, x2, y2) in zip(rows.frames, rows.boxes, strict=True)
        ]
        boxes.write_text("\n".join(lines))
        status, text = run_tool(
            *("own_data/track_people.py", videos / f"{camera}.mp4", "--out", out),
            *("--detector", boxes, "--embedder", ROOT / EMBEDDER),
        )
        assert status == 0 and "56 frames" in text, text
    return out


def true_people(rows, truth):
    """The true track of every row, by the box that is nearest in its frame."""
    found = []
    for frame, box in zip(rows.frames, rows.boxes, strict=True):
        own = truth.frames == frame
        distance = np.abs(truth.boxes[own] - box).max(axis=1)
        found.append(truth.tracks[own][distance.argmin()])
    return np.array(found)


def test_tracks_follow_people(videos, tracks):
    cameras = read_tracked(tracks)
    assert [camera.name for camera in cameras] == ["camera1", "camera2"]
    for camera in cameras:
        truth = read_mot(videos / f"truth/{camera.name}/gt/gt.txt")
        assert len(camera.rows) == len(truth)
        people = true_people(camera.rows, truth)
        followed = camera.rows.tracks >= 0
        assert followed.mean() > 0.85
        right = 0
        for track in np.unique(camera.rows.tracks[followed]):
            _, counts = np.unique(
                people[camera.rows.tracks == track], return_counts=True
            )
            right += counts.max()
        assert right / followed.sum() > 0.9
        assert set(camera.embeddings) == set(camera.rows.tracks[followed].tolist())
        image = cv2.imread(str(camera.picture(56)))
        assert image.shape == (128, 192, 3)


def test_a_camera_that_is_there_is_left_alone(run_tool, videos, tracks):
    before = (tracks / "camera1/gt/gt.txt").stat().st_mtime_ns
    arguments = ("--out", tracks, "--detector", videos / "camera1_boxes.txt")
    status, text = run_tool(
        *("own_data/track_people.py", videos / "camera1.mp4", *arguments),
        *("--embedder", ROOT / EMBEDDER),
    )
    assert status == 0 and "stays as it is" in text, text
    assert (tracks / "camera1/gt/gt.txt").stat().st_mtime_ns == before


def test_mistakes_are_one_line(run_tool, videos, tmp_path):
    model = ("--detector", videos / "camera1_boxes.txt", "--embedder", ROOT / EMBEDDER)
    tool = "own_data/track_people.py"
    status, text = run_tool(tool, tmp_path / "no.mp4", "--out", tmp_path / "a", *model)
    assert status == 2 and "no.mp4" in text and "Traceback" not in text, text
    assert not (tmp_path / "a/no").exists()
    video = videos / "camera1.mp4"
    status, text = run_tool(tool, video, video, "--out", tmp_path / "a", *model)
    assert status == 2 and "two cameras would have the same name" in text, text
    status, text = run_tool(tool, video, "--out", tmp_path / "a")
    assert status == 2 and "give one of" in text, text


def command(*arguments, cwd):
    """Output of a program, which must end well."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout + done.stderr


def results(work_dir):
    """The metrics that a test has written last."""
    files = sorted(
        work_dir.glob("*/[0-9]*.json"), key=lambda file: file.stat().st_mtime
    )
    return json.loads(files[-1].read_text().splitlines()[-1])


@pytest.mark.slow
def test_the_five_commands(videos, tracks, tmp_path):
    """With the true people in people.csv, as a user would find them on the sheets."""
    tools = ROOT / "tools"
    command(tools / "own_data/show_tracks.py", tracks, cwd=tmp_path)
    table = tracks / "people.csv"
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        camera = next(c for c in read_tracked(tracks) if c.name == row["camera"])
        truth = read_mot(videos / f"truth/{camera.name}/gt/gt.txt")
        own = camera.rows.keep(camera.rows.tracks == int(row["track"]))
        row["person"] = f"p{np.bincount(true_people(own, truth)).argmax()}"
    with open(table, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    data, config = tmp_path / "mine", tmp_path / "mine/tiny.py"
    command(tools / "own_data/write_dataset.py", tracks, "--out", data, cwd=tmp_path)
    start = ROOT / "demo/first_answer/spnet-tiny.pth"
    arguments = ("--iterations", 40, "--start", start, "--out", config)
    command(tools / "own_data/write_config.py", data, *arguments, cwd=tmp_path)
    work = tmp_path / "work"
    command(tools / "train.py", config, "--work-dir", work, cwd=tmp_path)
    checkpoint = work / (work / "last_checkpoint").read_text().strip()
    arguments = (checkpoint, "--work-dir", work / "test")
    command(tools / "test.py", config, *arguments, cwd=tmp_path)
    own = results(work / "test")
    command(
        *(tools / "test_two_step.py", config, "--work-dir", work / "two_step"),
        *("--detector", data / "annotations.json", "--embedder", ROOT / EMBEDDER),
        cwd=tmp_path,
    )
    baseline = results(work / "two_step")
    assert own["gt_mAP"] > 0.4 and own["det_ap"] > 0.5
    assert baseline["det_ap"] > 0.95 and baseline["mAP"] > 0
    content = json.loads((data / "annotations.json").read_text())
    annotation = next(a for a in content["annotations"] if a["bbox"][2] > 12)
    image = next(i for i in content["images"] if i["id"] == annotation["image_id"])
    x, y, width, height = annotation["bbox"]
    command(
        *(ROOT / "demo/search_person.py", "--config", config),
        *("--checkpoint", checkpoint, "--score-threshold", 0.1),
        *("--query", data / "images" / image["file_name"]),
        *("--box", x, y, x + width, y + height),
        *("--gallery", videos / "camera2.mp4", "--out", tmp_path / "ranked"),
        cwd=tmp_path,
    )
    assert (tmp_path / "ranked/ranked.html").exists()
