"""From folders to answers, with the colour model: red, green and blue people."""

import os

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mmpsearch.apis import (
    GalleryError,
    GalleryIndex,
    ImageReadError,
    InputError,
    PersonSearchInferencer,
    QueryBoxError,
    read_query,
    search_person,
    update_gallery,
)

from .colour_model import BLUE, GREEN, RED, config, scene

A, B, C = (20, 30, 60, 110), (100, 10, 140, 90), (4, 4, 34, 64)
PINK = (250, 100, 100)


@pytest.fixture
def folder(tmp_path):
    """a: red and green; b: nobody; c: blue; d: pink; x: broken."""
    pictures = {
        "a": scene((RED, A), (GREEN, B)),
        "b": scene(),
        "c": scene((BLUE, C)),
        "d": scene((PINK, B)),
    }
    (tmp_path / "photos").mkdir()
    for name, picture in pictures.items():
        Image.fromarray(picture).save(tmp_path / "photos" / f"{name}.png")
    (tmp_path / "photos" / "x.jpg").write_bytes(b"broken")
    return tmp_path / "photos"


def names(result):
    return [os.path.basename(match.path) for match in result.matches]


def test_the_person_is_found_in_other_pictures(inferencer, folder):
    index = GalleryIndex()
    report = update_gallery(inferencer, index, folder)
    assert (report.images, report.people, report.skipped) == (4, 4, 0)
    assert [os.path.basename(e.path) for e in report.unreadable] == ["x.jpg"]
    query = read_query(inferencer, folder / "a.png", A)
    result = search_person(index, query, top_k=3)
    # pink (250, 100, 100): 250 / |pink|; the query's own picture is left out
    assert names(result) == ["d.png", "c.png"]
    pink = 250 / np.sqrt(250**2 + 2 * 100**2)
    assert result.matches[0].similarity == pytest.approx(pink, abs=1e-5)
    assert result.matches[0].box.tolist() == list(B)
    own = search_person(index, query, top_k=1, include_query_image=True)
    assert names(own) == ["a.png"] and own.matches[0].box.tolist() == list(A)


def test_no_such_person(inferencer, folder):
    index = GalleryIndex()
    update_gallery(inferencer, index, [folder / "c.png", folder / "b.png"])
    query = read_query(inferencer, folder / "a.png", A)
    result = search_person(index, query, threshold=0.5)
    assert not result.found and result.nearest.path == str(folder / "c.png")


def test_crop_queries_and_one_match_per_picture(inferencer, folder, tmp_path):
    index = GalleryIndex()
    update_gallery(inferencer, index, folder)
    Image.fromarray(scene((RED, (0, 0, 30, 60)), size=(30, 60))).save(
        tmp_path / "crop.png"
    )
    query = read_query(inferencer, tmp_path / "crop.png")
    assert query.is_crop and query.box.tolist() == [0, 0, 30, 60]
    assert names(search_person(index, query)) == ["a.png", "d.png", "c.png"]
    every = search_person(index, query, one_per_image=False)
    assert sorted(names(every)) == ["a.png", "a.png", "c.png", "d.png"]


def test_a_second_call_looks_at_new_and_changed_files_only(
    inferencer, folder, tmp_path
):
    index = GalleryIndex()
    update_gallery(inferencer, index, folder)
    index.save(tmp_path / "g.npz")
    index = GalleryIndex.load(tmp_path / "g.npz")
    inferencer.model.batches.clear()
    report = update_gallery(inferencer, index, folder)
    assert (report.images, report.skipped) == (0, 4)  # the broken one is tried again
    assert inferencer.model.batches == [] and len(report.unreadable) == 1
    Image.fromarray(scene((RED, C), size=(200, 100))).save(folder / "c.png")
    Image.fromarray(scene((GREEN, C))).save(folder / "e.png")
    report = update_gallery(inferencer, index, folder)
    assert (report.images, report.skipped) == (2, 3)
    assert len(index) == 5
    red = search_person(index, read_query(inferencer, folder / "d.png", B), top_k=1)
    assert red.matches[0].similarity == pytest.approx(0.870388, abs=1e-5)
    changed = index.column("boxes")[index.column("paths") == str(folder / "c.png")]
    assert changed.tolist() == [list(C)]


def test_another_model_or_other_settings_are_refused(inferencer, folder, tmp_path):
    index = GalleryIndex()
    update_gallery(inferencer, index, folder)
    torch.save({"gain": torch.tensor([1.0, 1.0, 2.0])}, tmp_path / "w.pth")
    other = PersonSearchInferencer(config(), tmp_path / "w.pth")
    with pytest.raises(GalleryError, match="w.pth"):
        update_gallery(other, index, folder)
    with pytest.raises(GalleryError, match="w.pth"):
        search_person(index, read_query(other, folder / "a.png", A))
    torch.save({"gain": torch.ones(3)}, tmp_path / "same.pth")
    stricter = PersonSearchInferencer(
        config(), tmp_path / "same.pth", score_threshold=0.75
    )
    with pytest.raises(GalleryError, match="score_threshold=0.5, now it is 0.75"):
        update_gallery(stricter, index, folder)


def write_video(path, frames=6):
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10.0, (160, 120)
    )
    for i in range(frames):
        x = 16 + 16 * i
        writer.write(scene((RED, (x, 16, x + 32, 80)))[:, :, ::-1].copy())
    writer.release()


def test_people_in_videos_have_times(inferencer, folder):
    write_video(folder / "clip.avi")
    index = GalleryIndex()
    update_gallery(inferencer, index, folder / "clip.avi", frame_step=2, camera=3)
    query = read_query(inferencer, folder / "a.png", A)
    result = search_person(index, query)
    assert sorted(m.time for m in result.matches) == pytest.approx([0, 0.2, 0.4])
    assert sorted(m.frame for m in result.matches) == [0, 2, 4]
    assert {m.camera for m in result.matches} == {"3"}
    with pytest.raises(GalleryError, match="frame_step=2, now it is 5"):
        update_gallery(inferencer, index, folder / "clip.avi", frame_step=5)
    update_gallery(inferencer, index, folder / "c.png", frame_step=5)  # no video


def test_of_a_video_the_query_s_frame_alone_is_left_out(inferencer, folder):
    """The frames beside it are answers, as in PRW's protocol."""
    write_video(folder / "clip.avi")
    index = GalleryIndex()
    update_gallery(inferencer, index, folder / "clip.avi")
    query = read_query(inferencer, folder / "clip.avi", (32, 16, 64, 80), frame=1)
    assert (query.image.path, query.image.frame) == (str(folder / "clip.avi"), 1)
    frames = {match.frame for match in search_person(index, query).matches}
    assert frames == {0, 2, 3, 4, 5}
    other = read_query(inferencer, folder / "clip.avi", (48, 16, 80, 80), frame=2)
    both = search_person(index, [query, other], one_per="track")
    assert {match.frame for match in both.matches} == {0, 3, 4, 5}
    own = search_person(index, query, include_query_image=True)
    assert {match.frame for match in own.matches} == set(range(6))


def test_a_query_in_an_animation_is_a_frame_of_it(inferencer, folder):
    boxes = [(16 * n, 16, 16 * n + 32, 80) for n in range(4)]
    frames = [Image.fromarray(scene((RED, box))) for box in boxes]
    frames[0].save(folder / "a.gif", save_all=True, append_images=frames[1:])
    index = GalleryIndex()
    update_gallery(inferencer, index, folder / "a.gif")
    first = read_query(inferencer, folder / "a.gif", boxes[0])
    assert {m.frame for m in search_person(index, first).matches} == {1, 2, 3}
    third = read_query(inferencer, folder / "a.gif", boxes[2], frame=2)
    assert {m.frame for m in search_person(index, third).matches} == {0, 1, 3}


def test_a_query_s_frame_must_be_one(inferencer, folder):
    write_video(folder / "clip.avi")
    for name, frame, reason in (
        ("clip.avi", None, "it is a video: say which frame"),
        ("clip.avi", 6, "no frame 6"),
        ("clip.avi", -1, "counted from 0"),
    ):
        with pytest.raises(ImageReadError, match=reason):
            read_query(inferencer, folder / name, A, frame)
    with pytest.raises(InputError, match="a still picture: it has no frame 0"):
        read_query(inferencer, folder / "a.png", A, 0)


def test_an_interrupted_call_leaves_whole_files_and_goes_on(
    inferencer, folder, monkeypatch
):
    write_video(folder / "clip.avi")
    index = GalleryIndex()
    predict, calls = inferencer.model.test_step, []

    def interrupted(batch):
        calls.append(batch)
        if len(calls) == 7:  # four pictures, two frames
            raise KeyboardInterrupt
        return predict(batch)

    monkeypatch.setattr(inferencer.model, "test_step", interrupted)
    sources = [*(folder / f"{name}.png" for name in "abcd"), folder / "clip.avi"]
    with pytest.raises(KeyboardInterrupt):
        update_gallery(inferencer, index, sources)
    assert len(index) == 4 and str(folder / "clip.avi") not in index.files
    update_gallery(inferencer, index, sources)
    assert len(index) == 4 + 6


def test_errors_name_the_cause(inferencer, folder):
    with pytest.raises(QueryBoxError, match="outside"):
        read_query(inferencer, folder / "a.png", (500, 500, 600, 600))
    with pytest.raises(QueryBoxError, match=r"\(shares of its sides\?\) is smaller"):
        read_query(inferencer, folder / "a.png", (0.1, 0.2, 0.5, 0.9))
    with pytest.raises(QueryBoxError, match="10.4 20.3 is smaller than a pixel"):
        read_query(inferencer, folder / "a.png", (10, 20, 10.4, 20.3))
    with pytest.raises(ImageReadError, match="x.jpg"):
        read_query(inferencer, folder / "x.jpg", A)
    with pytest.raises(ImageReadError, match="nowhere"):
        update_gallery(inferencer, GalleryIndex(), folder / "nowhere")
