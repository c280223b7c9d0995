"""Convert weights of the released DDAG.

python tools/model_converters/convert_ddag.py sysu_ddag.t pretrained/ddag.pth

The result is tested with configs/ddag (tools/test.py).
"""

import sys

import mmpsearch  # noqa: F401
from mmpsearch.models.converters.ddag import convert_ddag
from mmpsearch.models.converters.files import convert_file, make_parser
from mmpsearch.utils.command_line import one_line_errors


def main() -> int:
    args = make_parser(__doc__).parse_args()
    return convert_file(args.source, args.target, convert_ddag, args.unsafe_load)


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
