"""From a catalogue's file to a checked file on this machine."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmpsearch.zoo import http, publishers
from mmpsearch.zoo.digests import is_checked, keep_record, record_file, require_digest
from mmpsearch.zoo.entry import Entry, WeightFile
from mmpsearch.zoo.errors import DownloadError, ZooError
from mmpsearch.zoo.places import MIRROR, downloads, mirror


def fetch(
    file: WeightFile, given: Path | None = None, progress: http.Progress | None = None
) -> Path:
    """A file of the catalogue on this machine, downloaded unless it is there already.

    It is written under another name first, held to its digest, and renamed into place;
    a download that was cut off goes on the next time. Several processes may ask at
    once.

    Args:
        file: what is wanted.
        given: a local file to take in place of the download; it is checked as well.
        progress: called with bytes so far and in all (None: not known).

    Returns:
        Path below `places.downloads`.

    Raises:
        DownloadError: it cannot be had, or is another file.
    """
    if file.path is not None and given is None:
        if not file.path.is_file():
            raise DownloadError(f"{file.path}: comes with mmpsearch, but is not there")
        require_digest(file.path, file, str(file.path))
        return file.path
    target = downloads() / file.name
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(file):
            if given is None and _is_there(target, file):
                return target
            if given is not None:
                _take(Path(given).expanduser(), part, file)
            else:
                _download(file, part, progress)
            part.replace(target)
            keep_record(target, file)
    except DownloadError:
        raise
    except OSError as error:
        raise DownloadError(
            f"{error.filename or target}: cannot be written: {error.strerror}; "
            "MMPSEARCH_HOME names another folder for downloads"
        ) from None
    return target


def local_file(file: WeightFile) -> Path | None:
    """Where a file lies if it was downloaded before; None: it was not."""
    if file.path is not None:
        return file.path if file.path.is_file() else None
    target = downloads() / file.name
    return target if target.is_file() else None


def fetch_entry(
    entry: Entry,
    given: list[Path] | None = None,
    progress: http.Progress | None = None,
) -> tuple[Path, ...]:
    """All files of a model, in the order of the catalogue.

    Args:
        entry: the model.
        given: local files in place of downloads: one for each of the model's, in any
            order where their suffixes tell them apart.
        progress: see `fetch`.

    Raises:
        ZooError: no weights are published, or ``given`` does not fit.
        DownloadError: a file cannot be had; the message ends with the ways out.
    """
    if not entry.files:
        raise ZooError(
            f"{entry.name}: no weights are published; train it with {entry.config}"
            if entry.config
            else f"{entry.name}: no weights are published"
        )
    if given:
        chosen = _assign(entry, [Path(path) for path in given])
        return tuple(fetch(file, chosen[file]) for file in entry.files)
    try:
        return tuple(fetch(file, progress=progress) for file in entry.files)
    except DownloadError as error:
        raise DownloadError(f"{error}\n{ways_out(entry)}") from None


def ways_out(entry: Entry) -> str:
    """What to do where weights cannot be downloaded."""
    names = [Path(file.name).name for file in entry.files]
    given = " ".join(names) if len(names) > 1 else "FILE"
    ways = [
        f"  give what you have: mmpsearch download {entry.name} --from {given}",
        f"  name a mirror: {MIRROR}=http://HOST/FOLDER, or a folder that is mounted",
    ]
    return f"{entry.name} is not on this machine. Ways out:\n" + "\n".join(ways)


def _is_there(target: Path, file: WeightFile) -> bool:
    if not target.is_file():
        return False
    if not is_checked(target, file):  # put there by hand, or by torch.hub
        require_digest(target, file, str(target))
        keep_record(target, file)
    return True


def _take(given: Path, part: Path, file: WeightFile) -> None:
    if not given.is_file():
        raise DownloadError(f"--from {given}: there is no such file")
    require_digest(given, file, str(given))
    shutil.copyfile(given, part)


def _download(
    file: WeightFile, part: Path, progress: http.Progress | None = None
) -> None:
    source = _from_mirror(file, part, progress)
    if source is None:
        if not file.url:
            raise DownloadError(
                f"{file.name}: its address is not known; get it from its publisher"
            )
        source = file.url
        publishers.download(file.url, part, progress, bool(file.digest))
    try:
        require_digest(part, file, source)
    except DownloadError:
        part.unlink()
        raise
    finally:
        part.with_name(part.name + ".tag").unlink(missing_ok=True)


def _from_mirror(
    file: WeightFile, part: Path, progress: http.Progress | None
) -> str | None:
    """Get a file from ``$MMPSEARCH_MIRROR``; None: there is no mirror, or not there."""
    base = mirror()
    if not base:
        return None
    # laid out as downloads are here, or all in one folder
    for name in dict.fromkeys((file.name, Path(file.name).name)):
        source = f"{base}/{name}"
        if "://" not in base:
            if Path(source).expanduser().is_file():
                shutil.copyfile(Path(source).expanduser(), part)
                return source
            continue
        try:
            http.download(source, part, progress, bool(file.digest))
            return source
        except http.NotThereError:
            continue
    return None


def _assign(entry: Entry, given: list[Path]) -> dict[WeightFile, Path]:
    """Which given file stands for which of the model's."""
    if len(given) == 1 and len(entry.files) > 1 and given[0].is_dir():
        given = [given[0] / Path(file.name).name for file in entry.files]
    if len(given) != len(entry.files):
        names = ", ".join(Path(file.name).name for file in entry.files)
        raise ZooError(
            f"--from: {entry.name} consists of {len(entry.files)} files ({names}), "
            f"{len(given)} are given"
        )
    if len(given) == 1:
        return {entry.files[0]: given[0]}
    by_suffix = {path.suffix: path for path in given}
    chosen = {}
    for file in entry.files:
        if Path(file.name).suffix not in by_suffix:
            raise ZooError(f"--from: no file stands for {Path(file.name).name}")
        chosen[file] = by_suffix[Path(file.name).suffix]
    return chosen


@contextmanager
def _one_at_a_time(file: WeightFile) -> Iterator[None]:
    """Wait until no other process writes this file."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    lock = record_file(file).with_suffix(".lock")  # stays: another may wait for it
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
