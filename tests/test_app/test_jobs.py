import json
import threading

import pytest

from mmpsearch.app.jobs import Jobs
from mmpsearch.errors import InputError


def test_done_failed_and_in_order(tmp_path):
    order = []

    def work(job, tell):
        order.append(job.what)
        tell(0.5, "half")
        if job.what == "bad":
            raise InputError("b.jpg: cannot\nbe read")
        if job.what == "broken":
            raise ZeroDivisionError("oh")
        job.failed = [["x.jpg", "empty"]]
        tell(1.0, "all of it")

    jobs = Jobs(tmp_path, {"add": work})
    numbers = [jobs.add("add", w, {}).number for w in ("good", "bad", "broken")]
    states = [jobs.wait(number, 10) for number in numbers]
    assert [job.state for job in states] == ["done", "failed", "failed"]
    assert [job.text for job in states] == [
        "all of it",
        "b.jpg: cannot be read",
        "ZeroDivisionError: oh",
    ]
    assert states[0].share == 1 and states[0].failed == [["x.jpg", "empty"]]
    assert order == ["good", "bad", "broken"]
    assert [job.number for job in jobs.list()] == [3, 2, 1]
    jobs.close()
    again = Jobs(tmp_path, {"add": work})
    assert [job.state for job in again.list()] == ["failed", "failed", "done"]
    again.close()


def test_stopped_by_the_user(tmp_path):
    begun, go = threading.Event(), threading.Event()

    def work(job, tell):
        begun.set()
        go.wait(10)
        tell(0.5, "half")

    jobs = Jobs(tmp_path, {"add": work})
    first, second = (jobs.add("add", "x", {}).number for _ in range(2))
    begun.wait(10)
    jobs.stop(second)
    jobs.stop(first)
    go.set()
    assert jobs.wait(first, 10).state == "stopped"
    assert jobs.wait(second, 10).text == "stopped before it began"
    with pytest.raises(InputError, match="no job 9"):
        jobs.stop(9)
    with pytest.raises(InputError, match="no work"):
        jobs.add("delete everything", "x", {})
    jobs.close()


def test_what_was_running_goes_on_after_a_restart(tmp_path):
    begun = threading.Event()

    def slow(job, tell):
        tell(0.25, "begun")
        begun.set()
        while True:
            tell(0.25, "on and on")

    jobs = Jobs(tmp_path, {"add": slow})
    number = jobs.add("add", "folder", {"camera": "door"}, "ann").number
    begun.wait(10)
    jobs.close()
    state = json.loads((tmp_path / "000001.json").read_text())
    assert state["state"] == "running"
    done = []
    again = Jobs(tmp_path, {"add": lambda job, tell: done.append(job.options)})
    assert again.wait(number, 10).state == "done"
    assert done == [{"camera": "door"}]
    again.close()


def test_a_damaged_file_is_passed_over(tmp_path):
    (tmp_path / "000001.json").write_text('{"number": 1, "ki')
    jobs = Jobs(tmp_path, {})
    assert jobs.list() == []
    jobs.close()
