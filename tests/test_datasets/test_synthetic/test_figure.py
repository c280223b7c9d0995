import dataclasses

import numpy as np
import pytest

from mmpsearch.datasets.synthetic.figure import draw_figure, resize_sprite
from mmpsearch.datasets.synthetic.identity import (
    BOTTOMS,
    HAIR_STYLES,
    TOPS,
    draw_identity,
)
from mmpsearch.datasets.synthetic.pose import draw_pose


def stand(yaw=0.0):
    """A pose at attention."""
    pose = draw_pose(np.random.default_rng(0), pitch=0.1)
    zero = (0.0, 0.0)
    return dataclasses.replace(
        pose, yaw=yaw, thighs=zero, knees=zero, lean=0.0, sway=0.0, head_turn=0.0
    )


def test_height_follows_unit_and_identity():
    who = draw_identity(0, "train", 3)
    plain = dataclasses.replace(who, hat="none", hair_style="crop", legs=1.0, head=1.0)
    small = dataclasses.replace(plain, height=0.9)
    tall = dataclasses.replace(plain, height=1.1)
    heights = [
        draw_figure(person, stand(), 100).alpha.shape[0] for person in (small, tall)
    ]
    assert heights[0] == pytest.approx(0.9 * 102, abs=5)
    assert heights[1] == pytest.approx(1.1 * 102, abs=5)


def test_sprite_is_tight_premultiplied_and_standing_on_its_foot():
    rng = np.random.default_rng(1)
    for i in range(12):
        sprite = draw_figure(draw_identity(0, "train", i), draw_pose(rng), 90)
        alpha = sprite.alpha
        assert 0 <= alpha.min() and alpha.max() <= 1 + 1e-5
        assert min(alpha[0].max(), alpha[-1].max()) > 0.02
        assert min(alpha[:, 0].max(), alpha[:, -1].max()) > 0.02
        assert (sprite.colour <= 330 * alpha[..., None] + 1e-3).all()
        assert sprite.foot[1] == pytest.approx(alpha.shape[0], abs=12)
        inside = alpha > 0.5
        assert 0.15 < inside.mean() < 0.95


def test_same_input_same_picture_and_infrared_is_grey():
    who, pose = draw_identity(0, "train", 8), stand(0.7)
    first, second = draw_figure(who, pose, 80), draw_figure(who, pose, 80)
    assert (first.colour == second.colour).all()
    night = draw_figure(who, pose, 80, "ir")
    assert np.allclose(night.colour, night.colour[..., :1])
    assert np.allclose(night.alpha, first.alpha)


@pytest.mark.parametrize("yaw", [0.0, np.pi / 2, np.pi])
def test_identities_differ_more_than_light_does(yaw):
    pose = stand(yaw)
    lit = dataclasses.replace(pose, light=-pose.light)

    def colours(index, how):
        sprite = draw_figure(draw_identity(0, "test", index), how, 80)
        half = sprite.alpha.shape[0] // 2
        return np.array(
            [
                part.sum((0, 1)) / max(area.sum(), 1)
                for part, area in (
                    (sprite.colour[:half], sprite.alpha[:half]),
                    (sprite.colour[half:], sprite.alpha[half:]),
                )
            ]
        )

    same = np.mean(
        [np.abs(colours(i, pose) - colours(i, lit)).mean() for i in range(6)]
    )
    other = np.mean(
        [np.abs(colours(i, pose) - colours(i + 1, pose)).mean() for i in range(6)]
    )
    assert other > 4 * same


@pytest.mark.parametrize("top", TOPS)
@pytest.mark.parametrize("bottom", BOTTOMS)
def test_every_cut_is_drawn_in_its_colours(top, bottom):
    who = draw_identity(0, "train", 0)
    red, green = (
        who.skin._replace(red=250, green=5, blue=5),
        who.skin._replace(red=5, green=250, blue=5),
    )
    who = dataclasses.replace(
        who,
        top=dataclasses.replace(who.top, kind=top, pattern="plain", first=red),
        bottom=dataclasses.replace(
            who.bottom, kind=bottom, pattern="plain", first=green
        ),
        bag="none",
        scarf=False,
    )
    sprite = draw_figure(who, stand(), 120)
    colour = sprite.colour
    is_red = (colour[..., 2] > 140) & (colour[..., 1] < 60)
    is_green = (colour[..., 1] > 140) & (colour[..., 2] < 60)
    rows = np.arange(len(colour))
    assert is_red.mean() > 0.05
    if top == "coat" and bottom in ("shorts", "skirt"):
        return  # a coat is as long as they are
    assert is_green.mean() > 0.02
    middle = [(rows * mask.sum(1)).sum() / mask.sum() for mask in (is_red, is_green)]
    assert middle[0] < middle[1]


def test_backpack_shows_from_behind_and_a_face_from_the_front():
    who = dataclasses.replace(draw_identity(0, "train", 0), hat="none", glasses="dark")
    bag = who.skin._replace(red=5, green=5, blue=250)
    with_bag = dataclasses.replace(who, bag="backpack", bag_colour=bag)

    def blue(yaw):
        colour = draw_figure(with_bag, stand(yaw), 120).colour
        return ((colour[..., 0] > 140) & (colour[..., 2] < 60)).sum()

    assert blue(np.pi) > 4 * max(blue(0.0), 1)


@pytest.mark.parametrize("style", HAIR_STYLES)
@pytest.mark.parametrize("hat", ["none", "cap", "beanie", "brim"])
def test_every_head_is_drawn(style, hat):
    who = dataclasses.replace(draw_identity(0, "train", 2), hair_style=style, hat=hat)
    for yaw in (0.0, 2.0, np.pi):
        sprite = draw_figure(who, stand(yaw), 70)
        assert np.isfinite(sprite.colour).all()
        assert sprite.alpha[:10].max() > 0.9


def test_resize_keeps_the_mean():
    sprite = draw_figure(draw_identity(0, "train", 2), stand(), 160)
    half = resize_sprite(sprite, 0.5)
    assert half.alpha.mean() == pytest.approx(sprite.alpha.mean(), rel=0.02)
    assert half.foot[0] == pytest.approx(sprite.foot[0] / 2, rel=0.05)
