"""Archives into galleries."""

import numpy as np
import pytest

from mmpsearch.archive import Archive, load_archive
from mmpsearch.archive.engines.job import Job
from mmpsearch.archive.engines.process import extract_here
from mmpsearch.cli.main import main
from mmpsearch.errors import GalleryError
from mmpsearch.gallery import Gallery
from tests.test_archive.videos import load, write_video, write_videos

pytest.importorskip("pyarrow", reason="archives are Parquet files")


def extract(sources, out, **options):
    return extract_here(
        Job(
            str(sources),
            str(out),
            load,
            options={"frame_step": 2, **options},
            quiet=True,
        )
    )


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    return write_videos(tmp_path_factory.mktemp("videos") / "v", 3)


@pytest.fixture(scope="module")
def archive(videos, tmp_path_factory):
    return extract(videos, tmp_path_factory.mktemp("a") / "archive", segment_frames=5)


@pytest.mark.parametrize("name", ["people.gallery", "people.db"])
def test_whole_once_and_searched(archive, videos, tmp_path, name):
    if name.endswith(".db"):
        pytest.importorskip("pymilvus", reason="Milvus is an extra")
    with Gallery.open(tmp_path / name) as gallery:
        assert load_archive(gallery, archive) == (24, 0)
        assert load_archive(gallery, archive) == (0, 0)
        assert len(gallery) == 24 and len(gallery.files) == 3
        assert all(gallery.is_current(path) for path in gallery.files)
        query = load().detect(str(videos / "video_000.avi"), 20)[0].embeddings
        (result,) = gallery.search(query, top_k=3)
        assert {match.path for match in result.matches} == {
            str(videos / "video_000.avi")
        }


def test_a_step_that_was_broken_off_is_repeated(archive, tmp_path, monkeypatch):
    monkeypatch.setattr("mmpsearch.archive.loading.PEOPLE", 1)  # a step a file
    path = tmp_path / "people.gallery"
    with Gallery.open(path) as gallery:
        flush, calls = gallery.flush, []

        def broken():
            calls.append(1)
            if len(calls) == 2:
                raise KeyboardInterrupt
            flush()

        monkeypatch.setattr(gallery, "flush", broken)
        with pytest.raises(KeyboardInterrupt):
            load_archive(gallery, archive)
        monkeypatch.undo()
    with Gallery.open(path) as gallery:
        load_archive(gallery, archive)
        assert len(gallery) == 24
        rows = {
            (p, f, *b)
            for p, f, b in zip(
                gallery.column("paths"),
                gallery.column("frames").tolist(),
                gallery.column("boxes").tolist(),
                strict=True,
            )
        }
        assert len(rows) == 24


def test_of_a_video_in_parts_all_must_be_done(archive, videos, tmp_path):
    some = extract(videos, tmp_path / "a", segment_frames=5)
    unit = next(iter(some.units.values()))
    some.people_file(unit).unlink()
    with Gallery.open(tmp_path / "people.gallery") as gallery:
        added, waiting = load_archive(gallery, some)
        assert waiting == 1 and unit.paths[0] not in gallery.files
        assert added == len(gallery) == 24 - 6


def test_a_changed_video_replaces_its_people(tmp_path):
    videos = write_videos(tmp_path / "v", 2)
    with Gallery.open(tmp_path / "people.gallery") as gallery:
        load_archive(gallery, extract(videos, tmp_path / "a"))
        assert len(gallery) == 18
        write_video(videos / "video_001.avi", 4)
        assert load_archive(gallery, extract(videos, tmp_path / "a")) == (6, 0)
        assert len(gallery) == 12


def test_who_was_removed_stays_away(archive, videos, tmp_path):
    with Gallery.open(tmp_path / "people.gallery") as gallery:
        load_archive(gallery, archive)
        gallery.remove(videos / "video_000.avi")
        gallery.remove(ids=[int(gallery.column("ids")[0])])
        count = len(gallery)
        assert load_archive(gallery, archive) == (0, 0) and len(gallery) == count
    with (
        Gallery.open(tmp_path / "new.gallery") as other,
        Gallery.open(tmp_path / "people.gallery", write=False) as first,
    ):
        other.store.suppression.join(first.store.suppression)
        load_archive(other, archive)
        assert len(other) == count


def test_another_model_is_refused(archive, tmp_path):
    with Gallery.open(tmp_path / "people.gallery") as gallery:
        stranger = type(archive.fingerprint)("c", "d", "e" * 64)
        gallery.store.header.fingerprint = stranger
        with pytest.raises(GalleryError, match="two models mean nothing"):
            load_archive(gallery, archive)
        gallery.store.header.fingerprint = archive.fingerprint
        gallery.store.header.settings["frame_step"] = 7.0
        gallery.add_records(archive.records(next(iter(archive.units.values()))))
        with pytest.raises(GalleryError, match="frame_step=7"):
            load_archive(gallery, archive)


def test_from_the_command_line(archive, tmp_path, capsys):
    gallery = str(tmp_path / "people.gallery")
    assert main(["gallery", "load", gallery, str(archive.path)]) == 0
    assert f"24 people from {archive.path}" in capsys.readouterr().out


def test_a_damaged_file_is_named(archive, videos, tmp_path):
    broken = extract(videos, tmp_path / "a")
    file = broken.people_file(next(iter(broken.units.values())))
    file.write_bytes(file.read_bytes()[:-20])
    with Gallery.open(tmp_path / "people.gallery") as gallery:
        with pytest.raises(Exception, match=file.name):
            load_archive(gallery, Archive(broken.path))
        assert not np.isin(
            broken.units[next(iter(broken.units))].paths, gallery.files
        ).any()
