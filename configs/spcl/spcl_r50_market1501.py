"""SpCL, ResNet-50 (Ge et al., NeurIPS 2020), unsupervised on Market-1501.

Expected (mAP / rank-1): 73.1 / 88.1 from ImageNet weights, 72.2 / 87.8 from LUPerson's
MoCo, 75.1 / 90.0 from UP-ReID (UP-ReID, CVPR 2022). Published with 64 pictures per
batch; hardware and time are not published.

    python tools/train.py configs/spcl/spcl_r50_market1501.py

Needs FAISS and scikit-learn: ``pip install 'mmpsearch[cluster]'``.
"""

_base_ = [
    "../_base_/datasets/reid_market1501.py",
    "../_base_/models/spcl_r50.py",
    "../_base_/default_runtime.py",
    "../_base_/schedules/spcl_50e.py",
]
train_dataloader = dict(
    batch_size=64,
    sampler=dict(
        _delete_=True,
        type="mmpsearch.PseudoLabelSampler",
        batch_size=64,
        iterations=400,
        num_instances=4,
    ),
    dataset=dict(
        _delete_=True,
        type="mmpsearch.AdaptationDataset",
        target=_base_.dataset,
        pipeline=_base_.train_pipeline,
    ),
)
# The validation set is the test set unless another is given; the last is kept too.
default_hooks = dict(checkpoint=dict(save_best="mAP", rule="greater"))
custom_hooks = [
    *_base_.custom_hooks,
    dict(
        type="mmpsearch.PseudoLabelHook", pipeline=_base_.test_pipeline, num_workers=8
    ),
]
