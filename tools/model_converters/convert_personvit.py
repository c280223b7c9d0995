"""Convert whole pre-trainings: PersonViT, iBOT, DINO (student, teacher, heads).

python tools/model_converters/convert_personvit.py checkpoint0220.pth personvit.pth

The result is a checkpoint of configs/personvit: load it to look at its prototypes
(tools/analysis_tools/patch_clusters.py) or, by load_from, to go on. For the backbone
alone, to fine-tune it, see convert_vit.py.
"""

import sys

import mmpsearch  # noqa: F401
from mmpsearch.models.converters.files import convert_file, make_parser
from mmpsearch.models.converters.self_supervised import convert_self_supervised
from mmpsearch.utils.command_line import one_line_errors


def main() -> int:
    args = make_parser(__doc__).parse_args()
    return convert_file(
        args.source, args.target, convert_self_supervised, args.unsafe_load
    )


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
