import argparse

import torch
import torchvision

from mmpsearch.models.converters.files import convert_file
from mmpsearch.models.converters.resnet import convert_resnet


class Settings:
    """Something that only unsafe unpickling makes."""


def test_saved_command_lines_are_read_and_other_objects_refused(tmp_path, capsys):
    state = torchvision.models.resnet18().state_dict()
    source, target = tmp_path / "source.pth", tmp_path / "made" / "target.pth"
    torch.save({"state_dict": state, "args": argparse.Namespace(lr=1)}, source)
    assert convert_file(source, target, convert_resnet) == 0
    assert "2 ignored" in capsys.readouterr().out
    written = torch.load(target, weights_only=True)["state_dict"]
    assert "backbone.layer4.1.bn2.bias" in written and len(written) == 120

    torch.save({"state_dict": state, "args": Settings()}, source)
    assert convert_file(source, target, convert_resnet) == 2
    assert "--unsafe-load" in capsys.readouterr().err
    assert convert_file(source, target, convert_resnet, unsafe=True) == 0


def test_wrong_architecture_writes_nothing(tmp_path, capsys):
    source, target = tmp_path / "source.pth", tmp_path / "target.pth"
    torch.save({"weight": torch.zeros(2)}, source)
    assert convert_file(source, target, convert_resnet) == 2
    assert f"{source}: no key ends in" in capsys.readouterr().err
    assert not target.exists()
