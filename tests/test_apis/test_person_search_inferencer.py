import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from PIL import Image

from mmpsearch.apis import (
    ImageReadError,
    ModelLoadError,
    PersonSearchInferencer,
    QueryBoxError,
    ReadingReport,
)

from ..test_models.tiny_two_stage import BACKBONE, HEADS, RPN
from .colour_model import BLUE, GREEN, GREY, RED, config, scene
from .crop_model import config as crop_config

A, B = (20, 30, 60, 110), (100, 10, 140, 90)


def by_place(found):
    order = np.argsort(found.boxes[:, 0])
    return found.boxes[order], found.scores[order], found.embeddings[order]


def test_boxes_in_original_pixels_and_unit_embeddings(inferencer):
    picture = scene((RED, A), (BLUE, B))
    (found,) = inferencer.detect(picture[:, :, ::-1])
    boxes, scores, embeddings = by_place(found)
    np.testing.assert_array_equal(boxes, [A, B])
    assert boxes.dtype == scores.dtype == embeddings.dtype == np.float32
    np.testing.assert_allclose(scores, [1, 1])
    np.testing.assert_allclose(embeddings, [[1, 0, 0], [0, 0, 1]], atol=1e-6)
    assert (found.height, found.width, found.path, found.time) == (120, 160, "", None)
    assert found.fingerprint == inferencer.fingerprint


def test_the_score_threshold():
    picture = scene((RED, A), (BLUE, B))
    picture[70:110, 40:60] = GREY  # red now fills 75 % of its box
    counts = []
    for threshold in (0.5, 0.8):
        with pytest.warns(UserWarning):
            one = PersonSearchInferencer(config(), score_threshold=threshold)
        counts.append(len(one.detect(picture)[0]))
    assert counts == [2, 1]


def test_a_picture_without_people(inferencer):
    (found,) = inferencer.detect(scene())
    assert len(found) == 0
    assert found.boxes.shape == (0, 4) and found.embeddings.shape == (0, 3)


VARIANTS = ["png", "rgba", "16bit", "palette", "cmyk", "exif", "webp"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_scene_in_every_colour_mode(inferencer, tmp_path, variant):
    rgb = scene((RED, A), (BLUE, B))
    image, path, options = Image.fromarray(rgb), tmp_path / "a.png", {}
    if variant == "16bit":
        cv2.imwrite(str(path), rgb[:, :, ::-1].astype(np.uint16) * 257)
    else:
        if variant == "rgba":
            image.putalpha(255)
        elif variant == "palette":
            image = image.quantize(8)
        elif variant == "cmyk":
            image, path = image.convert("CMYK"), tmp_path / "a.tif"
        elif variant == "exif":  # stored lying on its side
            exif = Image.Exif()
            exif[0x0112] = 6
            image = image.transpose(Image.Transpose.ROTATE_90)
            path, options = tmp_path / "a.jpg", {"exif": exif, "quality": 95}
        elif variant == "webp":
            path, options = tmp_path / "a.webp", {"lossless": True}
        image.save(path, **options)
    (found,) = inferencer.detect(path)
    boxes, _, embeddings = by_place(found)
    tolerance = 2 if variant == "exif" else 0  # JPEG blurs edges
    np.testing.assert_allclose(boxes, [A, B], atol=tolerance)
    np.testing.assert_allclose(embeddings, [[1, 0, 0], [0, 0, 1]], atol=0.03)
    assert (found.height, found.width) == (120, 160)


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (2000, 3)])
def test_any_size(inferencer, size):
    (found,) = inferencer.detect(scene(size=size))
    assert len(found) == 0 and (found.width, found.height) == size


def test_grey_pictures_run(inferencer):
    (found,) = inferencer.detect(np.full((50, 40), 90, np.uint8))
    assert len(found) == 0


@pytest.mark.parametrize("batch_size", [1, 2, 5])
def test_folders_batches_and_unreadable_files(tmp_path, batch_size):
    with pytest.warns(UserWarning):
        inferencer = PersonSearchInferencer(config(), batch_size=batch_size)
    sizes = [(160, 120), (90, 150), (64, 64), (200, 96)]
    for i, size in enumerate(sizes):
        box = (10 + 2 * i, 10, 40 + 2 * i, 60)
        Image.fromarray(scene((GREEN, box), size=size)).save(tmp_path / f"{i}.png")
    (tmp_path / "1b.jpg").write_bytes(b"\xff\xd8\xff broken")
    (tmp_path / "notes.txt").write_text("not a picture")
    report = ReadingReport()
    found = list(
        inferencer.iter_detect([tmp_path, tmp_path / "gone.png"], report=report)
    )
    assert [f.path for f in found] == [str(tmp_path / f"{i}.png") for i in range(4)]
    for i, one in enumerate(found):
        assert one.boxes.tolist() == [[10 + 2 * i, 10, 40 + 2 * i, 60]]
        assert (one.width, one.height) == sizes[i]
    assert (report.images, report.people) == (4, 4)
    names = [error.path.rpartition("/")[2] for error in report.unreadable]
    assert names == ["1b.jpg", "gone.png"]
    text = str(report)
    assert "4 people in 4 pictures" in text and "2 files could not be read" in text
    assert "gone.png: there is no such file" in text
    assert max(inferencer.model.batches) == min(batch_size, 4)
    with pytest.raises(ImageReadError, match="1b.jpg"):
        inferencer.detect(tmp_path)


def test_video_frames_carry_time(inferencer, tmp_path):
    path = str(tmp_path / "clip.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"MJPG"), 10.0, (160, 120))
    for i in range(8):
        x = 16 + 8 * i
        writer.write(scene((GREEN, (x, 16, x + 32, 80)))[:, :, ::-1].copy())
    writer.release()
    found = inferencer.detect(path, frame_step=3)
    assert [f.frame for f in found] == [0, 3, 6]
    np.testing.assert_allclose([f.time for f in found], [0, 0.3, 0.6])
    for one in found:
        x = 16 + 8 * one.frame
        np.testing.assert_allclose(one.boxes, [[x, 16, x + 32, 80]], atol=4)


def test_embedding_of_given_boxes(inferencer):
    picture = scene((RED, A), (BLUE, B))[:, :, ::-1]
    embeddings = inferencer.embed(picture, [B, A, (0, 0, 16, 120)])
    grey = np.full(3, 1 / np.sqrt(3))
    np.testing.assert_allclose(
        embeddings, [[0, 0, 1], [1, 0, 0], grey], rtol=0, atol=1e-6
    )
    half_red = inferencer.embed(picture, [20, 30, 100, 110])[0]
    mixed = np.array([(250 + GREY) / 2, GREY / 2, GREY / 2])
    np.testing.assert_allclose(half_red, mixed / np.linalg.norm(mixed), atol=1e-5)


def test_boxes_over_the_border_are_cut(inferencer):
    picture = scene((RED, (0, 0, 40, 40)))[:, :, ::-1]
    cut = inferencer.embed(picture, [-500, -20, 40, 40])
    np.testing.assert_allclose(cut, [[1, 0, 0]], atol=1e-6)


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ([200, 10, 240, 60], "outside.*160 x 120"),
        ([-50, 10, 0, 60], "outside"),
        ([60, 10, 30, 60], "x1 < x2"),
        ([60, 10, 80], "four"),
        ([60, 10, 80, np.nan], "finite"),
        ([[1, 2, 3, 4], [1, 2]], "x1 y1 x2 y2"),
    ],
)
def test_boxes_that_do_not_fit(inferencer, box, message):
    with pytest.raises(QueryBoxError, match=message):
        inferencer.embed(scene(), box)
    with pytest.raises(ValueError, match="no box"):
        inferencer.embed(scene(), [])


def test_a_crop_is_one_person(inferencer, tmp_path):
    Image.fromarray(scene((GREEN, (0, 0, 30, 80)), size=(30, 80))).save(
        tmp_path / "crop.png"
    )
    embedding = inferencer.embed_crop(tmp_path / "crop.png")
    np.testing.assert_allclose(embedding, [[0, 1, 0]], atol=1e-6)
    with pytest.raises(ImageReadError, match="folder"):
        inferencer.embed_crop(tmp_path)


def test_half_precision_gives_nearly_the_same(inferencer):
    picture = scene((RED, A), (BLUE, B))
    with pytest.warns(UserWarning):
        half = PersonSearchInferencer(config(), device="cpu", half=True)
    expected, found = inferencer.detect(picture)[0], half.detect(picture)[0]
    np.testing.assert_allclose(found.embeddings, expected.embeddings, atol=0.01)
    assert found.embeddings.dtype == np.float32


def test_progress_is_shown_on_standard_error(inferencer, tmp_path, capsys):
    Image.fromarray(scene()).save(tmp_path / "a.png")
    list(inferencer.iter_detect(tmp_path, progress=True))
    shown = capsys.readouterr()
    assert "looking for people" in shown.err and shown.out == ""


def test_config_in_every_form(tmp_path):
    Config(config()).dump(tmp_path / "colour.py")
    weights = {"gain": torch.tensor([1.0, 2.0, 3.0])}
    torch.save({"state_dict": weights}, tmp_path / "w.pth")
    picture = scene((RED, A))
    picture[30:110, 40:60] = (250, 250, 0)
    forms = [tmp_path / "colour.py", config(), Config(config())]
    made = [PersonSearchInferencer(form, tmp_path / "w.pth") for form in forms]
    for one in made:
        (found,) = one.detect(picture[:, :, ::-1])
        expected = np.array([250, 125 * 2, 0])
        np.testing.assert_allclose(
            found.embeddings[0], expected / np.linalg.norm(expected), atol=1e-5
        )
    assert len({one.fingerprint.sha256 for one in made}) == 1
    assert made[0].fingerprint.config == "colour.py"
    assert made[0].fingerprint.checkpoint == "w.pth"


def test_arguments():
    with pytest.raises(ValueError, match="batch_size"):
        PersonSearchInferencer(config(), batch_size=0)


@pytest.mark.filterwarnings("ignore:no checkpoint")
@pytest.mark.parametrize("head", HEADS)
def test_every_method_runs_in_half_precision(head):
    """On the CPU: in bfloat16, which NumPy does not know."""
    settings = config()
    settings["model"] = dict(
        type="mmpsearch.TwoStageSearch",
        backbone=BACKBONE,
        rpn_head=RPN,
        search_head=HEADS[head],
        data_preprocessor=settings["model"]["data_preprocessor"],
    )
    settings["test_dataloader"]["dataset"]["dataset"]["pipeline"][1:2] = [
        dict(type="mmpsearch.WindowResize", short=64, long=96)
    ]
    torch.manual_seed(0)
    options = dict(device="cpu", score_threshold=0.0)
    half = PersonSearchInferencer(settings, half=True, **options)
    picture = scene((RED, A), (BLUE, B))
    (found,) = half.detect(picture)
    assert len(found) > 0
    for values in (found.boxes, found.scores, found.embeddings):
        assert values.dtype == np.float32 and np.isfinite(values).all()
    np.testing.assert_allclose(np.linalg.norm(found.embeddings, axis=1), 1, rtol=1e-5)
    full = PersonSearchInferencer(settings, **options)
    full.model.load_state_dict(half.model.state_dict())
    similarity = half.embed(picture, A)[0] @ full.embed(picture, A)[0]
    assert similarity > 0.98


@pytest.mark.filterwarnings("ignore:no checkpoint")
def test_a_model_for_crops_is_refused(tmp_path):
    Config(crop_config()).dump(tmp_path / "crops.py")
    with pytest.raises(ModelLoadError) as raised:
        PersonSearchInferencer(tmp_path / "crops.py", device="cpu")
    assert "crops.py is a re-identification model (ReIDModel)" in str(raised.value)
    assert "demo/search_crops.py" in str(raised.value)
