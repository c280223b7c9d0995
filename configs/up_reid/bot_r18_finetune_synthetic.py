"""BoT with the small ResNet of the rendered pre-training (not in the paper).

150 people in training, 80 others in testing, crops of 64 x 32 pixels. Expected and
measured numbers: see README.md beside this file. Minutes on two CPU cores.

    python tools/dataset_tools/make_synthetic.py --layout market1501 \\
        --out data/synthetic/market1501
    python tools/train.py configs/up_reid/bot_r18_finetune_synthetic.py \\
        --cfg-options model.backbone.init_cfg.type=Pretrained \\
        model.backbone.init_cfg.prefix=online.backbone. \\
        model.backbone.init_cfg.checkpoint=work_dirs/pretrain/epoch_8.pth

Without these options it trains from scratch.
"""

_base_ = [
    "../reid/bot/bot_r18_synth.py",
    "../_base_/pipelines/reid_64x32.py",
]
model = dict(
    # from scratch it starts as the pre-trainings do
    backbone=dict(zero_init_residual=True),
    data_preprocessor=dict(mean=[89.8875, 79.203, 80.07], std=[67.83, 64.311, 63.8775]),
)
train_dataloader = dict(dataset=dict(pipeline={{_base_.small_train_pipeline}}))
val_dataloader = dict(dataset=dict(pipeline={{_base_.small_test_pipeline}}))
test_dataloader = val_dataloader
