"""tools/check_zoo.py tells living addresses from dead ones."""

import subprocess
import sys
from pathlib import Path

from ..loopback import serve

ROOT = Path(__file__).parents[2]


def test_dead_addresses_are_named(tmp_path, monkeypatch):
    with serve() as publisher:
        for name in ("alive", "moved", "short"):
            publisher.offer(f"/{name}.pth", b"1234567")
        publisher.kinds["/moved.pth"] = "text/html"
        entries = "".join(
            f"  - {{Name: check-{name}, Task: backbone, Size: {size}, "
            f"Weights: '{publisher.address}/{name}.pth'}}\n"
            for name, size in dict(alive=7, moved=7, short=3, gone=7).items()
        )
        (tmp_path / "metafile.yml").write_text(f"Models:\n{entries}")
        monkeypatch.setenv("MMPSEARCH_CATALOGUE", str(tmp_path / "metafile.yml"))
        done = subprocess.run(
            [sys.executable, "tools/check_zoo.py", "check-*"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines()[:-1])
    assert done.returncode == 1
    assert lines["check-alive"] == "there"
    assert "a web page came" in lines["check-moved"]
    assert "has 7 bytes, the catalogue says 3" in lines["check-short"]
    assert "404" in lines["check-gone"]
    assert done.stdout.splitlines()[-1] == "4 models, 3 addresses with trouble"
    assert {method for method, *_ in publisher.asked} == {"HEAD"}
