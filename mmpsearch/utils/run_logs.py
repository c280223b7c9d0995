"""What a run's log files say."""

import json
from collections.abc import Iterator
from pathlib import Path


def validation_curve(work_dir: str | Path, metric: str = "mAP") -> dict[int, float]:
    """A metric at every validation of a run, also of one that was resumed.

    Args:
        work_dir: of ``tools/train.py``; has a folder per start of the run.
        metric: its name in the logs.

    Returns:
        Step (epoch, or iteration of a run by iterations) -> value, by step. Where a
        step was validated twice, the later value.

    Raises:
        FileNotFoundError: there is no log file.
        KeyError: no validation has the metric; the message names those there are.
    """
    curve, others = {}, set()
    for entry in logged(work_dir):
        if "lr" in entry or "loss" in entry:  # of training
            continue
        others |= entry.keys()
        if metric in entry:
            curve[int(entry["step"])] = float(entry[metric])
    if not curve:
        raise KeyError(
            f"{work_dir}: no validation has {metric!r}; there are "
            f"{', '.join(sorted(others)) or 'no validations'}"
        )
    return dict(sorted(curve.items()))


def logged(work_dir: str | Path) -> Iterator[dict]:
    """Every entry of a run's logs in its order, of training and of validation.

    Args:
        work_dir: as of :func:`validation_curve`.

    Raises:
        FileNotFoundError: there is no log file.
    """
    files = sorted(Path(work_dir).glob("*/vis_data/scalars.json"))
    if not files:
        raise FileNotFoundError(
            f"{work_dir} has no */vis_data/scalars.json; give the --work-dir of "
            "tools/train.py"
        )
    for file in files:
        for line in file.read_text().splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:  # a kill cut the last line off
                continue
