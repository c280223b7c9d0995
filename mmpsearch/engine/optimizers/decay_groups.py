"""Two parameter groups: with and without weight decay."""

from mmengine.model import is_model_wrapper
from mmengine.optim import OptimWrapper
from torch import nn

from mmpsearch.registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS, OPTIMIZERS


def decays(name: str, parameter: nn.Parameter) -> bool:
    """Whether DINO and iBOT decay a parameter: all but biases and what is 1-D.

    Tokens, position embedding and the lengths of prototypes have more dimensions.
    """
    return parameter.dim() > 1 and not name.endswith(".bias")


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class DecayGroupsConstructor:
    """Builds the optimizer with one group that decays and one that does not.

    MMEngine's constructor makes a group per parameter, which takes an optimizer longer
    to go through. Parameters without gradient are left out.

    Args:
        optim_wrapper_cfg: config of the wrapper with ``optimizer``.
        paramwise_cfg: must be empty.
    """

    def __init__(
        self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None
    ) -> None:
        if paramwise_cfg:
            raise ValueError(
                "DecayGroupsConstructor takes no paramwise_cfg; leave it out, or leave "
                "out optim_wrapper.constructor"
            )
        self.config = dict(optim_wrapper_cfg)

    def __call__(self, model: nn.Module) -> OptimWrapper:
        if is_model_wrapper(model):
            model = model.module
        groups = {True: [], False: []}
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                groups[decays(name, parameter)].append(parameter)
        config = {"type": "mmengine.OptimWrapper", **self.config}
        optimizer = dict(config.pop("optimizer"))
        optimizer["params"] = [
            dict(params=groups[True]),
            dict(params=groups[False], weight_decay=0.0),
        ]
        config["optimizer"] = OPTIMIZERS.build(optimizer)
        return OPTIM_WRAPPERS.build(config)
