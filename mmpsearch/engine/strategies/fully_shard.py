"""PyTorch's FSDP2 as a strategy of MMEngine."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import torch
from mmengine import dist
from mmengine._strategy import DDPStrategy
from mmengine.device import get_device
from torch import nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.device_mesh import init_device_mesh
from torch.utils.checkpoint import checkpoint

from mmpsearch.errors import ConfigError
from mmpsearch.registry import STRATEGIES
from mmpsearch.utils.atomic import replace_when_done

try:
    from torch.distributed.fsdp import fully_shard
    from torch.distributed.tensor import DTensor, distribute_tensor
except ImportError:  # before PyTorch 2.6; said when the strategy is built
    fully_shard = None

# of what is saved: the model as one process has it, in rank 0's main memory
_WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)


@STRATEGIES.register_module()
class FullyShardStrategy(DDPStrategy):
    """Weights, gradients and the optimizer's state are shared out among the ranks.

    Every parameter is cut by itself, all in the same way. So a moving average of a
    model, clipping by a parameter's own norm, and rules by a parameter's name work on
    the pieces as they do on the whole. MMEngine's ``FSDPStrategy`` flattens many
    parameters into one before it cuts; there, teacher and student are cut at other
    places, and a piece has not the norm of its parameter.

    Checkpoints hold the whole model and are written by rank 0. Their weights are those
    of any other checkpoint; their optimizer's state goes by parameters' names and is
    resumed by this strategy only, on any number of ranks.

    Args:
        units: dotted names of modules whose parameters are gathered when they are
            called, and let go afterwards; of a ``ModuleList``, each of its modules.
            What is in none of them is there during the whole iteration.
        activation_checkpointing: names in the same form, of modules whose activations
            are made again in the backward pass instead of kept.
        **kwargs: of `mmengine._strategy.DDPStrategy`.

    Raises:
        ConfigError: PyTorch is older than 2.6; or, when the model is built, it has no
            module of a name.
    """

    def __init__(
        self,
        *,
        units: Sequence[str] = (),
        activation_checkpointing: Sequence[str] = (),
        **kwargs,
    ) -> None:
        if fully_shard is None:
            raise ConfigError(
                "config: strategy=mmpsearch.FullyShardStrategy needs PyTorch 2.6 or "
                f"newer, this is {torch.__version__}"
            )
        super().__init__(**kwargs)
        self.units = units
        self.activation_checkpointing = activation_checkpointing

    def _wrap_model(self, model: nn.Module) -> nn.Module:
        model = self.convert_model(model.to(get_device()))
        for part in _named(model, self.activation_checkpointing):
            # not PyTorch's wrapper: parameters would have other names than those of
            # the average that follows them
            part.forward = partial(checkpoint, part.forward, use_reentrant=False)
        mesh = init_device_mesh(get_device(), (dist.get_world_size(),))
        for unit in _named(model, self.units):
            fully_shard(unit, mesh=mesh)
        return fully_shard(model, mesh=mesh)

    def save_checkpoint(
        self,
        filename: str,
        *,
        save_optimizer: bool = True,
        save_param_scheduler: bool = True,
        extra_ckpt: dict | None = None,
        callback: Callable | None = None,
    ) -> None:
        """Gather the whole on rank 0, which writes it. Every rank must call this."""
        if not dist.is_main_process():
            self.model_state_dict()
            if save_optimizer:
                self.optim_state_dict()
            return
        with replace_when_done(filename) as temporary:
            super().save_checkpoint(
                str(temporary),
                save_optimizer=save_optimizer,
                save_param_scheduler=save_param_scheduler,
                extra_ckpt=extra_ckpt,
                callback=callback,
            )

    def model_state_dict(self) -> dict:
        """Of the whole model; empty but on rank 0."""
        return get_model_state_dict(self.model, options=_WHOLE)

    def optim_state_dict(self) -> dict:
        """Of the whole optimizer, by parameters' names; empty but on rank 0."""
        optimizer = self.optim_wrapper.optimizer
        return get_optimizer_state_dict(self.model, optimizer, options=_WHOLE)

    def load_model_state_dict(
        self, state_dict: dict, *, strict: bool = False, revise_keys: Sequence = ()
    ) -> None:
        """Take over the whole model's weights, which every rank has read."""
        # not by `set_model_state_dict`, which leaves shared weights uncut
        own = self.model.state_dict()
        state_dict = {
            name: distribute_tensor(
                value, own[name].device_mesh, own[name].placements, src_data_rank=None
            )
            if isinstance(own.get(name), DTensor)
            else value
            for name, value in state_dict.items()
        }
        self.model.load_state_dict(state_dict, strict=strict)

    def load_optim_state_dict(self, state_dict: dict) -> None:
        """Take over the whole optimizer's state, which every rank has read."""
        set_optimizer_state_dict(
            self.model,
            self.optim_wrapper.optimizer,
            state_dict,
            options=StateDictOptions(full_state_dict=True),
        )


def _named(model: nn.Module, names: Sequence[str]) -> Iterator[nn.Module]:
    for name in names:
        try:
            module = model.get_submodule(name)
        except AttributeError as error:
            raise ConfigError(
                f"config: strategy: {type(model).__name__} has no module {name!r}; its "
                f"parts are {', '.join(part for part, _ in model.named_children())}"
            ) from error
        yield from module if isinstance(module, nn.ModuleList) else (module,)
