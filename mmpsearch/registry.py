"""Child registries of MMEngine's, scope ``mmpsearch``.

A config names a class of this project as ``mmpsearch.Name``; classes of MMDetection
and MMPretrain are named ``mmdet.Name`` and ``mmpretrain.Name``. ``locations`` lets a
registry import its modules when the first name is looked up, so that importing
this file stays cheap.
"""

from mmengine import registry as root
from mmengine.registry import Registry

SCOPE = "mmpsearch"
# The subpackages that register something.
MODEL_PARTS = (
    "backbones",
    "heads",
    "layers",
    "losses",
    "necks",
    "person_search",
    "reid",
    "selfsup",
    "unsupervised",
)
DATASET_PARTS = ("cross_modality", "person_search", "reid")


def _child(name: str, parent: Registry, *locations: str) -> Registry:
    return Registry(name, parent=parent, scope=SCOPE, locations=list(locations))


MODELS = _child(
    "model",
    root.MODELS,
    *(f"mmpsearch.models.{part}" for part in MODEL_PARTS),
)
DATASETS = _child(
    "dataset",
    root.DATASETS,
    *(f"mmpsearch.datasets.{part}" for part in DATASET_PARTS),
)
DATA_SAMPLERS = _child(
    "data sampler", root.DATA_SAMPLERS, "mmpsearch.datasets.samplers"
)
TRANSFORMS = _child("transform", root.TRANSFORMS, "mmpsearch.datasets.transforms")
METRICS = _child("metric", root.METRICS, "mmpsearch.evaluation.metrics")
HOOKS = _child("hook", root.HOOKS, "mmpsearch.engine")
LOOPS = _child("loop", root.LOOPS, "mmpsearch.engine.loops")
OPTIM_WRAPPERS = _child("optim_wrapper", root.OPTIM_WRAPPERS, "mmpsearch.engine")
OPTIM_WRAPPER_CONSTRUCTORS = _child(
    "optimizer wrapper constructor",
    root.OPTIM_WRAPPER_CONSTRUCTORS,
    "mmpsearch.engine",
)
PARAM_SCHEDULERS = _child(
    "parameter scheduler", root.PARAM_SCHEDULERS, "mmpsearch.engine"
)
WEIGHT_INITIALIZERS = _child(
    "weight initializer", root.WEIGHT_INITIALIZERS, "mmpsearch.engine"
)
STRATEGIES = _child("strategy", root.STRATEGIES, "mmpsearch.engine.strategies")
FUNCTIONS = _child("function", root.FUNCTIONS, "mmpsearch.datasets.collate")
# Nothing of ours is in these; without them MMEngine warns that the scope is unknown.
EVALUATOR = _child("evaluator", root.EVALUATOR)
LOG_PROCESSORS = _child("log_processor", root.LOG_PROCESSORS)
MODEL_WRAPPERS = _child("model_wrapper", root.MODEL_WRAPPERS)
OPTIMIZERS = _child("optimizer", root.OPTIMIZERS)
RUNNERS = _child("runner", root.RUNNERS)
TASK_UTILS = _child("task util", root.TASK_UTILS)
VISBACKENDS = _child("vis_backend", root.VISBACKENDS)
VISUALIZERS = _child("visualizer", root.VISUALIZERS)
