import json

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.logging import MMLogger
from mmengine.structures import InstanceData

from mmpsearch.evaluation.functional import person_search_metrics
from mmpsearch.evaluation.functional.cbgm import context_of_queries
from mmpsearch.evaluation.metrics import PersonSearchMetric, SearchOutputs
from mmpsearch.registry import METRICS
from mmpsearch.structures import PersonSearchSample
from tests.distributed import run_two_ranks
from tests.test_evaluation.search_cases import GoldenSet


def golden_samples(truth=True):
    """The golden set as the data samples that a model returns, and its protocol."""
    golden = GoldenSet()
    protocol = golden.protocol()
    weights = golden.detections.scores[:, None]
    embeddings = golden.detections.embeddings / weights  # confidence is applied again
    samples = []
    for image in range(protocol.num_images):
        found = slice(*golden.detections.offsets[image : image + 2])
        sample = PersonSearchSample(
            metainfo=dict(
                img_id=image,
                img_key=protocol.image_keys[image],
                camera_id=int(protocol.image_cameras[image]),
            )
        )
        sample.pred_instances = InstanceData(
            bboxes=torch.from_numpy(golden.detections.boxes[found]),
            scores=torch.from_numpy(golden.detections.scores[found]),
            embeddings=torch.from_numpy(embeddings[found]),
        )
        queries = np.flatnonzero(protocol.query_images == image)
        sample.query_instances = InstanceData(
            query_ids=torch.from_numpy(queries),
            embeddings=torch.from_numpy(golden.queries[queries]),
        )
        sample.gt_instances = InstanceData()
        if truth:
            boxes = slice(*protocol.gt_offsets[image : image + 2])
            rows = golden.arrays["gtbox_feats"][boxes]
            sample.gt_instances.embeddings = torch.from_numpy(rows)
        samples.append(sample)
    return samples, protocol


def evaluate(samples, metainfo, **options):
    options = dict(confidence_weighted=True, **options)
    evaluator = Evaluator(dict(type="mmpsearch.PersonSearchMetric", **options))
    evaluator.dataset_meta = metainfo
    for start in range(0, len(samples), 7):
        evaluator.process(samples[start : start + 7])
    return evaluator.evaluate(len(samples))


def check(found, name, prefix=""):
    expected = GoldenSet().metrics[name]
    for key in ("mAP", "top1", "top5", "top10"):
        if prefix + key in found:
            assert found[prefix + key] == pytest.approx(expected[key], abs=1e-9), key


def test_golden_numbers_through_the_evaluator():
    samples, protocol = golden_samples()
    found = evaluate(samples, dict(protocol=protocol))
    assert set(found) == {
        *("mAP", "top1", "top5", "top10", "gt_mAP", "gt_top1"),
        *("det_ap", "det_recall"),
    }
    check(found, "prw_allcam_det")
    check(found, "prw_allcam_gtboxes", "gt_")
    expected = GoldenSet().metrics["detection_thr0.5_labeled0"]
    assert found["det_ap"] == pytest.approx(expected["ap"], abs=1e-9)
    assert found["det_recall"] == pytest.approx(expected["recall"], abs=1e-9)
    assert all(type(value) is float for value in found.values())


def test_without_ground_truth_embeddings():
    samples, protocol = golden_samples(truth=False)
    found = evaluate(samples, dict(protocol=protocol))
    assert "gt_mAP" not in found
    check(found, "prw_allcam_det")


def test_options_reach_the_functions():
    samples, protocol = golden_samples()
    found = evaluate(
        samples, dict(protocol=protocol), cameras="cross", labelled_only=True
    )
    check(found, "prw_crosscam_det")
    check(found, "prw_crosscam_gtboxes", "gt_")
    expected = GoldenSet().metrics["detection_thr0.5_labeled1"]
    assert found["det_ap"] == pytest.approx(expected["ap"], abs=1e-9)


def test_context_matching_uses_the_detections():
    samples, protocol = golden_samples()
    sizes = dict(num_detections=30, num_people=4)
    found = evaluate(samples, dict(protocol=protocol), context=sizes)
    golden = GoldenSet()
    # golden embeddings are weighted by the score already; lengths do not count here
    context = context_of_queries(
        protocol, golden.queries, golden.detections.above(0.5), **sizes
    )
    expected = person_search_metrics(
        protocol,
        golden.detections,
        golden.queries,
        confidence_weighted=True,
        context=context,
    )
    assert found["mAP"] == pytest.approx(expected["mAP"], abs=1e-9)
    plain = evaluate(samples, dict(protocol=protocol))
    assert found["mAP"] != plain["mAP"]


def test_several_gallery_sizes_in_one_pass():
    samples, _ = golden_samples()
    protocols = {f"G{size}": GoldenSet().protocol(size) for size in (50, 100)}
    found = evaluate(samples, dict(protocol=protocols["G100"], protocols=protocols))
    check(found, "cuhk_G100_det")
    check(found, "cuhk_G50_det", "G50/")
    check(found, "cuhk_G50_gtboxes", "G50/gt_")
    assert not any(name.startswith("G100/") for name in found)


def test_several_camera_rules_in_one_pass():
    samples, protocol = golden_samples()
    found = evaluate(
        samples, dict(protocol=protocol), further_cameras=["cross", "same"]
    )
    check(found, "prw_allcam_det")
    check(found, "prw_crosscam_det", "cross_camera/")
    check(found, "prw_crosscam_gtboxes", "cross_camera/gt_")
    alone = evaluate(samples, dict(protocol=protocol), cameras="same")
    assert found["same_camera/mAP"] == alone["mAP"] != found["mAP"]
    with pytest.raises(ValueError, match="lists its galleries"):
        listed = GoldenSet().protocol(50)
        evaluate(samples, dict(protocol=listed), further_cameras=["cross"])


def test_rows_are_the_points_of_a_figure(tmp_path):
    samples, _ = golden_samples()
    protocols = {f"G{size}": GoldenSet().protocol(size) for size in (50, 100)}
    meta = dict(protocol=protocols["G100"], protocols=protocols)
    path = tmp_path / "new" / "rows.json"
    found = evaluate(samples, meta, rows=str(path))
    main, small = json.loads(path.read_text())["rows"]
    assert (main["name"], small["name"]) == ("", "G50")
    assert (main["queries"], main["gallery_images"]) == (30, 100)
    assert small["gallery_images"] == 50
    assert main["mAP"] == found["mAP"] and main["det_ap"] == found["det_ap"]
    assert small["top1"] == found["G50/top1"] and "det_ap" not in small


def test_whole_gallery_of_listed_protocol():
    samples, protocol = golden_samples()
    listed = GoldenSet().protocol(50)
    found = evaluate(samples, dict(protocol=listed), gallery="whole")
    check(found, "prw_allcam_det")


def test_per_camera():
    samples, protocol = golden_samples()
    found = evaluate(samples, dict(protocol=protocol), per_camera=True)
    cameras = protocol.image_cameras[protocol.query_images]
    values, counts = np.unique(cameras, return_counts=True)
    total = sum(
        found[f"camera{c}/mAP"] * n for c, n in zip(values, counts, strict=True)
    )
    assert total / counts.sum() == pytest.approx(found["mAP"])


def test_prefix():
    samples, protocol = golden_samples(truth=False)
    found = evaluate(samples, dict(protocol=protocol), prefix="prw")
    assert "prw/mAP" in found and "mAP" not in found


def test_dump_can_be_evaluated_again(tmp_path):
    samples, protocol = golden_samples()
    path = tmp_path / "outputs.npz"
    found = evaluate(samples[::-1], dict(protocol=protocol), dump=str(path))
    outputs = SearchOutputs.load(path)
    again = person_search_metrics(
        protocol,
        outputs.detections(protocol),
        outputs.queries(protocol),
        confidence_weighted=True,
    )
    assert again["mAP"] == found["mAP"]


def test_no_detections_at_all():
    samples, protocol = golden_samples()
    for sample in samples:
        sample.pred_instances = sample.pred_instances[:0]
    found = evaluate(samples, dict(protocol=protocol))
    assert found["mAP"] == found["det_ap"] == found["det_recall"] == 0
    check(found, "prw_allcam_gtboxes", "gt_")


def test_missing_image_is_one_clear_error():
    samples, protocol = golden_samples()
    with pytest.raises(ValueError, match="1 of 160 images.*'s0007.jpg'"):
        evaluate(samples[:7] + samples[8:], dict(protocol=protocol))


def test_missing_query_is_one_clear_error():
    samples, protocol = golden_samples()
    image = protocol.query_images[3]
    del samples[image].query_instances
    with pytest.raises(ValueError, match=f"'{protocol.image_keys[image]}'"):
        evaluate(samples, dict(protocol=protocol))


def test_dataset_without_protocol():
    samples, _ = golden_samples()
    with pytest.raises(ValueError, match="metainfo.*protocol"):
        evaluate(samples, dict(classes=("person",)))


def test_protocols_must_share_queries():
    samples, protocol = golden_samples()
    other = protocol.replace(query_person_ids=protocol.query_person_ids[::-1])
    with pytest.raises(ValueError, match="differ in images or queries"):
        evaluate(samples, dict(protocol=protocol, protocols=dict(other=other)))


def test_unmatched_queries_are_counted_in_a_warning(monkeypatch):
    samples, protocol = golden_samples(truth=False)
    ids = protocol.gt_person_ids.copy()
    person = protocol.query_person_ids[0]
    own = slice(*protocol.gt_offsets[protocol.query_images[0] :][:2])
    elsewhere = np.ones(len(ids), bool)
    elsewhere[own] = False
    ids[(ids == person) & elsewhere] = -1
    alone = protocol.replace(gt_person_ids=ids)
    warnings = []
    logger = MMLogger.get_current_instance()
    monkeypatch.setattr(logger, "warning", warnings.append)
    zero = evaluate(samples, dict(protocol=alone))
    assert len(warnings) == 1 and "1 of 30 queries" in warnings[0]
    skip = evaluate(samples, dict(protocol=alone), unmatched="skip")
    assert skip["mAP"] * 29 / 30 == pytest.approx(zero["mAP"])


def test_unknown_gallery_is_refused():
    with pytest.raises(ValueError, match="'everything'"):
        METRICS.build(dict(type="mmpsearch.PersonSearchMetric", gallery="everything"))


def _evaluate_parts(rank):
    """Results of both ranks for three ways of dealing out the images."""
    samples, protocol = golden_samples()
    strided = [*range(rank, len(samples), 2)]
    # samplers repeat images to pad; ranks need not have the same number
    padded = strided + [0, 1, 2][: 3 - rank]
    incomplete = [i for i in strided if i not in (8, 9)]
    one_sided = [*range(len(samples))] if rank == 0 else []
    results = {}
    for name, order in dict(
        padded=padded, incomplete=incomplete, one_sided=one_sided
    ).items():
        metric = PersonSearchMetric(confidence_weighted=True)
        metric.dataset_meta = dict(protocol=protocol)
        metric.process(None, [samples[i].to_dict() for i in order])
        try:
            results[name] = metric.evaluate(len(samples))
        except ValueError as error:
            results[name] = str(error)
    return results


def test_two_ranks_equal_one():
    samples, protocol = golden_samples()
    expected = evaluate(samples, dict(protocol=protocol))
    for results in run_two_ranks(_evaluate_parts):
        assert results["padded"] == expected
        assert results["one_sided"] == expected
        assert "no result for 2 of 160 images" in results["incomplete"]
