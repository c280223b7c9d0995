"""What every benchmark here shares: interleaved timing, peak memory, one JSON line.

A benchmark script times ``ours`` and ``baseline`` in one process, taking turns, so
that a busy machine slows both alike. It ends with :func:`report`, which prints one
JSON object as the script's last line.

    from common import measure, report

    runs = measure({"ours": ours, "baseline": loop}, repeats=3)
    report("person_search_eval", runs["ours"], runs["baseline"], equal=same)
"""

import importlib.metadata
import json
import os
import platform
import statistics
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PACKAGES = (
    "numpy",
    "scipy",
    "torch",
    "torchvision",
    "onedl-mmengine",
    "onedl-mmcv",
    "onnxruntime",
    "openvino",
)


@dataclass
class Measurement:
    """Timings of one function.

    Attributes:
        seconds: Wall-clock seconds per timed run.
        cpu_seconds: CPU seconds of the process (all threads) per timed run.
        start_mib: Resident memory before the first timed run.
        peak_mib: Highest resident memory of the process during the timed runs, or
            highest memory allocated on the GPU when ``measure(..., cuda=True)``.
        result: What the last run returned.
    """

    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    start_mib: float = 0.0
    peak_mib: float = 0.0
    result: Any = None

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def cpu_median(self) -> float:
        return statistics.median(self.cpu_seconds)


class PeakMemory:
    """Context manager: peak resident memory of this process inside the block, MiB.

    Linux counts the high-water mark itself and can reset it; elsewhere a thread
    samples the resident size every 2 ms.
    """

    def __enter__(self) -> "PeakMemory":
        self.peak_mib = 0.0
        self.start_mib = _resident_mib()
        self._sampler = None
        if not _reset_high_water_mark():
            self._stop = threading.Event()
            self._sampler = threading.Thread(target=self._sample, daemon=True)
            self._sampler.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._sampler is None:
            self.peak_mib = _status_mib("VmHWM")
        else:
            self._stop.set()
            self._sampler.join()

    def _sample(self) -> None:
        while not self._stop.wait(0.002):
            self.peak_mib = max(self.peak_mib, _resident_mib())


def measure(
    functions: Mapping[str, Callable[[], Any]],
    repeats: int = 5,
    warmup: int = 1,
    cuda: bool = False,
) -> dict[str, Measurement]:
    """Time several functions in turns: a, b, a, b, ...

    Args:
        functions: Name -> function without arguments.
        repeats: Timed runs of each function.
        warmup: Untimed runs of each function before.
        cuda: Wait for the GPU before reading the clock, and report its memory.

    Returns:
        Name -> :class:`Measurement`, with the result of the last run.
    """
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, got {repeats}")
    for _ in range(warmup):
        for function in functions.values():
            function()
    runs = {name: Measurement() for name in functions}
    for _ in range(repeats):
        for name, function in functions.items():
            _run_once(function, runs[name], cuda)
    return runs


def report(
    name: str,
    ours: Measurement,
    baseline: Measurement | None = None,
    equal: bool | None = None,
    baseline_scale: float = 1.0,
    **extra: Any,
) -> dict[str, Any]:
    """Print the benchmark's JSON object as one line and return it.

    Args:
        name: Name of the benchmark.
        ours: Measurement of the project's code.
        baseline: Measurement it is compared with, if any.
        equal: Whether both gave the same numbers, where that was checked.
        baseline_scale: Factor from the baseline's timed part to the full task, for
            a baseline that was run on a subset only.
        extra: More JSON-able entries.
    """
    baseline_s = baseline.median * baseline_scale if baseline else None
    record = {
        "name": name,
        "ours_s": round(ours.median, 4),
        "baseline_s": round(baseline_s, 4) if baseline else None,
        "ratio": round(baseline_s / ours.median, 2) if baseline else None,
        "equal": equal,
        "ours_peak_mib": round(ours.peak_mib, 1),
        "baseline_peak_mib": round(baseline.peak_mib, 1) if baseline else None,
        "ours_start_mib": round(ours.start_mib, 1),
        "ours_cpu_s": round(ours.cpu_median, 4),
        "baseline_cpu_s": (
            round(baseline.cpu_median * baseline_scale, 4) if baseline else None
        ),
        "runs": len(ours.seconds),
        **extra,
        "machine": machine(),
        "versions": versions(),
    }
    print(json.dumps(record), flush=True)
    return record


def machine() -> dict[str, Any]:
    """Processor, usable cores, memory, GPU and thread settings of this machine."""
    info: dict[str, Any] = {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gib": round(_memory_gib(), 1),
        "system": f"{platform.system()} {platform.machine()}",
        "omp_num_threads": os.environ.get("OMP_NUM_THREADS"),
        "load_average": [round(x, 2) for x in os.getloadavg()],
    }
    try:
        import torch

        if torch.cuda.is_available():
            info["gpu"] = torch.cuda.get_device_name()
    except ImportError:
        pass
    return info


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that matter for speed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _run_once(function: Callable[[], Any], run: Measurement, cuda: bool) -> None:
    if cuda:
        import torch

        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
    run.result = None
    with PeakMemory() as memory:
        start, cpu_start = time.perf_counter(), time.process_time()
        result = function()
        if cuda:
            torch.cuda.synchronize()
        run.seconds.append(time.perf_counter() - start)
        run.cpu_seconds.append(time.process_time() - cpu_start)
    run.result = result
    if not run.start_mib:
        run.start_mib = memory.start_mib
    peak = torch.cuda.max_memory_allocated() / 2**20 if cuda else memory.peak_mib
    run.peak_mib = max(run.peak_mib, peak)


def _reset_high_water_mark() -> bool:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def _status_mib(key: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


def _resident_mib() -> float:
    try:
        return _status_mib("VmRSS")
    except OSError:  # not Linux: the high-water mark is all there is
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
