"""Parameter groups by name, few of them."""

from collections.abc import Sequence
from typing import Any

from mmengine.optim import DefaultOptimWrapperConstructor
from torch import nn

from mmpsearch.registry import OPTIM_WRAPPER_CONSTRUCTORS


def merge_equal_groups(groups: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One group for all parameters that are treated alike.

    Args:
        groups: settings of an optimizer's groups, with ``params``.

    Returns:
        Groups of which no two have equal settings, in the order in which settings
        first come; so are the parameters of each.
    """
    merged: list[tuple[dict[str, Any], list[nn.Parameter]]] = []
    for group in groups:
        settings = {key: value for key, value in group.items() if key != "params"}
        for known, parameters in merged:
            if known == settings:
                parameters.extend(group["params"])
                break
        else:
            merged.append((settings, list(group["params"])))
    return [{"params": parameters, **settings} for settings, parameters in merged]


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class MergedGroupsConstructor(DefaultOptimWrapperConstructor):
    """MMEngine's constructor, with one group for all parameters that are treated alike.

    MMEngine's makes a group of every single parameter as soon as there is a
    ``paramwise_cfg``. An optimizer goes through its groups one by one: its fused and
    ``foreach`` ways need many parameters in one.

    Args:
        optim_wrapper_cfg: config of the wrapper with ``optimizer``.
        paramwise_cfg: as MMEngine's: ``custom_keys``, ``norm_decay_mult``, ...
    """

    def add_params(
        self,
        params: list[dict[str, Any]],
        module: nn.Module,
        prefix: str = "",
        is_dcn_module: int | float | None = None,
    ) -> None:
        """Add a module's parameters; the whole model's have no prefix.

        Args:
            params: groups, changed in place.
            module: it calls this again for the module's own modules.
            prefix: name of the module in the model.
            is_dcn_module: as MMEngine's.
        """
        super().add_params(params, module, prefix, is_dcn_module)
        if not prefix:
            params[:] = merge_equal_groups([self._resolved(group) for group in params])

    def _resolved(self, group: dict[str, Any]) -> dict[str, Any]:
        """With the values that the optimizer would fill in, without used factors."""
        filled = {"lr": self.base_lr, "weight_decay": self.base_wd}
        filled = {key: value for key, value in filled.items() if value is not None}
        used = ("lr_mult", "decay_mult")
        return filled | {k: v for k, v in group.items() if k not in used}
