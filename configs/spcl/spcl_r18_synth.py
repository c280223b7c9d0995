"""SpCL, unsupervised on the rendered re-identification benchmark (not in the paper).

1,200 crops of 64 x 32 pixels whose 150 identities are hidden; tested on 80 other
people. Measured numbers: see README.md beside this file. Two minutes on two CPU cores.

    python tools/dataset_tools/make_synthetic.py --layout market1501 \\
        --out data/synthetic/market1501
    python tools/train.py configs/spcl/spcl_r18_synth.py

The network starts at random; weights to start from, of configs/up_reid: ``--cfg-options
model.backbone.init_cfg.type=Pretrained model.backbone.init_cfg.prefix=online.backbone.
model.backbone.init_cfg.checkpoint=CHECKPOINT``. Colours are LUPerson's, as theirs.
"""

_base_ = [
    "../_base_/datasets/reid_synthetic_market1501.py",
    "../_base_/pipelines/reid_64x32.py",
    "../_base_/default_runtime.py",
    "../_base_/schedules/spcl_50e.py",
]
model = dict(
    type="mmpsearch.SpCL",
    data_preprocessor=dict(
        type="mmengine.ImgDataPreprocessor",
        mean=[89.8875, 79.203, 80.07],
        std=[67.83, 64.311, 63.8775],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type="mmpretrain.ResNet",
        depth=18,
        stem_channels=16,
        base_channels=16,
        strides=(1, 2, 2, 1),
        out_indices=(3,),
    ),
    neck=dict(type="mmpsearch.GlobalPoolNeck", pool="avg_max"),
    heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=128)),
)
train_dataloader = dict(
    batch_size=64,
    sampler=dict(
        _delete_=True,
        type="mmpsearch.PseudoLabelSampler",
        batch_size=64,
        iterations=40,
        num_instances=4,
    ),
    dataset=dict(
        _delete_=True,
        type="mmpsearch.AdaptationDataset",
        target=_base_.dataset,
        pipeline=_base_.small_train_pipeline,
    ),
)
val_dataloader = dict(dataset=dict(pipeline=_base_.small_test_pipeline))
test_dataloader = val_dataloader
# Neighbour lists as long as a person has pictures, 8; Market-1501's have 17.
custom_hooks = [
    *_base_.custom_hooks,
    dict(
        type="mmpsearch.PseudoLabelHook",
        pipeline=_base_.small_test_pipeline,
        k1=8,
        k2=2,
    ),
    dict(type="mmpsearch.ValidateBeforeTrainingHook"),
]
train_cfg = dict(max_epochs=15, val_interval=3)
param_scheduler = [dict(type="mmengine.MultiStepLR", milestones=[10], gamma=0.1)]
