"""Draw clusters of patches: which parts of people share a prototype (Fig. 4).

    python tools/analysis_tools/patch_clusters.py epoch_240.pth crops/ \\
        --out clusters.png

Needs a pre-training with its projection head. Every row is a cluster: its clearest
patches, one per picture, marked in red, with their neighbourhood of 5 x 5 patches.
Near-black patches are left out; pictures that cannot be read are named and left out.
"""

import sys

import cv2
import numpy as np
import torch
from patch_tool import load, make_parser, picture_file, save

from mmpsearch.apis import InputError, ReadingReport
from mmpsearch.utils.command_line import one_line_errors
from mmpsearch.visualization.patch_pictures import cluster_rows, patch_window
from mmpsearch.visualization.patch_structure import find_clusters

NEAR_BLACK = 40  # mean of HSV's V in a patch
TEMPERATURE = 0.1  # the student's


def brightness(picture: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """(P,) mean V of HSV of every patch."""
    value = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)[..., 2].astype(np.float32)
    rows, columns = grid
    blocks = value.reshape(rows, value.shape[0] // rows, columns, -1)
    return blocks.mean(axis=(1, 3)).ravel()


def main() -> int:
    parser = make_parser(__doc__)
    parser.add_argument("pictures", nargs="+", help="folder or pictures")
    parser.add_argument(
        "--out", type=picture_file, required=True, help="picture to write"
    )
    parser.add_argument("--number", type=int, default=1000, help="of pictures [1000]")
    parser.add_argument("--clusters", type=int, default=12, help="rows [12]")
    parser.add_argument("--members", type=int, default=10, help="of a row [10]")
    parser.add_argument("--by", choices=["size", "confidence"], default="size")
    args = parser.parse_args()
    model = load(args)
    head = model.head()
    pictures, prototypes, confidences, usable = [], [], [], []
    report = ReadingReport()
    for batch in model.batches(args.pictures, args.number, report):
        scaled = [model.scaled(one.pixels) for one in batch]
        with torch.inference_mode():
            bottleneck = head.bottleneck(model.tokens(scaled)[:, 1:])
            logits = head.patch_logits(bottleneck) / TEMPERATURE
            found = logits.softmax(-1).max(-1)
        pictures += scaled
        confidences.append(found.values.cpu().numpy())
        prototypes.append(found.indices.cpu().numpy())
        bright = [brightness(picture, model.grid) for picture in scaled]
        usable.append(np.stack(bright) > NEAR_BLACK)
    if not pictures:
        raise InputError("no picture that can be read")
    if report.unreadable:
        print(report, file=sys.stderr)
    clusters = find_clusters(
        *map(np.concatenate, (prototypes, confidences, usable)),
        clusters=args.clusters,
        members=args.members,
        by=args.by,
    )
    rows = [
        [
            patch_window(pictures[picture], place, model.grid[1], model.patch)
            for picture, place in zip(cluster.pictures, cluster.patches, strict=True)
        ]
        for cluster in clusters
    ]
    save(cluster_rows(rows), args.out)
    for cluster in clusters:
        print(
            f"prototype {cluster.prototype}: {cluster.size} patches, probability "
            f"{cluster.confidences.mean():.3f}"
        )
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
