from mmpsearch.utils.config_files import config_files, unread


def _write(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    return config_files(folder / f"{next(iter(texts))}.py")


def test_names_of_a_config_and_its_bases(tmp_path):
    files = _write(
        tmp_path,
        child="_base_ = ['base.py', 'mmdet::_base_/x.py']\na = _base_.b + 1\n",
        base="b = 2\nc = dict(d='{{ _base_.e }}')\n",
    )
    assert [file.path.name for file in files] == ["child.py", "base.py"]
    assert {"_base_", "a"} == files[0].assigned
    assert "b" in files[0].read and "e" in files[1].read


def test_unread_finds_what_has_no_effect(tmp_path):
    files = _write(
        tmp_path,
        child="_base_ = 'base.py'\npipeline = [2]\nother = _base_.size\n",
        base="pipeline = [1]\nloader = dict(p=pipeline)\nsize = 3\nlost = 4\n",
    )
    assert unread("pipeline", files) == tmp_path / "child.py"
    assert unread("lost", files) == tmp_path / "base.py"
    assert unread("size", files) is None
    files = _write(tmp_path, child="_base_ = 'base.py'\nlost = 1\nx = lost\n")
    assert unread("lost", files) is None


def test_other_formats_have_no_variables(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    (only,) = config_files(tmp_path / "a.json")
    assert only.path == tmp_path / "a.json" and not only.assigned and not only.read
