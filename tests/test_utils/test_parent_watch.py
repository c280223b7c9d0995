import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
POOL = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
import multiprocessing
sys.path.insert(0, {root!r})
from mmpsearch.utils.parent_watch import end_with_parent

def work(folder):
    open(os.path.join(folder, str(os.getpid())), "w").close()
    time.sleep(60)

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    with ProcessPoolExecutor(2, context, initializer=end_with_parent) as pool:
        list(pool.map(work, [sys.argv[1]] * 2))
"""
FOLLOWER = """
import sys, time
sys.path.insert(0, {root!r})
from mmpsearch.utils.parent_watch import end_with_named_process
end_with_named_process()
print("ready", flush=True)
time.sleep(60)
"""


def _until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_end_with_a_killed_parent(tmp_path, method):
    script = tmp_path / "pool.py"
    script.write_text(POOL.format(root=str(ROOT), method=method))
    folder = tmp_path / "workers"
    folder.mkdir()
    parent = subprocess.Popen([sys.executable, script, folder])
    _until(lambda: len(list(folder.iterdir())) == 2)
    workers = [int(file.name) for file in folder.iterdir()]
    assert all(map(_is_running, workers))
    parent.kill()
    parent.wait()
    _until(lambda: not any(map(_is_running, workers)), seconds=10)


def test_a_process_ends_with_the_one_it_is_told_to_follow(tmp_path):
    shell = subprocess.Popen(["sleep", "60"])
    follower = subprocess.Popen(
        [sys.executable, "-c", FOLLOWER.format(root=str(ROOT))],
        env=dict(os.environ, MMPSEARCH_END_WITH=str(shell.pid)),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert follower.stdout.readline() == "ready\n"
    time.sleep(0.5)
    assert follower.poll() is None
    shell.send_signal(signal.SIGKILL)  # and nobody asks for its status
    assert follower.wait(timeout=10) == 143
    shell.wait()
