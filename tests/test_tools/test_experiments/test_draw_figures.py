"""One picture per result file."""

import json

import numpy as np
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
