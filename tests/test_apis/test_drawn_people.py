import pytest
import torch
from mmengine.config import Config

from mmpsearch.apis import PersonSearchInferencer, drawn_people_warning
from mmpsearch.datasets.synthetic.manifest import MANIFEST

from . import colour_model


def load(tmp_path, meta):
    Config(colour_model.config()).dump(tmp_path / "c.py")
    torch.save(
        {"meta": meta, "state_dict": {"gain": torch.ones(3)}}, tmp_path / "w.pth"
    )
    return PersonSearchInferencer(tmp_path / "c.py", tmp_path / "w.pth", device="cpu")


def test_photographs_are_warned_of_rendered_scenes_are_not(tmp_path):
    inferencer = load(tmp_path, {"drawn_people": True})
    photo, drawn = tmp_path / "photos" / "a.jpg", tmp_path / "prw" / "frames" / "a.jpg"
    (tmp_path / "prw").mkdir()
    (tmp_path / "prw" / MANIFEST).write_text("{}")
    assert "drawn people only" in drawn_people_warning(inferencer, [photo])
    assert "drawn people only" in drawn_people_warning(inferencer, [drawn, photo])
    assert drawn_people_warning(inferencer, [drawn]) == ""


@pytest.mark.parametrize("meta", [{}, {"drawn_people": False}, None])
def test_other_models_are_not(tmp_path, meta):
    assert drawn_people_warning(load(tmp_path, meta), [tmp_path / "a.jpg"]) == ""
