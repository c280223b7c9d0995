"""Weight decay that grows along a cosine, as DINO and iBOT train."""

from mmpsearch.engine.schedulers.whole_training import WholeTraining
from mmpsearch.registry import PARAM_SCHEDULERS
from mmpsearch.utils.schedules import cosine_between


@PARAM_SCHEDULERS.register_module()
class CosineWeightDecay(WholeTraining):
    """Weight decay: a cosine from the optimizer's to ``final``.

    Groups without weight decay stay without. Use with ``by_epoch=True,
    convert_to_iter_based=True``.

    Args:
        optimizer: the optimizer or its wrapper.
        end: iterations of the whole training (in a config: epochs).
        final: weight decay after the last iteration.
        **kwargs: of MMEngine's schedulers.
    """

    def __init__(self, optimizer, end: int, final: float, **kwargs) -> None:
        self.final = final
        super().__init__(optimizer, "weight_decay", end, **kwargs)

    def _get_value(self) -> list[float]:
        return [
            cosine_between(self.last_step, base, self.final, self.total) if base else 0
            for base in self.base_values
        ]
