import pytest

from mmpsearch.app.media import MediaRoots, folders_of, printable_name
from mmpsearch.errors import InputError


def test_only_what_lies_below_a_root(tmp_path):
    root, other = tmp_path / "photos", tmp_path / "photos2"
    for folder in (root / "deep", other):
        folder.mkdir(parents=True)
    for file in (root / "deep/a.jpg", other / "b.jpg"):
        file.write_bytes(b"x")
    roots = MediaRoots([root])
    assert roots.allowed(root / "deep" / ".." / "deep" / "a.jpg")
    assert roots.allowed(root)
    for path in (
        other / "b.jpg",  # begins like the root
        root / ".." / "photos2" / "b.jpg",
        "/etc/passwd",
        tmp_path,
        "",
        f"{root}/a\0.jpg",
    ):
        with pytest.raises(InputError, match="none of the folders"):
            roots.allowed(path)
    with pytest.raises(InputError, match="no such file"):
        roots.allowed(root / "gone.jpg")


def test_links_are_followed_before_they_are_judged(tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/a.jpg").write_bytes(b"x")
    root = tmp_path / "photos"
    root.mkdir()
    (root / "inside.jpg").write_bytes(b"x")
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "in.jpg").symlink_to(root / "inside.jpg")
    roots = MediaRoots([root])
    assert roots.allowed(root / "in.jpg") == str(root / "inside.jpg")
    with pytest.raises(InputError):
        roots.allowed(root / "out" / "a.jpg")


def test_a_root_that_is_a_link_holds_its_files(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a.jpg").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    roots = MediaRoots([tmp_path / "link"])
    assert roots.allowed(tmp_path / "link/a.jpg") == str(tmp_path / "real/a.jpg")


def test_no_root_allows_nothing(tmp_path):
    with pytest.raises(InputError):
        MediaRoots().allowed(tmp_path)


def test_folders_of_files_without_those_below_others():
    files = ["/d/a.jpg", "/d/deep/b.jpg", "/e/c.mp4", "relative.jpg", "/d2/x.jpg"]
    assert folders_of(files) == ["/d", "/d2", "/e"]


def test_names_are_one_line_of_valid_unicode():
    assert printable_name("a\n\x1b[31m\udcff😀ß.jpg") == "a��[31m?😀ß.jpg"
