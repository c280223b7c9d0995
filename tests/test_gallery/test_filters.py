from datetime import datetime, timezone

import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery import where
from mmpsearch.gallery.filters import read_date, read_moment


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1:30", "times", 90.0),
        ("1:02:03.5", "times", 3723.5),
        ("90", "times", 90.0),
        (12.5, "times", 12.5),
        ("2026-11-29T08:30:00Z", "clocks", 1795941000.0),
        ("2026-11-29T09:30:00+01:00", "clocks", 1795941000.0),
        (datetime(2026, 11, 29, 8, 30, tzinfo=timezone.utc), "clocks", 1795941000.0),
    ],
)
def test_times_as_users_write_them(text, kind, value):
    assert read_moment(text) == (kind, value)


def test_a_date_is_local_and_reaches_to_its_end():
    start = datetime(2026, 11, 29).timestamp()
    assert read_moment("2026-11-29") == ("clocks", start)
    assert start + 86399 < read_moment("2026-11-29", last=True)[1] < start + 86400
    assert read_date("2026-11-29") == start and read_date(5) == 5.0


def test_conditions():
    assert where().everybody and not where(["a", 2]).everybody
    assert where(["a", 2]).cameras == {"a", "2"} and where("a").cameras == {"a"}
    assert where(since="0:10").times == (10.0, np.inf)
    assert where(until="2026-11-29T08:30:00Z").clocks == (-np.inf, 1795941000.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(since="soon"), "'soon' is no time"),
        (dict(since="2026-13-40"), "is no time"),
        (dict(since="1:30", until="2026-11-29"), "two kinds"),
        (dict(since="2:00", until="1:00"), "no time"),
        (dict(cameras=[2.5]), "camera"),
    ],
)
def test_conditions_that_do_not_fit(options, message):
    with pytest.raises(GalleryError, match=message):
        where(**options)
