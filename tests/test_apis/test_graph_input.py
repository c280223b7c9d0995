import numpy as np
import pytest

from mmpsearch.apis.graph_input import prepare
from mmpsearch.apis.graph_settings import GraphSettings, given_settings, with_given
from mmpsearch.errors import ModelLoadError

WHITE = np.full((20, 40, 3), 255, np.uint8)


@pytest.mark.parametrize(
    ("resize", "box", "values"),
    [
        ("letterbox", (0, 0, 80, 40), [255, 255, 114]),
        ("letterbox_centred", (0, 20, 80, 60), [114, 255, 114]),
        ("stretch", (0, 0, 80, 80), [255, 255, 255]),
    ],
)
def test_the_picture_lies_where_its_boxes_say(resize, box, values):
    settings = GraphSettings(input_size=(80, 80), resize=resize)
    pixels, placement = prepare(WHITE, settings)
    assert pixels.shape == (3, 80, 80)
    assert [pixels[0, row, 40] for row in (2, 39, 77)] == values
    whole = placement.to_picture(np.array([box], np.float32))
    np.testing.assert_allclose(whole, [[0, 0, 40, 20]])


def test_none_keeps_the_size():
    pixels, placement = prepare(WHITE, GraphSettings(resize="none"))
    assert pixels.shape == (3, 20, 40) and placement.input_size == (20, 40)


def test_colour_scale_mean_and_std():
    image = np.zeros((4, 4, 3), np.uint8)
    image[:] = (10, 20, 30)  # BGR
    settings = GraphSettings(
        resize="none", channel_order="rgb", scale=0.1, mean=(1, 1, 1), std=(2, 1, 0.5)
    )
    np.testing.assert_allclose(
        prepare(image, settings)[0][:, 0, 0], [1, 1, 0], atol=1e-6
    )


def test_a_yaml_beside_the_file_counts_unless_there_is_a_catalogue(tmp_path):
    path = tmp_path / "e.onnx"
    assert given_settings(path, None)[0] == {}
    path.with_suffix(".yaml").write_text("channel_order: rgb\ninput_size: [64, 32]\n")
    given, where = given_settings(path, None)
    settings = with_given(GraphSettings(), given, where)
    assert (settings.channel_order, settings.input_size) == ("rgb", (64, 32))
    assert given_settings(path, {"scale": 2})[0] == {"scale": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "chanel_order: rgb",
            r"unknown key 'chanel_order'; did you mean 'channel_order'\?",
        ),
        ("channel_order: grb", "e.yaml: channel_order is 'grb'"),
        ("resize: letter", "e.yaml: resize is 'letter', not one of letterbox"),
        ("input_size: 64", "e.yaml: input_size is 64, not 2 numbers"),
        ("std: [1, 0, 1]", "e.yaml: std and input_size must be above 0"),
        ("[1, 2]", "e.yaml must have keys"),
        ("a: [", "e.yaml is no yaml"),
    ],
)
def test_mistakes_in_the_yaml_name_file_and_key(tmp_path, text, message):
    path = tmp_path / "e.onnx"
    path.with_suffix(".yaml").write_text(text)
    with pytest.raises(ModelLoadError, match=message):
        with_given(GraphSettings(), *given_settings(path, None))
