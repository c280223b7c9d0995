import sys

import pytest

from mmpsearch.cli.main import main, make_parser


def test_help_lists_model_gallery_and_page(capsys):
    with pytest.raises(SystemExit):
        main(["app", "--help"])
    shown = capsys.readouterr().out
    for option in ("--model", "--gallery", "--media", "--host", "--users"):
        assert option in shown


def test_a_user_is_added(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MMPSEARCH_APP_PASSWORD", "correct horse")
    users = tmp_path / "users.txt"
    assert main(["app", "--users", str(users), "--add-user", "ann"]) == 0
    assert users.read_text().startswith("ann:scrypt$")
    assert "correct horse" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--gallery"),
        (["--gallery", "g.gallery", "--host", "0.0.0.0"], "--users"),
        (["--add-user", "ann"], "--users"),
        (["--gallery", "g", "--users", "missing.txt"], "--add-user"),
        (["--gallery", "g"], "give one of"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    arguments, words, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(["app", *arguments])
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert words in line
    assert not [*tmp_path.iterdir()]


def test_other_commands_do_not_import_the_model(monkeypatch):
    monkeypatch.delitem(sys.modules, "mmpsearch.app.options", raising=False)
    make_parser().parse_args(["models"])
    assert "mmpsearch.app.options" not in sys.modules
