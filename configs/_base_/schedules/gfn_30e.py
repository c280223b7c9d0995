"""GFN's training: Adam 1e-4, 30 epochs, a warm-up epoch, tenths at 15 and 25.

Pictures are cut to 640 x 640 by ``rrc2``.
"""

gfn_train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.WindowResize", short=900, long=1500),
    dict(type="mmpsearch.RandomCropPair", size=640, pad_factor=3, min_visibility=0.6),
    dict(type="mmpsearch.RandomHorizontalFlip", prob=0.5),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]
train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=30, val_interval=30)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="Adam", lr=1e-4),
    clip_grad=dict(max_norm=10),
)
param_scheduler = [
    dict(
        type="mmengine.LinearLR",
        start_factor=1 / 1000,
        by_epoch=True,
        begin=0,
        end=1,
        convert_to_iter_based=True,
    ),
    dict(type="mmengine.MultiStepLR", milestones=[15, 25], gamma=0.1),
]
auto_scale_lr = dict(base_batch_size=8, enable=False)
