import pytest
import torch

from mmpsearch.utils import config_values
from mmpsearch.utils.config_values import texts_for_numbers, wrong_values

WHOLE = dict(
    model=dict(),
    train_dataloader=dict(),
    train_cfg=dict(max_epochs=2),
    optim_wrapper=dict(),
    val_dataloader=dict(),
    val_cfg=dict(),
    val_evaluator=[],
)


def found(**changes):
    return [f"{key} {text}" for key, text in wrong_values({**WHOLE, **changes})]


def test_a_whole_config_has_nothing_wrong():
    assert found() == []
    assert found(val_dataloader=None, val_cfg=None, val_evaluator=None) == []


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            dict(val_dataloader=None),
            "val_dataloader is missing or None, but val_cfg and val_evaluator are",
        ),
        (
            dict(test_cfg={}),
            "test_dataloader is missing or None, but test_cfg is",
        ),
        (dict(train_cfg=dict(max_epochs=1.5)), "train_cfg.max_epochs must be a whole"),
        (dict(custom_hooks=["A"]), "custom_hooks holds 'A' where a dict with a type"),
        (dict(visualizer=dict(vis_backends="x")), "visualizer.vis_backends holds 'x'"),
    ],
)
def test_what_is_wrong_is_named(changes, message):
    (text,) = found(**changes)
    assert text.startswith(message)


def test_writers_of_curves_that_are_not_installed(monkeypatch):
    backends = [dict(type="mmengine.LocalVisBackend"), dict(type="WandbVisBackend")]
    given = dict(visualizer=dict(vis_backends=backends))
    monkeypatch.setattr(config_values, "find_spec", lambda name: None)
    (text,) = found(**given)
    assert text == (
        "visualizer.vis_backends[1] WandbVisBackend needs the package wandb: pip "
        "install wandb"
    )
    monkeypatch.setattr(config_values, "find_spec", lambda name: name)
    assert found(**given) == []


def test_texts_where_numbers_belong():
    wrong = list(texts_for_numbers("optimizer", dict(lr="1e-3x"), torch.optim.SGD))
    assert wrong == [("optimizer.lr", "must be a number such as 0.001, not '1e-3x'")]
    assert not list(texts_for_numbers("optimizer", dict(lr=0.1), torch.optim.SGD))
