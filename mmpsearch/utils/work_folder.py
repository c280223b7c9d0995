"""A run's folder: its checkpoints, which of them is the last, and whose it is.

Paths in it are relative, so that a folder that was moved or copied is a run of its own.
"""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mmpsearch.errors import ConfigError
from mmpsearch.utils.atomic import replace_when_done, sync_folder

POINTER = "last_checkpoint"
_LOCK, _OWNER = ".lock", "run.json"
_EARLIER = "earlier_run_{}"
_NUMBERED = re.compile(r"(?:best_.*_)?(epoch|iter)_(\d+)(?:-[0-9a-f]{8})?\.pth")
_LOG = logging.getLogger(__name__)


def find_latest_checkpoint(folder: str | Path) -> Path | None:
    """The checkpoint to resume from in a work folder, or None.

    The file ``last_checkpoint`` says which; a kill can leave it empty. Then the highest
    ``epoch_*.pth`` counts, or ``iter_*.pth``. One that is damaged, as after a power
    cut, is named and passed over. Where the pointer has another folder's path, as
    MMEngine writes it, the file of that name here is meant: the folder was copied.
    """
    folder = Path(folder)
    candidates = [_pointed_at(folder)]
    for kind in ("epoch", "iter"):
        numbered = {
            int(match[1]): file
            for file in folder.glob(f"{kind}_*.pth")
            if (match := re.fullmatch(rf"{kind}_(\d+)\.pth", file.name))
        }
        candidates += [numbered[number] for number in sorted(numbered, reverse=True)]
    skipped: list[tuple[Path, str]] = []
    for candidate in dict.fromkeys(filter(None, candidates)):
        damage = checkpoint_damage(candidate)
        if damage is None:
            for file, reason in skipped:
                _LOG.warning("%s %s; %s is taken", file, reason, candidate.name)
            return candidate
        skipped.append((candidate, damage))
    for file, reason in skipped:
        _LOG.warning("%s %s", file, reason)
    return None


def named_checkpoint(folder: str | Path) -> Path:
    """What ``last_checkpoint`` of a work folder names, below that folder.

    Raises:
        FileNotFoundError: no run has left one.
    """
    folder = Path(folder)
    name = (folder / POINTER).read_text(encoding="utf-8").strip()
    return folder / (Path(name).name if os.path.isabs(name) else _inside(folder, name))


def write_pointer(folder: str | Path, checkpoint: str | Path) -> None:
    """Say in ``last_checkpoint`` which is the last one, relative to the folder."""
    with replace_when_done(Path(folder) / POINTER) as temporary:
        temporary.write_text(os.path.relpath(checkpoint, folder), encoding="utf-8")


def checkpoint_damage(file: Path) -> str | None:
    """What a power cut or a full disk did to a checkpoint; None: it looks whole.

    Every part has a checksum in the file. It is read once, which costs about a second
    per gigabyte.
    """
    try:
        with open(file, "rb") as stream:
            begin = stream.read(4)
        if not begin:
            return "is empty"
        if begin == bytes(len(begin)):
            return "holds zeros only"
        if begin == b"PK\3\4":  # what torch.save writes; older files have no checksums
            with zipfile.ZipFile(file) as parts:
                spoilt = parts.testzip()
            if spoilt is not None:
                return f"is damaged (in {spoilt})"
    except PermissionError as error:
        return f"cannot be read ({error.strerror})"
    except Exception:  # of damaged archives zipfile raises whatever it likes
        return "is cut off or damaged"
    return None


def set_aside_earlier(folder: str | Path, resumed: str | Path | None) -> Path | None:
    """Move checkpoints that are not this run's into a folder of their own.

    A run that is not resumed owns none of those that lie there; one that goes on from
    a checkpoint owns those up to it. What stays could be taken for this run's own, be
    removed as its oldest, or be written over.

    Args:
        folder: where the run will write its checkpoints.
        resumed: the checkpoint that the run goes on from.

    Returns:
        The new folder, ``earlier_run_1`` or the next free number; None: nothing moved.
    """
    folder = Path(folder)
    last = None
    if resumed is not None and Path(resumed).parent.resolve() == folder.resolve():
        last = _NUMBERED.fullmatch(Path(resumed).name)
        if last is None:  # a name of the user's: which are older cannot be known
            return None
    files = [
        file
        for file in sorted(folder.glob("*.pth"))
        if (found := _NUMBERED.fullmatch(file.name))
        and not (last and (found[1] != last[1] or int(found[2]) <= int(last[2])))
    ]
    if not files:
        return None
    number = 1
    while (aside := folder / _EARLIER.format(number)).exists():
        number += 1
    aside.mkdir()
    pointer = folder / POINTER
    if pointer.is_file() and _pointed_at(folder) in (None, *files):
        files.append(pointer)
    for file in files:
        os.rename(file, aside / file.name)
    sync_folder(aside)
    sync_folder(folder)
    return aside


def earlier_runs(folder: str | Path) -> list[Path]:
    """Where `set_aside_earlier` has put checkpoints, the latest last."""
    found = Path(folder).glob(_EARLIER.format("*"))
    return sorted(found, key=lambda path: (len(path.name), path.name))


@contextmanager
def alone_in(folder: str | Path, what: str, patience: float = 15.0) -> Iterator[None]:
    """Hold a work folder's lock; the system gives it back when the process dies.

    Args:
        folder: made where it is missing.
        what: that is done there, such as the config's name; told to whoever comes next.
        patience: seconds to wait for another process, which may just be ending.

    Raises:
        ConfigError: another process is at work there.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print(
                f"{folder} is in use{_owner(folder)}; waiting {patience:.0f} s for it"
            )
            lock.acquire(timeout=patience)
    except Timeout:
        raise ConfigError(
            f"--work-dir {folder}: is in use{_owner(folder)}: another process trains "
            "there; wait for its end, or give another folder"
        ) from None
    except NotImplementedError:  # a file system without locks
        _LOG.warning("%s: cannot be locked; start one training in it only", folder)
        yield
        return
    try:
        note = {
            "run": what,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "started": time.strftime("%Y-%m-%d %H:%M:%S"),
        }
        with replace_when_done(folder / _OWNER) as temporary:
            temporary.write_text(json.dumps(note) + "\n", encoding="utf-8")
        yield
    finally:
        lock.release()


def _owner(folder: Path) -> str:
    """Who wrote the note in a folder, as part of a sentence."""
    try:
        note = json.loads((folder / _OWNER).read_text(encoding="utf-8"))
        return " by process {process} on {host} ({run}, since {started})".format(**note)
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _inside(folder: Path, name: str) -> str:
    """MMEngine writes a path from where it was started; ours is from the folder."""
    return name if (folder / name).is_file() else Path(name).name


def _pointed_at(folder: Path) -> Path | None:
    try:
        file = named_checkpoint(folder)
    except (OSError, UnicodeDecodeError):
        return None
    return file if file.is_file() else None
