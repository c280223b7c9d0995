"""What tools share: configs with options, places to write to, errors in one line."""

import argparse
import errno

import pytest

from mmpsearch.apis import InputError
from mmpsearch.errors import ConfigError
from mmpsearch.utils.command_line import (
    PICTURES,
    find_config,
    load_config,
    one_line_errors,
    output_file,
    output_folder,
)
from tests.toy_training import toy_config_text


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "toy.py"
    path.write_text(toy_config_text())
    return path


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("trian_dataloader.batch_size", "did you mean 'train_dataloader'"),
        ("train_dataloader.dataset.sise", "dataset.sise: is not known.* 'size'"),
        ("train_cfg.max_epoch", "max_epoch: is not known; did you mean 'max_epochs'"),
    ],
)
def test_options_that_nothing_reads_are_refused(config, option, message):
    with pytest.raises(ConfigError, match=message):
        load_config(str(config), {option: 3})
    load_config(str(config), {option: 3}, check=False)


def test_what_is_odd_in_the_file_itself_is_not_the_options(config):
    config.write_text("resum = True\ntest_dataloader = dict(dataset=dict())\n")
    options = {"test_dataloader.dataset.data_root": "/mine"}
    found = load_config(str(config), options)
    assert found.test_dataloader.dataset.data_root == "/mine"


def test_files_to_write(tmp_path):
    picture = output_file(*PICTURES)
    assert picture("new/a.PNG").name == "a.PNG"
    assert output_file()("anything").name == "anything"
    file = tmp_path / "a.png"
    file.touch()
    (tmp_path / "b.png").mkdir()
    assert picture(str(file)) == file  # is replaced
    for given, message in (
        ("clusters", "clusters: the name must end with .png, .jpg, .* or .webp"),
        ("t.foo", "must end with"),
        (tmp_path / "b.png", "b.png: is a folder; name a file in it"),
        (file / "deep" / "c.png", "a.png: is a file, not a folder"),
    ):
        with pytest.raises(argparse.ArgumentTypeError, match=message):
            picture(str(given))
    assert output_folder(str(tmp_path / "new" / "deep")).name == "deep"
    with pytest.raises(argparse.ArgumentTypeError, match="a.png: is a file"):
        output_folder(str(file))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (InputError("the gallery is empty"), "the gallery is empty"),
        (PermissionError(errno.EACCES, "Permission denied", "/a"), "/a: Permission de"),
        (FileExistsError(errno.EEXIST, "File exists", "/a"), "/a: there is a file whe"),
        (NotADirectoryError(errno.ENOTDIR, "Not a", "/a/b"), "/a/b: there is a file"),
        (OSError("cut off"), "cut off"),
    ],
)
def test_errors_end_in_one_line(capsys, error, text):
    with pytest.raises(SystemExit) as end, one_line_errors():
        raise error
    assert end.value.code == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"error: {text}") and printed.count("\n") == 1


def test_errors_of_the_program_keep_their_traceback():
    with pytest.raises(ZeroDivisionError), one_line_errors():
        raise ZeroDivisionError


def test_a_config_of_the_package_by_its_name():
    """As ``_base_`` names it, from the sources and from a wheel alike."""
    config = load_config("mmpsearch::reid/bot/bot_r18_synth.py")
    assert config.model.type == "mmpsearch.ReIDModel"
    with pytest.raises(ConfigError, match="nobody.py: there is no such file"):
        load_config("mmpsearch::nobody.py")
    assert find_config("mine/a.py") == "mine/a.py"


def test_a_users_config_inherits_by_that_name(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text('_base_ = "mmpsearch::reid/bot/bot_r18_synth.py"\n')
    assert load_config(str(path)).model.type == "mmpsearch.ReIDModel"


def test_a_missing_module_of_a_config_is_named(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text('custom_imports = dict(imports=["no_such_module_here"])\n')
    with pytest.raises(ConfigError, match="No module named 'no_such_module_here'"):
        load_config(str(path))
