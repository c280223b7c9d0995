"""Start-up of pre-training on LUPerson's number of pictures: seconds and memory.

    python tools/benchmarks/luperson_start.py                    # lists of 4,180,243
    python tools/benchmarks/luperson_start.py --walk BIG_FOLDER  # and files there

Makes a pickled list of keys and a text list of as many names as LUPerson has pictures,
and builds the data set as a rank does before its first batch, once each in a fresh
process. ``--walk`` also makes as many empty files and walks them, which takes a file
system of so many files and minutes to make them; what was made there before is used
again. ``ours`` is the pickled list; the baseline is the text list, ``equal`` says that
all give the same paths, and ``starts`` holds all of them. No start may take more than
30 s of a core or 3 GiB.
"""

import argparse
import hashlib
import json
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import Measurement, PeakMemory, report

from mmpsearch.datasets import LUPerson
from mmpsearch.utils.command_line import one_line_errors

PICTURES = 4_180_243
PER_FOLDER = 1000
LIMITS = dict(cpu_seconds=30.0, peak_mib=3072.0)


def names_of(pictures: int) -> list[str]:
    """Names as LUPerson's: a folder a video, a file a crop, sorted."""
    return [
        f"{i // PER_FOLDER:05d}_video/{i % PER_FOLDER:06d}.jpg" for i in range(pictures)
    ]


def make_lists(root: Path, pictures: int) -> None:
    """Both kinds of list; the first pictures exist, as a data set checks."""
    names = names_of(pictures)
    (root / "keys.pkl").write_bytes(pickle.dumps({"keys": names}))
    (root / "list.txt").write_text("\n".join(names))
    make_files(root, names[:PER_FOLDER])


def make_files(root: Path, names: list[str]) -> None:
    for name in names:
        path = root / name
        if name.endswith("/000000.jpg"):
            path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def start(root: str, image_list: str | None) -> dict:
    """Build a data set in this process; seconds, memory and what it holds."""
    with PeakMemory() as memory:
        began, cpu_began = time.perf_counter(), time.process_time()
        dataset = LUPerson(root, image_list=image_list)
        dataset.full_init()
        seconds = time.perf_counter() - began
        cpu_seconds = time.process_time() - cpu_began
    digest = hashlib.sha1()
    for i in range(0, len(dataset), max(len(dataset) // 5000, 1)):
        path = dataset.get_data_info(i)["img_path"]
        digest.update(str(Path(path).relative_to(root)).encode())
    return dict(
        images=len(dataset),
        seconds=round(seconds, 2),
        cpu_seconds=round(cpu_seconds, 2),
        peak_mib=round(memory.peak_mib),
        digest=digest.hexdigest(),
    )


def start_apart(root: Path, image_list: str | None) -> dict:
    """As :func:`start`, in a fresh process, as a rank is."""
    command = [sys.executable, __file__, "--of", str(root)]
    command += ["--list", image_list] if image_list else []
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=PICTURES)
    parser.add_argument("--walk", type=Path, help="folder for as many empty files")
    parser.add_argument("--of", help=argparse.SUPPRESS)
    parser.add_argument("--list", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    if args.of:
        print(json.dumps(start(args.of, args.list)))
        return
    with tempfile.TemporaryDirectory() as folder:
        make_lists(Path(folder), args.images)
        starts = {
            "keys.pkl": start_apart(Path(folder), "keys.pkl"),
            "list.txt": start_apart(Path(folder), "list.txt"),
        }
    if args.walk:
        names = names_of(args.images)
        if not (args.walk / names[-1]).exists():
            make_files(args.walk, names)
        starts["walk"] = start_apart(args.walk, None)
    same = len({each.pop("digest") for each in starts.values()}) == 1
    for each in starts.values():
        each["within_limits"] = all(each[key] <= most for key, most in LIMITS.items())
    runs = [
        Measurement([each["seconds"]], [each["cpu_seconds"]], 0.0, each["peak_mib"])
        for each in (starts["keys.pkl"], starts["list.txt"])
    ]
    report("luperson_start", *runs, equal=same, starts=starts, limits=LIMITS)


if __name__ == "__main__":
    with one_line_errors():
        main()
