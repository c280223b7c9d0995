"""Convert weights of the released AGW for two modalities, or of MMGL's pre-training.

python tools/model_converters/convert_agw.py sysu_agw.t pretrained/agw.pth

A fine-tuned model is tested with the result (tools/test.py). A pre-training gives the
backbone: --cfg-options model.backbone.init_cfg.checkpoint=pretrained/agw.pth
"""

import sys

import mmpsearch  # noqa: F401
from mmpsearch.models.converters.agw import convert_agw
from mmpsearch.models.converters.files import convert_file, make_parser
from mmpsearch.utils.command_line import one_line_errors


def main() -> int:
    args = make_parser(__doc__).parse_args()
    return convert_file(args.source, args.target, convert_agw, args.unsafe_load)


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
