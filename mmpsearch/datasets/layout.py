"""Reading an official layout: what is missing, what is wrong, and saying so."""

from __future__ import annotations

import logging
from pathlib import Path

from mmengine.logging import print_log

from mmpsearch.datasets.io.picture_files import LeftOut


class OfficialLayout:
    """Mixin of the datasets that read an official layout.

    The class it is mixed into has ``data_root`` and ``split``; problems are
    counted in ``problem_counts``.
    """

    NAME = "data set"
    LAYOUT = ""
    REQUEST = ""
    SYNTHETIC_LAYOUT = ""  # name in tools/dataset_tools/make_synthetic.py

    def require(self, *parts: str, hint: str = "") -> Path:
        """Path below the data root, which must exist.

        Raises:
            FileNotFoundError: Naming the path, the expected layout, and where the
                data is requested.
        """
        path = Path(self.data_root, *parts)
        if not path.exists():
            message = (
                f"{self.NAME}: {path} is missing. {hint}\nExpected layout of "
                f"data_root={str(self.data_root)!r}:\n{self.LAYOUT}\n{self.REQUEST}"
            )
            if self.SYNTHETIC_LAYOUT:
                message += (
                    "\nA rendered set in this layout: python tools/dataset_tools/"
                    f"make_synthetic.py --layout {self.SYNTHETIC_LAYOUT} "
                    f"--out {self.data_root}"
                )
            raise FileNotFoundError(message)
        return path

    def note(self, problem: str, count: int, message: str) -> None:
        """Count a problem and, if it occurred, warn once with the count."""
        if count:
            self.problem_counts[problem] = int(count)
            print_log(
                f"{self.NAME} {self.split}: {count} {message}",
                logger="current",
                level=logging.WARNING,
            )

    def note_left_out(self, left_out: LeftOut, where: str = "") -> None:
        """Count and warn of what a walk passed over (``where``: of several walks)."""
        if left_out:
            message = f"entries are not read as pictures: {left_out}."
            self.note(f"entries left out{where}", left_out.total, message)
