"""Convert a checkpoint of the public SeqNet, or of NAE in its layout.

    python tools/model_converters/convert_two_stage.py epoch_19.pth seqnet.pth
    python tools/test.py configs/person_search_baselines/seqnet_r50_prw.py seqnet.pth

SeqNet or NAE is found out. PRW's public table has 482 rows, ours 483: testing does not
look at it; to go on training set ``model.reid_loss.num_identities=482``.
"""

import sys

import mmpsearch  # noqa: F401
from mmpsearch.models.converters.files import convert_file, make_parser
from mmpsearch.models.converters.two_stage import convert_two_stage
from mmpsearch.utils.command_line import one_line_errors

if __name__ == "__main__":
    with one_line_errors():
        args = make_parser(__doc__).parse_args()
        sys.exit(
            convert_file(args.source, args.target, convert_two_stage, args.unsafe_load)
        )
