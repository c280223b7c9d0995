"""Several models' first match, side by side (DKD, figure 5).

    python tools/test.py CONFIG A.pth --cfg-options test_evaluator.dump=a.npz
    python tools/test.py OTHER_CONFIG B.pth --cfg-options test_evaluator.dump=b.npz
    python tools/analysis_tools/compare_top_matches.py CONFIG \\
        --outputs Ours-0=a.npz NAE=b.npz --out compared.png

The models must have been tested on the config's test set. Queries are those on which
the models disagree, the last model being right first; ``--queries`` names others. Green
frames are right, red ones wrong, as the evaluation counts them.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from mmpsearch.apis.config_kinds import build_search_set
from mmpsearch.datasets.io.picture_reading import read_picture
from mmpsearch.errors import InputError
from mmpsearch.evaluation.functional.search_ranking import SearchRanking
from mmpsearch.evaluation.metrics.search_outputs import SearchOutputs
from mmpsearch.structures import SearchProtocol
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import (
    PICTURES,
    load_config,
    one_line_errors,
    output_file,
)
from mmpsearch.visualization.ranked_list import match_sighting, query_sighting
from mmpsearch.visualization.top_matches import TopMatches, draw_top_matches


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="its test_dataloader.dataset is searched")
    parser.add_argument("--outputs", nargs="+", required=True, metavar="NAME=FILE.npz")
    parser.add_argument(
        "--out", type=output_file(*PICTURES), required=True, help="picture to write"
    )
    parser.add_argument("--number", type=int, default=6, help="queries to show")
    parser.add_argument("--queries", type=int, nargs="+", help="these, by number")
    parser.add_argument("--score", type=float, default=0.5, help="smallest score")
    parser.add_argument("--weighted", action="store_true", help="by detection scores")
    return parser.parse_args()


class TopOne:
    """A model's best match of every query.

    Attributes:
        detection: (Q,) int64 index of the detection, -1 where there is none.
        image: (Q,) int64 its image.
        similarity: (Q,) float64.
        correct: (Q,) bool: it overlaps the query's person enough.
    """

    def __init__(
        self, protocol: SearchProtocol, outputs: SearchOutputs, score: float, weighted
    ) -> None:
        outputs = outputs.in_order()
        ranking = SearchRanking(
            protocol,
            outputs.detections(protocol),
            outputs.queries(protocol),
            score,
            weighted,
        )
        total = protocol.num_queries
        self.boxes = ranking.boxes
        self.detection = np.full(total, -1)
        self.image, self.similarity = self.detection.copy(), np.zeros(total)
        self.correct = np.zeros(total, dtype=bool)
        for query in range(total):
            best = ranking.best(query, 1)
            if len(best.detections):
                (self.detection[query],) = best.detections
                (self.image[query],) = best.images
                (self.similarity[query],) = best.similarities
                (self.correct[query],) = best.correct


def choose(correct: np.ndarray, number: int) -> np.ndarray:
    """Queries to show: disagreement, with the last model right, then the others.

    Args:
        correct: (models, Q) bool.
        number: How many.
    """
    disagree = correct.any(axis=0) & ~correct.all(axis=0)
    rank = np.where(disagree & correct[-1], 0, np.where(disagree, 1, 2))
    return np.argsort(rank, kind="stable")[:number]


def picture(
    protocol: SearchProtocol,
    paths: Sequence[str],
    models: dict[str, TopOne],
    queries: Sequence[int],
) -> np.ndarray:
    """The comparison as (H, W, 3) uint8 BGR."""
    rows = []
    for query in queries:
        image = int(protocol.query_images[query])
        scene = read_picture(paths[image], upright=False)
        title = Path(protocol.image_keys[image]).name
        matches = []
        for found in models.values():
            if found.detection[query] < 0:
                matches.append(None)
                continue
            place = int(found.image[query])
            matches.append(
                match_sighting(
                    read_picture(paths[place], upright=False),
                    found.boxes[found.detection[query]],
                    Path(protocol.image_keys[place]).name,
                    float(found.similarity[query]),
                    correct=bool(found.correct[query]),
                )
            )
        box = protocol.query_boxes[query]
        rows.append(TopMatches(query_sighting(scene, box, title), matches))
    return draw_top_matches(rows, list(models))


def main() -> None:
    args = parse_args()
    with one_line_errors():
        config = load_config(args.config)
        dataset = build_search_set(config)
        protocol = dataset.metainfo["protocol"]
        paths = [dataset.get_data_info(i)["img_path"] for i in range(len(dataset))]
        models = {}
        for given in args.outputs:
            name, _, file = given.rpartition("=")
            try:
                outputs = SearchOutputs.load(file)
                found = TopOne(protocol, outputs, args.score, args.weighted)
            except ValueError as error:  # another kind of file, or another test set's
                raise InputError(f"--outputs {file}: {error}") from error
            models[name or Path(file).stem] = found
        correct = np.array([found.correct for found in models.values()])
        queries = args.queries or choose(correct, args.number).tolist()
        shown = picture(protocol, paths, models, queries)
        with replace_when_done(args.out) as file:
            done, encoded = cv2.imencode(args.out.suffix, shown)
            Path(file).write_bytes(encoded.tobytes())
    for name, found in models.items():
        print(f"{name}: top-1 {found.correct.mean():.4f}")
    print(f"wrote {args.out}: queries {', '.join(map(str, queries))}")


if __name__ == "__main__":
    main()
