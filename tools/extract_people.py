"""Extract everybody in many videos: python tools/extract_people.py SOURCES --out DIR

The same as `mmpsearch extract`; under torchrun or srun with `--engine ranks`.
"""

import sys

import mmpsearch  # noqa: F401
from mmpsearch.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["extract", *sys.argv[1:]]))
