"""When the stand-in for ``mmcv._ext`` is given, and when it is not."""

import importlib
import importlib.util
import subprocess
import sys
import sysconfig
import warnings

import pytest

from mmpsearch.ops import mmcv_stand_in

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")


def _load(folder):
    """Import ``mmcv._ext`` as if ``folder`` were MMCV's; leaves no trace."""
    finder = next(f for f in sys.meta_path if isinstance(f, mmcv_stand_in._Finder))
    spec = finder.find_spec("mmcv._ext", [str(folder)])
    before = sys.modules.pop("mmcv._ext", None)
    try:
        module = importlib.util.module_from_spec(spec)
        sys.modules["mmcv._ext"] = module
        spec.loader.exec_module(module)
        return sys.modules["mmcv._ext"]
    finally:
        del sys.modules["mmcv._ext"]
        if before is not None:
            sys.modules["mmcv._ext"] = before


def test_without_a_file_the_stand_in_comes_silently(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module = _load(tmp_path)
    assert isinstance(module, mmcv_stand_in.StandIn)
    assert module.__spec__.name == "mmcv._ext"


def test_a_compiled_module_that_loads_is_not_hidden(tmp_path):
    (tmp_path / "_ext.py").write_text("def nms():\n    return 'compiled'\n")
    module = _load(tmp_path)
    assert not isinstance(module, mmcv_stand_in.StandIn)
    assert module.nms() == "compiled"
    assert module.__spec__.origin == str(tmp_path / "_ext.py")
    assert not hasattr(module, "carafe_forward")


@pytest.mark.parametrize(
    "name, content, reason",
    [
        (f"_ext{SUFFIX}", "not a library", "file too short|invalid ELF|not a mach-o"),
        ("_ext.py", "raise ImportError('undefined symbol: _ZN2at')", "undefined sym"),
        ("_ext.cpython-29-x86_64-linux-gnu.so", "", "built for another Python"),
    ],
)
def test_a_file_that_does_not_load_is_named_once(tmp_path, name, content, reason):
    (tmp_path / name).write_text(content)
    with pytest.warns(RuntimeWarning, match=reason) as record:
        module = _load(tmp_path)
        module.nms, module.carafe_forward  # noqa: B018
    assert isinstance(module, mmcv_stand_in.StandIn)
    (message,) = (str(warning.message) for warning in record)
    assert str(tmp_path / name) in message
    assert "torchvision's kernels" in message and "pip install" in message


def test_other_operators_name_themselves_and_the_remedy():
    module = mmcv_stand_in.StandIn("mmcv._ext")
    with pytest.raises(
        mmcv_stand_in.MMCVOpMissingError, match="'carafe_forward'.*Remedy"
    ):
        module.carafe_forward(1, mask=2)
    with pytest.raises(AttributeError):
        module.__path__  # noqa: B018


def test_install_twice_leaves_one_finder():
    mmcv_stand_in.install()
    assert sum(isinstance(f, mmcv_stand_in._Finder) for f in sys.meta_path) == 1


def test_mmengine_finds_the_spec():
    from mmengine.utils.dl_utils import mmcv_full_available

    importlib.import_module("mmcv._ext")
    assert mmcv_full_available()  # raises ValueError for a module without __spec__


FRESH_PROCESS = """
import sys, warnings
import mmcv
mmcv.__path__.insert(0, sys.argv[1])
try:
    import mmcv.ops
except ImportError:
    print("mmcv.ops failed")
import mmpsearch
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import mmcv.ops
    import mmcv.ops.nms
    from mmpsearch.ops.mmcv_stand_in import is_stand_in
    assert is_stand_in()
    print(sum("_ext" in str(w.message) for w in caught), "warning")
"""


def test_fresh_process_recovers_from_a_failed_import(tmp_path):
    (tmp_path / f"_ext{SUFFIX}").write_text("not a library")
    result = subprocess.run(
        [sys.executable, "-c", FRESH_PROCESS, str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert result.stdout.splitlines() == ["mmcv.ops failed", "1 warning"], result.stderr


def test_import_mmpsearch_is_cheap():
    # NumPy comes with MMEngine's config module
    code = "import sys, mmpsearch; print({'torch', 'cv2'} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"
