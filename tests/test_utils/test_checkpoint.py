import functools
import os
import pickle

import numpy as np
import pytest
import torch
from mmengine.logging.history_buffer import HistoryBuffer
from mmengine.runner import checkpoint as mmengine_checkpoint

from mmpsearch.errors import CheckpointError
from mmpsearch.utils.checkpoint import (
    load_checkpoint,
    use_safe_checkpoints,
)


class Harmful:
    """Unpickled, it leaves a file."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (self.trace,)


class ReachesForMore:
    """Tries to get at a function through what HistoryBuffer needs getattr for."""

    def __reduce__(self):
        return getattr, (HistoryBuffer, "register_statistics")


@pytest.fixture(autouse=True)
def schemes_as_before(monkeypatch):
    loader = mmengine_checkpoint.CheckpointLoader
    monkeypatch.setattr(loader, "_schemes", dict(loader._schemes))


def test_what_a_runner_saves_loads(tmp_path):
    history = HistoryBuffer([1.0, 3.0], [1, 1])
    saved = dict(
        state_dict=dict(w=torch.arange(3.0)),
        message_hub=dict(
            log_scalars=dict(loss=history),
            runtime_info=dict(best=np.float64(0.5), n=np.int64(3), b=np.bool_(True)),
        ),
        optimizer=dict(state={0: dict(step=torch.tensor(1.0))}, param_groups=[]),
        meta=dict(classes=("person",), ids=np.arange(3, dtype=np.int32), t=None),
    )
    path = tmp_path / "a.pth"
    torch.save(saved, path)
    loaded = load_checkpoint(path)
    assert torch.equal(loaded["state_dict"]["w"], torch.arange(3.0))
    hub = loaded["message_hub"]
    assert hub["log_scalars"]["loss"].statistics("mean") == 2.0
    assert hub["runtime_info"] == dict(best=0.5, n=3, b=True)
    assert loaded["meta"]["ids"].tolist() == [0, 1, 2]


def test_mmengine_s_own_loader_before_ours_changes_nothing(tmp_path):
    """It allows the same classes for one file, and none of them afterwards."""
    path = tmp_path / "a.pth"
    torch.save(dict(state_dict={}, log=HistoryBuffer([1.0], [1])), path)
    load_checkpoint(path)
    mmengine_checkpoint.load_from_local(str(path), "cpu")
    assert load_checkpoint(path)["log"].statistics("mean") == 1.0


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "content, named",
    [
        (lambda trace: Harmful(trace), "(posix|nt).mkdir"),
        (lambda trace: functools.partial(os.mkdir, trace), "functools.partial"),
        (lambda trace: ReachesForMore(), "getattr"),
        (lambda trace: np.array([Harmful(trace)]), "(mkdir|ObjectDType)"),
    ],
    ids=["reduce", "partial", "getattr", "array"],
)
def test_pickled_objects_are_refused(tmp_path, content, named, zipped):
    path, trace = tmp_path / "bad.pth", str(tmp_path / "trace")
    saved = dict(state_dict={}, meta=content(trace))
    torch.save(saved, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(CheckpointError, match=f"{named}.*--unsafe-load") as caught:
        load_checkpoint(path)
    assert str(path) in str(caught.value)
    assert not os.path.exists(trace)


def test_unsafe_loads_pickled_objects(tmp_path):
    trace = tmp_path / "trace"
    torch.save(dict(meta=Harmful(str(trace))), tmp_path / "a.pth")
    load_checkpoint(tmp_path / "a.pth", unsafe=True)
    assert trace.is_dir()


def test_unreadable_files_are_named(tmp_path):
    path = tmp_path / "a.pth"
    with pytest.raises(CheckpointError, match="there is no such file"):
        load_checkpoint(path)
    torch.save(dict(w=torch.zeros(1000)), path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(CheckpointError, match="a.pth: is not readable"):
        load_checkpoint(path)
    path.write_text("<html>not found</html>")
    with pytest.raises(CheckpointError, match="a.pth: is not readable"):
        load_checkpoint(path)
    path.write_bytes(b"")
    with pytest.raises(CheckpointError, match="a.pth: is not readable"):
        load_checkpoint(path)
    torch.save([1, 2], path)
    with pytest.raises(CheckpointError, match="holds list, not a dict"):
        load_checkpoint(path)


def test_safetensors(tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"no tensors")
    try:
        from safetensors.torch import save_file
    except ImportError:
        with pytest.raises(CheckpointError, match="pip install safetensors"):
            load_checkpoint(path)
        return
    with pytest.raises(CheckpointError, match="not readable"):
        load_checkpoint(path)
    save_file(dict(w=torch.arange(3.0)), path)
    assert torch.equal(load_checkpoint(path)["w"], torch.arange(3.0))


def test_every_way_of_mmengine_is_safe(tmp_path):
    path, trace = tmp_path / "bad.pth", tmp_path / "trace"
    torch.save(dict(state_dict=Harmful(str(trace))), path)
    use_safe_checkpoints()
    model = torch.nn.Linear(1, 1)
    for call in (
        lambda: mmengine_checkpoint.load_checkpoint(model, str(path)),
        lambda: mmengine_checkpoint._load_checkpoint(str(path)),
        lambda: mmengine_checkpoint._load_checkpoint_with_prefix("x", str(path)),
    ):
        with pytest.raises(CheckpointError, match="refused"):
            call()
    assert not trace.exists()
    loader = mmengine_checkpoint.CheckpointLoader
    assert len({function for function in loader._schemes.values()}) == 1
    for name in ("s3://bucket/a.pth", "x:petrel://a.pth", "mmcls://a", "pavi://a"):
        with pytest.raises(CheckpointError, match="is not supported|no such file"):
            loader.load_checkpoint(name)


def test_downloads_are_loaded_safely_from_the_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    torch.save(dict(w=torch.ones(1)), tmp_path / "source.pth")
    torch.save(dict(w=Harmful(str(tmp_path / "trace"))), tmp_path / "bad.pth")
    url = (tmp_path / "source.pth").as_uri().replace("file:", "http:")

    def download(address, target):
        assert address == url
        with open(tmp_path / "source.pth", "rb") as file:
            open(target, "wb").write(file.read())

    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    use_safe_checkpoints()
    loaded = mmengine_checkpoint.CheckpointLoader.load_checkpoint(url)
    assert loaded["w"].tolist() == [1.0]
    assert (tmp_path / "checkpoints" / "source.pth").is_file()

    def fail(address, target):
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    with pytest.raises(CheckpointError, match="no route to host.*other.pth"):
        mmengine_checkpoint.CheckpointLoader.load_checkpoint("https://x.org/other.pth")


def test_a_plain_pickle_is_refused_too(tmp_path):
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(Harmful(str(tmp_path / "trace"))))
    with pytest.raises(CheckpointError):
        load_checkpoint(path)
    assert not (tmp_path / "trace").exists()
