import json

import pytest

from mmpsearch.utils.run_logs import validation_curve


def write(folder, start, entries, cut=""):
    path = folder / start / "vis_data"
    path.mkdir(parents=True)
    text = "".join(json.dumps(entry) + "\n" for entry in entries)
    (path / "scalars.json").write_text(text + cut)


def test_a_resumed_run(tmp_path):
    write(
        tmp_path,
        "20260101_000000",
        [
            dict(mAP=0.1, step=0),
            dict(lr=0.1, loss=2.0, mAP=9, step=7),
            dict(mAP=0.2, step=2),
            dict(mAP=0.25, step=4),
        ],
        cut='{"mAP": 0.',
    )
    write(tmp_path, "20260102_000000", [dict(mAP=0.3, step=4), dict(mAP=0.4, step=6)])
    assert validation_curve(tmp_path) == {0: 0.1, 2: 0.2, 4: 0.3, 6: 0.4}


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="--work-dir"):
        validation_curve(tmp_path)
    write(tmp_path, "20260101_000000", [dict(rank1=0.1, step=0)])
    with pytest.raises(KeyError, match="no validation has 'mAP'; there are rank1, st"):
        validation_curve(tmp_path)
