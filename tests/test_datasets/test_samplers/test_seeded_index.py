import pickle

from mmpsearch.datasets.samplers import SeededIndex


def test_is_an_int_that_keeps_its_seed_between_processes():
    index = pickle.loads(pickle.dumps(SeededIndex(4, seed=2**32 - 1)))
    assert index == 4 and [0, 1, 2, 3, 9][index] == 9
    assert index.seed == 2**32 - 1
