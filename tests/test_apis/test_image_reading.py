"""Every colour mode and depth against values worked out by hand."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from mmpsearch.apis.image_reading import array_to_bgr, read_image
from mmpsearch.errors import ImageReadError

# red, green / blue, grey
RGB = np.array([[[200, 10, 20], [0, 180, 0]], [[5, 6, 250], [90, 90, 90]]], np.uint8)
BGR = RGB[:, :, ::-1]


def test_rgb_png_is_returned_in_bgr_order(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    assert image.dtype == np.uint8 and image.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(image, BGR)


def test_grey_is_repeated(tmp_path):
    grey = np.array([[0, 128, 255]], np.uint8)
    Image.fromarray(grey).save(tmp_path / "a.png")
    np.testing.assert_array_equal(
        read_image(tmp_path / "a.png"), np.stack([grey] * 3, axis=2)
    )


def test_one_bit_is_black_and_white(tmp_path):
    Image.fromarray(np.array([[0, 255]], np.uint8)).convert("1").save(
        tmp_path / "a.png"
    )
    assert read_image(tmp_path / "a.png")[0, :, 0].tolist() == [0, 255]


def test_transparency_is_composited_on_white(tmp_path):
    rgba = np.array([[[200, 0, 100, 255], [200, 0, 100, 0], [200, 0, 100, 51]]])
    Image.fromarray(rgba.astype(np.uint8)).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    # alpha 51 / 255 = 0.2: 0.2 * value + 0.8 * 255
    np.testing.assert_array_equal(
        image[0], [[100, 0, 200], [255, 255, 255], [224, 204, 244]]
    )
    np.testing.assert_array_equal(
        array_to_bgr(rgba[:, :, [2, 1, 0, 3]].astype(np.uint8)), image
    )


def test_grey_with_alpha(tmp_path):
    values = np.array([[[40, 255], [40, 0]]], np.uint8)
    Image.fromarray(values, "LA").save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png")[0].tolist() == [[40] * 3, [255] * 3]


def test_palette_with_and_without_transparent_entry(tmp_path):
    palette = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    palette.putpalette([200, 10, 20, 0, 180, 0])
    palette.save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png")[0].tolist() == [[20, 10, 200], [0, 180, 0]]
    palette.save(tmp_path / "b.gif", transparency=1)
    assert read_image(tmp_path / "b.gif")[0].tolist() == [[20, 10, 200], [255] * 3]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bit_png_keeps_the_high_byte(tmp_path, channels):
    values = np.array([[0, 255], [256, 65535]], np.uint16)
    stacked = np.stack([values] * channels, axis=2)
    if channels == 4:
        stacked[:, :, 3] = 65535
    assert cv2.imwrite(str(tmp_path / "a.png"), stacked)
    assert read_image(tmp_path / "a.png")[:, :, 1].tolist() == [[0, 0], [1, 255]]
    assert array_to_bgr(stacked)[:, :, 1].tolist() == [[0, 0], [1, 255]]


def test_16_bit_and_float_tiff(tmp_path):
    Image.fromarray(np.array([[0, 0x1234]], np.uint16)).save(tmp_path / "a.tif")
    assert read_image(tmp_path / "a.tif")[0, :, 0].tolist() == [0, 0x12]
    Image.fromarray(np.array([[0.0, 0.5, 1.0]], np.float32)).save(tmp_path / "b.tif")
    assert read_image(tmp_path / "b.tif")[0, :, 0].tolist() == [0, 128, 255]
    Image.fromarray(np.array([[0.0, 99.6, 300.0]], np.float32)).save(tmp_path / "c.tif")
    assert read_image(tmp_path / "c.tif")[0, :, 0].tolist() == [0, 100, 255]


def test_big_endian_16_bit_tiff_that_is_dark(tmp_path):
    data = Image.fromarray(np.array([[0, 200]], np.uint16))
    buffer = io.BytesIO()
    data.convert("I;16B").save(buffer, "tiff")
    (tmp_path / "a.tif").write_bytes(buffer.getvalue())
    assert read_image(tmp_path / "a.tif").max() == 0


def test_cmyk_jpeg(tmp_path):
    cmyk = Image.new("CMYK", (16, 16), (0, 255, 255, 0))  # no cyan: red
    cmyk.save(tmp_path / "a.jpg", quality=100)
    blue, green, red = read_image(tmp_path / "a.jpg")[8, 8].astype(int)
    assert red > 250 and green < 5 and blue < 5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_gives_the_upright_picture(tmp_path, orientation):
    upright = np.zeros((16, 32, 3), np.uint8)
    upright[:8, :8] = 255  # a white corner, top left
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: upright.transpose(1, 0, 2)[::-1],
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: upright.transpose(1, 0, 2)[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(
        tmp_path / "a.jpg", quality=95, exif=exif
    )
    image = read_image(tmp_path / "a.jpg")
    assert image.shape == (16, 32, 3)
    np.testing.assert_allclose(image.astype(int), upright, atol=20)


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (3000, 2)])
def test_extreme_sizes(tmp_path, size):
    Image.new("RGB", size, (1, 2, 3)).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    assert image.shape == (size[1], size[0], 3)
    assert image[0, 0].tolist() == [3, 2, 1]


def test_a_name_with_other_letters_and_wrong_ending(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "Straße 北京.png")
    (tmp_path / "Straße 北京.png").rename(tmp_path / "Straße 北京.jpg")
    np.testing.assert_array_equal(read_image(tmp_path / "Straße 北京.jpg"), BGR)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file"),
        (b"", "empty"),
        (b"this is a text", "not a picture"),
        ("truncated jpg", "truncated"),
        ("truncated png", "truncated"),
        ("folder", "folder"),
    ],
)
def test_unreadable_files_name_file_and_reason(tmp_path, content, reason):
    path = tmp_path / "scene.jpg"
    if content == "folder":
        path.mkdir()
    elif isinstance(content, str):
        noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
        buffer = io.BytesIO()
        kind = "jpeg" if content.endswith("jpg") else "png"
        Image.fromarray(noise).save(buffer, kind)
        path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(ImageReadError, match=reason) as caught:
        read_image(path)
    assert "scene.jpg" in str(caught.value)
    assert caught.value.path.endswith("scene.jpg")


def test_a_decompression_bomb_is_refused_with_the_remedy(tmp_path, monkeypatch):
    Image.new("1", (300, 300)).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ImageReadError, match="MAX_IMAGE_PIXELS"):
        read_image(tmp_path / "a.png")


def test_arrays():
    assert array_to_bgr(BGR.copy()).tolist() == BGR.tolist()
    assert array_to_bgr(BGR / 255.0).tolist() == BGR.tolist()
    assert array_to_bgr(np.array([[True, False]]))[0, :, 2].tolist() == [255, 0]
    assert array_to_bgr(np.array([[7, 255]]))[0, :, 0].tolist() == [7, 255]
    assert array_to_bgr(np.array([[7, 256]]))[0, :, 0].tolist() == [0, 1]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 2, 2)),
        np.zeros((0, 4, 3)),
        np.zeros(5),
        np.full((2, 2), -1),
        np.full((2, 2), 70000),
        np.full((2, 2), np.nan),
        np.array([["a"]]),
    ],
)
def test_arrays_that_are_no_picture(array):
    with pytest.raises(ImageReadError, match="array of shape"):
        array_to_bgr(array)
