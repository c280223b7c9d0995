"""Groups of parameters: what is in which, and that no two are alike."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from torch import nn

from mmpsearch.engine.optimizers.merged_groups import merge_equal_groups

CONFIGS = [
    path
    for path in sorted((Path(__file__).parents[3] / "configs").rglob("*.py"))
    if "_base_" not in path.parts
]


class Model(nn.Module):
    """Parameters of all the kinds that rules tell apart."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3, groups=4)
        )
        self.head = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4), nn.Linear(4, 4))
        self.token = nn.Parameter(torch.zeros(1, 1, 4))
        self.frozen = nn.Parameter(torch.zeros(2), requires_grad=False)


def settings(wrapper, model):
    """Of every parameter by name."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return {
        names[id(parameter)]: {k: v for k, v in group.items() if k != "params"}
        for group in wrapper.optimizer.param_groups
        for parameter in group["params"]
    }


def different(groups):
    kinds = [{k: v for k, v in group.items() if k != "params"} for group in groups]
    return all(kind not in kinds[:i] for i, kind in enumerate(kinds))


def test_merging_by_hand():
    groups = [
        dict(params=[1], lr=0.1),
        dict(params=[2]),
        dict(params=[3, 4], lr=0.1),
        dict(params=[5], lr=0.2),
    ]
    assert merge_equal_groups(groups) == [
        dict(params=[1, 3, 4], lr=0.1),
        dict(params=[2]),
        dict(params=[5], lr=0.2),
    ]


def distinct_wrappers():
    """What the configs' schedules say, each once."""
    found = {}
    for path in CONFIGS:
        wrapper = Config.fromfile(path).get("optim_wrapper")
        if wrapper is not None:
            found.setdefault(str(wrapper), (path.name, wrapper))
    return [pytest.param(wrapper, id=name) for name, wrapper in found.values()]


@pytest.mark.parametrize("config", distinct_wrappers())
def test_no_schedule_has_two_equal_groups(config):
    model = Model()
    wrapper = build_optim_wrapper(model, config.copy())
    groups = wrapper.optimizer.param_groups
    assert different(groups) and len(groups) <= 4
    trained = {n for n, p in model.named_parameters() if p.requires_grad}
    assert settings(wrapper, model).keys() >= trained
    if "constructor" not in config or "Decay" in config.constructor:
        return
    plain = config.copy()
    plain.constructor = "mmengine.DefaultOptimWrapperConstructor"
    expected = settings(build_optim_wrapper(model, plain), model)
    for group in expected.values():  # MMEngine keeps them; nothing reads them
        group.pop("lr_mult", None), group.pop("decay_mult", None)
    assert settings(wrapper, model) == expected


def test_training_is_the_same():
    """A few steps of AdamW, with a group each and with merged groups."""
    results = []
    # In float64: the gradient of a bias before a batch norm is nothing but rounding,
    # and AdamW makes whole steps of it unless it is far below its eps (1e-8).
    generator = torch.Generator().manual_seed(1)
    pictures = torch.randn(2, 3, 8, 8, generator=generator, dtype=torch.float64)
    for constructor in ("mmengine.Default", "mmpsearch.MergedGroups"):
        if constructor.startswith("mmengine"):
            constructor += "OptimWrapper"
        torch.manual_seed(0)
        model = Model().double()
        wrapper = build_optim_wrapper(
            model,
            dict(
                type="mmengine.OptimWrapper",
                constructor=constructor + "Constructor",
                optimizer=dict(type="AdamW", lr=1e-2, weight_decay=0.1),
                paramwise_cfg=dict(
                    norm_decay_mult=0.0,
                    bias_lr_mult=2.0,
                    custom_keys=dict(backbone=dict(lr_mult=0.1, decay_mult=0.0)),
                ),
                clip_grad=dict(max_norm=1.0),
            ),
        )
        results.append(model)
        for _ in range(3):
            maps = model.backbone(pictures).mean((2, 3))
            wrapper.update_params((model.head(maps) + model.token).square().sum())
    for one, other in zip(*(m.parameters() for m in results), strict=True):
        torch.testing.assert_close(one, other)


def test_factors_of_one_make_no_group_of_their_own():
    config = dict(
        constructor="mmpsearch.MergedGroupsConstructor",
        optimizer=dict(type="AdamW", lr=1e-2),
        paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=1.0))),
    )
    groups = build_optim_wrapper(Model(), config).optimizer.param_groups
    assert len(groups) == 1 and len(groups[0]["params"]) == 13
