"""Convert ConvNeXt weights: torchvision's ImageNet weights, or MMPretrain's.

python tools/model_converters/convert_convnext.py convnext_tiny-983f1562.pth \\
    pretrained/convnext-t.pth

Then train with --cfg-options model.backbone.init_cfg.type=Pretrained
model.backbone.init_cfg.checkpoint=pretrained/convnext-t.pth
model.backbone.init_cfg.prefix=backbone.
"""

import sys

import mmpsearch  # noqa: F401
from mmpsearch.models.converters.convnext import convert_convnext
from mmpsearch.models.converters.files import convert_file, make_parser
from mmpsearch.utils.command_line import one_line_errors


def main() -> int:
    args = make_parser(__doc__).parse_args()
    return convert_file(args.source, args.target, convert_convnext, args.unsafe_load)


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
