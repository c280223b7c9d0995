import pytest

from mmpsearch.apis.sources.frame import FrameChoice


def chosen(choice, times):
    return [i for i, time in enumerate(times) if choice.wants(i, time)]


def test_every_nth_frame():
    assert chosen(FrameChoice(4), [0.0] * 10) == [0, 4, 8]


def test_frames_a_second_at_a_constant_rate():
    times = [i / 25 for i in range(100)]
    assert chosen(FrameChoice(fps=5), times) == list(range(0, 100, 5))
    # 10 is no divisor of 25: the beat is kept on average
    picked = chosen(FrameChoice(fps=10), times)
    assert len(picked) == 40
    assert set(b - a for a, b in zip(picked, picked[1:], strict=False)) == {2, 3}


def test_frames_a_second_when_frames_are_rarer():
    assert chosen(FrameChoice(fps=5), [0, 1, 2, 3]) == [0, 1, 2, 3]


def test_frames_a_second_at_a_varying_rate():
    # a dense second, a gap, a dense second: no catching up after the gap
    times = [i / 10 for i in range(10)] + [5 + i / 10 for i in range(10)]
    assert chosen(FrameChoice(fps=2), times) == [0, 5, 10, 15]


@pytest.mark.parametrize("options", [dict(frame_step=0), dict(fps=0), dict(fps=-1)])
def test_senseless_choices(options):
    with pytest.raises(ValueError, match="frame_step|fps"):
        FrameChoice(**options)
