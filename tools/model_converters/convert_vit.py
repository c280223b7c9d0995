"""Convert ViT weights: PersonViT, TransReID-SSL, iBOT, DINO, fine-tuned TransReID.

python tools/model_converters/convert_vit.py checkpoint0220.pth pretrained/personvit.pth
python tools/model_converters/convert_vit.py imagenet_vits.pth vits.pth \\
    --source-grid 14 14 --image-size 256 128

Of pre-training checkpoints the teacher is taken. Fine-tuned models can be tested as
they come out; pre-trained ones are given to training by
--cfg-options model.backbone.init_cfg.checkpoint=pretrained/personvit.pth
"""

import sys
from functools import partial

import mmpsearch  # noqa: F401
from mmpsearch.models.converters.files import convert_file, make_parser
from mmpsearch.models.converters.vit import convert_vit
from mmpsearch.utils.command_line import one_line_errors


def main() -> int:
    parser = make_parser(__doc__)
    parser.add_argument(
        "--source-grid",
        type=int,
        nargs=2,
        metavar=("ROWS", "COLUMNS"),
        help="grid of its position embedding; default: twice as high as wide",
    )
    parser.add_argument(
        "--image-size",
        type=int,
        nargs=2,
        metavar=("HEIGHT", "WIDTH"),
        help="resize the position embedding for images of this size",
    )
    parser.add_argument("--stride", type=int, default=16, help="distance of patches")
    parser.add_argument(
        "--keep-mask-token", action="store_true", help="to go on pre-training"
    )
    args = parser.parse_args()
    target_grid = None
    if args.image_size:
        target_grid = tuple((side - 16) // args.stride + 1 for side in args.image_size)
    convert = partial(
        convert_vit,
        source_grid=args.source_grid and tuple(args.source_grid),
        target_grid=target_grid,
        keep_mask_token=args.keep_mask_token,
    )
    return convert_file(args.source, args.target, convert, args.unsafe_load)


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
