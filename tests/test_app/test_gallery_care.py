import time

import numpy as np
import pytest

from mmpsearch.app.gallery_care import GalleryCare
from mmpsearch.errors import GalleryError, InputError
from mmpsearch.gallery.filters import Where


def test_removed_people_do_not_come_back_until_they_are_allowed(filled, photos):
    (id_,) = filled.gallery.store.find(Where(paths=frozenset([str(photos / "b.png")])))
    assert filled.care.forget(Where(ids=np.array([id_])), "asked").people == 1
    (photos / "b.png").touch()  # read again
    job = filled.jobs.wait(filled.add(str(photos), camera="door").number, 30)
    assert job.state == "done" and len(filled.gallery) == 3
    filled.care.allow_again([filled.gallery.suppressed[0].key])
    job = filled.jobs.wait(filled.add(str(photos), camera="door").number, 30)
    assert "2 files unchanged" in job.text and len(filled.gallery) == 4
    # a camera, and everybody seen until now
    for where in (Where(cameras=frozenset(["door"])), Where(before=time.time() + 1)):
        filled.care.forget(where)
        assert not len(filled.gallery)
        filled.care.allow_again([entry.key for entry in filled.gallery.suppressed])
        filled.jobs.wait(filled.add(str(photos), camera="door").number, 30)
        assert len(filled.gallery) == 4


def test_retention_is_kept_and_applied(filled):
    assert filled.care.retention is None
    filled.care.set_retention(30)
    assert filled.care.retention == 30
    with pytest.raises(InputError):
        filled.care.set_retention(-1)
    with pytest.raises(InputError, match="no number of days"):
        filled.care.keep_days(0)
    assert len(filled.gallery) == 4
    assert filled.care.keep_days(1e-9) == 4  # without a clock: since they were added
    assert len(filled.gallery) == 0


def test_a_read_only_page_changes_nothing(filled, photos):
    filled.care.writable = False
    for change in (
        lambda: filled.add(str(photos)),
        lambda: filled.care.forget(Where(ids=np.array([0]))),
        lambda: filled.care.keep_days(1),
        lambda: filled.care.set_retention(1),
        lambda: filled.care.allow_again([]),
    ):
        with pytest.raises(GalleryError, match="only read"):
            change()
    assert len(filled.gallery) == 4


def test_the_retention_is_looked_at_once_a_day(tmp_path, monkeypatch):
    removals = []
    care = GalleryCare(None, tmp_path, True, lambda: None)
    monkeypatch.setattr(care, "keep_days", removals.append)
    now = 1.8e9
    monkeypatch.setattr(time, "time", lambda: now)
    care.keep_to_retention()
    assert removals == []  # no limit
    care.set_retention(30)
    for seconds in (0, 60, 86400, 86401, 86402):
        now = 1.8e9 + seconds
        care.keep_to_retention()
    assert removals == [30, 30]  # at once, and when a day is over
    care.set_retention(7)
    care.keep_to_retention()
    assert removals == [30, 30, 7]
    care.writable = False
    now += 1e6
    care.keep_to_retention()
    assert len(removals) == 3
