"""The folder of an archive: what there is to do, and what of it is done.

::

    archive.json          model, settings, and every unit
    people/<key>.parquet  a unit that is done
    failed/<key>.json     a unit that cannot be read, with the reason
    begun/<key>           how often a unit was begun and not ended
    progress.json         the state of the extraction that runs, or ran last

The state of a unit is which of its files exists. Each takes its name when it is whole,
so that any number of processes, on any number of machines, can work in one folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from mmpsearch.archive.parquet import read_about, read_records, write_records
from mmpsearch.archive.units import Unit
from mmpsearch.errors import ArchiveError
from mmpsearch.gallery.detections import ModelFingerprint
from mmpsearch.gallery.records import Records
from mmpsearch.utils.atomic import replace_when_done

FORMAT = 1
NAME, LOCK = "archive.json", ".lock"
State = Literal["done", "failed", "pending"]


class Archive:
    """People of many files in one folder.

    Attributes:
        path: The folder.
        fingerprint: The model that extracts; None before the first plan.
        settings: With which the sources are read.
        units: By key, in the order of planning.

    Args:
        path: The folder; it need not exist.

    Raises:
        ArchiveError: It holds something else, or ``archive.json`` is damaged.
    """

    def __init__(self, path: str | os.PathLike) -> None:
        self.path = Path(path)
        self.fingerprint: ModelFingerprint | None = None
        self.settings: dict[str, float] = {}
        self.units: dict[str, Unit] = {}
        # hidden: the lock, and what a kill leaves of a first plan
        if self.path.is_dir() and _names(self.path):
            self._read()

    @classmethod
    def is_one(cls, path: str | os.PathLike) -> bool:
        """Whether there is an archive in the folder."""
        return os.path.isfile(os.path.join(path, NAME))

    def _read(self) -> None:
        file = self.path / NAME
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise ArchiveError(
                    f"{file}: format {content['format']}, not {FORMAT}: it was made by "
                    "another version of mmpsearch"
                )
            self.fingerprint = ModelFingerprint(**content["fingerprint"])
            self.settings = {k: float(v) for k, v in content["settings"].items()}
            units = [Unit.from_json(entry) for entry in content["units"]]
        except FileNotFoundError as error:
            raise ArchiveError(
                f"{self.path}: is not empty, and holds no {NAME}: name an archive, or "
                "a new folder"
            ) from error
        except (KeyError, TypeError, ValueError, OSError, RecursionError) as error:
            if isinstance(error, ArchiveError):
                raise
            raise ArchiveError(f"{file}: is damaged: {error}") from error
        self.units = {unit.key: unit for unit in units}

    def write(self) -> None:
        """Keep model, settings and units."""
        content = {
            "format": FORMAT,
            "fingerprint": asdict(self.fingerprint),
            "settings": self.settings,
            "units": [unit.to_json() for unit in self.units.values()],
        }
        with replace_when_done(self.path / NAME) as temporary:
            temporary.write_text(json.dumps(content), encoding="utf-8")

    def lock(self) -> FileLock:
        """A lock that one extraction on this machine holds; released with it.

        Raises:
            ArchiveError: Another one holds it.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / LOCK)
        try:
            lock.acquire(blocking=False)
        except Timeout as error:
            raise ArchiveError(
                f"{self.path}: another process extracts into this archive; wait for "
                "it, or name another folder"
            ) from error
        return lock

    # units --------------------------------------------------------------------

    def people_file(self, unit: Unit) -> Path:
        """Where the unit's people are when it is done."""
        return self.path / "people" / f"{unit.key}.parquet"

    def state(self, unit: Unit) -> State:
        """What has become of a unit."""
        if self.people_file(unit).exists():
            return "done"
        return "failed" if self._failure_file(unit).exists() else "pending"

    def states(self) -> dict[str, State]:
        """What has become of every unit, by key; two looks at folders for them all."""
        done, failed = (
            {name.partition(".")[0] for name in _names(self.path / folder)}
            for folder in ("people", "failed")
        )
        return {
            key: "done" if key in done else "failed" if key in failed else "pending"
            for key in self.units
        }

    def in_state(self, state: State) -> list[Unit]:
        """Units, in the order of planning."""
        return [
            self.units[key] for key, is_now in self.states().items() if is_now == state
        ]

    def pending(self) -> list[Unit]:
        """Units to extract: those first that were never begun, then the large ones.

        What a process did not survive comes last, so that it holds up nothing else.
        """
        return sorted(
            self.in_state("pending"),
            key=lambda unit: (self.attempts(unit), -unit.size, unit.key),
        )

    def begin(self, unit: Unit) -> None:
        """Note that a unit is begun."""
        with replace_when_done(self._begun_file(unit)) as temporary:
            temporary.write_text(str(self.attempts(unit) + 1))

    def attempts(self, unit: Unit) -> int:
        """How often a unit was begun that is neither done nor failed."""
        try:
            return int(self._begun_file(unit).read_text())
        except (OSError, ValueError):
            return 0

    def finish(self, unit: Unit, records: Records, about: dict) -> None:
        """Keep a unit's people.

        Args:
            unit: The unit.
            records: Its people; none, where nobody was seen.
            about: ``pictures``, ``seconds`` and ``unreadable`` ([path, reason], ...).
        """
        about = {"unit": unit.to_json(), "people": len(records), **about}
        write_records(self.people_file(unit), records, about)
        self._failure_file(unit).unlink(missing_ok=True)
        self._begun_file(unit).unlink(missing_ok=True)

    def fail(self, unit: Unit, reason: str) -> None:
        """Note that a unit cannot be read."""
        content = {"unit": unit.to_json(), "reason": reason}
        with replace_when_done(self._failure_file(unit)) as temporary:
            temporary.write_text(json.dumps(content), encoding="utf-8")
        self._begun_file(unit).unlink(missing_ok=True)

    def failure(self, unit: Unit) -> str:
        """Why a unit failed."""
        try:
            return json.loads(self._failure_file(unit).read_text("utf-8"))["reason"]
        except (OSError, KeyError, TypeError, ValueError):
            return "the reason was not kept"

    def retry(self, units: Iterable[Unit]) -> None:
        """Make failed units pending."""
        for unit in units:
            self._failure_file(unit).unlink(missing_ok=True)

    def forget(self, unit: Unit) -> None:
        """Drop a unit and its people; ``write`` makes it last."""
        self.units.pop(unit.key, None)
        for file in (
            self.people_file(unit),
            self._failure_file(unit),
            self._begun_file(unit),
        ):
            file.unlink(missing_ok=True)

    def records(self, unit: Unit) -> Records:
        """The people of a unit that is done.

        Raises:
            ArchiveError: The file is damaged.
        """
        return read_records(self.people_file(unit))

    def about(self, unit: Unit) -> dict:
        """What ``finish`` was told, with ``people`` and ``unit``.

        Raises:
            ArchiveError: The file is damaged.
        """
        return read_about(self.people_file(unit))

    def _failure_file(self, unit: Unit) -> Path:
        return self.path / "failed" / f"{unit.key}.json"

    def _begun_file(self, unit: Unit) -> Path:
        return self.path / "begun" / unit.key


def _names(folder: Path) -> list[str]:
    """Files of a folder that need not exist; those half-written begin with a dot."""
    try:
        return [name for name in os.listdir(folder) if not name.startswith(".")]
    except FileNotFoundError:
        return []
