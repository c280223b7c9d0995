"""Collecting the quick start's results."""

import json

from .scripts import load

METRICS = {"mAP": 0.5, "top1": 0.6, "det_ap": 0.7, "det_recall": 0.8}


def test_rows_and_seconds(tmp_path):
    module = load("quickstart_report")
    (tmp_path / "colour_histogram.json").write_text(json.dumps({"best": METRICS}))
    for folder in ("scratch_test", "qc_test"):
        run = tmp_path / folder / "20260101_000000"
        run.mkdir(parents=True)
        (run / "20260101_000000.json").write_text(json.dumps(METRICS))
    (tmp_path / "render.seconds").write_text("12\n")
    (tmp_path / "commit").write_text("abc1234\n")
    results = module.collect(tmp_path)
    names = [row["name"] for row in results["rows"]]
    assert names == ["colour_histogram", "spnet_scratch", "spnet_qc_pretrained"]
    assert results["rows"][1] == {"name": "spnet_scratch", **METRICS}
    assert results["seconds"] == {"render": 12}
    published = module.published(results, total_seconds=90)
    assert published["minutes"] == 1.5 and published["commit"] == "abc1234"
    assert published["rows"][2]["mean"] == METRICS
