"""Render videos of walking people, with the truth in MOT Challenge's format.

Example::

    python tools/dataset_tools/make_synthetic_video.py --out data/synthetic/video

The same people walk past every camera. Writes ``camera1.mp4`` and so on, and
``truth/camera1/gt/gt.txt``, where track numbers are the same in all cameras.
"""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

import cv2
from rich.console import Console
from rich.progress import track

from mmpsearch.datasets.io.mot_files import write_mot
from mmpsearch.datasets.synthetic.video import VideoOptions, render_video, truth_of
from mmpsearch.errors import InputError
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import one_line_errors, output_folder

HELP = {
    "seed": "of people, cameras and walks",
    "people": "who walk past every camera once",
    "cameras": "one video each",
    "seconds": "length of every video",
    "fps": "frames a second",
    "width": "of the frames, pixels",
    "height": "of the frames, pixels",
}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=output_folder, required=True, help="folder")
    for field in fields(VideoOptions):
        kind = float if field.name == "seconds" else int
        text = f"{HELP[field.name]} [{field.default}]"
        parser.add_argument(
            f"--{field.name}", type=kind, default=field.default, help=text
        )
    return parser.parse_args(argv)


def write_video(options: VideoOptions, index: int, out: Path) -> int:
    """Render one camera; returns the number of annotated people.

    Raises:
        InputError: OpenCV cannot write the video.
    """
    name = f"camera{index + 1}"
    folder = out / "truth" / name / "gt"
    folder.mkdir(parents=True, exist_ok=True)
    scenes = []
    with replace_when_done(out / f"{name}.mp4") as temporary:
        writer = cv2.VideoWriter(
            str(temporary),
            cv2.VideoWriter_fourcc(*"mp4v"),
            options.fps,
            (options.width, options.height),
        )
        if not writer.isOpened():
            raise InputError(f"{out / name}.mp4: this OpenCV cannot write mp4 videos")
        frames = track(
            render_video(options, index),
            f"rendering {name}",
            options.frames,
            console=Console(stderr=True),
        )
        for image, scene in frames:
            writer.write(image)
            scene.image = scene.owner = None  # only the boxes are needed
            scenes.append(scene)
        writer.release()
    rows = truth_of(scenes)
    write_mot(folder / "gt.txt", rows)
    return len(rows)


def main(argv: list[str] | None = None) -> None:
    given = vars(parse_args(argv))
    out = given.pop("out")
    with one_line_errors():
        try:
            options = VideoOptions(**given)
        except ValueError as error:
            raise InputError(str(error)) from error
        out.mkdir(parents=True, exist_ok=True)
        for index in range(options.cameras):
            boxes = write_video(options, index, out)
            print(
                f"{out}/camera{index + 1}.mp4: {options.frames} frames, {boxes} boxes"
            )


if __name__ == "__main__":
    main()
