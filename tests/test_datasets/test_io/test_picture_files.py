import os

import pytest

from mmpsearch.datasets.io.picture_files import (
    BROKEN,
    CLOSED,
    ENDLESS,
    HIDDEN,
    OTHER,
    SPECIAL,
    LeftOut,
    find_files,
    is_picture,
)


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def names_below(folder, **options):
    found = find_files(folder, **options)
    return [os.path.relpath(path, folder) for path in found.paths], found.left_out


def test_files_come_before_sub_folders_both_sorted(tmp_path):
    touch(tmp_path, "b.JPG", "a/z.png", "a.jpg", "a/c/x.webp", "a-b/y.tif")
    names, left_out = names_below(tmp_path)
    assert names == ["a.jpg", "b.JPG", "a/z.png", "a/c/x.webp", "a-b/y.tif"]
    assert not left_out and str(left_out) == ""


def test_links_are_followed_and_loops_end(tmp_path):
    touch(tmp_path, "g/near.jpg", "disk/far.jpg", "disk/deep/more.jpg")
    (tmp_path / "g/part2").symlink_to(tmp_path / "disk")
    (tmp_path / "g/loop").symlink_to(tmp_path / "g")
    (tmp_path / "disk/deep/back").symlink_to(tmp_path / "g")
    (tmp_path / "g/one.jpg").symlink_to(tmp_path / "disk/far.jpg")
    names, left_out = names_below(tmp_path / "g")
    assert names == ["near.jpg", "one.jpg", "part2/far.jpg", "part2/deep/more.jpg"]
    assert left_out.counts == {ENDLESS: 2}


def test_a_folder_reached_twice_keeps_its_own_name(tmp_path):
    touch(tmp_path, "z/x.jpg")
    (tmp_path / "a").symlink_to(tmp_path / "z")
    names, left_out = names_below(tmp_path)
    assert names == ["z/x.jpg"]
    assert left_out.first == {ENDLESS: str(tmp_path / "a")}


def test_what_is_left_out_is_counted_by_reason(tmp_path):
    touch(tmp_path, "a.jpg", "phone.heic", "notes.txt", "._a.jpg", "Thumbs.db")
    touch(tmp_path, "__MACOSX/a.jpg", ".ipynb_checkpoints/a.jpg", ".DS_Store")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    os.mkfifo(tmp_path / "pipe.jpg")
    names, left_out = names_below(tmp_path)
    assert names == ["a.jpg"]
    assert left_out.counts == {HIDDEN: 3, OTHER: 2, BROKEN: 2, SPECIAL: 1}
    assert left_out.total == 8
    assert f"2 {OTHER} (first {tmp_path / 'notes.txt'})" in str(left_out)


@pytest.mark.skipif(os.geteuid() == 0, reason="root opens every folder")
def test_closed_folders_are_counted(tmp_path):
    touch(tmp_path, "a.jpg", "closed/b.jpg")
    (tmp_path / "closed").chmod(0)
    names, left_out = names_below(tmp_path)
    (tmp_path / "closed").chmod(0o700)
    assert names == ["a.jpg"] and left_out.counts == {CLOSED: 1}


def test_other_endings_can_be_asked_for(tmp_path):
    touch(tmp_path, "a.jpg", "b.MP4")
    assert names_below(tmp_path, suffixes={".mp4"})[0] == ["b.MP4"]


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        find_files(tmp_path / "nowhere")


def test_counts_of_two_walks_add_up():
    first, second = LeftOut(), LeftOut()
    first.add(OTHER, "a.txt")
    second.add(OTHER, "b.txt")
    second.add(HIDDEN, ".c.jpg")
    first.update(second)
    assert first.counts == {OTHER: 2, HIDDEN: 1}
    assert first.first == {OTHER: "a.txt", HIDDEN: ".c.jpg"}


def test_which_names_are_pictures():
    assert is_picture("a.JFIF") and is_picture("x/b.tif")
    assert not any(map(is_picture, ("Thumbs.db", ".a.jpg", "jpg", "a.jpg.txt")))
