"""Two-step search: boxes of a detector, or the ground truth's, and a re-ID model.

    python tools/test_two_step.py configs/dkd/two-step_d-r2_r50_prw.py \\
        --detector D.pth --reid R2.pth
    python tools/test_two_step.py configs/dkd/two-step_gt-r2_r50_prw.py --reid R2.pth

    python tools/test_two_step.py configs/dkd/two-step_d-r2_r50_prw.py \\
        --detector D.onnx --embedder E.xml

With --embedder, any detector and embedder take the place of the config's model: files,
names of `mmpsearch models`, configs with their checkpoints (docs/two_step_search.md);
without --detector then, the ground truth's boxes. Evaluates like tools/test.py.
"""

import argparse
from pathlib import Path

from mmengine.config import Config
from mmengine.runner import Runner
from torch import nn

import mmpsearch.apis.detect_then_embed  # noqa: F401  registers the model
from mmpsearch.errors import CheckpointError, ConfigError
from mmpsearch.models.person_search import TwoStepSearch
from mmpsearch.ops.cpu import speed_up_on_cpu
from mmpsearch.utils.check_config import require_section, require_valid
from mmpsearch.utils.checkpoint import (
    load_checkpoint,
    training_only,
    use_safe_checkpoints,
)
from mmpsearch.utils.command_line import (
    add_config_arguments,
    leave_together,
    load_run_config,
    one_line_errors,
)
from mmpsearch.utils.number_ranges import a_score


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("config", help="of a mmpsearch.TwoStepSearch; with --embedder, of any test set")
    add("--detector", help="checkpoint of model.detector; with --embedder, any one")
    add("--reid", help="checkpoint of the config's model.reid")
    add("--embedder", help="any embedder, in place of --reid")
    add("--detector-checkpoint", help="weights, where --detector is a config")
    add("--embedder-checkpoint", help="weights, where --embedder is a config")
    add(
        "--score-threshold",
        type=a_score,
        help="smallest score [0.05]; with --embedder",
    )
    add_config_arguments(parser)
    arguments = parser.parse_args()
    if (arguments.reid is None) == (arguments.embedder is None):
        parser.error("give --reid or --embedder")
    return arguments


def load_part(part: nn.Module, name: str, path: str, unsafe: bool) -> None:
    """Fill one part from its own checkpoint, completely.

    Raises:
        CheckpointError: weights are missing or of another shape.
    """
    checkpoint = load_checkpoint(Path(path), unsafe=unsafe)
    state = checkpoint.get("state_dict", checkpoint)
    wanted, unread = part.state_dict(), training_only(part)
    wrong = [
        key
        for key, value in wanted.items()
        if not unread.match(key)
        and (key not in state or state[key].shape != value.shape)
    ]
    if wrong:
        raise CheckpointError(
            f"{path} does not fit model.{name}: {len(wrong)} of {len(wanted)} weights "
            f"are missing or of another shape, first {wrong[0]}"
        )
    fitting = {k: v for k, v in state.items() if k in wanted}
    fitting = {k: v for k, v in fitting.items() if v.shape == wanted[k].shape}
    part.load_state_dict(fitting, strict=False)


def test_any(config: Config, arguments: argparse.Namespace) -> None:
    """Put any detector and embedder in place of the config's model, and test."""
    require_section(config, "test_dataloader")
    config.model = dict(
        type="mmpsearch.DetectThenEmbed",
        detector=arguments.detector,
        embedder=arguments.embedder,
        detector_checkpoint=arguments.detector_checkpoint,
        embedder_checkpoint=arguments.embedder_checkpoint,
        score_threshold=arguments.score_threshold,
        unsafe_load=arguments.unsafe_load,
    )
    for part in ("train_dataloader", "train_cfg", "optim_wrapper", "param_scheduler"):
        config[part] = None
    Runner.from_cfg(config).test()


def main() -> None:
    arguments = parse_arguments()
    with one_line_errors():
        use_safe_checkpoints(unsafe=arguments.unsafe_load)
        config = load_run_config(arguments)
        if arguments.embedder:
            test_any(config, arguments)
            leave_together()
            return
        require_valid(config)
        if (config.model.get("detector") is None) != (arguments.detector is None):
            raise ConfigError(
                f"{arguments.config}: --detector goes with model.detector; without "
                "either, the ground-truth boxes are searched"
            )
        runner = Runner.from_cfg(config)
        model = getattr(runner.model, "module", runner.model)
        if not isinstance(model, TwoStepSearch):
            raise ConfigError(
                f"config {arguments.config}: model is {type(model).__name__}, not "
                "mmpsearch.TwoStepSearch; use tools/test.py"
            )
        load_part(model.reid, "reid", arguments.reid, arguments.unsafe_load)
        if arguments.detector:
            load_part(
                model.detector, "detector", arguments.detector, arguments.unsafe_load
            )
        speed_up_on_cpu(runner.model)
        runner.test()
        leave_together()


if __name__ == "__main__":
    main()
