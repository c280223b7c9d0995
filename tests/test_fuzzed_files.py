"""Damaged files of every kind: one clear error or an answer, and nothing else.

No traceback, no hang over 10 s, no more than 1 GiB of memory, nothing executed. The
slow test reads ten thousand files of every kind, other ones each night.
"""

import contextlib
import time
from pathlib import Path

import pytest
from PIL import Image

from mmpsearch.errors import UserError
from tests.fuzzing.kinds import SCENE, make_kinds
from tests.fuzzing.runs import KINDS, faults


def test_whole_files_are_read(tmp_path, monkeypatch):
    """Else the other tests would look at one refusal only."""
    monkeypatch.chdir(tmp_path)
    kinds = make_kinds()
    Image.new("RGB", (32, 24)).save(SCENE)
    accepted = set()
    for name, kind in kinds.items():
        for file, content in kind.files.items():
            path = tmp_path / file
            path.write_bytes(content)
            for place, read in enumerate(kind.readers_of(file)):
                with contextlib.suppress(UserError):
                    read(path)
                    accepted.add((name, path.suffix, place))
    readers = {
        (name, Path(file).suffix, place)
        for name, kind in kinds.items()
        for file in kind.files
        for place in range(len(kind.readers_of(file)))
    }
    assert readers - accepted == set()


def test_damaged_files(tmp_path):
    assert faults(tmp_path, KINDS, 300) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_ten_thousand_damaged_files(tmp_path, kind):
    seed = int(time.time() // 86400)
    print(f"seed {seed}")  # faults(folder, [kind], 10_000, seed) repeats what is found
    assert faults(tmp_path, [kind], 10_000, seed) == []
