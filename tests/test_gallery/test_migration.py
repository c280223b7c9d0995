import multiprocessing
import os
import shutil

import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery import Gallery, ModelFingerprint
from mmpsearch.gallery.log_file import LogFile
from mmpsearch.gallery.migration import NOTE, load_into, migrate
from mmpsearch.gallery.records import join

from .plain_list import some_people

MODEL = ModelFingerprint("a.py", "a.pth", "aa")


def filled(path, first=0, pictures=10):
    rng = np.random.default_rng(first)
    with Gallery.open(path) as gallery:
        gallery.store.header.fingerprint = MODEL
        gallery.settings["score_threshold"] = 0.5
        for number in range(first, first + pictures):
            gallery.add(some_people(rng, f"/x/{number}.jpg", 3))
        gallery.remove(ids=gallery.column("ids")[[1, 5]])
    return path


def same(one, other):
    with Gallery.open(one, write=False) as a, Gallery.open(other, write=False) as b:
        for (name, left), (_, right) in zip(
            join(a.records()).columns(), join(b.records()).columns(), strict=True
        ):
            if left.dtype == object:
                assert left.tolist() == right.tolist(), name
            else:
                np.testing.assert_allclose(left, right, rtol=1e-6, err_msg=name)
        assert a.files == b.files and a.settings == b.settings
        assert a.fingerprint == b.fingerprint
        assert {e.key for e in a.suppressed} == {e.key for e in b.suppressed}
        for path in a.files:
            assert a.store.file_state(path) == b.store.file_state(path)
        assert NOTE not in a.store.header.notes | b.store.header.notes


@pytest.mark.parametrize("kind", ["gallery", "db"])
def test_there_and_back(tmp_path, kind):
    if kind == "db":
        pytest.importorskip("pymilvus", reason="the extra milvus is not installed")
        pytest.importorskip("milvus_lite", reason="the extra milvus is not installed")
    start, middle = filled(tmp_path / "a.gallery"), tmp_path / f"b.{kind}"
    for source, target in ((start, middle), (middle, tmp_path / "c.gallery")):
        with Gallery.open(source, write=False) as a, Gallery.open(target) as b:
            assert migrate(a, b, size=7) == 28
    same(start, middle)
    same(start, tmp_path / "c.gallery")
    with Gallery.open(start, write=False) as a, Gallery.open(middle) as b:
        assert migrate(a, b) == 28  # as after a kill behind its end
    other = filled(tmp_path / "other.gallery", first=50)
    with Gallery.open(other, write=False) as a, Gallery.open(middle) as b:
        with pytest.raises(GalleryError, match="not empty"):
            migrate(a, b)


def _run(source, target, step):
    left = [step]

    def counted(function):
        def call(*args, **kwargs):
            if left[0] == 0:
                os._exit(9)
            left[0] -= 1
            return function(*args, **kwargs)

        return call

    LogFile._write = counted(LogFile._write)
    LogFile.sync = counted(LogFile.sync)
    os.replace = counted(os.replace)
    with Gallery.open(source, write=False) as a, Gallery.open(target) as b:
        migrate(a, b, size=9)
    os._exit(0)


def test_killed_anywhere_it_goes_on(tmp_path):
    source, target = filled(tmp_path / "a.gallery"), tmp_path / "b" / "b.gallery"
    context = multiprocessing.get_context("fork")
    for step in range(0, 200, 3):
        shutil.rmtree(target.parent, ignore_errors=True)
        child = context.Process(target=_run, args=(source, target, step))
        child.start()
        child.join()
        if child.exitcode == 0:
            break
        with Gallery.open(source, write=False) as a, Gallery.open(target) as b:
            if not len(b) or NOTE in b.store.header.notes:  # else it was done
                assert migrate(a, b, size=9) == 28
        same(source, target)
    assert child.exitcode == 0 and step > 10


def test_a_day_is_added_to_a_year_once(tmp_path):
    year, day = filled(tmp_path / "year.gallery"), filled(tmp_path / "day.gallery", 20)
    with Gallery.open(year) as a, Gallery.open(day, write=False) as b:
        assert load_into(a, b) == 28
        assert load_into(a, b) == 0
        assert len(a) == 56 and len(set(a.column("ids").tolist())) == 56
        # who was removed from the day does not come back by the year
        assert len(a.suppressed) == 4
    other = tmp_path / "other.gallery"
    with Gallery.open(other) as gallery:
        gallery.store.header.fingerprint = ModelFingerprint("b.py", "b.pth", "bb")
        with Gallery.open(day, write=False) as b:
            with pytest.raises(GalleryError, match="b.pth"):
                load_into(gallery, b)
            with pytest.raises(GalleryError, match="b.pth"):
                migrate(b, gallery)
