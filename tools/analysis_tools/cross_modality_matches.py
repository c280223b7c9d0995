"""Show what infrared queries find among RGB pictures (MMGL, Figure 5).

    python tools/analysis_tools/cross_modality_matches.py CONFIG CHECKPOINT \\
        --out shown/

Some queries of the test set, drawn at random, each with its ten most similar pictures
of the other modality: green is right, red is wrong. Writes a picture for each query and
a page. The gallery is every picture of the other modality; of SYSU-MM01, queries of
camera 3 do not see those of camera 2, which stands at the same place.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from mmpsearch.apis import (
    CropRanking,
    EmbeddedCrops,
    InputError,
    SourceImage,
    save_crop_report,
)
from mmpsearch.apis.config_kinds import build_modality_set
from mmpsearch.apis.crop_ranking import rank_crops
from mmpsearch.apis.test_set_embedding import build_embedder, embed_items
from mmpsearch.datasets.io.picture_reading import read_picture
from mmpsearch.utils.command_line import load_config, one_line_errors, output_folder

SAME_PLACE = {"mmpsearch.SYSUMM01": {2: 1}}  # query camera: gallery camera, from 0


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="its test_dataloader.dataset is searched")
    parser.add_argument("checkpoint", nargs="?", help="[the weights it starts from]")
    parser.add_argument(
        "--out", type=output_folder, required=True, help="folder to write"
    )
    parser.add_argument("--number", type=int, default=5, help="queries [5]")
    parser.add_argument("--top", type=int, default=10, help="matches of each [10]")
    parser.add_argument("--query", choices=["ir", "rgb"], default="ir", help="[ir]")
    parser.add_argument("--seed", type=int, default=0, help="of the queries [0]")
    parser.add_argument("--device", help="[the GPU when there is one]")
    return parser.parse_args()


def galleries(
    query_cameras: np.ndarray, gallery_cameras: np.ndarray, same_place: dict[int, int]
) -> list[np.ndarray]:
    """Positions in the gallery that each query is compared with.

    Args:
        query_cameras: (Q,) int.
        gallery_cameras: (G,) int.
        same_place: For a query's camera the gallery's camera that it does not see.
    """
    return [
        np.flatnonzero(gallery_cameras != same_place.get(int(camera), -1))
        for camera in query_cameras
    ]


def read_pictures(dataset, items: np.ndarray) -> list[SourceImage]:
    """The pictures of some items, named by their folders: ``cam3_0012_0002.jpg``."""
    paths = [Path(dataset.get_data_info(int(item))["img_path"]) for item in items]
    return [
        SourceImage(read_picture(path, upright=False), "_".join(path.parts[-3:]))
        for path in paths
    ]


def rank(model, dataset, args, same_place: dict[int, int]) -> list[CropRanking]:
    """One ranking for each of some queries."""
    modalities = np.asarray(dataset.modalities)
    people, cameras = np.asarray(dataset.person_ids), np.asarray(dataset.camera_ids)
    queries = np.flatnonzero(modalities == args.query)
    gallery = np.flatnonzero(modalities != args.query)
    if not len(queries) or not len(gallery):
        raise InputError("the test set lacks a modality")
    chosen = np.random.default_rng(args.seed).permutation(queries)[: args.number]
    pictures = read_pictures(dataset, chosen)
    vectors = embed_items(model, dataset, chosen)
    gallery_vectors = embed_items(model, dataset, gallery)
    rankings = []
    seen = galleries(cameras[chosen], cameras[gallery], same_place)
    for item, picture, vector, visible in zip(
        chosen, pictures, vectors, seen, strict=True
    ):
        similar = np.argsort(-(gallery_vectors[visible] @ vector), kind="stable")
        best = visible[similar[: args.top]]
        (found,) = rank_crops(
            EmbeddedCrops([picture], vector[None]),
            EmbeddedCrops(read_pictures(dataset, gallery[best]), gallery_vectors[best]),
            args.top,
            query_ids=[int(people[item])],
            gallery_ids=people[gallery[best]].tolist(),
        )
        rankings.append(replace(found, searched=len(visible)))
    return rankings


def main() -> int:
    args = parse_args()
    config = load_config(args.config)
    dataset = build_modality_set(config)
    same_place = SAME_PLACE.get(config.test_dataloader.dataset.type, {})
    model = build_embedder(config, args.checkpoint, args.device)
    rankings = rank(model, dataset, args, same_place)
    args.out.mkdir(parents=True, exist_ok=True)
    files = save_crop_report(args.out, rankings, "Cross-modality matches")
    right = sum(bool(ranking.matches[0].correct) for ranking in rankings)
    print(f"{right} of {len(rankings)} queries find their person first")
    print(f"wrote {files[-1]}")
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
