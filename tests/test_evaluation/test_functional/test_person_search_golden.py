"""Search results against two public evaluators' numbers on the same arrays."""

import numpy as np
import pytest

from mmpsearch.evaluation.functional import Detections, person_search_metrics
from tests.test_evaluation.search_cases import GoldenSet, SPNetGolden

GOLDEN = GoldenSet()
SPNET = SPNetGolden()
SEARCHES = [name for name in GOLDEN.metrics if not name.startswith("detection")]


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("name", SEARCHES)
def test_golden_numbers(name, normalize):
    """Golden embeddings are unit vectors times the score, so that plain products
    and confidence-weighted cosines must both give the golden numbers."""
    layout, part, kind, *rest = name.split("_")
    cuhk = layout == "cuhk"
    protocol = GOLDEN.protocol(int(part[1:]) if cuhk else None)
    truth = kind == "gtboxes"
    found = person_search_metrics(
        protocol,
        GOLDEN.truth(protocol) if truth else GOLDEN.detections,
        GOLDEN.queries,
        score_threshold=0.7 if "thr0.7" in rest else 0.5,
        cameras="cross" if part == "crosscam" else "all",
        normalize=normalize,
        confidence_weighted=normalize,
        context=GOLDEN.context(*((10, 3) if cuhk else (30, 4)))
        if "cbgm" in rest
        else None,
    )
    expected = GOLDEN.metrics[name]
    for key in ("mAP", "top1", "top5", "top10"):
        assert found[key] == pytest.approx(expected[key], abs=1e-9)
    ap = GOLDEN.per_query[f"{name}__ap"]
    np.testing.assert_allclose(found["per_query"].ap, ap, atol=1e-9)
    if cuhk:  # its evaluator records the queries whose first detection is wrong
        wrong = np.sum(found["per_query"].rank != 1)
        assert wrong == expected["n_wrong_recorded"]


def test_every_golden_search_is_covered():
    assert len(SEARCHES) == 16


@pytest.mark.parametrize("weighted", [0, 1])
@pytest.mark.parametrize("kind", ["dict", "list"])
def test_golden_numbers_of_spnet(kind, weighted):
    protocol = SPNET.listed if kind == "dict" else SPNET.whole
    expected = SPNET.results[f"{kind}_cws{weighted}"]
    found = person_search_metrics(
        protocol, SPNET.detections, SPNET.queries, confidence_weighted=bool(weighted)
    )
    assert found["mAP"] == pytest.approx(expected["mAP"], abs=1e-9)
    assert found["top1"] == pytest.approx(expected["top1"], abs=1e-9)
    first = found["per_query"].rank == 1
    assert first.tolist() == [bool(top1) for top1 in expected["top1_list"]]
    truth = Detections.from_ground_truth(protocol, SPNET.truth_embeddings)
    found = person_search_metrics(protocol, truth, SPNET.queries)
    assert found["mAP"] == pytest.approx(expected["gt_mAP"], abs=1e-9)
    assert found["top1"] == pytest.approx(expected["gt_top1"], abs=1e-9)
