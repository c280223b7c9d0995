"""Where modules and classes went that users' code may still import by an old path.

An old path works with one warning. The table is for moves only: what a module holds
must be there, under the same name, at the new place.
"""

import importlib
import sys
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

HOOKS = "mmpsearch.engine.hooks"
SCHEDULERS = "mmpsearch.engine.schedulers"
REID = "mmpsearch.models.reid"
SELFSUP = "mmpsearch.models.selfsup"
SPNET = "mmpsearch.models.person_search.spnet"
TWO_STAGE = "mmpsearch.models.person_search.two_stage"

# old module -> new modules, all of whose names the old one gives
MODULES: dict[str, tuple[str, ...]] = {
    "mmpsearch.apis.errors": ("mmpsearch.errors",),
    "mmpsearch.datasets.io.errors": ("mmpsearch.errors",),
    "mmpsearch.utils.errors": ("mmpsearch.errors",),
    "mmpsearch.engine.hooks.empty_epoch_hook": (f"{HOOKS}.former_checks",),
    "mmpsearch.engine.hooks.finite_loss_hook": (f"{HOOKS}.former_checks",),
    "mmpsearch.engine.hooks.identity_batch_hook": (f"{HOOKS}.former_checks",),
    "mmpsearch.engine.hooks.identity_count_hook": (f"{HOOKS}.former_checks",),
    "mmpsearch.engine.hooks.teacher_classes_hook": (f"{HOOKS}.former_checks",),
    "mmpsearch.engine.schedulers.absolute_cosine_lr": (f"{SCHEDULERS}.former_cosines",),
    "mmpsearch.engine.schedulers.floor_cosine": (
        f"{SCHEDULERS}.former_cosines",
        f"{SCHEDULERS}.cosine_weight_decay",
    ),
    "mmpsearch.mmcv_kernels": ("mmpsearch.ops.mmcv_kernels",),
    "mmpsearch.mmcv_ops": ("mmpsearch.ops.mmcv_stand_in",),
    "mmpsearch.models.layers.winograd": ("mmpsearch.ops.cpu.winograd",),
    "mmpsearch.models.heads.anchor_embedder": (f"{SPNET}.anchor_embedder",),
    "mmpsearch.models.heads.box_embedder": (f"{SPNET}.box_embedder",),
    "mmpsearch.models.heads.part_box_embedder": (f"{SPNET}.part_box_embedder",),
    "mmpsearch.models.heads.proposal_head": (f"{TWO_STAGE}.proposal_head",),
    "mmpsearch.models.heads.sp_block": (f"{SPNET}.sp_block",),
    "mmpsearch.models.losses.momentum_contrast_loss": (
        f"{SPNET}.momentum_contrast_loss",
    ),
    "mmpsearch.models.losses.variational_distillation": (f"{REID}.variational_losses",),
    "mmpsearch.models.person_search.dkd": (f"{TWO_STAGE}.dkd",),
    "mmpsearch.models.person_search.object_centric": (
        f"{SPNET}.object_centric_training",
    ),
    "mmpsearch.models.person_search.query_centric": (
        f"{SPNET}.query_centric_training",
    ),
    "mmpsearch.models.person_search.query_search": (f"{SPNET}.query_centric_search",),
    "mmpsearch.models.person_search.reid_only": (f"{SPNET}.reid_only_training",),
    "mmpsearch.models.person_search.scene_distillation": (
        f"{SPNET}.scene_distillation",
    ),
    "mmpsearch.models.person_search.spnet_search": (
        f"{SPNET}.object_centric_search",
        f"{SPNET}.search_settings",
    ),
    "mmpsearch.models.person_search.train_pathway": (f"{SPNET}.train_pathway",),
    "mmpsearch.models.person_search.weight_transfer": (f"{SPNET}.weight_transfer",),
    "mmpsearch.models.search_heads": (TWO_STAGE,),
    "mmpsearch.models.search_heads.base": (f"{TWO_STAGE}.search_head",),
    "mmpsearch.models.search_heads.box_predictor": (f"{TWO_STAGE}.box_predictor",),
    "mmpsearch.models.search_heads.dkd_head": (f"{TWO_STAGE}.dkd_head",),
    "mmpsearch.models.search_heads.nae_head": (f"{TWO_STAGE}.nae_head",),
    "mmpsearch.models.search_heads.norm_aware": (f"{TWO_STAGE}.norm_aware",),
    "mmpsearch.models.search_heads.oim_head": (f"{TWO_STAGE}.oim_head",),
    "mmpsearch.models.search_heads.region_stage": (f"{TWO_STAGE}.region_stage",),
    "mmpsearch.models.search_heads.regions": (
        f"{TWO_STAGE}.regions",
        "mmpsearch.models.person_search.region_sampling",
    ),
    "mmpsearch.models.search_heads.seqnet_head": (f"{TWO_STAGE}.seqnet_head",),
    "mmpsearch.models.structures": (
        "mmpsearch.models.person_search.structures",
        f"{SPNET}.structures",
    ),
}

# folder of models -> new folder -> modules that moved there, under their own names
PARTS: dict[str, dict[str, str]] = {
    "layers": {
        "backbones": "channel_attention feature_selection modality_alleviation "
        "non_local patch_embedding",
        "reid": "epoch_loss_weight graph_attention",
        "selfsup": "batch_statistics gumbel_sinkhorn output_center partition "
        "queue_bank shuffled_batch stripes",
    },
    "heads": {
        "reid": "identity_graph information_bottleneck",
        "selfsup": "permutation_head",
    },
    "losses": {
        "heads": "margin_softmax",
        "reid": "modality_learning sinkhorn_distance",
        "selfsup": "cycle_contrastive_loss mmd permutation_reconstruction_loss "
        "self_distillation",
    },
}
MODULES |= {
    f"mmpsearch.models.{old}.{name}": (f"mmpsearch.models.{new}.{name}",)
    for old, places in PARTS.items()
    for new, names in places.items()
    for name in names.split()
}

# package -> class that it exported -> module where the class is now
NAMES: dict[str, dict[str, str]] = {
    "mmpsearch.models.heads": {
        "AnchorEmbedder": SPNET,
        "BoxEmbedder": SPNET,
        "DetectionBoxEmbedder": SPNET,
        "IdentityGraph": REID,
        "InformationBottleneck": REID,
        "PartBoxEmbedder": SPNET,
        "PermutationHead": SELFSUP,
        "ProposalHead": TWO_STAGE,
        "SPBlock": SPNET,
    },
    "mmpsearch.models.layers": {
        "enqueue": f"{SELFSUP}.queue_bank",
        "mirror_index": f"{SELFSUP}.partition",
        "partition": f"{SELFSUP}.partition",
    },
    "mmpsearch.models.losses": {
        "CycleContrastiveLoss": SELFSUP,
        "LearningWithoutForgettingLoss": (f"{SPNET}.learning_without_forgetting_loss"),
        "MomentumContrastLoss": SPNET,
        "PermutationReconstructionLoss": SELFSUP,
        "mmd": f"{SELFSUP}.mmd",
    },
}


def moved_name(package: str, name: str) -> Any:
    """What a package's ``__getattr__`` returns for a name that it no longer has.

    Raises:
        AttributeError: the package never had it.
    """
    place = NAMES.get(package, {}).get(name)
    if place is None:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    _warn(f"{package}.{name}", f"{place}.{name}")
    return getattr(importlib.import_module(place), name)


class _NamedLikeItsFunction(ModuleType):
    """An old module whose package also gave its function of the same name.

    Importing a submodule makes it the package's attribute; called, it is the function.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return vars(self)[self.__name__.rpartition(".")[2]](*args, **kwargs)


class MovedModules(MetaPathFinder, Loader):
    """Finds modules at the places of the table."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: Any = None
    ) -> ModuleSpec | None:
        """The old module's spec; None for every other name."""
        if fullname not in MODULES:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        """Fill the old module with the names of the new ones."""
        places = MODULES[module.__name__]
        package, _, own = module.__name__.rpartition(".")
        if own in NAMES.get(package, {}):
            module.__class__ = _NamedLikeItsFunction
        _warn(module.__name__, places[0])
        for place in places:
            found = vars(importlib.import_module(place))
            vars(module).update(
                {name: value for name, value in found.items() if name[:2] != "__"}
            )


def install() -> None:
    """Look for old modules at their new places; once is enough."""
    if not any(isinstance(finder, MovedModules) for finder in sys.meta_path):
        # first: a folder left by an update with __pycache__ alone would be found else
        sys.meta_path.insert(0, MovedModules())


def _warn(old: str, new: str) -> None:
    warnings.warn(
        f"{old} is now {new}; the old name goes with the next version",
        FutureWarning,
        stacklevel=3,
    )
