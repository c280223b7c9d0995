import numpy as np
import pytest

from mmpsearch.evaluation.metrics import RegDBMetric


def evaluate(metric, rows):
    metric.process(None, rows)
    return metric.evaluate(len(rows))


def rows():
    """Visible: people 0, 1, 1; thermal: 0, 1. Angles in degrees."""
    angles = [
        (0, 0, "rgb"),
        (40, 1, "rgb"),
        (90, 1, "rgb"),
        (30, 0, "ir"),
        (80, 1, "ir"),
    ]
    return [
        dict(
            embedding=np.array([np.cos(np.radians(a)), np.sin(np.radians(a))]),
            person_id=person,
            camera_id=int(modality == "ir"),
            modality=modality,
        )
        for a, person, modality in angles
    ]


def test_both_directions_by_hand():
    metric = RegDBMetric(("visible_to_thermal", "thermal_to_visible"), ranks=(1, 2))
    metric.dataset_meta = dict(trial=3)
    found = evaluate(metric, rows())
    # Visible queries: 0 -> right, 40 -> wrong then right, 90 -> right.
    assert found["visible_to_thermal/rank1"] == pytest.approx(2 / 3)
    assert found["visible_to_thermal/rank2"] == 1
    assert found["visible_to_thermal/mAP"] == pytest.approx((1 + 1 / 2 + 1) / 3)
    # Thermal: 30 -> 40 (wrong), 0; 80 -> 90, 40 (both right).
    assert found["thermal_to_visible/rank1"] == pytest.approx(1 / 2)
    assert found["thermal_to_visible/mAP"] == pytest.approx((1 / 2 + 1) / 2)
    assert found["thermal_to_visible/mINP"] == pytest.approx((1 / 2 + 1) / 2)
    assert found["trial"] == 3


def test_one_direction_and_errors():
    found = evaluate(RegDBMetric("thermal_to_visible"), rows())
    assert {key.split("/")[0] for key in found} == {"thermal_to_visible"}
    with pytest.raises(ValueError, match="direction must be of"):
        RegDBMetric("both")
    with pytest.raises(ValueError, match="both modalities"):
        evaluate(RegDBMetric(), rows()[:3])
