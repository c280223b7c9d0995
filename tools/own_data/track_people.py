"""Find and follow the people of videos: the first step from video to a trained model.

    python tools/own_data/track_people.py hall.mp4 door.mp4 --out data/tracks \\
        --detector yolox_nano.onnx --embedder osnet.xml

Every video (or folder of numbered frames) is a camera named by its file. Writes, in
MOT Challenge's layout, ``<out>/<camera>/img1/000001.jpg`` (the frames that were looked
at, numbered as in the video), ``gt/gt.txt`` (the tracks), ``seqinfo.ini`` and
``embeddings.npz`` (what each track looks like). Look at them with
tools/own_data/show_tracks.py. A camera that is there already is left as it is.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.progress import Progress

from mmpsearch.apis.image_sources import SourceImage, iter_images
from mmpsearch.apis.model_arguments import add_model_arguments, load_from_arguments
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.tracks.byte_track import PersonTracker, TrackOptions
from mmpsearch.datasets.io.mot_files import MotRows, write_mot
from mmpsearch.datasets.person_search.own.track_folder import EMBEDDINGS
from mmpsearch.errors import InputError
from mmpsearch.gallery.detections import Detections, normalise
from mmpsearch.utils.command_line import one_line_errors, output_folder
from mmpsearch.utils.number_ranges import a_count

QUALITY = 95


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("videos", nargs="+", type=Path, help="videos, or folders of numbered frames")
    add("--out", type=output_folder, required=True, help="folder, one sub-folder each")
    add(
        "--frame-step",
        type=a_count,
        default=1,
        help="look at every N-th frame [1]",
    )
    add(
        "--min-length",
        type=a_count,
        default=5,
        help="frames of the shortest track [5]",
    )
    add_model_arguments(parser)
    return parser.parse_args(argv)


@dataclass
class Sightings:
    """Boxes, tracks and mean embeddings of one camera, as they come.

    Attributes:
        rows: frame (from 1), track, box (x1, y1, x2, y2).
        sums: track -> sum of its embeddings.
        size: Height and width of the frames.
        frames: Frames that were looked at.
    """

    rows: list[tuple] = field(default_factory=list)
    sums: dict[int, np.ndarray] = field(default_factory=dict)
    size: tuple[int, int] = (0, 0)
    frames: int = 0

    def add(self, frame: int, found: Detections, tracks: np.ndarray) -> None:
        """Take the people of one frame; track -1 is nobody's."""
        self.size, self.frames = (found.height, found.width), self.frames + 1
        for place, track in enumerate(tracks.tolist()):
            box = found.boxes[place].tolist()
            self.rows.append((frame, track, *box))
            if track >= 0:
                embedding = found.embeddings[place].astype(np.float64)
                self.sums[track] = self.sums.get(track, 0) + embedding

    def tracks(self, min_length: int) -> MotRows:
        """All boxes; those of short tracks without a track, tracks numbered from 1."""
        table = np.array(self.rows, dtype=np.float64).reshape(-1, 6)
        numbers = table[:, 1].astype(np.int64)
        found, counts = np.unique(numbers[numbers >= 0], return_counts=True)
        order = {t: i for i, t in enumerate(found[counts >= min_length].tolist(), 1)}
        self.sums = {order[t]: s for t, s in self.sums.items() if t in order}
        tracks = [order.get(number, -1) for number in numbers.tolist()]
        ones = np.ones(len(table))
        return MotRows(
            frames=table[:, 0].astype(np.int64),
            tracks=np.array(tracks, dtype=np.int64),
            boxes=table[:, 2:6],
            considered=ones > 0,
            scores=ones,
            classes=ones.astype(np.int64),
            visibility=ones,
        )


def frame_number(image: SourceImage, position: int) -> int:
    """Number of a frame from 1: in the video, in the picture's name, or its place."""
    if image.frame >= 0:
        return image.frame + 1
    stem = Path(image.path).stem
    return int(stem) if stem.isdecimal() and int(stem) > 0 else position


def track_camera(
    video: Path, out: Path, inferencer: SceneInferencer, args: argparse.Namespace
) -> Sightings:
    """Follow the people of one video and write its folder.

    Raises:
        ImageReadError: The video cannot be read.
    """
    tracker = PersonTracker(inferencer.score_threshold, TrackOptions())
    seen = Sightings()
    (out / "img1").mkdir(parents=True)
    (out / "gt").mkdir()
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(f"following people of {video.name}", total=None)

        def saved():
            """The frames, each written before it is looked at."""
            for position, image in enumerate(
                iter_images(video, args.frame_step), start=1
            ):
                numbers.append(frame_number(image, position))
                file = out / "img1" / f"{numbers[-1]:06d}.jpg"
                cv2.imwrite(
                    str(file), image.pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
                )
                yield image

        numbers: list[int] = []
        for place, found in enumerate(inferencer.detect_stream(saved())):
            tracker.update(found)
            seen.add(numbers[place], found, tracker.numbers)
            bar.advance(task)
    return seen


def write_camera(out: Path, name: str, seen: Sightings, args) -> MotRows:
    """Write the tracks beside the frames."""
    rows = seen.tracks(args.min_length)
    # As CVAT writes and reads it: with labels, pixels counted from 0.
    write_mot(out / "gt" / "gt.txt", rows, first_pixel=0)
    (out / "gt" / "labels.txt").write_text("person\n", encoding="utf-8")
    tracks = sorted(seen.sums)
    if tracks:
        embeddings = normalise(np.stack([seen.sums[t] for t in tracks]))
        np.savez(
            out / EMBEDDINGS,
            tracks=np.array(tracks),
            embeddings=embeddings.astype(np.float32),
        )
    height, width = seen.size
    last = max((int(path.stem) for path in (out / "img1").iterdir()), default=0)
    (out / "seqinfo.ini").write_text(
        f"[Sequence]\nname={name}\nimDir=img1\nseqLength={last}\nimWidth={width}\n"
        f"imHeight={height}\nimExt=.jpg\n",
        encoding="utf-8",
    )
    return rows


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors():
        names = [video.stem if video.is_file() else video.name for video in args.videos]
        if len(set(names)) < len(names):
            raise InputError(
                f"two cameras would have the same name: {', '.join(sorted(names))}; "
                "rename the videos"
            )
        args.out.mkdir(parents=True, exist_ok=True)
        inferencer = load_from_arguments(args)
        for name, video in zip(names, args.videos, strict=True):
            final = args.out / name
            if final.exists():
                print(f"{final}: is there already and stays as it is")
                continue
            part = args.out / f".{name}.part"
            shutil.rmtree(part, ignore_errors=True)
            seen = track_camera(video, part, inferencer, args)
            rows = write_camera(part, name, seen, args)
            part.rename(final)
            count = len(np.unique(rows.tracks[rows.tracks >= 0]))
            print(f"{final}: {seen.frames} frames, {len(rows)} boxes, {count} tracks")


if __name__ == "__main__":
    main()
