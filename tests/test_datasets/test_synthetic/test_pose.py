import dataclasses

import numpy as np

from mmpsearch.datasets.synthetic.pose import draw_pose


def test_pose_is_a_function_of_the_generator():
    first, second = (draw_pose(np.random.default_rng(4), 0.1, None) for _ in range(2))
    assert first == second and first.pitch == 0.1


def test_legs_swing_against_each_other_and_knees_bend_backwards():
    rng = np.random.default_rng(0)
    for _ in range(200):
        pose = draw_pose(rng)
        assert min(pose.knees) >= 0
        assert min(pose.thighs) <= 0.35
        assert all(np.isfinite(v).all() for v in dataclasses.astuple(pose))


def test_people_face_all_ways_and_light_follows_the_scene():
    rng = np.random.default_rng(1)
    poses = [draw_pose(rng, light=0.8) for _ in range(300)]
    facing = np.cos([pose.yaw for pose in poses])
    assert (facing > 0.7).mean() > 0.2 and (facing < -0.7).mean() > 0.2
    assert np.mean([pose.light for pose in poses]) > 0.6


def test_a_busy_arm_hangs():
    rng = np.random.default_rng(2)
    elbows = [draw_pose(rng, busy_side=1).elbows[1] for _ in range(200)]
    assert max(elbows) < 0.5
