"""Draw where a transformer's class token looks, in its last block (Fig. 5).

    python tools/analysis_tools/attention_maps.py epoch_240.pth crops/ --out attention/

A file per picture: the picture, the mean over the heads, every head. With --mass 0.6, a
second row shows the fewest patches that have 60 percent of each map's attention.
Pictures that cannot be read are named and left out.
"""

import sys
from pathlib import Path

import numpy as np
from patch_tool import load, make_parser, save

from mmpsearch.apis import InputError, ReadingReport
from mmpsearch.utils.command_line import one_line_errors, output_folder
from mmpsearch.visualization import draw_attention
from mmpsearch.visualization.patch_pictures import draw_mass
from mmpsearch.visualization.patch_structure import mass_mask


def main() -> int:
    parser = make_parser(__doc__)
    parser.add_argument("pictures", nargs="+", help="folder or pictures")
    parser.add_argument(
        "--out", type=output_folder, required=True, help="folder for the pictures"
    )
    parser.add_argument("--number", type=int, default=20, help="of pictures [20]")
    parser.add_argument("--mass", type=float, help="share of a mask, such as 0.6")
    args = parser.parse_args()
    model, names, report = load(args), {}, ReadingReport()
    for batch in model.batches(args.pictures, args.number, report):
        scaled = [model.scaled(one.pixels) for one in batch]
        for one, picture, maps in zip(
            batch, scaled, model.attention(scaled), strict=True
        ):
            drawn = draw_attention(picture, maps)
            if args.mass:
                every = np.stack([maps.mean(axis=0), *maps])
                masks = mass_mask(every.reshape(len(every), -1), args.mass)
                shown = [draw_mass(picture, m.reshape(model.grid)) for m in masks]
                drawn = np.vstack([drawn, np.hstack([picture, *shown])])
            stem = Path(one.path).stem
            names[stem] = names.get(stem, 0) + 1
            again = f"_{names[stem]}" if names[stem] > 1 else ""
            save(drawn, args.out / f"{stem}{again}.png")
    if not names:
        raise InputError("no picture that can be read")
    if report.unreadable:
        print(report, file=sys.stderr)
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
