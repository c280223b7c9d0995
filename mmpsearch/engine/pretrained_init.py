"""``init_cfg=dict(type='Pretrained', ...)`` that refuses weights of another model."""

import logging
from collections.abc import Sequence

from mmengine.logging import print_log
from mmengine.model.weight_init import PretrainedInit, update_init_info
from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor, nn

from mmpsearch.errors import CheckpointError
from mmpsearch.registry import WEIGHT_INITIALIZERS
from mmpsearch.zoo.start_weights import locate

# Some parts are new in fine-tuning: non-local blocks, a camera embedding, norms.
LEAST_SHARE = 0.75
# Where pre-trainings and other models keep the backbone that others start from.
BACKBONES = ("online.backbone.", "teacher.backbone.", "backbone.")
# What reads the pixels; nothing above it can be used without it.
FIRST_LAYERS = ("conv1", "stem", "stems", "patch_embed")


@WEIGHT_INITIALIZERS.register_module(name="Pretrained")
class MatchingPretrainedInit(PretrainedInit):
    """MMEngine's initialisation from a checkpoint, with a check of what it fits.

    MMEngine loads what happens to have the right name and shape and leaves the rest
    at random, so that weights of another architecture train from nearly nothing
    without an error. Here every shape must fit, and the checkpoint must have at least
    three quarters of the module's weights. The log says how many were loaded, and what
    was missing and unused.

    Args:
        checkpoint: file, URL or ``torchvision://<name>``; see
            `mmpsearch.zoo.start_weights.locate`.
        prefix: of the wanted weights in the checkpoint, such as ``backbone.``. None:
            none, or where the module's names are found there alone the backbone of a
            pre-training (``online.backbone.``, ``teacher.backbone.``) or of another
            model (``backbone.``).
        map_location: see `torch.load`.
        name: not read; it is there where an option makes this of a `NamedInit`.
        stream: of a checkpoint with a stem for each modality the one to take, ``rgb``
            or ``ir``.

    Raises:
        CheckpointError: naming the checkpoint, the first misfit and the remedy.
    """

    def __init__(
        self,
        checkpoint: str,
        prefix: str | None = None,
        map_location: str | None = None,
        name: str = "",
        stream: str | None = None,
    ) -> None:
        super().__init__(checkpoint, prefix, map_location)
        self.stream = stream

    def __call__(self, module: nn.Module) -> None:
        state = self._read(module)
        name = type(module).__name__
        try:
            missing, unused = module.load_state_dict(state, strict=False)
        except RuntimeError as error:
            misfits = [line.strip() for line in str(error).splitlines()[1:]]
            raise CheckpointError(
                f"checkpoint {self.checkpoint}: does not fit {name}: "
                f"{len(misfits)} weights of another shape, first: {misfits[0]} It was "
                "trained with another architecture or image size"
            ) from None
        wanted = _counted(module.state_dict())
        missing = _counted(missing)
        if len(missing) > (1 - LEAST_SHARE) * len(wanted):
            raise CheckpointError(
                f"checkpoint {self.checkpoint}: is not one of {name}: of "
                f"{len(wanted)} weights {len(missing)} are missing, first "
                f"{missing[0]!r}; its own first is {next(iter(state))!r}. Convert it "
                "(tools/model_converters), set init_cfg.prefix, or choose the backbone "
                "it was trained with"
            )
        self._require_first_layer(name, missing, unused)
        print_log(
            f"{len(wanted) - len(missing)} of {len(wanted)} weights of {name} loaded "
            f"from {self.checkpoint}",
            logger="current",
            level=logging.INFO,
        )
        for title, keys in (("missing in", missing), ("unused of", unused)):
            if keys:
                print_log(
                    f"{len(keys)} weights {title} {self.checkpoint}: "
                    + ", ".join(keys[:5])
                    + (", ..." if len(keys) > 5 else ""),
                    logger="current",
                    level=logging.WARNING,
                )
        if hasattr(module, "_params_init_info"):
            update_init_info(module, init_info=self._get_init_info())

    def _require_first_layer(
        self, name: str, missing: Sequence[str], unused: Sequence[str]
    ) -> None:
        """Refuse a first layer at random below layers that were learned."""
        lost = [key for key in missing if key.split(".")[0] in FIRST_LAYERS]
        if not lost:
            return
        streams = {key.split(".")[1] for key in unused if key.startswith("stems.")}
        remedy = (
            f"it has a stem for each of {', '.join(sorted(streams))}: choose one by "
            f"init_cfg.stream={sorted(streams)[-1]}"
            if streams
            else "convert it (tools/model_converters), or choose the backbone it was "
            "trained with"
        )
        raise CheckpointError(
            f"checkpoint {self.checkpoint}: {lost[0]!r}, of the first layer of {name}, "
            f"is missing; {remedy}"
        )

    def _read(self, module: nn.Module) -> dict[str, Tensor]:
        """The checkpoint's weights under the prefix, without it."""
        state = self._load(module)
        state = {key.removeprefix("module."): value for key, value in state.items()}
        prefix = f"{self.prefix.rstrip('.')}." if self.prefix else ""
        if self.prefix is None and not module.state_dict().keys() & state.keys():
            places = (p for p in BACKBONES if any(key.startswith(p) for key in state))
            prefix = next(places, "")
        found = {
            key[len(prefix) :]: value
            for key, value in state.items()
            if key.startswith(prefix) and isinstance(value, Tensor)
        }
        if not found:
            raise CheckpointError(
                f"checkpoint {self.checkpoint}: has no weights under {prefix!r} "
                f"(init_cfg.prefix); its first entry is {next(iter(state), None)!r}"
            )
        return found if self.stream is None else self._one_stream(found)

    def _one_stream(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Weights of a network with the chosen stem alone."""
        chosen = f"stems.{self.stream}."
        if not any(key.startswith(chosen) for key in state):
            raise CheckpointError(
                f"checkpoint {self.checkpoint}: has no stem {self.stream!r} "
                f"(init_cfg.stream); its first weight is {next(iter(state))!r}"
            )
        others = {
            key: value
            for key, value in state.items()
            if key.startswith(chosen) or not key.startswith("stems.")
        }
        return {key.removeprefix(chosen): value for key, value in others.items()}

    def _load(self, module: nn.Module) -> dict[str, Tensor]:
        """What the checkpoint holds."""
        file = self.checkpoint
        if str(file).startswith(("http://", "https://", "torchvision://")):
            file = locate(file)
        checkpoint = CheckpointLoader.load_checkpoint(
            str(file), self.map_location, "current"
        )
        return checkpoint.get("state_dict", checkpoint)


def _counted(names) -> list[str]:
    """Names of weights, without the counters of batch norms."""
    return [name for name in names if not name.endswith("num_batches_tracked")]
