#!/usr/bin/env python
"""A web page to search with: the same as `mmpsearch app`.

python demo/app.py --model yolox-nano+retail-0287 --gallery people.db --media photos/
"""

import argparse
import sys

from mmpsearch.app.options import add_app_arguments, run_app
from mmpsearch.utils.command_line import one_line_errors


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_app_arguments(parser)
    args = parser.parse_args(arguments)
    with one_line_errors():
        return run_app(args)


if __name__ == "__main__":
    sys.exit(main())
