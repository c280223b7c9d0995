"""Show what the model sees: augmented views, boxes and ids, as pictures.

    python tools/analysis_tools/browse_dataset.py CONFIG --out browse/ --number 8

Each picture is one image: the file with its annotated boxes, then augmented views of
it. A person has the same colour in all of them; "id 7" is an identity, "#512" a
person without one, "q3" a query. Of a re-identification set it shows crops, with the
identity below; of a pre-training set all views, masked patches in grey. The sample of a
view depends on the seed under it.
"""

import argparse
import colorsys
import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.logging import print_log
from mmengine.registry import init_default_scope
from PIL import Image, ImageDraw

from mmpsearch.datasets import SeededIndex
from mmpsearch.datasets.io.picture_reading import read_picture
from mmpsearch.registry import DATASETS
from mmpsearch.structures import ReIDSample
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.check_config import require_section
from mmpsearch.utils.command_line import load_config, one_line_errors, output_folder
from mmpsearch.utils.config_options import add_options_argument
from mmpsearch.visualization.drawing import font, shorten

QUERY_COLOUR = (255, 60, 60)
GAP, CAPTION = 8, 22
NO_BOXES = np.empty((0, 4))


def person_colour(unique_id: int) -> tuple[int, int, int]:
    """An RGB colour per person; neighbouring ids get distant hues."""
    hue = unique_id * 0.61803398875 % 1.0
    return tuple(int(255 * value) for value in colorsys.hsv_to_rgb(hue, 0.75, 1.0))


def draw_boxes(
    image: np.ndarray,
    boxes: np.ndarray,
    colours: list[tuple[int, int, int]],
    labels: list[str],
    height: int,
) -> Image.Image:
    """Draw labelled boxes on an image shown at ``height`` pixels.

    Args:
        image: (H, W, 3) uint8 BGR.
        boxes: (N, 4) xyxy in its pixels.
        colours: RGB of each box.
        labels: Text of each box.
        height: Height of the result.
    """
    scale = height / image.shape[0]
    size = (max(1, round(image.shape[1] * scale)), height)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shown = cv2.resize(image, size, interpolation=method)
    picture = Image.fromarray(np.ascontiguousarray(shown[..., ::-1]))
    draw = ImageDraw.Draw(picture)
    face = font(13)
    for box, colour, label in zip(boxes * scale, colours, labels, strict=True):
        x1, y1, x2, y2 = box.tolist()
        draw.rectangle((x1, y1, max(x1, x2 - 1), max(y1, y2 - 1)), outline=colour)
        y_text = y1 - 15 if y1 >= 15 else min(y1 + 1, height - 15)
        width = face.getlength(label) + 4
        draw.rectangle((x1, y_text, x1 + width, y_text + 15), fill=colour)
        draw.text((x1 + 2, y_text), label, fill=(0, 0, 0), font=face)
    return picture


def person_labels(person_ids: list[int], unique_ids: list[int]) -> list[str]:
    """``id 7`` for an identity, ``#512`` for a person without one."""
    pairs = zip(person_ids, unique_ids, strict=True)
    return [f"id {person}" if person >= 0 else f"#{unique}" for person, unique in pairs]


def draw_scene(image, truth, unique_ids, labels, queries, query_ids, height):
    """Ground truth in the persons' colours, queries over it."""
    boxes = np.concatenate([truth, queries]).reshape(-1, 4)
    colours = [person_colour(i) for i in unique_ids]
    colours += [QUERY_COLOUR] * len(queries)
    labels = labels + [f"q{query}" for query in query_ids]
    return draw_boxes(image, boxes, colours, labels, height)


def draw_original(info: dict, height: int) -> Image.Image:
    """The file as annotated."""
    image = read_picture(info["img_path"], upright=False)
    if "gt_bboxes" not in info:
        return draw_boxes(image, NO_BOXES, [], [], height)
    unique_ids = info["gt_unique_ids"].tolist()
    return draw_scene(
        image,
        info["gt_bboxes"],
        unique_ids,
        person_labels(info["gt_person_ids"].tolist(), unique_ids),
        info["query_bboxes"],
        info["query_ids"].tolist(),
        height,
    )


def draw_view(packed: dict, height: int) -> Image.Image:
    """A sample as it comes out of the pipeline."""
    image = packed["inputs"].permute(1, 2, 0)
    if image.is_floating_point():
        image = image.round().clamp(0, 255).to(torch.uint8)
    sample = packed["data_samples"]
    if isinstance(sample, ReIDSample):
        return draw_boxes(image.numpy(), NO_BOXES, [], [], height)
    truth, queries = sample.gt_instances, sample.query_instances
    unique_ids = truth.unique_ids.tolist()
    return draw_scene(
        image.numpy(),
        truth.bboxes.numpy(),
        unique_ids,
        person_labels(truth.person_ids.tolist(), unique_ids),
        queries.bboxes.numpy(),
        queries.query_ids.tolist(),
        height,
    )


def draw_views(packed: dict, height: int) -> list[tuple[Image.Image, str]]:
    """Views of pre-training, in proportion; masked patches are grey."""
    views = [view.permute(1, 2, 0).numpy().copy() for view in packed["inputs"]]
    tallest = max(view.shape[0] for view in views)
    tiles = []
    for place, view in enumerate(views):
        caption = f"{view.shape[0]} x {view.shape[1]}"
        if place < len(packed.get("masks", ())):
            mask = packed["masks"][place].numpy()
            sides = view.shape[0] // mask.shape[0], view.shape[1] // mask.shape[1]
            view[np.kron(mask, np.ones(sides, dtype=bool))] = 128
            caption += f"  {mask.mean():.0%} masked"
        shown = max(1, height * view.shape[0] // tallest)
        tiles.append((draw_boxes(view, NO_BOXES, [], [], shown), caption))
    return tiles


def side_by_side(tiles: list[tuple[Image.Image, str]]) -> Image.Image:
    """Pictures of one height next to each other, captions below."""
    width = sum(tile.width + GAP for tile, _ in tiles) + GAP
    height = tiles[0][0].height + 2 * GAP + CAPTION
    canvas = Image.new("RGB", (width, height), (245, 245, 245))
    draw, x, face = ImageDraw.Draw(canvas), GAP, font(13)
    for tile, caption in tiles:
        canvas.paste(tile, (x, GAP))
        caption = shorten(caption, tile.width, face)
        draw.text((x, GAP + tile.height + 4), caption, fill=(30, 30, 30), font=face)
        x += tile.width + GAP
    return canvas


def browse(dataset, indices, views: int, seed: int, height: int):
    """Yield (name, picture) of the images at ``indices``."""
    for index in indices:
        info = dataset.get_data_info(index)
        key = info.get("img_key") or Path(info["img_path"]).name
        size = f"{info['height']} x {info['width']}" if "height" in info else ""
        caption = f"{key}  {size}"
        if "person_id" in info:
            caption = f"id {info['person_id']}"
        if info["camera_id"] >= 0:
            caption += f"  camera {info['camera_id']}"
        tiles = [(draw_original(info, height), caption)]
        for view in range(views):
            view_seed = (seed + 1000003 * index + view) % 2**32
            packed = dataset[SeededIndex(index, view_seed)]
            if isinstance(packed["inputs"], list):
                tiles += draw_views(packed, height)
                continue
            sample = packed["data_samples"]
            caption = f"{sample.img_shape[0]} x {sample.img_shape[1]}"
            caption += f"  seed {view_seed}" + ("  flipped" if sample.flip else "")
            tiles.append((draw_view(packed, height), caption))
        yield f"{index:06d}_{Path(key).stem}.png", side_by_side(tiles)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config")
    parser.add_argument(
        "--out", type=output_folder, required=True, help="folder for the pictures"
    )
    parser.add_argument("--number", type=int, default=8, help="images [8]")
    parser.add_argument(
        "--loader", choices=["train", "val", "test"], default="train", help="[train]"
    )
    parser.add_argument("--views", type=int, help="views each [the sampler's, least 2]")
    parser.add_argument("--seed", type=int, default=0, help="of choice and views [0]")
    parser.add_argument("--height", type=int, default=480, help="of the tiles [480]")
    add_options_argument(parser)
    return parser.parse_args(argv)


def main(args: argparse.Namespace) -> int:
    config = load_config(args.config, args.cfg_options)
    init_default_scope(config.get("default_scope", "mmpsearch"))
    loader = require_section(config, f"{args.loader}_dataloader")
    views = args.views
    if views is None:
        training = args.loader == "train"
        views = max(2, loader.get("sampler", {}).get("views", 1)) if training else 1
    dataset = DATASETS.build(loader["dataset"])
    order = np.random.default_rng(args.seed).permutation(len(dataset))
    folder = args.out
    indices = sorted(order[: args.number].tolist())
    for name, picture in browse(dataset, indices, views, args.seed, args.height):
        with replace_when_done(folder / name) as temporary:
            picture.save(temporary)
        print_log(f"{folder / name}", logger="current")
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main(parse_args()))
