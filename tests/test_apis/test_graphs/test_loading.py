import sys

import numpy as np
import pytest

from mmpsearch.apis.graphs import is_graph, load_graph
from mmpsearch.errors import ModelLoadError
from tests.test_apis.tiny_graphs import as_openvino, colour_embedder

pytest.importorskip("onnxruntime", reason="the extra 'onnx'")
BATCH = np.random.default_rng(0).random((5, 3, 32, 16), np.float32)


@pytest.mark.parametrize("kind", ["onnx", "xml", "onnx by openvino"])
@pytest.mark.parametrize("batch", ["N", 1, 2])
def test_every_backend_gives_the_means_of_any_batch(tmp_path, kind, batch):
    path = colour_embedder(tmp_path / "e.onnx", batch)
    backend = None
    if kind != "onnx":
        pytest.importorskip("openvino", reason="the extra 'openvino'")
        path = as_openvino(path) if kind == "xml" else path
        backend = "openvino"
    graph = load_graph(path, backend=backend)
    (values,) = graph.run_batch(BATCH).values()
    np.testing.assert_allclose(values, BATCH.mean((2, 3)), atol=1e-6)
    again = graph.run_batch(1 - BATCH)
    np.testing.assert_allclose(values, BATCH.mean((2, 3)), atol=1e-6)  # not reused
    assert not np.allclose(*again.values(), values)


def test_openvino_frees_a_batch_of_one(tmp_path):
    pytest.importorskip("openvino", reason="the extra 'openvino'")
    graph = load_graph(as_openvino(colour_embedder(tmp_path / "e.onnx", 1)))
    assert graph.inputs[0].shape == (None, 3, 32, 16)


def test_files_that_cannot_be_run(tmp_path):
    (tmp_path / "text.onnx").write_text("no network")
    (tmp_path / "lonely.xml").write_text("<net/>")
    for name, message in {
        "gone.onnx": "there is no file .*gone.onnx",
        "text.onnx": "text.onnx is no ONNX file",
        "lonely.xml": "weights .*lonely.bin are missing",
    }.items():
        with pytest.raises(ModelLoadError, match=message):
            load_graph(tmp_path / name)
    assert is_graph("a.ONNX") and not is_graph("a.pth")


@pytest.mark.parametrize(
    ("suffix", "module"), [(".onnx", "onnxruntime"), (".xml", "openvino")]
)
def test_a_missing_library_is_named_with_its_extra(
    tmp_path, monkeypatch, suffix, module
):
    path = tmp_path / f"e{suffix}"
    path.write_text("")
    path.with_suffix(".bin").write_text("")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModelLoadError, match=r"pip install 'mmpsearch\["):
        load_graph(path)
