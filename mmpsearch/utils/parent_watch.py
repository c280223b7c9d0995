"""Processes that end when the one that they work for is gone, however it ended."""

from __future__ import annotations

import multiprocessing
import os
import select
import threading
import time
from multiprocessing.connection import wait

FOLLOW = "MMPSEARCH_END_WITH"
_STATUS = 143  # as after SIGTERM
_INTERVAL = 0.5  # seconds, where the system cannot tell by itself


def end_with_parent() -> None:
    """In a worker: end at once when its parent process does, by a kill too.

    The initializer of a pool of processes, of any start method. A killed parent cannot
    tell its workers to stop: they would wait for tasks for ever. In a process without
    parent it does nothing.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        _start(lambda: wait([parent.sentinel]))


def end_with_named_process() -> None:
    """End when the process does whose number ``MMPSEARCH_END_WITH`` holds.

    A shell script sets it to its own (``$$``): killed, it leaves nothing running.
    """
    number = os.environ.get(FOLLOW, "")
    if number.isdecimal() and int(number) not in (0, os.getpid()):
        _start(lambda: _wait_for_end(int(number)))


def _start(wait_for_end) -> None:
    def watch() -> None:
        wait_for_end()
        os._exit(_STATUS)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def _wait_for_end(process: int) -> None:
    """Return when a process has ended, also when nobody has asked for its status."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    except (AttributeError, OSError):  # not Linux, or an old one
        while _is_there(process):
            time.sleep(_INTERVAL)
        return
    try:
        select.select([handle], [], [])
    finally:
        os.close(handle)


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
