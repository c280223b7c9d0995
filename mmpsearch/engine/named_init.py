"""``init_cfg=dict(type='mmpsearch.Named', name=...)``: weights of the catalogue."""

import inspect
import logging

from mmengine.logging import print_log
from mmengine.model import initialize
from mmengine.model.base_module import BaseModule
from torch import Tensor, nn

from mmpsearch.engine.pretrained_init import BACKBONES, MatchingPretrainedInit
from mmpsearch.errors import ConversionError
from mmpsearch.models.layers.position_embedding import infer_grid, resize_at_load
from mmpsearch.registry import WEIGHT_INITIALIZERS
from mmpsearch.utils.checkpoint import load_checkpoint
from mmpsearch.zoo.conversion import convert
from mmpsearch.zoo.start_weights import RANDOM, SCRATCH, locate

# Class of a backbone -> converter of the publishers' files for it.
CONVERTERS = {
    "ConvNeXt": "convnext",
    "OSNet": "osnet",
    "ResNet": "resnet",
    "SwinTransformer": "swin",
    "VisionTransformer": "vit",
}
# Rows / columns of the grids that transformers were trained with: people, squares.
ASPECTS = (2.0, 1.0, 3.0)


@WEIGHT_INITIALIZERS.register_module(name="Named")
class NamedInit(MatchingPretrainedInit):
    """Start from weights of the catalogue, in the publisher's names.

    They are downloaded when they are not here yet, checked and converted; see
    `mmpsearch models --task backbone` for the names. A transformer's position embedding
    is resized to the module's grid.

    Args:
        name: of the catalogue; ``"random"`` for the module's own initialisation,
            with a warning; ``"scratch"`` for the same where the recipe was published
            so. A path is taken for ``checkpoint``.
        checkpoint: a file in place of the named one: ours, or a publisher's. None is
            ``"scratch"``.
        prefix: see `MatchingPretrainedInit`.
        map_location: see `torch.load`.

    Raises:
        ZooError: there is no such name.
        DownloadError: the file cannot be had; the message says the ways out.
        CheckpointError: it does not fit the module.
    """

    # whether random weights were spoken of already, before the data was read
    said_aloud = False

    def __init__(
        self,
        name: str = RANDOM,
        checkpoint: str | None = "",
        prefix: str | None = None,
        map_location: str | None = "cpu",
    ) -> None:
        start = SCRATCH if checkpoint is None else checkpoint or name
        super().__init__(start, prefix, map_location)

    def __call__(self, module: nn.Module) -> None:
        if self.checkpoint in (RANDOM, SCRATCH):
            self._start_at_random(module)
            return
        _initialise_children(module)
        self.checkpoint = str(locate(self.checkpoint))
        super().__call__(module)
        # classes ask this whether to leave what they would reset
        module.init_cfg = dict(type="Pretrained", checkpoint=self.checkpoint)

    def _start_at_random(self, module: nn.Module) -> None:
        module.init_cfg = _own_init(module)
        if module.init_cfg:
            initialize(module, module.init_cfg)
        if self.checkpoint == RANDOM and not NamedInit.said_aloud:
            print_log(
                f"{type(module).__name__} STARTS FROM RANDOM WEIGHTS",
                logger="current",
                level=logging.WARNING,
            )

    def _load(self, module: nn.Module) -> dict[str, Tensor]:
        checkpoint = load_checkpoint(self.checkpoint)
        state = checkpoint.get("state_dict", checkpoint)
        wanted = module.state_dict()
        places = ("", *BACKBONES, *(f"module.{place}" for place in ("", *BACKBONES)))
        if not any(place + key in state for place in places for key in wanted):
            state = self._convert(checkpoint, module)
        return _fit_positions(dict(state), module, self.checkpoint)

    def _convert(self, checkpoint: dict, module: nn.Module) -> dict[str, Tensor]:
        """A publisher's file that was given in place of a name."""
        classes = [cls.__name__ for cls in type(module).__mro__]
        name = next((CONVERTERS[cls] for cls in classes if cls in CONVERTERS), "")
        options = {"keep_mask_token": True} if hasattr(module, "masked_embed") else {}
        return convert(checkpoint, name, options, f"checkpoint {self.checkpoint}")


def _initialise_children(module: nn.Module) -> None:
    """Let parts initialise themselves now: afterwards they would undo the loading."""
    for child in module.children():
        if hasattr(child, "init_weights") and not getattr(child, "is_init", False):
            child.init_weights()
    for part in module.modules():
        if part is not module and isinstance(part, BaseModule):
            part._is_init = True


def _own_init(module: nn.Module) -> dict | list | None:
    """The ``init_cfg`` that the module's class has where a config gives none."""
    for cls in type(module).__mro__:
        parameters = inspect.signature(cls.__init__).parameters
        default = parameters["init_cfg"].default if "init_cfg" in parameters else None
        if isinstance(default, dict | list):
            return default
    return None


def _fit_positions(
    state: dict[str, Tensor], module: nn.Module, source: str
) -> dict[str, Tensor]:
    """Resize a position embedding to the module's grid."""
    grid = getattr(module, "grid", None)
    for key, value in state.items():
        if key.rpartition(".")[2] != "pos_embed" or grid is None:
            continue
        wanted = module.state_dict().get("pos_embed")
        if wanted is None or value.shape == wanted.shape:
            continue
        state[key] = resize_at_load(value, _grid_of(value, source), tuple(grid))
    return state


def _grid_of(embedding: Tensor, source: str) -> tuple[int, int]:
    for aspect in ASPECTS:
        try:
            return infer_grid(embedding.shape[1] - 1, aspect)
        except ValueError:
            continue
    raise ConversionError(
        f"checkpoint {source}: a position embedding of {embedding.shape[1]} tokens "
        "belongs to no grid of people or squares; convert it with its --source-grid "
        "(tools/model_converters/convert_vit.py)"
    )
