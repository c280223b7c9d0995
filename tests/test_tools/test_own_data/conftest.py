import importlib.util
import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def run_tool():
    """``run_tool(tool, *arguments)``: status and text, run in this process."""

    def run(tool, *arguments):
        path = ROOT / "tools" / tool
        spec = importlib.util.spec_from_file_location(Path(tool).stem, path)
        module = importlib.util.module_from_spec(spec)
        shown = io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "path", sys.path[:])
            patch.setattr(sys, "argv", [tool, *map(str, arguments)])
            patch.setitem(sys.modules, spec.name, module)
            patch.setenv("COLUMNS", "200")
            with redirect_stdout(shown), redirect_stderr(shown):
                spec.loader.exec_module(module)
                try:
                    status = module.main() or 0
                except SystemExit as end:
                    status = end.code
        return status, shown.getvalue()

    return run
