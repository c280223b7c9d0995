"""Convert weights of torchreid's OSNet, of ImageNet or of a re-ID data set.

python tools/model_converters/convert_osnet.py osnet_x0_25_msmt17.pth osnet.pth

A re-ID model is tested or used with the result (demo/search_person.py --embedder
configs/reid/osnet/osnet_x0-25_msmt17.py --embedder-checkpoint osnet.pth). Weights of
ImageNet give the backbone: --cfg-options model.backbone.init_cfg.checkpoint=osnet.pth
"""

import sys

import mmpsearch  # noqa: F401
from mmpsearch.models.converters.files import convert_file, make_parser
from mmpsearch.models.converters.osnet import convert_osnet
from mmpsearch.utils.command_line import one_line_errors


def main() -> int:
    args = make_parser(__doc__).parse_args()
    return convert_file(args.source, args.target, convert_osnet, args.unsafe_load)


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
