#!/usr/bin/env python
"""Where is this person? Search photographs and videos for the person in a box.

python demo/search_person.py --detector D.onnx --embedder E.xml \\
    --query scene.jpg --box 10 20 80 240 --gallery photos/ --out ranked/

The model is a detector and an embedder (files, or names of `mmpsearch models`), or
one model that does both: --model NAME, or --config with --checkpoint. The same as
`mmpsearch search`.
"""

import argparse
import sys

from mmpsearch.cli.commands import search
from mmpsearch.utils.command_line import USER_ERRORS
from mmpsearch.utils.terminal import printable


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    search.add_arguments(parser)
    try:
        return search.run(parser.parse_args(arguments))
    except USER_ERRORS as error:
        print(f"error: {printable(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
