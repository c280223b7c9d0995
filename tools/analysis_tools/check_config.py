"""Look for mistakes in configs: python tools/analysis_tools/check_config.py CONFIG ...

Unknown keys, types that do not resolve, models that do not build, optimiser rules that
match no parameter, names of start weights that the catalogue lacks. Says by name what
training starts from. Needs no data. Ends with status 1 when something was found.
"""

import argparse
import sys
from pathlib import Path

from mmengine.config import Config

from mmpsearch.errors import UserError
from mmpsearch.utils.check_config import check_config
from mmpsearch.utils.command_line import load_config, one_line_errors
from mmpsearch.utils.config_options import add_options_argument
from mmpsearch.zoo.start_weights import require_known, start_weights


def config_paths(names: list[str]) -> list[Path]:
    """Files as they are, folders by their configs outside ``_base_``."""
    paths = []
    for name in names:
        found = [Path(name)]
        if found[0].is_dir():
            found = sorted(
                path for path in Path(name).rglob("*.py") if "_base_" not in path.parts
            )
        paths += found
    return paths


def _start(config: Config) -> str:
    """The start weights of a config's model by name."""
    found = start_weights(config.get("model") or {})
    return ", ".join(map(str, found)) or "random weights"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "configs",
        nargs="+",
        help="config files, or folders of them; they are code, and this runs it",
    )
    add_options_argument(parser)
    arguments = parser.parse_args()
    bad = 0
    paths = config_paths(arguments.configs)
    for path in paths:
        try:
            config = load_config(str(path), arguments.cfg_options, check=False)
            problems = check_config(config)
            require_known(config.get("model") or {})
        except UserError as error:
            problems = [error]
        else:
            print(f"{path}: starts from {_start(config)}")
        bad += bool(problems)
        for problem in problems:
            print(problem)
    print(f"{len(paths)} configs, {bad} with problems")
    return int(bad > 0)


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
