"""What a model says of its training, for the checks before it."""

from typing import Any

from torch import nn


class TrainingFacts:
    """Mixin of models; a model that says nothing passes every check.

    `mmpsearch.engine.hooks.TrainingChecksHook` asks.
    """

    def identity_table(self) -> tuple[str, int] | None:
        """Who has one class per training identity, and how many; None: nobody."""
        return None

    def class_teacher(self) -> Any:
        """Whose classes must be the model's, by ``identity_order``; None: nobody's."""
        return None

    def losses_of_pairs(self) -> list[str]:
        """Losses that are 0 unless a batch shows several people, each several times.

        They are the parts of the model whose ``needs_pairs`` is true.
        """
        modules = self.modules() if isinstance(self, nn.Module) else ()
        named = [type(m).__name__ for m in modules if getattr(m, "needs_pairs", False)]
        return list(dict.fromkeys(named))
