import weakref
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mmpsearch.apis import (
    ImageReadError,
    InputError,
    ModelLoadError,
    ReadingReport,
    ReIDInferencer,
    save_crop_report,
)
from mmpsearch.registry import MODELS

from .crop_model import (
    BLUE,
    GREEN,
    RED,
    config,
    crop,
    two_stem_weights,
    two_stems,
)

SCENE_MODEL = Path(__file__).parents[2] / "configs/_base_/models/spnet-tiny_r18.py"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A trained model's file, classifiers included."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "w.pth"
    torch.save({"state_dict": MODELS.build(config()["model"]).state_dict()}, path)
    return path


@pytest.fixture
def inferencer(checkpoint, recwarn):
    made = ReIDInferencer(config(), checkpoint, device="cpu", batch_size=2)
    assert not len(recwarn), "classifiers are left out without a word"
    return made


def test_embeddings_are_the_models(inferencer, checkpoint):
    images = [crop(RED), crop(BLUE, (100, 44)), crop(GREEN)]
    got = inferencer(images)
    assert got.shape == (3, 24) and got.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(got, axis=1), 1, rtol=1e-5)
    model = MODELS.build(config()["model"]).eval()
    model.load_state_dict(torch.load(checkpoint)["state_dict"])
    rgb = torch.from_numpy(images[0][:, :, ::-1].copy()).permute(2, 0, 1)[None]
    mean = torch.tensor([123.675, 116.28, 103.53]).view(3, 1, 1)
    std = torch.tensor([58.395, 57.12, 57.375]).view(3, 1, 1)
    with torch.no_grad():
        want = model.extract((rgb - mean) / std)[0]
    np.testing.assert_allclose(got[0], want / want.norm(), atol=1e-5)
    np.testing.assert_allclose(inferencer(images[1])[0], got[1], atol=1e-5)


def test_compare_and_rank(inferencer):
    red, other_red, blue = crop(RED), crop(RED, seed=1), crop(BLUE)
    same, different = inferencer.compare(red, other_red), inferencer.compare(red, blue)
    assert inferencer.compare(red, red) == pytest.approx(1, abs=1e-5)
    assert different < same < 1
    (ranking,) = inferencer.rank(
        red, [blue, other_red], query_ids=[1], gallery_ids=[2, 1]
    )
    assert [m.index for m in ranking.matches] == [1, 0]
    assert [m.correct for m in ranking.matches] == [True, False]
    assert ranking.matches[0].similarity == pytest.approx(same, abs=1e-5)
    assert "2 most similar of 2" in str(ranking)


def test_a_query_is_not_its_own_match(inferencer, tmp_path):
    """As in scene search; links to the file are the file."""
    for name, pixels in (("a.png", crop(RED)), ("b.png", crop(BLUE))):
        cv2.imwrite(str(tmp_path / name), pixels)
    query = tmp_path / "a.png"
    (ranking,) = inferencer.rank(query, tmp_path)
    assert [match.image.path[-5:] for match in ranking.matches] == ["b.png"]
    assert ranking.searched == 1 and ranking.best < 0.99
    (ranking,) = inferencer.rank(query, tmp_path, include_query_image=True)
    assert ranking.matches[0].similarity == pytest.approx(1, abs=1e-5)
    (alone,) = inferencer.rank(query, query)
    assert not alone.found and "no other picture" in str(alone)


def test_threshold_and_top_k(inferencer):
    gallery = inferencer.embed([crop(RED), crop(GREEN), crop(BLUE)])
    first, second = inferencer.rank([crop(RED, seed=3), crop(BLUE)], gallery, top_k=1)
    assert (first.matches[0].index, second.matches[0].index) == (0, 2)
    (nobody,) = inferencer.rank(crop(GREEN, seed=5), gallery, threshold=1.01)
    assert not nobody.found and "No such person: the most similar of 3" in str(nobody)


def test_wrong_questions(inferencer, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    with pytest.raises(InputError, match="there is no query"):
        inferencer.rank(tmp_path / "empty", crop(RED))
    with pytest.raises(InputError, match="the gallery is empty"):
        inferencer.rank(crop(RED), tmp_path / "empty")
    with pytest.raises(InputError, match="2 gallery ids for 1 pictures"):
        inferencer.rank(crop(RED), crop(RED), query_ids=[1], gallery_ids=[1, 2])
    with pytest.raises(InputError, match="give both"):
        inferencer.rank(crop(RED), crop(RED), query_ids=[1])
    for wrong in (-1, 0, 1.5, "3"):
        with pytest.raises(InputError, match=f"top_k must be .*not {wrong!r}"):
            inferencer.rank(crop(RED), crop(RED), top_k=wrong)
    with pytest.raises(InputError, match="threshold must be a number.*not NaN"):
        inferencer.rank(crop(RED), crop(RED), threshold=float("nan"))
    normalised = (crop(RED).astype(np.float32) - 120) / 58
    with pytest.raises(ImageReadError, match="pixels lie in 0..255 or in 0..1"):
        inferencer(normalised)
    with pytest.raises(ImageReadError, match="broken.jpg"):
        inferencer(tmp_path)
    report = ReadingReport()
    assert len(inferencer.embed([tmp_path, crop(RED)], report=report)) == 1
    assert len(report.unreadable) == 1 and report.images == 1
    assert inferencer([]).shape == (0, 0)
    with pytest.raises(ValueError, match="batch_size"):
        ReIDInferencer(config(), batch_size=0)


def test_checkpoint_of_another_architecture_is_refused(tmp_path):
    torch.save({"conv1.weight": torch.zeros(2)}, tmp_path / "other.pth")
    with pytest.raises(ModelLoadError, match="does not fit the config's ReIDModel"):
        ReIDInferencer(config(), tmp_path / "other.pth")


def test_half_precision_is_close(inferencer, checkpoint):
    half = ReIDInferencer(config(), checkpoint, device="cpu", half=True)
    images = [crop(RED), crop(BLUE)]
    np.testing.assert_allclose(half(images), inferencer(images), atol=0.05)


def test_attention(inferencer, checkpoint):
    maps = inferencer.attention(crop(RED, (90, 50)))
    assert maps.shape == (3, 4, 2)
    assert (maps >= 0).all() and (maps.sum((1, 2)) < 1).all()
    resnet = dict(type="mmpretrain.ResNet", depth=18, base_channels=4, stem_channels=4)
    settings = config(resnet)
    with pytest.warns(UserWarning, match="random"):
        other = ReIDInferencer(settings, device="cpu")
    with pytest.raises(InputError, match="backbone is a ResNet"):
        other.attention(crop(RED))


def test_report(inferencer, tmp_path):
    Image.fromarray(crop(RED)[:, :, ::-1]).save(tmp_path / "0001_a.png")
    rankings = inferencer.rank(
        tmp_path / "0001_a.png",
        [crop(RED), crop(BLUE)],
        query_ids=[1],
        gallery_ids=[1, 2],
    )
    picture, page = save_crop_report(tmp_path / "out", rankings)
    assert Image.open(picture).width > 500
    html = page.read_text()
    assert "0001_a.png" in html and "same person" in html and "another person" in html


@pytest.fixture
def two_stem_inferencer(tmp_path):
    two_stem_weights(tmp_path / "two.pth")
    return ReIDInferencer(two_stems(), tmp_path / "two.pth", device="cpu")


def test_every_modality_goes_through_its_own_stem(two_stem_inferencer, tmp_path):
    model = two_stem_weights(tmp_path / "again.pth")
    picture = crop(RED)
    rgb = torch.from_numpy(picture[:, :, ::-1].copy()).permute(2, 0, 1)[None]
    mean = torch.tensor([123.675, 116.28, 103.53]).view(3, 1, 1)
    std = torch.tensor([58.395, 57.12, 57.375]).view(3, 1, 1)
    got = {}
    for number, modality in enumerate(("rgb", "ir")):
        with torch.no_grad():
            modalities = torch.tensor([number])
            want = model.extract((rgb - mean) / std, modalities=modalities)[0]
        got[modality] = two_stem_inferencer(picture, modality=modality)[0]
        np.testing.assert_allclose(got[modality], want / want.norm(), atol=1e-5)
        embedded = two_stem_inferencer.embed(picture, modality=modality)
        np.testing.assert_allclose(embedded.embeddings[0], got[modality], atol=1e-6)
    across = float(got["rgb"] @ got["ir"])
    assert across < 0.99
    found = two_stem_inferencer.compare(picture, picture, "ir", "rgb")
    assert found == pytest.approx(across, abs=1e-5)
    (ranking,) = two_stem_inferencer.rank(
        picture, picture, query_modality="ir", gallery_modality="rgb"
    )
    assert ranking.best == pytest.approx(across, abs=1e-5)
    gallery = two_stem_inferencer.embed(picture, modality="ir")
    (ranking,) = two_stem_inferencer.rank(picture, gallery, query_modality="ir")
    assert ranking.best == pytest.approx(1, abs=1e-5)


def test_a_missing_modality_is_refused(two_stem_inferencer, inferencer):
    picture = crop(RED)
    unread = "never read"  # the question comes before the reading
    with pytest.raises(InputError, match="modality='rgb' or 'ir'"):
        two_stem_inferencer(unread)
    with pytest.raises(InputError, match="--query-modality and --gallery-modality"):
        two_stem_inferencer.embed(unread)
    with pytest.raises(InputError, match="RGB and infrared"):
        two_stem_inferencer.compare(unread, unread, "rgb")
    with pytest.raises(InputError, match="RGB and infrared"):
        two_stem_inferencer.rank(unread, unread, query_modality="ir")
    with pytest.raises(InputError, match="must be 'rgb' or 'ir', not 'thermal'"):
        inferencer(picture, modality="thermal")
    np.testing.assert_array_equal(inferencer(picture), inferencer(picture, 1, "ir"))


@pytest.mark.parametrize(
    "settings, needed",
    [
        (two_stems(), True),
        (two_stems(share="stem"), False),
        (two_stems("mmpsearch.FeatureSelectionResNet", share="stem"), True),
    ],
    ids=["two stems", "one stem", "one stem, features by modality"],
)
def test_who_needs_a_modality(settings, needed):
    with pytest.warns(UserWarning, match="random"):
        inferencer = ReIDInferencer(settings, device="cpu")
    if needed:
        with pytest.raises(InputError, match="RGB and infrared"):
            inferencer(crop(RED))
    else:
        assert inferencer(crop(RED)).shape == (1, 32)


@pytest.mark.filterwarnings("ignore:no checkpoint")
def test_a_model_for_scenes_is_refused(tmp_path):
    path = tmp_path / "scenes.py"
    path.write_text(
        f"_base_ = {str(SCENE_MODEL)!r}\n"
        f"test_dataloader = {config()['test_dataloader']!r}\n"
    )
    with pytest.raises(ModelLoadError) as raised:
        ReIDInferencer(path, device="cpu")
    assert "scenes.py is a person-search model (SPNet)" in str(raised.value)
    assert "demo/search_person.py" in str(raised.value)


@pytest.mark.parametrize("method", ["__call__", "embed"])
def test_pictures_are_not_kept_at_full_size(inferencer, method):
    """Neither those of the batch in work nor those that were embedded before."""
    made, most = [], 0

    def pictures():
        nonlocal most
        for shade in range(7):
            picture = np.full((800, 300, 3), shade, np.uint8)
            made.append(weakref.ref(picture))
            most = max(most, sum(one() is not None for one in made))
            yield picture
            del picture

    getattr(inferencer, method)(pictures())
    assert most <= 2 and len(made) == 7
    assert not any(one() is not None for one in made)


def test_what_is_kept_is_drawn(inferencer, tmp_path):
    large, small = crop(RED, (900, 400)), crop(BLUE)
    embedded = inferencer.embed([large, small])
    assert embedded.images[0].pixels.shape == (300, 133, 3)
    np.testing.assert_array_equal(embedded.images[1].pixels, small)
    rankings = inferencer.rank(embedded, embedded)
    assert len(save_crop_report(tmp_path, rankings)) == 3


def test_what_is_no_picture(inferencer):
    with pytest.raises(InputError, match="dict .*expected the path of a picture"):
        inferencer({})
    with pytest.raises(ImageReadError, match="backslashes, as on Windows"):
        inferencer("crops\\a.jpg")
