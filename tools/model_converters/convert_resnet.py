"""Convert ResNet weights: torchvision, IBN-Net, LUPerson's MoCo, fast-reid.

python tools/model_converters/convert_resnet.py lupws_r50.pth pretrained/lup_r50.pth

Then train with --cfg-options model.backbone.init_cfg.checkpoint=pretrained/lup_r50.pth
model.backbone.init_cfg.prefix=backbone.
"""

import sys

import mmpsearch  # noqa: F401
from mmpsearch.models.converters.files import convert_file, make_parser
from mmpsearch.models.converters.resnet import convert_resnet
from mmpsearch.utils.command_line import one_line_errors


def main() -> int:
    args = make_parser(__doc__).parse_args()
    return convert_file(args.source, args.target, convert_resnet, args.unsafe_load)


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
