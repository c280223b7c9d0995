import dataclasses

import numpy as np

from mmpsearch.datasets.synthetic.identity import draw_identity
from mmpsearch.datasets.synthetic.pose import draw_pose
from mmpsearch.datasets.synthetic.skeleton import ANKLE, View, solve_skeleton


def test_front_view_puts_the_persons_left_on_the_right_of_the_picture():
    view = View(yaw=0.0, pitch=0.0, unit=100.0, origin=(50.0, 200.0))
    assert np.allclose(view.project(np.array((0.1, 0.5, 0.3))), (60, 150))
    assert np.isclose(view.depth(np.array((0.1, 0.5, 0.3))), 0.3)


def test_a_quarter_turn_faces_the_right_of_the_picture():
    view = View(yaw=np.pi / 2, pitch=0.0, unit=100.0, origin=(0.0, 0.0))
    assert np.allclose(view.project(np.array((0.0, 0.0, 0.2))), (20, 0))
    assert view.depth(np.array((0.3, 0, 0))) < 0  # the left side is the far one


def test_looking_down_moves_near_things_down():
    view = View(yaw=0.0, pitch=0.5, unit=100.0, origin=(0.0, 0.0))
    ahead, behind = (view.project(np.array((0, 0, z)))[1] for z in (0.1, -0.1))
    assert ahead > behind


def test_lengths_of_limbs_do_not_depend_on_the_pose():
    who = draw_identity(0, "train", 1)
    rng = np.random.default_rng(0)
    for _ in range(20):
        joints = solve_skeleton(who, draw_pose(rng))

        def length(a, b, joints=joints):
            return np.linalg.norm(joints[a] - joints[b])

        for side in ("right", "left"):
            assert np.isclose(length(f"{side} hip", f"{side} knee"), 0.245 * who.legs)
            assert np.isclose(length(f"{side} knee", f"{side} ankle"), 0.235 * who.legs)
        ankles = [joints[f"{side} ankle"][1] for side in ("right", "left")]
        assert np.isclose(min(ankles), ANKLE)


def test_an_average_person_is_about_one_unit_tall():
    who = dataclasses.replace(draw_identity(0, "train", 0), legs=1.0, head=1.0)
    pose = dataclasses.replace(
        draw_pose(np.random.default_rng(0)), thighs=(0, 0), knees=(0, 0), lean=0
    )
    joints = solve_skeleton(who, pose)
    assert abs(joints["head"][1] + 0.072 - 1.0) < 0.03
