"""The first matches of several models, on rendered scenes."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmpsearch.datasets import PRW
from mmpsearch.datasets.synthetic import make_options, make_synthetic
from mmpsearch.evaluation.functional import Detections, person_search_metrics
from mmpsearch.evaluation.metrics.search_outputs import SearchOutputs

SCRIPT = Path(__file__).parents[3] / "tools/analysis_tools/compare_top_matches.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("compare_top_matches", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("prw")
    people = dict(identities=4, test_identities=4, gallery_scenes=5, query_scenes=2)
    options = make_options("prw", scenes=4, width=160, height=112, **people)
    make_synthetic(options, root)
    return root


def outputs(protocol, noise):
    """Ground-truth boxes; an embedding is the person's direction and noise."""
    generator = np.random.default_rng(0)
    directions = generator.normal(size=(1000, 16))

    def embed(ids):
        found = directions[ids] + noise * generator.normal(size=(len(ids), 16))
        return found.astype(np.float32)

    counts = np.diff(protocol.gt_offsets)
    queries = protocol.num_queries
    order = np.argsort(protocol.query_images, kind="stable")
    return SearchOutputs(
        images=np.arange(protocol.num_images),
        counts=counts,
        boxes=np.asarray(protocol.gt_boxes, np.float32),
        scores=np.ones(len(protocol.gt_boxes), np.float32),
        embeddings=embed(np.asarray(protocol.gt_person_ids)),
        query_counts=np.bincount(
            protocol.query_images, minlength=protocol.num_images
        ).astype(np.int64),
        query_ids=np.arange(queries)[order],
        query_embeddings=embed(np.asarray(protocol.query_person_ids)[order]),
        gt_counts=np.full(protocol.num_images, -1),
        gt_embeddings=np.zeros((0, 16), np.float32),
    )


def test_top_1_is_the_evaluations(tool, data):
    protocol = PRW(data_root=str(data), split="test").metainfo["protocol"]
    for noise in (0.0, 1.0, 3.0):
        given = outputs(protocol, noise)
        found = tool.TopOne(protocol, given, 0.5, False)
        people = Detections(
            given.boxes, given.scores, protocol.gt_offsets, given.embeddings
        )
        expected = person_search_metrics(protocol, people, given.queries(protocol))
        assert found.correct.mean() == expected["top1"]
        assert (found.image != protocol.query_images).all()


def test_disagreement_comes_first(tool):
    correct = np.array([[1, 0, 1, 0], [1, 1, 0, 0]], dtype=bool)
    assert tool.choose(correct, 3).tolist() == [1, 2, 0]


@pytest.fixture
def config(data, tmp_path):
    path = tmp_path / "config.py"
    path.write_text(
        "default_scope = 'mmpsearch'\n"
        "test_dataloader = dict(dataset=dict(type='mmpsearch.PRW', split='test', "
        f"data_root={str(data)!r}))\n"
    )
    return path


def test_mistakes_end_in_one_line(tool, data, config, tmp_path, monkeypatch, capsys):
    protocol = PRW(data_root=str(data), split="test").metainfo["protocol"]
    whole = outputs(protocol, 0.0)
    whole.save(str(tmp_path / "whole.npz"))
    replace(whole, images=whole.images + 1).save(str(tmp_path / "other.npz"))
    (tmp_path / "notes.npz").write_text("no archive")
    (tmp_path / "bare.py").write_text("test_dataloader = None\n")
    (tmp_path / "train.py").write_text(
        config.read_text().replace("split='test'", "split='train'")
    )
    for given, file, out, message in (
        ("train.py", "whole.npz", "x.png", "train.py: its test set PRW has no scenes"),
        ("bare.py", "whole.npz", "x.png", "bare.py: test_dataloader: is missing"),
        ("config.py", "notes.npz", "x.png", "notes.npz: not a file of SearchOutputs"),
        ("config.py", "other.npz", "x.png", "other.npz: protocol 'PRW"),
        ("config.py", "gone.npz", "x.png", "gone.npz: No such file"),
        ("config.py", "whole.npz", "x.foo", "x.foo: the name must end with .png, "),
    ):
        words = [tmp_path / given, "--outputs", f"a={tmp_path / file}"]
        words = [str(word) for word in (*words, "--out", tmp_path / out)]
        monkeypatch.setattr(sys, "argv", ["compare_top_matches.py", *words])
        with pytest.raises(SystemExit) as end:
            tool.main()
        assert end.value.code == 2
        assert message in capsys.readouterr().err.splitlines()[-1]


def test_the_picture(tool, data, config, tmp_path, monkeypatch, capsys):
    protocol = PRW(data_root=str(data), split="test").metainfo["protocol"]
    given = []
    for name, noise in (("rough", 3.0), ("exact", 0.0)):
        outputs(protocol, noise).save(str(tmp_path / f"{name}.npz"))
        given.append(f"{name}={tmp_path}/{name}.npz")
    words = [str(config), "--outputs", *given, "--out", str(tmp_path / "x.png")]
    monkeypatch.setattr(
        sys, "argv", ["compare_top_matches.py", *words, "--number", "2"]
    )
    tool.main()
    picture = cv2.imread(str(tmp_path / "x.png"))
    assert picture is not None and picture.shape[0] > 500
    assert "exact: top-1 1.0000" in capsys.readouterr().out
