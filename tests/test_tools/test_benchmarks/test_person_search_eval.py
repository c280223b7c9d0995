"""The person-search benchmark at a tiny size."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.test_evaluation.search_cases import slow_search

FOLDER = Path(__file__).parents[3] / "tools" / "benchmarks"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    yield runpy.run_path(str(FOLDER / "person_search_eval.py"))
    for name in ("common", "random_search_data"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("layout, gallery", [("prw", None), ("cuhk_sysu", 20)])
def test_the_baseline_is_right(script, layout, gallery):
    protocol, detections, queries = script["random_search_data"](
        layout, 16, gallery, scale=0.006
    )
    normalised = script["normalised"](detections.embeddings.astype(np.float64))
    ap, rank = script["loop"](
        protocol,
        script["split"](detections, normalised),
        script["normalised"](queries.astype(np.float64)),
        np.arange(len(queries)),
    )
    expected_ap, expected_rank = slow_search(protocol, detections, queries)
    np.testing.assert_allclose(ap, expected_ap, atol=1e-12)
    assert rank.tolist() == expected_rank.tolist()
    assert 0.05 < ap.mean() < 1  # neither trivial nor hopeless


@pytest.mark.parametrize(
    "arguments", [["--layout", "prw"], ["--layout", "cuhk_sysu", "--gallery", "30"]]
)
def test_report(script, arguments, monkeypatch, capsys):
    sizes = ["--dim", "32", "--scale", "0.02", "--queries", "5", "--repeats", "1"]
    monkeypatch.setattr(sys, "argv", ["person_search_eval.py", *arguments, *sizes])
    script["main"]()
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["name"] == "person_search_eval"
    assert record["equal"] is True
    assert record["baseline_queries"] == 5
    assert record["ratio"] == pytest.approx(
        record["baseline_s"] / record["ours_s"], rel=0.05
    )
    assert "extrapolated from 5 queries" in record["baseline_note"]


def test_data_has_the_published_size(script):
    protocol, detections, queries = script["random_search_data"]("prw", 2)
    assert (protocol.num_images, protocol.num_queries) == (6112, 2057)
    assert len(detections.scores) == 6112 * 5
    assert queries.shape == (2057, 2)
