"""Download the weights of models by name: python tools/download_model.py NAME...

The same as `mmpsearch download`; `--from FILE` takes a file that you have.
"""

import sys

import mmpsearch  # noqa: F401
from mmpsearch.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["download", *sys.argv[1:]]))
