"""Read damaged files in a process of its own, and say what went wrong.

    python -m tests.fuzzing.child FOLDER SEED FIRST LAST KIND...

Works in FOLDER; of the first kind it begins at number FIRST. Prints a line of JSON per
fault: kind, number, reader, error. It ends where a file takes too long; the last line
of ``progress`` then names the culprit, as after a crash.
"""

import faulthandler
import json
import logging
import os
import random
import resource
import sys
import time
import traceback
import warnings
from pathlib import Path

from PIL import Image

from mmpsearch.utils.command_line import USER_ERRORS
from tests.fuzzing.kinds import SCENE, Kind, make_kinds

LONGEST = 10.0  # seconds a file may take
LARGEST = 1 << 20  # KiB that it may add to the process
# What may not happen while a file is read.
RUNS = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "socket.connect")
_armed = False


def main(folder: Path, seed: int, first: int, last: int, *names: str) -> None:
    os.chdir(folder)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    kinds = make_kinds()
    Image.new("RGB", (32, 24)).save(SCENE)
    sys.addaudithook(_refuse)
    with open("progress", "w", buffering=1) as progress:
        for name in names:
            for number in range(first, last):
                progress.write(f"{name} {number}\n")
                read_one(kinds[name], name, number, seed)
            first = 0
        progress.write("done\n")


def read_one(kind: Kind, name: str, number: int, seed: int) -> None:
    """Damage and read one file."""
    draw = random.Random(f"{seed} {name} {number}")
    file = draw.choice(sorted(kind.files))
    path = Path(file).absolute()
    path.write_bytes(kind.change(kind.files[file], draw))
    for place, read in enumerate(kind.readers_of(file)):
        fault = _try(read, path)
        if fault:
            told = dict(kind=name, number=number, file=file, reader=place)
            print(json.dumps({**told, "fault": fault}), flush=True)


def _try(read, path: Path) -> str | None:
    """What was wrong with reading one file."""
    global _armed
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    _armed = True
    try:
        read(path)
    except USER_ERRORS as error:
        lines = str(error).partition("Expected layout")[0].splitlines()
        if len(lines) > 3:
            return f"more than a line: {str(error)[:200]}"
    except BaseException as error:
        lines = traceback.format_exception(error)
        return "".join(lines)[-1500:]
    finally:
        _armed = False
        faulthandler.cancel_dump_traceback_later()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if grown > LARGEST:
        return f"took {grown >> 10} MiB"
    if Path("EXECUTED").exists():
        Path("EXECUTED").unlink()
        return "ran what the file holds"
    if time.monotonic() - started > LONGEST:
        return "took too long"
    return None


def _refuse(event: str, arguments: tuple) -> None:
    if _armed and event in RUNS:
        raise AssertionError(f"{event} while a file was read: {arguments}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]), *sys.argv[5:])
