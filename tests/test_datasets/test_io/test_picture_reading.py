"""A stranger's picture does no harm, and the largest allowed one costs little."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from mmpsearch.datasets.io.picture_reading import open_picture, read_picture
from mmpsearch.errors import ImageReadError

SCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n{} loop\n"


def png(width, height, rows=b"", extra=b""):
    def chunk(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    end = chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + end


def refuse(path, reason):
    with pytest.raises(ImageReadError, match=reason) as caught:
        read_picture(path)
    assert os.path.basename(path) in str(caught.value)


@pytest.mark.parametrize("name", ["scene.jpg", "scene.eps"])
def test_a_postscript_program_is_not_run(tmp_path, name):
    (tmp_path / name).write_bytes(SCRIPT)
    refuse(tmp_path / name, "not a picture in a format")


def test_formats_that_nobody_asked_for_are_not_opened(tmp_path):
    for kind in ("PCX", "SGI", "TGA", "ICO", "PDF"):
        Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", kind)
        refuse(tmp_path / "a.jpg", "not a picture in a format")


def test_pipes_and_devices_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    refuse(tmp_path / "pipe.jpg", "not a regular file")
    (tmp_path / "null.jpg").symlink_to("/dev/zero")
    refuse(tmp_path / "null.jpg", "not a regular file")
    refuse("a\0b.jpg", "no such file")


def test_a_small_file_of_a_huge_picture_is_refused_before_decoding(tmp_path):
    (tmp_path / "a.png").write_bytes(png(10_000, 10_000))
    refuse(tmp_path / "a.png", "10000 x 10000 pixels are more than 89478485")
    (tmp_path / "a.png").write_bytes(png(20_000, 20_000))
    refuse(tmp_path / "a.png", "400000000 pixels.*MAX_IMAGE_PIXELS")


def test_a_huge_text_in_a_small_file_is_refused(tmp_path):
    text = b"note\0\0" + zlib.compress(bytes(30_000_000), 9)
    check = struct.pack(">I", zlib.crc32(b"zTXt" + text))
    extra = struct.pack(">I", len(text)) + b"zTXt" + text + check
    rows = zlib.compress(b"\0" * 5)
    (tmp_path / "a.png").write_bytes(png(1, 1, rows, extra))
    refuse(tmp_path / "a.png", "too large")


def test_the_limit_is_pillows(tmp_path, monkeypatch):
    Image.new("RGB", (40, 50)).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40 * 50)
    assert read_picture(tmp_path / "a.png").shape == (50, 40, 3)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40 * 50 - 1)
    refuse(tmp_path / "a.png", "MAX_IMAGE_PIXELS = None")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert read_picture(tmp_path / "a.png").shape == (50, 40, 3)


def test_conversion_in_strips_equals_one_piece(tmp_path, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 255, (61, 30, 4), np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    whole = read_picture(tmp_path / "a.png")
    monkeypatch.setattr("mmpsearch.datasets.io.picture_reading.STRIP", 7 * 30)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), whole)


def test_orientation_is_applied_or_not(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(tmp_path / "a.jpg", exif=exif)
    assert read_picture(tmp_path / "a.jpg").shape == (30, 20, 3)
    assert read_picture(tmp_path / "a.jpg", upright=False).shape == (20, 30, 3)


def test_phones_that_put_several_pictures_into_one_jpeg(tmp_path):
    first, second = Image.new("RGB", (16, 8), "red"), Image.new("RGB", (16, 8))
    first.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[second])
    assert read_picture(tmp_path / "a.jpg")[4, 8].tolist() == [0, 0, 254]


def test_damaged_files_give_one_kind_of_error(tmp_path):
    """Mutated files of every format: a picture, or an error that names the file."""
    generator = np.random.default_rng(0)
    noise = generator.integers(0, 255, (24, 24, 3), np.uint8)
    kinds = [kind for kind in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM")]
    refused = 0
    for number in range(300):
        buffer = io.BytesIO()
        Image.fromarray(noise).save(buffer, kinds[number % len(kinds)])
        data = np.frombuffer(buffer.getvalue(), np.uint8).copy()
        places = generator.integers(0, min(len(data), 600), 6)
        data[places] = generator.integers(0, 256, 6)
        path = tmp_path / "a.jpg"
        path.write_bytes(data.tobytes())
        try:
            read_picture(path)
        except ImageReadError as error:
            assert str(path) in str(error) and error.reason
            refused += 1
    assert 50 < refused < 300


def test_errors_of_the_body_name_the_file(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    with (
        pytest.raises(ImageReadError, match=r"a\.png: .odd"),
        open_picture(tmp_path / "a.png"),
    ):
        raise KeyError("odd")
