"""What every run has in common.

A config that is run lists this file, or a runtime that extends it, first in its
``_base_``; no other file of _base_/ does, since MMEngine forbids two bases the same
key. For the same reason a schedule calls a method's hooks by a name of their own, and
the config says ``custom_hooks = _base_.<name>``.
"""

# Importing the registries imports mmpsearch, which makes MMCV's operators available
# before MMDetection is imported.
custom_imports = dict(imports=["mmpsearch.registry"], allow_failed_imports=False)
default_scope = "mmpsearch"

default_hooks = dict(
    timer=dict(type="mmengine.IterTimerHook"),
    logger=dict(type="mmengine.LoggerHook", interval=50),
    param_scheduler=dict(type="mmengine.ParamSchedulerHook"),
    checkpoint=dict(type="mmpsearch.SafeCheckpointHook", interval=1, max_keep_ckpts=2),
    sampler_seed=dict(type="mmengine.DistSamplerSeedHook"),
    iteration_seed=dict(type="mmpsearch.IterationSeedHook"),
    training_checks=dict(type="mmpsearch.TrainingChecksHook"),
    validate_on_resume=dict(type="mmpsearch.ValidateOnResumeHook"),
)
custom_hooks = []  # a method's, or yours: what every run needs is above

env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method="fork", opencv_num_threads=0),
    dist_cfg=dict(backend="nccl"),
)
randomness = dict(seed=0)

log_processor = dict(type="mmengine.LogProcessor", window_size=50, by_epoch=True)
log_level = "INFO"
vis_backends = [dict(type="mmengine.LocalVisBackend")]
visualizer = dict(
    type="mmengine.Visualizer", vis_backends=vis_backends, name="visualizer"
)

load_from = None
resume = False
