"""Write the transformer of a checkpoint of ours as a plain ViT state dict.

python tools/model_converters/export_vit.py work_dirs/x/epoch_300.pth vit_small.pth

Of a pre-training the teacher is taken, else the model's backbone. Keys are those of
TransReID, DINO, iBOT and timm (patch_embed.proj, blocks.0.attn.qkv, ...); the file is
the state dict itself.
"""

import argparse
import sys
from pathlib import Path

import torch

import mmpsearch  # noqa: F401
from mmpsearch.errors import CheckpointError, ConversionError
from mmpsearch.models.converters.self_supervised import plain_vit
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.checkpoint import load_checkpoint
from mmpsearch.utils.command_line import one_line_errors


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, help="checkpoint of ours")
    parser.add_argument("target", type=Path, help="file to write")
    args = parser.parse_args()
    try:
        state, prefix = plain_vit(load_checkpoint(args.source))
    except CheckpointError as error:
        print(error, file=sys.stderr)
        return 2
    except ConversionError as error:
        print(f"{args.source}: {error}", file=sys.stderr)
        return 2
    state = {key: value.detach().clone() for key, value in state.items()}
    with replace_when_done(args.target) as temporary:
        torch.save(state, temporary)
    print(f"wrote {args.target}: {len(state)} weights of {prefix or 'the file'}")
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
