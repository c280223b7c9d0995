"""Print versions, devices and extras, to be pasted into a bug report.

mmpsearch env

No path, user name, host name or variable of the environment is printed.
"""

import argparse
import os
import platform
import re
import warnings
from importlib import metadata

from packaging.requirements import Requirement

# What runs the models. The original OpenMMLab packages do as the continued ones.
PACKAGES = (
    ("torch",),
    ("torchvision",),
    ("onedl-mmengine", "mmengine"),
    ("onedl-mmcv", "mmcv"),
    ("onedl-mmdetection", "mmdet"),
    ("onedl-mmpretrain", "mmpretrain"),
    ("numpy",),
    ("opencv-python-headless", "opencv-python"),
    ("pillow",),
    ("pycocotools",),
    ("scipy",),
)
_EXTRA = re.compile(r"""extra\s*==\s*["']([\w-]+)["']""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: there is nothing to choose."""


def run(arguments: argparse.Namespace) -> int:
    """Print the facts, a line each; the exit status."""
    facts = environment()
    width = max(map(len, facts)) + 2
    for name, value in facts.items():
        print(f"{name + ':':{width}}{value}")
    return 0


def environment() -> dict[str, str]:
    """What a bug report needs, a short line each, in the order of reading."""
    from mmpsearch.version import __version__

    return {
        "mmpsearch": __version__,
        "Python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor cores": str(os.cpu_count()),
        **{names[0]: _first_version(names) for names in PACKAGES},
        **_devices(),
        "MMCV operators": _operators(),
        **{f"extra [{name}]": state for name, state in extras().items()},
    }


def version(package: str) -> str | None:
    """Version of an installed package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def extras(requirements: list[str] | None = None) -> dict[str, str]:
    """For each extra, the versions of its packages, ``-`` for what is missing.

    Args:
        requirements: lines such as ``faiss-cpu>=1.8; extra == "index"``; by default
            those of the installed mmpsearch. Lines without an extra are passed over.
    """
    if requirements is None:
        try:
            requirements = metadata.requires("mmpsearch") or []
        except metadata.PackageNotFoundError:  # run from a folder, not installed
            requirements = []
    found: dict[str, list[str]] = {}
    for line in requirements:
        need = Requirement(line)
        if match := _EXTRA.search(str(need.marker)):
            state = f"{need.name} {version(need.name) or '-'}"
            found.setdefault(match[1], []).append(state)
    return {extra: ", ".join(packages) for extra, packages in sorted(found.items())}


def _first_version(packages: tuple[str, ...]) -> str:
    """Version of the first that is there, named where it is not the first choice."""
    for package in packages:
        if found := version(package):
            return found if package == packages[0] else f"{found} ({package})"
    return "not installed"


def _devices() -> dict[str, str]:
    import torch

    facts = {"CUDA of torch": torch.version.cuda or "none"}
    for index in range(torch.cuda.device_count()):
        device = torch.cuda.get_device_properties(index)
        memory = f"{device.total_memory / 2**30:.0f} GiB"
        capability = f"{device.major}.{device.minor}"
        facts[f"GPU {index}"] = f"{device.name}, {memory}, capability {capability}"
    if torch.backends.mps.is_available():
        facts["GPU 0"] = "Apple (MPS)"
    facts.setdefault("GPU 0", "none")
    facts["torch threads"] = str(torch.get_num_threads())
    return facts


def _operators() -> str:
    """Whose operators run; the warning that names a file is not repeated."""
    from mmpsearch.ops.mmcv_stand_in import is_stand_in

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        if not is_stand_in():
            return "compiled"
    if any(item.category is RuntimeWarning for item in caught):
        return "compiled, but they do not load: torchvision's kernels"
    return "torchvision's kernels (no compiled ones)"
