"""Rank unlabelled crops by TransReID-SSL's catastrophic-forgetting score.

    python tools/dataset_tools/score_cfs.py data/LUPerson \\
        --before dino_20e.pth --after finetuned_120e.pth --out data/LUPerson/cfs.txt

--before is a ViT pre-trained without labels (published: DINO, 20 epochs on LUPerson),
--after the same, fine-tuned with labels (published: 120 epochs on MSMT17 and
Market-1501). The score is the cosine of their class tokens before the BNNeck; crops
whose feature moved least come first. Use the list by

    train_dataloader.dataset.image_list=cfs.txt train_dataloader.dataset.choice=first
    train_dataloader.dataset.fraction=0.5

Where the two models were trained with other colour constants, say so: --after-half.
Crops that cannot be read are named and left out.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np

import mmpsearch  # noqa: F401
from mmpsearch.apis import ImageReadError, InputError, ReadingReport, list_files
from mmpsearch.apis.patch_tokens import PatchTokens
from mmpsearch.datasets.reid.forgetting import forgetting_scores, write_ranked_list
from mmpsearch.datasets.synthetic import ProgressLine
from mmpsearch.utils.command_line import one_line_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder with the crops, at any depth")
    parser.add_argument("--before", required=True, help="self-supervised checkpoint")
    parser.add_argument("--after", required=True, help="fine-tuned checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="list to write")
    parser.add_argument("--heads", type=int, help="attention heads of other widths")
    parser.add_argument(
        "--after-half",
        action="store_true",
        help="the fine-tuned model normalises by 127.5 (TransReID), not as ImageNet",
    )
    parser.add_argument("--batch", type=int, default=64, help="[64]")
    parser.add_argument("--device", help="[the GPU when there is one]")
    return parser.parse_args()


def main() -> int:
    args = parse_args()
    common = dict(heads=args.heads, device=args.device, batch_size=args.batch)
    half = dict(mean=(127.5,) * 3, std=(127.5,) * 3) if args.after_half else {}
    try:
        before = PatchTokens(args.before, **common)
        after = PatchTokens(args.after, **common, **half)
        names, scores, report = [], [], ReadingReport()
        # absolute as the pictures' paths are, a link's name kept
        root, total = os.path.abspath(args.folder), len(list_files(args.folder))
        with ProgressLine("scoring") as progress:
            for batch in before.batches(args.folder, report=report):
                pictures = [one.pixels for one in batch]
                features = [
                    m.tokens(pictures)[:, 0].cpu().numpy() for m in (before, after)
                ]
                scores.append(forgetting_scores(*features))
                names += [os.path.relpath(one.path, root) for one in batch]
                progress(len(names), total)
        if not names:
            raise InputError(f"{args.folder}: no picture that can be read")
    except (InputError, ImageReadError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if report.unreadable:
        print(report, file=sys.stderr)
    write_ranked_list(args.out, names, np.concatenate(scores))
    print(f"wrote {args.out}: {len(names)} crops")
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
