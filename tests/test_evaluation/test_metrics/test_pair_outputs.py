"""Query-centric results through the metric."""

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.structures import InstanceData

from mmpsearch.evaluation.functional import query_centric_search_metrics
from mmpsearch.evaluation.metrics import PersonSearchMetric
from mmpsearch.evaluation.metrics.pair_outputs import PairOutputs
from mmpsearch.structures import PersonSearchSample
from tests.distributed import run_two_ranks
from tests.test_evaluation.search_cases import SPNetGolden
from tests.test_evaluation.test_functional.test_query_centric import golden_pairs

OPTIONS = dict(detection_rule="row_and_column_maximum")


def golden_samples():
    """Per image what SPNet's evaluator was given for all queries; the golden set."""
    golden = SPNetGolden()
    pairs = golden_pairs(golden)
    samples = []
    for image, key in enumerate(golden.whole.image_keys):
        own = pairs.select(pairs.images == image)
        sample = PersonSearchSample(metainfo=dict(img_id=image, img_key=key))
        sample.pred_instances = InstanceData(
            bboxes=torch.from_numpy(own.boxes),
            scores=torch.from_numpy(own.scores),
            query_ids=torch.from_numpy(own.queries),
            similarities=torch.from_numpy(own.similarities),
        )
        samples.append(sample)
    return samples, golden


def evaluate(samples, metainfo, **options):
    evaluator = Evaluator(dict(type="mmpsearch.PersonSearchMetric", **options))
    evaluator.dataset_meta = metainfo
    evaluator.process(samples)
    return evaluator.evaluate(len(samples))


def check(found, golden):
    expected = {**golden.results["qc_list"], **golden.results["qc_det"]}
    for name, public in (
        ("mAP", "test_test_det_mAP"),
        ("top1", "test_test_det_top1"),
        ("det_ap", "test_ap@0.5"),
        ("det_recall", "test_recall@0.5"),
    ):
        assert found[name] == pytest.approx(expected[public], abs=1e-9), name


def test_golden_numbers_through_the_evaluator():
    samples, golden = golden_samples()
    found = evaluate(samples, dict(protocol=golden.whole), **OPTIONS)
    check(found, golden)
    assert "gt_mAP" not in found


def test_further_protocols_use_the_same_pairs():
    samples, golden = golden_samples()
    meta = dict(protocol=golden.whole, protocols=dict(listed=golden.listed))
    found = evaluate(samples, meta, **OPTIONS)
    check(found, golden)
    expected = query_centric_search_metrics(golden.listed, golden_pairs(golden))
    assert found["listed/mAP"] == pytest.approx(expected["mAP"], abs=1e-6)


def test_dump_can_be_read_again(tmp_path):
    samples, golden = golden_samples()
    path = tmp_path / "pairs.npz"
    evaluate(samples[::-1], dict(protocol=golden.whole), dump=str(path))
    detections = PairOutputs.load(path).detections(golden.whole)
    found = query_centric_search_metrics(golden.whole, detections)
    expected = golden.results["qc_list"]["test_test_det_mAP"]
    assert found["mAP"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "options",
    [dict(gallery="whole"), dict(context=dict(num_people=3)), dict(labelled_only=True)],
)
def test_options_that_do_not_apply_are_refused(options):
    samples, golden = golden_samples()
    with pytest.raises(ValueError, match=f"{next(iter(options))} does not apply"):
        evaluate(samples, dict(protocol=golden.whole), **options)


def test_what_is_missing_is_named():
    samples, golden = golden_samples()
    with pytest.raises(ValueError, match="no result for 1 of 10 images"):
        evaluate(samples[1:], dict(protocol=golden.whole))
    del samples[3].pred_instances.similarities
    with pytest.raises(KeyError, match="no 'similarities' in what the model"):
        evaluate(samples, dict(protocol=golden.whole))


def _of_a_rank(rank):
    samples, golden = golden_samples()
    results = []
    padded = [*range(rank, 10, 2), *range(rank)]
    for order in (padded, range(10 * rank)):  # then rank 0 has nothing at all
        metric = PersonSearchMetric(**OPTIONS)
        metric.dataset_meta = dict(protocol=golden.whole)
        metric.process(None, [samples[i].to_dict() for i in order])
        results.append(metric.evaluate(10))
    return results


def test_two_ranks_equal_one():
    _, golden = golden_samples()
    for results in run_two_ranks(_of_a_rank):
        for found in results:
            check(found, golden)


def test_repeated_images_count_once():
    samples, golden = golden_samples()
    again = evaluate(samples + samples[2:4], dict(protocol=golden.whole), **OPTIONS)
    check(again, golden)
    assert np.isfinite(list(again.values())).all()
