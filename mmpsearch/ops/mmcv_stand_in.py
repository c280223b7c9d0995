"""Stand-in for MMCV's compiled module ``mmcv._ext``.

MMCV comes from PyPI without its compiled operators, and then ``import mmdet.models``
fails although most detectors need only NMS and RoIAlign, which torchvision has too.
`install` puts a finder for exactly this one module name in front of Python's import
machinery. When something imports ``mmcv._ext``, the finder

* gives the compiled module where there is one that loads (it is never hidden);
* gives the stand-in where there is none;
* gives the stand-in, and warns once, where there is a file that does not load: most
  often a module built for another version of PyTorch ("undefined symbol").

The stand-in's operators are the functions of `mmpsearch.ops.mmcv_kernels`; every other
name is a function that raises `MMCVOpMissingError` when called. Nothing is imported
before ``mmcv._ext`` is asked for, so ``import mmpsearch`` stays cheap.
"""

import importlib
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from mmpsearch.errors import MMCVOpMissingError

EXTENSION = "mmcv._ext"
_KERNELS = "mmpsearch.ops.mmcv_kernels"
_REBUILD = (
    "pip install --force-reinstall --no-deps --no-cache-dir --no-build-isolation "
    "onedl-mmcv (needs a C++ compiler and, for GPU operators, CUDA's nvcc)"
)


class StandIn(ModuleType):
    """Module in the place of ``mmcv._ext``; see the top of this file."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        # Names like __path__ and __wrapped__ are probed to learn what a module is.
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        kernels = importlib.import_module(_KERNELS)
        function = getattr(kernels, name) if name in kernels.OPS else _missing(name)
        setattr(self, name, function)
        return function


def is_stand_in() -> bool:
    """Whether MMCV's operators come from the stand-in (imports ``mmcv._ext``)."""
    return isinstance(importlib.import_module(EXTENSION), StandIn)


def install() -> None:
    """Make ``import mmcv._ext`` work. Calling it again changes nothing."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _missing(name: str) -> Callable[..., Any]:
    def raise_missing(*args: Any, **kwargs: Any) -> None:
        raise MMCVOpMissingError(
            f"mmcv operator '{name}' needs MMCV's compiled module (mmcv._ext), which "
            "is not there or does not load; mmpsearch replaces only NMS, RoIAlign, "
            "sigmoid focal loss and deformable attention. Remedy: choose a model "
            f"without '{name}', or build MMCV's operators: {_REBUILD}"
        )

    raise_missing.__name__ = name
    return raise_missing


def _warn(file: object, reason: object) -> None:
    warnings.warn(
        f"MMCV's compiled module {file} does not load: {reason}. torchvision's "
        "kernels are used in its place, and MMCV operators that torchvision does not "
        f"have raise an error when called. To rebuild it: {_REBUILD}",
        RuntimeWarning,
        stacklevel=2,
    )


class _Finder(MetaPathFinder):
    """Answers for ``mmcv._ext`` and for nothing else."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname != EXTENSION:
            return None
        others = (f for f in sys.meta_path if not isinstance(f, _Finder))
        found = (f.find_spec(fullname, path, target) for f in others)
        real = next((spec for spec in found if spec is not None), None)
        if real is not None:
            spec = ModuleSpec(fullname, _TryingLoader(real), origin=real.origin)
            spec.has_location = real.has_location
            return spec
        # `_ext.cpython-310-….so` under Python 3.11 is no module to Python's finders.
        foreign = [
            file
            for folder in path or ()
            for file in sorted(Path(folder).glob("_ext.*"))
            if file.suffix in (".so", ".pyd", ".dylib")
        ]
        return ModuleSpec(fullname, _StandInLoader(foreign), origin="mmpsearch")


class _StandInLoader(Loader):
    """Gives the stand-in. ``foreign``: compiled files for another Python, if any."""

    def __init__(self, foreign: Sequence[Path] = ()) -> None:
        self.foreign = foreign

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        if self.foreign:
            _warn(self.foreign[0], "it was built for another Python")
        return StandIn(spec.name, __doc__)

    def exec_module(self, module: ModuleType) -> None:
        pass


class _TryingLoader(Loader):
    """Loads the compiled module, or on ImportError gives the stand-in."""

    def __init__(self, real: ModuleSpec) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        try:
            return self.real.loader.create_module(self.real)
        except ImportError as error:
            return self._stand_in(error)

    def exec_module(self, module: ModuleType) -> None:
        if isinstance(module, StandIn):
            return
        spec, loader = module.__spec__, module.__loader__
        module.__spec__, module.__loader__ = self.real, self.real.loader
        try:
            self.real.loader.exec_module(module)
        except ImportError as error:
            stand_in = self._stand_in(error)
            stand_in.__spec__, stand_in.__loader__ = spec, loader
            # The import system returns what stands here, not what it handed in.
            sys.modules[EXTENSION] = stand_in

    def _stand_in(self, error: ImportError) -> StandIn:
        _warn(self.real.origin, error)
        return StandIn(EXTENSION, __doc__)
