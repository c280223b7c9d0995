import cv2
import numpy as np

from mmpsearch.visualization import draw_attention


def test_mean_and_heads_lie_over_the_picture():
    image = np.full((40, 20, 3), (0, 0, 200), np.uint8)
    attention = np.zeros((2, 4, 2), np.float32)
    attention[0, 0] = 0.5  # the first head looks at the top,
    attention[1, 3] = 0.1  # the second, weakly, at the bottom
    picture = draw_attention(image, attention, strength=1.0)
    assert picture.shape == (40, 4 * 20, 3) and picture.dtype == np.uint8
    assert (picture[:, :20] == image).all()
    ends = cv2.applyColorMap(np.array([[0, 255]], np.uint8), cv2.COLORMAP_INFERNO)[0]
    _, mean, first, second = np.split(picture, 4, axis=1)
    for tile in (mean, first):
        assert (tile[0] == ends[1]).all()
    assert (first[-1] == ends[0]).all() and (second[-1] == ends[1]).all()
    assert (second[0] == ends[0]).all()
    assert (draw_attention(image, attention, strength=0.0)[:, 20:40] == image).all()


def test_an_even_map_is_drawn():
    image = np.zeros((8, 4, 3), np.uint8)
    assert draw_attention(image, np.full((1, 2, 1), 0.3)).shape == (8, 12, 3)
