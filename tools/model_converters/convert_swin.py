"""Convert Swin weights: SOLIDER's, Microsoft's, torchvision's, MMPretrain's.

python tools/model_converters/convert_swin.py swin_base.pth pretrained/solider.pth

They belong to a backbone dict(type="mmpsearch.SemanticSwin", arch="base",
init_cfg=dict(type="Pretrained", checkpoint=..., prefix="backbone.")).
"""

import sys

import mmpsearch  # noqa: F401
from mmpsearch.models.converters.files import convert_file, make_parser
from mmpsearch.models.converters.swin import convert_swin
from mmpsearch.utils.command_line import one_line_errors


def main() -> int:
    args = make_parser(__doc__).parse_args()
    return convert_file(args.source, args.target, convert_swin, args.unsafe_load)


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
