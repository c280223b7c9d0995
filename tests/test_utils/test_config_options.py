"""What a value of --cfg-options means, and what is no option at all."""

import argparse

import pytest

from mmpsearch.utils.config_options import add_options_argument, parse_value


@pytest.mark.parametrize(
    "text, value",
    [
        ("3", 3),
        ("1e-4", 1e-4),
        ("true", True),
        ("None", None),
        ("a b", "a b"),
        ("1,2", [1, 2]),
        ("[1, 2.5]", [1, 2.5]),
        ("[(64,128),x]", [(64, 128), "x"]),
        ("[a-b,c]", ["a-b", "c"]),  # as MMEngine reads it
        ("[{'type':'mmengine.EMAHook'}]", [{"type": "mmengine.EMAHook"}]),
        (
            "[dict(type=mmengine.EMAHook, momentum=-1e-4, on=true)]",
            [{"type": "mmengine.EMAHook", "momentum": -1e-4, "on": True}],
        ),
        ("dict(a=[None, dict()])", {"a": [None, {}]}),
    ],
)
def test_values(text, value):
    assert parse_value(text) == value


def test_options_of_a_command_line(capsys):
    parser = argparse.ArgumentParser()
    add_options_argument(parser)
    assert parser.parse_args([]).cfg_options == {}
    given = ["--cfg-options", "a.b=1", "c=x=y", "--cfg-options", "d="]
    assert parser.parse_args(given).cfg_options == {"a.b": 1, "c": "x=y", "d": ""}
    with pytest.raises(SystemExit):
        parser.parse_args(["--cfg-options", "a=[dict(b=/c)]"])
    assert "cannot be read; close its brackets" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        parser.parse_args(["--cfg-options", "optim_wrapper.optimizer.lr"])
    assert "optimizer.lr' is not KEY=VALUE" in capsys.readouterr().err
