import numpy as np
import pytest

from mmpsearch.datasets.synthetic.camera import make_camera
from mmpsearch.datasets.synthetic.video import (
    VideoOptions,
    plan_walks,
    render_video,
    truth_of,
)

OPTIONS = VideoOptions(people=3, cameras=2, seconds=4, fps=5, width=160, height=112)


@pytest.fixture(scope="module")
def videos():
    return [list(render_video(OPTIONS, index)) for index in range(2)]


def test_the_same_seed_gives_the_same_frames(videos):
    again = list(render_video(OPTIONS, 1))
    assert len(again) == OPTIONS.frames == 20
    assert all((a[0] == b[0]).all() for a, b in zip(again, videos[1], strict=True))


def test_boxes_show_people_who_walk_one_way(videos):
    for frames in videos:
        rows = truth_of([scene for _, scene in frames])
        assert set(rows.tracks.tolist()) <= {1, 2, 3} and len(rows) > 10
        assert (rows.visibility >= 0.3).all()
        for track in np.unique(rows.tracks):
            boxes = rows.boxes[rows.tracks == track]
            inside = (boxes[:, 0] > 0) & (boxes[:, 2] < OPTIONS.width)
            steps = np.diff(boxes[inside].mean(axis=1) * 2)
            ways = np.sign(np.diff((boxes[inside, 0] + boxes[inside, 2]) / 2))
            assert len(steps) == 0 or abs(ways.sum()) > 0.6 * len(ways)


def test_frames_differ_where_people_are(videos):
    image, scene = videos[0][8]
    empty = np.median(np.stack([frame for frame, _ in videos[0]]), axis=0)
    changed = np.abs(image.astype(float) - empty).max(axis=2) > 40
    boxes = np.zeros(changed.shape, dtype=bool)
    for box in scene.people:
        x1, y1, x2, y2 = box.xyxy
        boxes[y1:y2, x1:x2] = True
    assert changed[boxes].mean() > 5 * max(changed[~boxes].mean(), 0.01)


def test_everybody_walks_past_every_camera():
    for index in range(2):
        camera = make_camera(0, index, (OPTIONS.width, OPTIONS.height))
        walks = plan_walks(OPTIONS, camera)
        assert sorted(walk.person for walk in walks) == [0, 1, 2]
        for walk in walks:
            middle = walk.start + (OPTIONS.width / walk.tall / 2 + 0.3) / 0.8
            assert abs(walk.place(middle, OPTIONS.width) - OPTIONS.width / 2) < 1
            assert walk.place(walk.start - 1, OPTIONS.width) is None


def test_wrong_options():
    with pytest.raises(ValueError, match="people=0: at least 1"):
        VideoOptions(people=0)
    with pytest.raises(ValueError, match="width=32: at least 64"):
        VideoOptions(width=32)
