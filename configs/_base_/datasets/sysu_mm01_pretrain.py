"""SYSU-MM01 for pre-training without labels: 48 RGB and 48 infrared pictures a batch.

Pictures are paired at random; an epoch shows every RGB picture at least once.
Augmentation in the paper's order; erased areas have the normaliser's mean. Stripes are
shuffled in the model's preprocessor. Validation probes the frozen backbone: infrared
queries of the test people, and a linear classifier of the 99 people of ``val``. The
accuracy of recovered permutations, which is also the test, is measured on the latter,
who are among the 395 that the paper trains on: with
``train_dataloader.dataset.split=train`` they are strangers.
"""

_base_ = "./sysu_mm01.py"

train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    {{_base_.resize}},
    dict(type="mmpsearch.PadCrop", padding=10, pad_value=0),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(
        type="mmpsearch.AugMix",
        prob=0.5,
        severity=1,
        width=3,
        depth=1,
        alpha=0.1,
        all_operations=False,
    ),
    dict(type="mmpsearch.RandomErasing", prob=0.5, value="mean"),
    dict(type="mmpsearch.PackReIDInputs"),
]
train_dataloader = dict(
    batch_size=96,
    pin_memory=True,
    collate_fn=dict(type="mmpsearch.stack_views"),
    sampler=dict(
        _delete_=True,
        type="mmpsearch.ModalityBalancedBatchSampler",
        num_per_modality=48,
    ),
    dataset=dict(pipeline=train_pipeline),
)
val_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type="mmpsearch.FeatureProbeSet",
        train=dict(split="val"),
        dataset=dict(pipeline={{_base_.test_pipeline}}, **_base_.dataset),
    )
)
val_evaluator = dict(
    _delete_=True,
    type="mmpsearch.FeatureProbeMetric",
    metric=dict(type="mmpsearch.SYSUMM01Metric"),
)
test_dataloader = dict(dataset=dict(split="val"))
test_evaluator = dict(_delete_=True, type="mmpsearch.PermutationAccuracy")
