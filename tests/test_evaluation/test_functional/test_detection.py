import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from mmpsearch.evaluation.functional import Detections, detection_metrics
from tests.test_evaluation.search_cases import (
    GoldenSet,
    SPNetGolden,
    box_at,
    make_protocol,
    random_case,
)

RULES = ("one_to_one", "row_and_column_maximum")
GOLDEN = GoldenSet()
# two people, one of them unlabelled; an empty image; one person without label
PROTOCOL = make_protocol(
    [[(box_at(0), 1), (box_at(1), -1)], [], [(box_at(2), -1)]], [(0, 0)]
)


def detect(*images):
    """Detections from (position, score) pairs per image."""
    return Detections.from_images(
        [np.array([box_at(p) for p, _ in image]) for image in images],
        [np.array([s for _, s in image]) for image in images],
    )


@pytest.mark.parametrize("rule", RULES)
def test_perfect_detections(rule):
    found = detection_metrics(
        PROTOCOL, Detections.from_ground_truth(PROTOCOL), rule=rule
    )
    assert found["recall"] == found["ap"] == found["precision"] == 1


@pytest.mark.parametrize("rule", RULES)
def test_no_detections(rule):
    found = detection_metrics(PROTOCOL, detect([], [], []), rule=rule)
    assert found["recall"] == found["ap"] == found["precision"] == 0
    assert found["num_gt"] == 3


def test_by_hand():
    # ranked by score: hit, wrong place, hit, miss of the third person
    found = detection_metrics(PROTOCOL, detect([(0, 0.9), (1, 0.6)], [(0, 0.8)], []))
    assert found["recall"] == 2 / 3
    assert found["precision"] == 2 / 3
    assert found["ap"] == pytest.approx((1 + 2 / 3) / 2 * 2 / 3)


def test_duplicate_detection_is_wrong():
    found = detection_metrics(PROTOCOL, detect([(0, 0.9), (0, 0.8)], [], []))
    assert (found["num_matched"], found["num_detections"]) == (1, 2)
    both = detection_metrics(
        PROTOCOL, detect([(0, 0.9), (0, 0.8)], [], []), rule="row_and_column_maximum"
    )
    assert both["num_matched"] == 2


def test_score_threshold():
    detections = detect([(0, 0.5), (1, 0.49)], [], [(2, 0.1)])
    assert detection_metrics(PROTOCOL, detections)["recall"] == 1 / 3
    low = detection_metrics(PROTOCOL, detections, score_threshold=0.01)
    assert low["recall"] == 1


def test_labelled_only_skips_images_without_labels():
    detections = detect([(0, 0.9), (1, 0.95)], [(0, 0.9)], [(2, 0.9)])
    found = detection_metrics(PROTOCOL, detections, labelled_only=True)
    assert found["num_gt"] == 1
    assert found["num_detections"] == 2  # those of images 1 and 2 do not count
    assert found["recall"] == 1
    assert found["ap"] == 0.5  # the unlabelled person's detection ranks first


def test_nobody_to_detect():
    nobody = make_protocol([[], []], [])
    found = detection_metrics(nobody, detect([(0, 0.9)], []))
    assert found["recall"] == found["ap"] == 0


def test_number_of_images_is_checked():
    with pytest.raises(ValueError, match="3 images.*of 2"):
        detection_metrics(PROTOCOL, detect([], []))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("threshold", [0.5, 0.01])
def test_golden_numbers(threshold, labelled, rule):
    expected = GOLDEN.metrics[f"detection_thr{threshold}_labeled{int(labelled)}"]
    found = detection_metrics(
        GOLDEN.protocol(),
        GOLDEN.detections,
        score_threshold=threshold,
        labelled_only=labelled,
        rule=rule,
    )
    assert found["recall"] == pytest.approx(expected["recall"], abs=1e-9)
    assert found["ap"] == pytest.approx(expected["ap"], abs=1e-9)


def test_golden_ground_truth_boxes():
    protocol = GOLDEN.protocol()
    found = detection_metrics(protocol, Detections.from_ground_truth(protocol))
    assert found["ap"] == GOLDEN.metrics["detection_gtboxes_thr0.5"]["ap"]


@pytest.mark.parametrize("rule", RULES)
def test_golden_numbers_of_spnet(rule):
    golden = SPNetGolden()
    expected = golden.results["det"]
    found = detection_metrics(golden.whole, golden.detections, rule=rule)
    assert found["recall"] == pytest.approx(expected["test_recall@0.5"], abs=1e-9)
    assert found["ap"] == pytest.approx(expected["test_ap@0.5"], abs=1e-9)
    rap = found["ap"] * found["precision"]
    assert rap == pytest.approx(expected["test_rap@0.5"], abs=1e-9)


def reference(protocol, detections, threshold, rule):
    """Loops over boxes, as the public evaluators do."""
    correct, scores, count = [], [], 0
    for image in range(protocol.num_images):
        rows = np.arange(*detections.offsets[image : image + 2])
        rows = rows[detections.scores[rows] >= threshold]
        truth = protocol.ground_truth_of(image)[0]
        table = np.zeros((len(rows), len(truth)))
        for i, row in enumerate(rows):
            for j, other in enumerate(truth):
                box = detections.boxes[row].astype(float)
                w = min(box[2], other[2]) - max(box[0], other[0])
                h = min(box[3], other[3]) - max(box[1], other[1])
                both = max(w, 0) * max(h, 0)
                area = (box[2] - box[0]) * (box[3] - box[1])
                area += (other[2] - other[0]) * (other[3] - other[1])
                table[i, j] = both / (area - both)
        table = np.where(table >= 0.5, table, 0)
        for i in range(len(rows)):
            hits = 0
            for j in range(len(truth)):
                if table[i, j] == 0:
                    continue
                if rule == "one_to_one":
                    mutual = table[i].argmax() == j and table[:, j].argmax() == i
                else:
                    mutual = table[i, j] == max(table[i].max(), table[:, j].max())
                hits += mutual
            correct.append(hits > 0)
            count += hits
            scores.append(detections.scores[rows[i]])
    recall = count / len(protocol.gt_boxes)
    ap = average_precision_score(correct, scores) if any(correct) else 0
    return recall, ap * recall


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(6))
def test_random_cases_equal_loops(seed, rule):
    protocol, detections, _ = random_case(seed)
    found = detection_metrics(protocol, detections, rule=rule)
    recall, ap = reference(protocol, detections, 0.5, rule)
    assert found["recall"] == pytest.approx(recall, abs=1e-12)
    assert found["ap"] == pytest.approx(ap, abs=1e-12)
