"""Ask every publisher of the catalogue whether its file is still there.

python tools/check_zoo.py
python tools/check_zoo.py "*solider*" --task backbone

Only the heads of the answers are read. Google Drive answers with a page for every file,
of which it is only seen whether it exists. Ends with status 1 when an address is dead
or a size differs. Needs the internet; it is no part of the tests.
"""

import argparse
import sys

import mmpsearch  # noqa: F401
from mmpsearch.utils.command_line import one_line_errors
from mmpsearch.zoo import DownloadError, WeightFile, find, list_models
from mmpsearch.zoo.http import head


def check(file: WeightFile) -> str:
    """What is wrong with a file's address; ``""``: nothing.

    Args:
        file: of the catalogue.
    """
    if not file.url:
        return "its address is not known"
    try:
        size, _ = head(file.url, page_is_fine="drive.google.com" in file.url)
    except DownloadError as error:
        return str(error)
    if None not in (size, file.size) and size != file.size:
        return f"{file.url}: has {size} bytes, the catalogue says {file.size}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pattern", nargs="?", help="part of a name, or a pattern")
    parser.add_argument("--task", help="person-search, detector, embedder, re-id, …")
    arguments = parser.parse_args()
    names = list_models(arguments.pattern, arguments.task, with_weights=True)
    dead = 0
    for name in names:
        for file in find(name).files:
            trouble = check(file)
            dead += bool(trouble)
            print(f"{name}: {trouble or 'there'}", flush=True)
    print(f"{len(names)} models, {dead} addresses with trouble")
    return int(dead > 0)


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
