import logging
import multiprocessing
import os
import signal
import time

import pytest
import torch

from mmpsearch.errors import ConfigError
from mmpsearch.utils.work_folder import (
    alone_in,
    checkpoint_damage,
    earlier_runs,
    find_latest_checkpoint,
    named_checkpoint,
    set_aside_earlier,
    write_pointer,
)


def _files(folder, *names):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"x")


def _there(folder):
    return sorted(path.name for path in folder.iterdir())


def test_find_latest_checkpoint(tmp_path):
    assert find_latest_checkpoint(tmp_path) is None
    _files(tmp_path, "epoch_2.pth", "epoch_10.pth", "iter_99.pth", "epoch_x.pth")
    pointer = tmp_path / "last_checkpoint"
    assert find_latest_checkpoint(tmp_path) == tmp_path / "epoch_10.pth"
    pointer.write_text("")  # a kill between opening and writing
    assert find_latest_checkpoint(tmp_path) == tmp_path / "epoch_10.pth"
    for name in ("epoch_2.pth", "/moved/away/epoch_2.pth", "work_dirs/x/epoch_2.pth"):
        pointer.write_text(name)
        assert find_latest_checkpoint(tmp_path) == tmp_path / "epoch_2.pth"
    pointer.write_text("/moved/away/epoch_3.pth")
    assert find_latest_checkpoint(tmp_path) == tmp_path / "epoch_10.pth"


def test_a_copied_folder_means_its_own_files(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    _files(first, "epoch_1.pth")
    _files(second, "epoch_1.pth")
    (second / "last_checkpoint").write_text(str(first / "epoch_1.pth"))
    assert find_latest_checkpoint(second) == second / "epoch_1.pth"
    assert named_checkpoint(second) == second / "epoch_1.pth"
    write_pointer(second, second / "epoch_1.pth")
    assert (second / "last_checkpoint").read_text() == "epoch_1.pth"
    elsewhere = tmp_path / "big_disk" / "b"  # a checkpoint hook's out_dir
    elsewhere.mkdir(parents=True)
    _files(elsewhere, "epoch_4.pth")
    write_pointer(second, elsewhere / "epoch_4.pth")
    assert find_latest_checkpoint(second).samefile(elsewhere / "epoch_4.pth")


def test_a_damaged_checkpoint_leads_to_the_one_before(tmp_path, caplog):
    for number in (1, 2, 3):
        rows = {"state_dict": {"w": torch.arange(4000.0)}}
        torch.save(rows, tmp_path / f"epoch_{number}.pth")
    last = tmp_path / "epoch_3.pth"
    whole = last.read_bytes()
    write_pointer(tmp_path, last)
    assert checkpoint_damage(last) is None
    middle = bytearray(whole)
    middle[len(whole) // 2] ^= 255
    for spoilt in (b"", whole[: len(whole) // 2], bytes(len(whole)), bytes(middle)):
        last.write_bytes(spoilt)
        with caplog.at_level(logging.WARNING):
            found = find_latest_checkpoint(tmp_path)
        assert found == tmp_path / "epoch_2.pth"
        assert "epoch_3.pth" in caplog.text and "epoch_2.pth is taken" in caplog.text
        caplog.clear()
    (tmp_path / "epoch_2.pth").write_bytes(b"")
    assert find_latest_checkpoint(tmp_path) == tmp_path / "epoch_1.pth"
    (tmp_path / "epoch_1.pth").write_bytes(b"")
    assert find_latest_checkpoint(tmp_path) is None


def test_a_fresh_run_sets_all_of_an_earlier_one_aside(tmp_path):
    assert set_aside_earlier(tmp_path, None) is None
    old = ("epoch_5.pth", "epoch_6.pth", "best_mAP_epoch_5.pth", "epoch_6-0a1b2c3d.pth")
    _files(tmp_path, *old, "resnet_50.pth", "notes.txt")
    write_pointer(tmp_path, tmp_path / "epoch_6.pth")
    aside = set_aside_earlier(tmp_path, tmp_path.parent / "epoch_6.pth")
    assert aside == tmp_path / "earlier_run_1"
    assert _there(aside) == sorted((*old, "last_checkpoint"))
    assert _there(tmp_path) == ["earlier_run_1", "notes.txt", "resnet_50.pth"]
    assert find_latest_checkpoint(aside) == aside / "epoch_6.pth"
    _files(tmp_path, "iter_9.pth")
    assert set_aside_earlier(tmp_path, None) == tmp_path / "earlier_run_2"
    assert earlier_runs(tmp_path) == [aside, tmp_path / "earlier_run_2"]


def test_a_resumed_run_keeps_what_led_to_it(tmp_path):
    _files(tmp_path, "epoch_2.pth", "epoch_3.pth", "epoch_6.pth", "iter_9.pth")
    _files(tmp_path, "best_mAP_epoch_2.pth", "best_mAP_epoch_6.pth")
    write_pointer(tmp_path, tmp_path / "epoch_6.pth")
    assert set_aside_earlier(tmp_path, tmp_path / "epoch_6.pth") is None
    aside = set_aside_earlier(tmp_path, tmp_path / "epoch_3.pth")
    moved = ["best_mAP_epoch_6.pth", "epoch_6.pth", "last_checkpoint"]
    assert _there(aside) == moved
    assert find_latest_checkpoint(tmp_path) == tmp_path / "epoch_3.pth"


def _hold(folder, ready):
    with alone_in(folder, "first.py"):
        if os.fork() == 0:  # a worker that outlives its parent
            time.sleep(3)
            os._exit(0)
        ready.set()
        time.sleep(60)


def test_one_process_at_a_time_and_a_killed_one_holds_nothing(tmp_path, capsys):
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    first = context.Process(target=_hold, args=(tmp_path, ready))
    first.start()
    assert ready.wait(20)
    message = rf"in use by process {first.pid} on .*first.py, since"
    with pytest.raises(ConfigError, match=message):
        with alone_in(tmp_path, "second.py", patience=0.2):
            pass
    assert "waiting" in capsys.readouterr().out
    os.kill(first.pid, signal.SIGKILL)
    first.join()
    with alone_in(tmp_path, "second.py", patience=5):
        assert '"run": "second.py"' in (tmp_path / "run.json").read_text()
    with alone_in(tmp_path, "third.py", patience=0):
        pass
