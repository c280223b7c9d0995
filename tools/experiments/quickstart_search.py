"""Search the synthetic benchmark's test frames for some of its queries.

Draws the ranked pictures with green and red frames, since who is who is known here.
"""

import argparse
import os

import numpy as np
from rich.console import Console

import mmpsearch  # noqa: F401
from mmpsearch.apis import (
    GalleryIndex,
    PersonSearchInferencer,
    make_ranked_list,
    read_query,
    save_report,
    search_person,
    update_gallery,
)
from mmpsearch.apis.config_kinds import build_search_set
from mmpsearch.evaluation.functional import paired_iou
from mmpsearch.structures import SearchProtocol
from mmpsearch.utils.command_line import load_config, one_line_errors, output_folder


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="with a test_dataloader")
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--out", required=True, type=output_folder, help="folder")
    parser.add_argument("--data-root", help="of the test set, in place of the config's")
    parser.add_argument("--number", type=int, default=3, help="queries to draw")
    return parser.parse_args()


def is_person(
    protocol: SearchProtocol, key: str, box: np.ndarray, person_id: int
) -> bool:
    """Whether a found box lies on the person, IoU at least 0.5."""
    boxes, ids = protocol.ground_truth_of(protocol.image_keys.index(key))
    own = boxes[ids == person_id]
    return bool(len(own)) and bool(
        (paired_iou(own, box[None].repeat(len(own), 0)) >= 0.5).any()
    )


def spread_queries(protocol: SearchProtocol, number: int) -> list[int]:
    """Queries of different people, spread over the list."""
    _, first = np.unique(protocol.query_person_ids, return_index=True)
    return sorted(first)[:: max(len(first) // number, 1)][:number]


def main() -> None:
    args = parse_args()
    inferencer = PersonSearchInferencer(args.config, args.checkpoint)
    config = load_config(args.config)
    if args.data_root:
        config.test_dataloader.dataset.data_root = args.data_root
    dataset = build_search_set(config)
    paths = [dataset.get_data_info(i)["img_path"] for i in range(len(dataset))]
    protocol = dataset.metainfo["protocol"]
    index, console = GalleryIndex(), Console()
    update_gallery(inferencer, index, paths, progress=True)
    for number in spread_queries(protocol, args.number):
        person_id = int(protocol.query_person_ids[number])
        scene = paths[protocol.query_images[number]]
        query = read_query(inferencer, scene, protocol.query_boxes[number])
        result = search_person(index, query, top_k=12)
        correct = [
            is_person(protocol, os.path.basename(m.path), m.box, person_id)
            for m in result.matches
        ]
        folder = args.out / f"person_{person_id}"
        ranked = make_ranked_list(query, result, correct)
        console.print(f"person {person_id}: {sum(correct)} of {len(correct)} are right")
        for path in save_report(folder, ranked):
            console.print(str(path), markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    with one_line_errors():
        main()
