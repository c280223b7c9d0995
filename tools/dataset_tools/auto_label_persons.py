"""Box the people of a folder of pictures with any detector.

    python tools/dataset_tools/auto_label_persons.py CONFIG CHECKPOINT data/mine/photos
    python tools/dataset_tools/auto_label_persons.py --detector D.onnx data/mine/photos

writes data/mine/annotations/instances_photos.json, which mmpsearch.COCOPersons reads
with ``data_root="data/mine", subset="photos"``: enough to pre-train SPNet.

CONFIG and CHECKPOINT are a detector of MMDetection or of a project built on it; names
such as ``rtmdet/rtmdet_s_8xb32-300e_coco.py`` are also looked up among the configs that
MMDetection ships. ``--detector`` takes any other: an ONNX or OpenVINO file,
``torchvision:NAME``, or a name of ``mmpsearch models``. Call the same command again to
go on after an interruption. Pictures in sub-folders count; those that cannot be read
are named at the end and left out.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import mmdet
from rich.console import Console
from rich.progress import track

from mmpsearch.apis import InputError, list_files, load_detector
from mmpsearch.apis.image_sources import is_video
from mmpsearch.apis.person_labeller import PersonLabeller
from mmpsearch.datasets.transforms import LoadImage
from mmpsearch.errors import UnreadableImageError
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import one_line_errors, output_file
from mmpsearch.utils.number_ranges import a_score

SHIPPED = Path(mmdet.__file__).parent / ".mim" / "configs"


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "model", nargs="*", metavar="CONFIG CHECKPOINT", help="of MMDetection"
    )
    parser.add_argument("images", type=Path, help="folder with pictures")
    parser.add_argument("--detector", help="any other detector: a file or a name")
    parser.add_argument(
        "--out", type=output_file(), help="json to write, in place of the above"
    )
    parser.add_argument("--class-name", default="person", help="whom to box [person]")
    parser.add_argument(
        "--score-threshold",
        type=a_score,
        default=0.5,
        help="smallest score [0.5]",
    )
    parser.add_argument(
        "--min-size", type=float, default=8, help="smallest width and height [8]"
    )
    parser.add_argument("--device", help="such as cuda:1; default: the GPU if any")
    parser.add_argument(
        "--restart", action="store_true", help="forget an interrupted call's results"
    )
    parser.add_argument(
        "--unsafe-load",
        action="store_true",
        help="load a checkpoint that holds pickled objects, which can run any code",
    )
    args = parser.parse_args(arguments)
    if len(args.model) != (0 if args.detector else 2):
        parser.error("give CONFIG and CHECKPOINT, or --detector, and one folder")
    args.config, args.checkpoint = args.model or (args.detector, None)
    return args


def settings(args: argparse.Namespace) -> dict:
    """What the boxes depend on, as the result states it."""
    return {
        "config": args.config,
        "checkpoint": args.checkpoint,
        "class_name": args.class_name,
        "score_threshold": args.score_threshold,
        "min_size": args.min_size,
    }


def read_part(part: Path, wanted: dict) -> dict[str, dict]:
    """Pictures that an interrupted call has done, by name.

    Args:
        part: its file: the settings, then one picture per line.
        wanted: settings of this call.

    Raises:
        InputError: that call had other settings.
    """
    if not part.exists():
        return {}
    done = []
    for line in part.read_text(encoding="utf-8").splitlines():
        try:
            done.append(json.loads(line))
        except json.JSONDecodeError:  # the line that the kill cut off
            break
    if len(done) < 2:  # without a picture nothing is lost, whatever the settings
        return {}
    if done[0] != wanted:
        raise InputError(
            f"{part} was begun with {done[0]}; call with the same, or with --restart "
            "to begin anew"
        )
    return {picture["file_name"]: picture for picture in done[1:]}


def label_all(
    args: argparse.Namespace, names: list[str], part: Path
) -> tuple[list[dict], list[str]]:
    """Label every picture that is not done yet.

    Args:
        args: the command line's.
        names: of the pictures, relative to their folder.
        part: where to note them one by one.

    Returns:
        The pictures in the order of ``names``, and what is wrong with the others.
    """
    done = read_part(part, settings(args))
    left = [name for name in names if name not in done]
    problems: list[str] = []
    if not left:
        return [done[name] for name in names], problems
    detector = args.config
    if args.detector:
        detector = load_detector(args.detector, None, args.device, args.unsafe_load)
    labeller = PersonLabeller(
        detector,
        args.checkpoint,
        args.class_name,
        args.score_threshold,
        args.min_size,
        args.device,
        args.unsafe_load,
    )
    with replace_when_done(part) as temporary:  # without a line that was cut off
        lines = [settings(args), *done.values()]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        temporary.write_text(text, encoding="utf-8")
    load = LoadImage()  # as training reads them
    with open(part, "a", encoding="utf-8") as file:
        for name in track(left, "labelling", console=Console(stderr=True)):
            try:
                image = load({"img_path": str(args.images / name)})["img"]
            except UnreadableImageError as error:
                problems.append(str(error))
                continue
            boxes, scores = labeller(image, str(args.images / name))
            picture = {
                "file_name": name,
                "height": image.shape[0],
                "width": image.shape[1],
                "boxes": boxes.round(2).tolist(),
                "scores": scores.round(4).tolist(),
            }
            done[name] = json.loads(json.dumps(picture))
            file.write(json.dumps(picture) + "\n")
            file.flush()
    return [done[name] for name in names if name in done], problems


def coco_content(pictures: list[dict], info: dict) -> dict:
    """A COCO ``instances`` file's content; every box is a person of its own.

    Args:
        pictures: ``file_name``, ``height``, ``width``, ``boxes`` xyxy, ``scores``.
        info: how the boxes were made.
    """
    images, annotations = [], []
    for number, picture in enumerate(pictures, start=1):
        size = {key: picture[key] for key in ("file_name", "height", "width")}
        images.append({"id": number, **size})
        for (x1, y1, x2, y2), score in zip(
            picture["boxes"], picture["scores"], strict=True
        ):
            width, height = round(x2 - x1, 2), round(y2 - y1, 2)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": 1,
                    "bbox": [x1, y1, width, height],
                    "area": round(width * height, 2),
                    "iscrowd": 0,
                    "score": score,
                }
            )
    return {
        "info": info,
        "categories": [{"id": 1, "name": "person"}],
        "images": images,
        "annotations": annotations,
    }


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    if not Path(args.config).is_file() and (SHIPPED / args.config).is_file():
        args.config = str(SHIPPED / args.config)
    if not args.images.is_dir():
        raise InputError(f"{args.images} is no folder with pictures")
    root = args.images = Path(os.path.abspath(args.images))  # without any ".."
    default = root.parent / "annotations" / f"instances_{root.name}.json"
    out = args.out or default
    files = [Path(file) for file in list_files(root) if not is_video(file)]
    names = [file.relative_to(root).as_posix() for file in files]
    if not names:
        raise InputError(f"{args.images} has no pictures")
    part = out.with_name(f".{out.stem}.part.jsonl")
    if args.restart:
        part.unlink(missing_ok=True)
    pictures, problems = label_all(args, names, part)
    content = coco_content(pictures, settings(args))
    with replace_when_done(out) as temporary:
        temporary.write_text(json.dumps(content), encoding="utf-8")
    part.unlink(missing_ok=True)
    shown = sum(bool(picture["boxes"]) for picture in pictures)
    print(
        f"{out}: {len(content['annotations'])} boxes; {shown} of {len(pictures)} "
        "pictures show somebody"
    )
    for problem in problems:
        print(f"left out: {problem}", file=sys.stderr)


if __name__ == "__main__":
    with one_line_errors():
        main()
