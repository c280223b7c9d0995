"""Convert a checkpoint of the public SeqNeXt, with or without its gallery filter.

    python tools/model_converters/convert_gfn.py prw_final_convnext-base_e30.pt gfn.pth
    python tools/test.py configs/gfn/gfn_convnext-b_prw.py gfn.pth

Modules that the public file stores under several names are read once.
"""

import sys

import mmpsearch  # noqa: F401
from mmpsearch.models.converters.files import convert_file, make_parser
from mmpsearch.models.converters.gfn import convert_gfn
from mmpsearch.utils.command_line import one_line_errors

if __name__ == "__main__":
    with one_line_errors():
        args = make_parser(__doc__).parse_args()
        sys.exit(convert_file(args.source, args.target, convert_gfn, args.unsafe_load))
