"""Exported person-search models against the same ones in PyTorch."""

import json
import sys

import numpy as np
import pytest
import torch

from mmpsearch.apis import (
    ExportedSearchInferencer,
    GalleryError,
    GalleryIndex,
    InputError,
    ModelLoadError,
    PersonSearchInferencer,
    load_inferencer,
)
from mmpsearch.apis.export import export_search
from mmpsearch.apis.export.search import graph_of
from mmpsearch.apis.export.static_pooling import SlicedMaxPool2d
from mmpsearch.registry import MODELS
from tests.test_models.tiny_two_stage import tiny_two_stage

from ..tiny_graphs import colour_embedder, red_detector
from ..tiny_search import KINDS, scene, write_search_model

onnx = pytest.importorskip("onnx", reason="the extra 'export'")
pytest.importorskip("onnxruntime", reason="the extra 'onnx'")
SLOW = pytest.mark.slow
PICTURES = (scene(150, 240), scene(230, 110, seed=1))  # shown at 96 x 154, 200 x 96
BOXES = np.array([[10, 8, 60, 90], [30, 2, 100, 100]], np.float32)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Files of a kind and suffix, each made once."""
    made = {}

    def get(kind, suffix):
        if (kind, suffix) not in made:
            if suffix == ".xml":
                pytest.importorskip("openvino", reason="the extra 'openvino'")
            folder = tmp_path_factory.mktemp(kind)
            config, weights = write_search_model(kind, folder)
            path = folder / f"{kind}{suffix}"
            export_search(config, weights, path)
            made[kind, suffix] = config, weights, path
        return made[kind, suffix]

    return get


BOTH = [
    *((kind, ".onnx") for kind in KINDS),
    *((kind, ".xml") for kind in ("SPNet", "SeqNeXt")),
    *(pytest.param(kind, ".xml", marks=SLOW) for kind in ("SPNet-L", "SeqNet")),
]


@pytest.mark.parametrize(("kind", "suffix"), BOTH)
def test_finds_and_embeds_as_pytorch(exported, kind, suffix):
    """Boxes, scores, embeddings and ranks, of two sizes, and with nobody there."""
    config, weights, path = exported(kind, suffix)
    own = PersonSearchInferencer(config, weights, "cpu", score_threshold=0.3)
    other = ExportedSearchInferencer(path, score_threshold=0.3)
    assert other.fingerprint == own.fingerprint
    gallery = GalleryIndex()
    for picture in PICTURES:
        (want,), (got,) = own.detect(picture), other.detect(picture)
        assert len(want) >= 2
        np.testing.assert_allclose(got.boxes, want.boxes, atol=2e-3)
        np.testing.assert_allclose(got.scores, want.scores, atol=1e-4)
        np.testing.assert_allclose(got.embeddings, want.embeddings, atol=1e-4)
        queries = other.embed(picture, BOXES)
        np.testing.assert_allclose(queries, own.embed(picture, BOXES), atol=1e-4)
        gallery.add([want])
    rankings = [
        gallery.search(one.embed(PICTURES[0], BOXES), fingerprint=one.fingerprint)
        for one in (own, other)
    ]
    for want, got in zip(*rankings, strict=True):
        assert [m.box.tolist() for m in got.matches] == [
            m.box.tolist() for m in want.matches
        ]
    nobody = ExportedSearchInferencer(path, score_threshold=1.0)
    (found,) = nobody.detect(PICTURES[0])
    assert len(found) == 0 and found.boxes.shape == (0, 4)
    assert found.embeddings.shape == (0, other.facts.embed_dims)


@pytest.mark.parametrize("backend", ["onnx", "openvino"])
def test_by_the_name_of_the_file(exported, backend):
    if backend == "openvino":
        pytest.importorskip("openvino", reason="the extra 'openvino'")
    _, _, path = exported("SPNet", ".onnx")
    inferencer = load_inferencer(str(path), backend=backend, score_threshold=0.3)
    assert isinstance(inferencer, ExportedSearchInferencer)
    (found,) = inferencer.detect(PICTURES[0])
    (want,) = ExportedSearchInferencer(path, score_threshold=0.3).detect(PICTURES[0])
    np.testing.assert_allclose(found.boxes, want.boxes, atol=2e-3)


def test_half_weights_are_near_but_another_model(exported, tmp_path):
    config, weights, whole = exported("SPNet", ".onnx")
    export_search(config, weights, tmp_path / "half.onnx", "fp16")
    half = ExportedSearchInferencer(tmp_path / "half.onnx")
    own = ExportedSearchInferencer(whole)
    want, got = (one.embed(PICTURES[0], BOXES) for one in (own, half))
    assert ((want * got).sum(axis=1) > 0.999).all() and not np.array_equal(want, got)
    types = {
        one.data_type for one in onnx.load(tmp_path / "half.onnx").graph.initializer
    }
    assert onnx.TensorProto.FLOAT16 in types
    gallery = GalleryIndex()
    gallery.add(
        ExportedSearchInferencer(whole, score_threshold=0.3).detect(PICTURES[0])
    )
    with pytest.raises(GalleryError):
        gallery.search(half.embed(PICTURES[0], BOXES), fingerprint=half.fingerprint)


@pytest.mark.parametrize("kind", ["SeqNet", pytest.param("SPNet", marks=SLOW)])
def test_eight_bits_are_near(kind, tmp_path):
    pytest.importorskip("nncf", reason="the extra 'quantise'")
    config, weights = write_search_model(kind, tmp_path)
    path = tmp_path / "q.xml"
    export_search(config, weights, path, "int8", PICTURES)
    small, own = (
        ExportedSearchInferencer(path),
        PersonSearchInferencer(config, weights, "cpu"),
    )
    near = (own.embed(PICTURES[0], BOXES) * small.embed(PICTURES[0], BOXES)).sum(1)
    assert (near > 0.9).all()
    assert small.fingerprint.sha256 == f"int8-{own.fingerprint.sha256}"
    assert "FakeQuantize" in path.read_text()


def test_what_is_not_exported(tmp_path):
    config, weights = write_search_model("SPNet", tmp_path)
    target = tmp_path / "m.onnx"

    def refused(message, config=config, weights=weights, **options):
        with pytest.raises(ModelLoadError, match=message):
            export_search(config, weights, options.pop("path", target), **options)

    queries = dict(config["model"], query_centric=True, train_pathway=None)
    refused("query-centric", {**config, "model": queries})
    cut = dict(test_dataloader=dict(dataset=dict(pipeline=[])))
    refused("needs the test pipeline LoadImage, WindowResize", {**config, **cut})
    refused("int8 is written for OpenVINO", precision="int8")
    refused("'fp8', not one of fp32", precision="fp8")
    refused("pictures to calibrate by", precision="int8", path=tmp_path / "m.xml")
    refused("ends with .onnx or .xml", path=tmp_path / "m.pt")
    assert [one.name for one in tmp_path.iterdir()] == ["SPNet.pth"]


@pytest.mark.parametrize("kind", ["SPNet", "SeqNet"])
def test_networks_that_no_trace_fits(kind, tmp_path):
    config, _ = write_search_model(kind, tmp_path)
    model = MODELS.build(config["model"])
    graph_of(model)

    class TinySwin(torch.nn.Module):
        pass

    model.backbone.add_module("inner", TinySwin())
    with pytest.raises(ModelLoadError, match="x.py: a Swin is not exported"):
        graph_of(model, "x.py")
    with pytest.raises(ModelLoadError, match="a ReLU is not exported; SPNet's object"):
        graph_of(torch.nn.ReLU())
    with pytest.raises(ModelLoadError, match="with NAEHead is not exported; SPNet's"):
        graph_of(tiny_two_stage("NAE"))


def test_missing_extras(tmp_path, monkeypatch):
    for library, path, options in (
        ("onnx", "m.onnx", {}),
        ("openvino", "m.xml", {}),
        ("nncf", "m.xml", dict(precision="int8", calibration=PICTURES)),
    ):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, library, None)
            with pytest.raises(ModelLoadError, match=r"pip install 'mmpsearch\["):
                export_search("no.py", None, tmp_path / path, **options)


def test_files_that_are_no_search_models(exported, tmp_path):
    red_detector(tmp_path / "d.onnx")
    with pytest.raises(ModelLoadError, match="no exported person-search model.*D.onnx"):
        load_inferencer(str(tmp_path / "d.onnx"))
    _, _, path = exported("SPNet", ".onnx")
    model = onnx.load(path)
    (entry,) = model.metadata_props
    for value, message in (
        (json.dumps({**json.loads(entry.value), "version": 99}), "in the form 99"),
        ('{"version": 1}', "damaged .KeyError"),
        ("no json", "damaged .JSONDecodeError"),
    ):
        entry.value = value
        onnx.save(model, tmp_path / "m.onnx")
        with pytest.raises(ModelLoadError, match=message):
            ExportedSearchInferencer(tmp_path / "m.onnx")
    with pytest.raises(InputError, match="--backend openvino runs exported networks"):
        load_inferencer("spnet-tiny", backend="openvino")
    colour_embedder(tmp_path / "e.onnx")
    (tmp_path / "o.xml").write_text("<net/>")
    with pytest.raises(ModelLoadError, match="OpenVINO's, which ONNX Runtime cannot"):
        load_inferencer(str(tmp_path / "o.xml"), backend="onnx")


@pytest.mark.parametrize("size", [(4, 1), 3, (7, 3), (1, 1)])
def test_sliced_pooling_is_adaptive_pooling(size):
    maps = torch.randn(2, 3, 10, 4)
    want = torch.nn.AdaptiveMaxPool2d(size)(maps)
    assert torch.equal(SlicedMaxPool2d(size)(maps), want)
