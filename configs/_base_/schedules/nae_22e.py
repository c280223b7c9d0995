"""NAE's and SeqNet's training: SGD, batch 5, a warm-up epoch, a tenth at epoch 16."""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=22, val_interval=22)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="SGD", lr=0.003, momentum=0.9, weight_decay=5e-4),
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
    dict(type="mmengine.MultiStepLR", milestones=[16], gamma=0.1),
]
auto_scale_lr = dict(base_batch_size=5, enable=False)
