"""Milvus Lite, killed in the middle of a removal: nothing of it is in the folder."""

import multiprocessing
import os
import shutil
import signal

import numpy as np
import pytest

from mmpsearch.gallery import Gallery
from mmpsearch.gallery.records import join

from .plain_list import some_people
from .test_stores import folder_holds

pytest.importorskip("pymilvus", reason="the extra milvus is not installed")
pytest.importorskip("milvus_lite", reason="the extra milvus is not installed")
WRITES = ("delete", "flush", "upsert", "insert", "create_partition", "drop_partition")
VICTIMS = [3, 12]


def remove_and_die(path, step):
    """In a process of its own: kill it before the step-th write to Milvus."""
    gallery, left = Gallery.open(path), [step]
    client = gallery.store._client

    def counted(function):
        def call(*args, **kwargs):
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return function(*args, **kwargs)

        return call

    for name in WRITES:
        setattr(client, name, counted(getattr(client, name)))
    gallery.remove(ids=join(gallery.records()).ids[VICTIMS])
    gallery.close()


def check_kill(folder, step):
    """Returns whether it came to its end, and whether the people are gone."""
    rng, path = np.random.default_rng(3), folder / "g.db"
    with Gallery.open(path) as gallery:
        for number in range(5):
            gallery.add(some_people(rng, f"/x/{number}.jpg", 4))
    with Gallery.open(path) as gallery:
        everybody = join(gallery.records())
    child = multiprocessing.get_context("spawn").Process(
        target=remove_and_die, args=(path, step)
    )
    child.start()
    child.join()
    assert child.exitcode in (0, -signal.SIGKILL)
    with Gallery.open(path) as gallery:
        ids = join(gallery.records()).ids.tolist()
    gone = ids == np.delete(everybody.ids, VICTIMS).tolist()
    assert gone or ids == everybody.ids.tolist()
    for row in VICTIMS if gone else ():
        assert not folder_holds(folder, everybody.embeddings[row])
    return child.exitcode == 0, gone


def test_killed_when_half_is_written_anew(tmp_path):
    assert check_kill(tmp_path, 5) == (False, True)


@pytest.mark.slow
def test_killed_between_any_two_steps(tmp_path):
    ended, step, states = False, 0, []
    while not ended:
        ended, gone = check_kill(tmp_path, step)
        states.append(gone)
        shutil.rmtree(tmp_path / "g.db")
        step += 1
    assert states[0] is False and states == sorted(states)  # once gone, always gone
    assert step > 10
