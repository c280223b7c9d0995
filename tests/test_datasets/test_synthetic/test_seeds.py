import pytest

from mmpsearch.datasets.synthetic.seeds import stream


def test_a_stream_depends_on_every_word_of_its_name():
    first = stream(3, "identity", "train", 7).random()
    assert stream(3, "identity", "train", 7).random() == first
    others = [
        stream(4, "identity", "train", 7),
        stream(3, "camera", "train", 7),
        stream(3, "identity", "test", 7),
        stream(3, "identity", "train", 8),
    ]
    assert len({first, *(rng.random() for rng in others)}) == 5


def test_unknown_names_are_refused():
    with pytest.raises(KeyError):
        stream(0, "weather")
