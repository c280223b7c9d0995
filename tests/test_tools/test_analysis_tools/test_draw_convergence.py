import importlib.util
import json
from pathlib import Path

import cv2
import pytest

TOOL = Path(__file__).parents[3] / "tools" / "analysis_tools" / "draw_convergence.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("draw_convergence", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_run(folder, values):
    path = folder / "20260101_000000" / "vis_data"
    path.mkdir(parents=True)
    lines = [json.dumps(dict(mAP=value, step=step)) for step, value in values.items()]
    (path / "scalars.json").write_text("\n".join(lines))
    return folder


def test_mean_and_range_at_common_steps(tool):
    found = tool.summarise([{0: 0.1, 5: 0.3, 10: 0.5}, {0: 0.3, 5: 0.1}])
    assert found == [(0, pytest.approx(0.2), 0.1, 0.3), (5, 0.2, 0.1, 0.3)]


def test_labels(tool):
    found = tool.parse_runs(["A=x/1", "A=x/2", "work_dirs/b"])
    assert found == {"A": [Path("x/1"), Path("x/2")], "b": [Path("work_dirs/b")]}


def test_a_picture(tool, tmp_path, capsys):
    first = make_run(tmp_path / "a", {0: 0.1, 10: 0.5})
    second = make_run(tmp_path / "b", {0: 0.1, 10: 0.6})
    third = make_run(tmp_path / "c", {0: 0.2, 10: 0.55})
    out = tmp_path / "deep" / "curve.png"
    words = [f"MoCo={first}", f"MoCo={second}", f"UP-ReID={third}", "--out", str(out)]
    assert tool.main(words) == 0
    assert cv2.imread(str(out)).shape == (630, 1050, 3)
    curves = {
        "MoCo": [{0: 0.1, 10: 0.5}, {0: 0.1, 10: 0.6}],
        "UP-ReID": [{0: 0.2, 10: 0.55}],
    }
    axis = tool.draw(curves, "mAP", "epoch").axes[0]
    assert [t.get_text() for t in axis.get_legend().get_texts()] == [
        "MoCo (2 runs)",
        "UP-ReID",
    ]
    lines = [line.get_ydata() for line in axis.get_lines()]
    assert list(lines[0]) == pytest.approx([0.1, 0.55])
    assert {text.get_text() for text in axis.texts} == {"0.550"}
    heights = [text.xy[1] for text in axis.texts]
    assert abs(heights[0] - heights[1]) > 0.02  # equal values do not overlap


def test_a_folder_without_logs_is_named(tool, tmp_path, capsys):
    code = tool.main([str(tmp_path), "--out", str(tmp_path / "x.png")])
    assert code == 1 and "scalars.json" in capsys.readouterr().err
