import numpy as np

from mmpsearch.datasets.reid.forgetting import forgetting_scores, write_ranked_list


def test_scores_by_hand():
    before = np.array([[1.0, 0.0], [2.0, 2.0], [0.0, 3.0], [0.0, 0.0]])
    after = np.array([[5.0, 0.0], [1.0, 0.0], [0.0, -1.0], [1.0, 0.0]])
    scores = forgetting_scores(before, after)
    assert np.allclose(scores, [1.0, 0.5**0.5, -1.0, 0.0])
    assert scores.dtype == np.float32


def test_best_first_then_by_name(tmp_path):
    file = tmp_path / "list.txt"
    write_ranked_list(file, ["b", "c", "a"], np.array([0.5, 0.9, 0.5]))
    assert file.read_text() == "c,0.900000\na,0.500000\nb,0.500000\n"
