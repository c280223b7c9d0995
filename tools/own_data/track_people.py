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
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from mmpsearch.apis.model_arguments import add_model_arguments, load_from_arguments
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.tracks.video_folder import MIN_LENGTH, Followed, follow_video
from mmpsearch.errors import InputError
from mmpsearch.utils.command_line import one_line_errors, output_folder
from mmpsearch.utils.number_ranges import a_count


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
        default=MIN_LENGTH,
        help="frames of the shortest track [%(default)s]",
    )
    add_model_arguments(parser)
    return parser.parse_args(argv)


def track_camera(
    video: Path, out: Path, inferencer: SceneInferencer, args: argparse.Namespace
) -> Followed:
    """Follow the people of one video, with a bar."""
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(f"following people of {video.name}", total=None)
        return follow_video(
            video,
            out,
            inferencer,
            args.frame_step,
            args.min_length,
            lambda frames: bar.update(task, completed=frames),
        )


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
            print(f"{final}: {track_camera(video, final, inferencer, args)}")


if __name__ == "__main__":
    main()
