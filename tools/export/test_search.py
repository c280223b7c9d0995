"""Evaluate an exported person-search model on its config's test set.

python tools/export/test_search.py CONFIG spnet.onnx

The numbers are those of tools/test.py: what an export to eight bits costs is the
difference between the two.
"""

import argparse

from mmengine.runner import Runner

import mmpsearch.apis.exported_search  # noqa: F401  registers the model
from mmpsearch.apis.graphs import BACKENDS
from mmpsearch.utils.check_config import require_section
from mmpsearch.utils.command_line import (
    add_config_arguments,
    load_run_config,
    one_line_errors,
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="config file; it is code")
    parser.add_argument("file", help="exported model, .onnx or .xml")
    parser.add_argument("--backend", choices=BACKENDS, help="what runs an .onnx")
    add_config_arguments(parser)
    arguments = parser.parse_args()
    with one_line_errors():
        config = load_run_config(arguments)
        require_section(config, "test_dataloader")
        config.model = dict(
            type="mmpsearch.ExportedSearch",
            file=arguments.file,
            backend=arguments.backend,
            embed_ground_truth=config.model.get("embed_ground_truth", False),
            data_preprocessor=config.model.get("data_preprocessor"),
        )
        for part in (
            "train_dataloader",
            "train_cfg",
            "optim_wrapper",
            "param_scheduler",
        ):
            config[part] = None
        Runner.from_cfg(config).test()


if __name__ == "__main__":
    main()
