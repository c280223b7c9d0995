"""One picture per result file."""

import json

import numpy as np
import pytest
from PIL import Image

from .scripts import load


def test_bars_follow_the_values(tmp_path):
    figures = load("draw_figures")
    claims, summarise = figures.spnet_claims, load("training_runs").summarise
    asked = claims.QUESTIONS["pretraining"]
    values = dict(zip(asked.rows, (0.2, 0.4, 0.8), strict=True))
    rows = [
        summarise(
            name, [dict.fromkeys(claims.METRICS, value)] * 3, list(claims.METRICS)
        )
        for name, value in values.items()
    ]
    file = tmp_path / "results" / "spnet_pretraining.json"
    file.parent.mkdir()
    file.write_text(
        json.dumps({"question": asked.text, "rows": rows, "seeds": [0, 1, 2]})
    )
    figures.main(["--results", str(file.parent), "--out", str(tmp_path / "images")])

    with Image.open(tmp_path / "images" / "spnet_pretraining.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    bar = (abs(pixels - (0x9E, 0xCA, 0xE1)).sum(axis=2) < 6).sum(axis=1)
    lengths = [
        run.max() for run in np.split(bar, np.flatnonzero(bar == 0)) if run.any()
    ]
    assert len(lengths) == 3
    np.testing.assert_allclose(
        np.array(lengths) / lengths[2], [0.25, 0.5, 1], atol=0.08
    )


@pytest.mark.parametrize("name", load("draw_figures").figures())
def test_every_experiment_is_drawn(name, tmp_path, capsys):
    figures, summarise = load("draw_figures"), load("training_runs").summarise
    titles, panels = figures.figures()[name]
    values = [dict.fromkeys(panels, 0.5)]
    rows = [summarise(row, values, panels) for row in titles]
    results = {"question": "Which?", "rows": rows, "seeds": [0]}
    (tmp_path / f"{name}.json").write_text(json.dumps(results))
    figures.main(["--results", str(tmp_path), "--out", str(tmp_path)])
    assert capsys.readouterr().out == f"{tmp_path / f'{name}.png'}\n"


def test_bars_stand_in_the_experiments_order(tmp_path, monkeypatch):
    figures, summarise = load("draw_figures"), load("training_runs").summarise
    added_last = [
        summarise(name, [dict(mAP=value)], ["mAP"])
        for name, value in {"scratch": 0.1, "both": 0.3, "one": 0.2}.items()
    ]
    widths = []
    barh = figures.plt.Axes.barh

    def record(axis, height, width, **style):
        widths.append((height, width))
        return barh(axis, height, width, **style)

    monkeypatch.setattr(figures.plt.Axes, "barh", record)
    figures.draw_bars(
        {"question": "?", "rows": added_last, "seeds": [0]},
        {"scratch": "from scratch", "one": "one", "both": "both", "other": "not run"},
        {"mAP": "mAP"},
        tmp_path / "f.png",
    )
    assert sorted(widths) == [(0, 0.3), (1, 0.2), (2, 0.1)]


def test_pretrainings_have_a_panel_for_every_share_of_labels(tmp_path, capsys):
    figures, summarise = load("draw_figures"), load("training_runs").summarise
    metrics = {
        "up_reid_synthetic": list(figures.FEW_LABELS),
        "personvit_synthetic": ["mAP"],  # of before features were probed
    }
    for name, known in metrics.items():
        row = summarise("scratch", [dict.fromkeys(known, 0.5)], known)
        results = {"question": "?", "rows": [row], "seeds": [0]}
        (tmp_path / f"{name}.json").write_text(json.dumps(results))
    figures.main(["--results", str(tmp_path), "--out", str(tmp_path / "images")])
    drawn = tmp_path / "images" / "up_reid_synthetic.png"
    assert capsys.readouterr().out == f"{drawn}\n"
    with Image.open(drawn) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    bars = (abs(pixels - (0x9E, 0xCA, 0xE1)).sum(axis=2) < 6).any(axis=0)
    assert (np.diff(bars.astype(int)) == 1).sum() >= len(figures.FEW_LABELS)
