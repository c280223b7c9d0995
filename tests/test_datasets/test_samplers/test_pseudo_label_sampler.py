from collections import Counter
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest

from mmpsearch.datasets.samplers import PseudoLabelSampler, pseudo_label_sampler
from mmpsearch.datasets.samplers.pseudo_label_sampler import class_stream
from mmpsearch.errors import ConfigError

# 12 source pictures of 3 people, then 20 target pictures.
SOURCE = np.repeat(np.arange(3), 4)
DATASET = SimpleNamespace(
    num_sources=12,
    memory_rows=np.concatenate([SOURCE, 3 + np.arange(20)]),
    camera_ids=np.arange(32) % 3,
)
TARGET_ONLY = SimpleNamespace(
    num_sources=0, memory_rows=np.arange(20), camera_ids=np.arange(20) % 3
)
CLASSES = np.array([0] * 5 + [1] * 4 + [2] * 2 + list(range(3, 12)))


def make(dataset=DATASET, classes=CLASSES, **kwargs):
    kwargs = dict(batch_size=16, iterations=5, num_instances=4, seed=7) | kwargs
    sampler = PseudoLabelSampler(dataset, **kwargs)
    sampler.set_target_classes(classes)
    return sampler


def test_half_of_a_batch_is_source():
    sampler = make()
    indices = np.array([int(i) for i in sampler]).reshape(5, 16)
    assert len(sampler) == indices.size
    assert ((indices < 12).sum(axis=1) == 8).all()


def test_without_a_source_all_is_target():
    indices = [int(i) for i in make(TARGET_ONLY)]
    assert len(indices) == 80 and max(indices) < 20


def test_every_class_comes_once_in_a_round():
    """Groups of four, single pictures alone, other cameras first."""
    cameras = np.arange(20) % 3
    stream = class_stream(CLASSES, cameras, 4, np.random.default_rng(0))
    for _ in range(3):
        pictures = np.array(list(islice(stream, 3 * 4 + 9)))
        counts = Counter(CLASSES[pictures].tolist())
        assert counts == {0: 4, 1: 4, 2: 4} | dict.fromkeys(range(3, 12), 1)
        for number in (0, 1):
            first, *others = pictures[CLASSES[pictures] == number]
            assert (cameras[others] != cameras[first]).all()


def test_one_camera_is_enough():
    stream = class_stream(np.zeros(3, int), np.zeros(3), 3, np.random.default_rng(0))
    assert sorted(islice(stream, 3)) == [0, 1, 2]


def test_order_depends_on_seed_epoch_and_clusters_alone():
    def run(**kwargs):
        epoch, sampler = kwargs.pop("epoch", 0), make(**kwargs)
        sampler.set_epoch(epoch)
        return [(int(i), i.seed) for i in sampler]

    assert run() == run()
    assert run() != run(seed=8) and run() != run(epoch=1)


def test_the_union_of_two_ranks_is_one_process(monkeypatch):
    whole = [(int(i), i.seed) for i in make()]
    parts = []
    for rank in (0, 1):
        monkeypatch.setattr(
            pseudo_label_sampler, "get_dist_info", lambda rank=rank: (rank, 2)
        )
        parts.append([(int(i), i.seed) for i in make(batch_size=8)])
    for batch in range(5):
        own = slice(8 * batch, 8 * batch + 8)
        together = sorted(parts[0][own] + parts[1][own])
        assert together == sorted(whole[16 * batch : 16 * batch + 16])


def test_mistakes_are_named():
    with pytest.raises(ConfigError, match="must be even, got 7"):
        make(batch_size=7)
    with pytest.raises(ConfigError, match="add dict.*PseudoLabelHook"):
        next(iter(PseudoLabelSampler(DATASET, seed=0)))
    with pytest.raises(ValueError, match="at least 1"):
        make(num_instances=0)
