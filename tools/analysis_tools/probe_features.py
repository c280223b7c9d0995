"""Probe frozen features: nearest neighbours, a linear classifier, signs of collapse.

    python tools/analysis_tools/probe_features.py CONFIG CHECKPOINT
    python tools/analysis_tools/probe_features.py CONFIG --probe PROBE_CONFIG

Of any backbone, pre-trained or fine-tuned; without a checkpoint, of the weights that
the config starts from (random ones of --seed, or named ones). PROBE_CONFIG has the
data set and the metric, by default CONFIG itself; a pre-training's config has both.
The last line is JSON.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.evaluator import Evaluator
from mmengine.registry import init_default_scope
from mmengine.runner import set_random_seed
from torch.utils.data import DataLoader

from mmpsearch.apis.model_loading import choose_device
from mmpsearch.errors import UserError
from mmpsearch.models.selfsup.frozen_features import FrozenFeatures
from mmpsearch.registry import DATASETS, MODELS
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.checkpoint import (
    load_checkpoint,
    use_safe_checkpoints,
    uses_safe_checkpoints,
)
from mmpsearch.utils.command_line import (
    add_config_arguments,
    load_config,
    one_line_errors,
    output_file,
)


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="its model is built")
    parser.add_argument("checkpoint", nargs="?", help="[the weights it starts from]")
    parser.add_argument("--probe", help="config with a FeatureProbeSet [CONFIG]")
    parser.add_argument(
        "--backbone", help="its name in the model [the probe loop's, or backbone]"
    )
    parser.add_argument("--seed", type=int, default=0, help="of random weights [0]")
    parser.add_argument("--device", help="[the GPU when there is one]")
    parser.add_argument("--out", type=output_file(".json"), help="also write the JSON")
    add_config_arguments(parser)
    return parser.parse_args(arguments)


def build(config: Config, checkpoint: str | None, seed: int) -> torch.nn.Module:
    """The config's model with a checkpoint's weights, or with its own start."""
    if not uses_safe_checkpoints():
        use_safe_checkpoints()  # of ``init_cfg``
    set_random_seed(seed)
    model = MODELS.build(config.model)
    if checkpoint is None:
        model.init_weights()
    else:
        state = load_checkpoint(checkpoint)
        model.load_state_dict(state.get("state_dict", state))
    return model


def probe(
    model: torch.nn.Module, backbone: str, loader: DataLoader, metric: dict
) -> dict[str, float]:
    """The metric's results of the features of a backbone.

    Args:
        model: that has the backbone.
        backbone: its name in the model.
        loader: of a `mmpsearch.FeatureProbeSet`.
        metric: config of a `mmpsearch.FeatureProbeMetric`.
    """
    features = FrozenFeatures(model, backbone)
    evaluator = Evaluator(metric)
    evaluator.dataset_meta = loader.dataset.metainfo
    for batch in loader:
        samples = batch["data_samples"]
        rows = features.embed(batch["inputs"], samples)
        for sample, row in zip(samples, rows, strict=True):
            sample.embedding = row
        evaluator.process(data_samples=samples, data_batch=batch)
    return evaluator.evaluate(len(loader.dataset))


def probes(config: Config, part: str) -> bool:
    """Whether the validation (``val``) or the test (``test``) is a probe."""
    evaluator = config.get(f"{part}_evaluator") or {}
    return evaluator.get("type") == "mmpsearch.FeatureProbeMetric"


def main(arguments: list[str] | None = None) -> int:
    args = parse_args(arguments)
    config = load_config(args.config, args.cfg_options)
    other = load_config(args.probe) if args.probe else config
    part = next((part for part in ("test", "val") if probes(other, part)), None)
    if part is None:
        raise UserError(
            f"{args.probe or args.config} has no evaluator of type "
            "mmpsearch.FeatureProbeMetric; name a config that has one by --probe, such "
            "as configs/up_reid/moco_r18_pretrain_synthetic.py"
        )
    init_default_scope("mmpsearch")
    loop = config.get("val_cfg") or config.get("test_cfg") or {}
    name = args.backbone or loop.get("backbone", "backbone")
    data = other[f"{part}_dataloader"]
    model = build(config, args.checkpoint, args.seed).to(choose_device(args.device))
    loader = DataLoader(
        DATASETS.build(data.dataset),
        batch_size=data.batch_size,
        collate_fn=pseudo_collate,
    )
    found = probe(model, name, loader, other[f"{part}_evaluator"])
    for key, value in found.items():
        print(f"{key:24} {value:.4f}")
    if args.out:
        with replace_when_done(Path(args.out)) as temporary:
            temporary.write_text(json.dumps(found) + "\n")
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
