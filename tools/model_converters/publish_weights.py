"""Make a small file of a checkpoint, to be given to others: weights and provenance.

python tools/model_converters/publish_weights.py work_dirs/x/epoch_12.pth small.pth \\
    --half --note command="bash tools/quickstart.sh" --note commit=48728e1

The optimizer's state and the weights that only training reads are left out; ``meta``
keeps what says where the weights come from: the data set, whether people were drawn,
the epoch, and every --note. Programs that load it read it as any checkpoint.
"""

import argparse
import sys
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

import mmpsearch  # noqa: F401
from mmpsearch.errors import CheckpointError
from mmpsearch.registry import MODELS
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.checkpoint import load_checkpoint, training_only
from mmpsearch.utils.command_line import one_line_errors

KEPT = ("epoch", "iter", "seed", "time", "drawn_people", "experiment_name")


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("source", type=Path, help="checkpoint of a run here")
    add("target", type=Path, help="file to write")
    add("--half", action="store_true", help="half precision, half the size")
    add("--note", action="append", default=[], metavar="KEY=VALUE", help="into meta")
    args = parser.parse_args(arguments)
    if any("=" not in note for note in args.note):
        parser.error("--note is KEY=VALUE")
    return args


def published(checkpoint: dict, half: bool, notes: dict[str, str]) -> dict:
    """What is written: ``meta`` and ``state_dict``.

    Args:
        checkpoint: of a run: ``meta`` with its ``cfg``, and ``state_dict``.
        half: floats as float16.
        notes: further provenance.

    Raises:
        CheckpointError: it does not say its config.
    """
    meta = checkpoint.get("meta") or {}
    if "cfg" not in meta or "state_dict" not in checkpoint:
        raise CheckpointError("is not a run's checkpoint: it does not say its config")
    config = Config.fromstring(meta["cfg"], ".py")
    init_default_scope(config.get("default_scope", "mmpsearch"))
    unread = training_only(MODELS.build(config.model))
    state = {
        name: value.half() if half and value.is_floating_point() else value.clone()
        for name, value in checkpoint["state_dict"].items()
        if not unread.match(name)
    }
    kept = {key: meta[key] for key in KEPT if key in meta}
    dataset = meta.get("dataset_meta", {}).get("name", "")
    return {"meta": {**kept, "dataset": dataset, **notes}, "state_dict": state}


def main(arguments: list[str] | None = None) -> int:
    args = parse_args(arguments)
    notes = dict(note.split("=", 1) for note in args.note)
    try:
        content = published(load_checkpoint(args.source), args.half, notes)
    except CheckpointError as error:
        raise CheckpointError(f"{args.source}: {error}") from None
    with replace_when_done(args.target) as temporary:
        torch.save(content, temporary)
    size = args.target.stat().st_size / 1e6
    print(f"wrote {args.target}: {len(content['state_dict'])} weights, {size:.1f} MB")
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
