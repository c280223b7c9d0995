"""The small ViT of the rendered pre-training, fine-tuned (not in the paper).

150 people in training, 80 others in testing, crops of 64 x 32 pixels. Expected and
measured numbers: see README.md beside this file. Minutes on two CPU cores.

    python tools/dataset_tools/make_synthetic.py --layout market1501 \\
        --out data/synthetic/market1501
    python tools/train.py configs/personvit/personvit_vit-tiny_finetune_synthetic.py \\
        --cfg-options model.backbone.init_cfg.type=Pretrained \\
        model.backbone.init_cfg.prefix=teacher.backbone. \\
        model.backbone.init_cfg.checkpoint=work_dirs/pretrain/epoch_26.pth

Without these options it trains from scratch.
"""

_base_ = [
    "../_base_/datasets/reid_synthetic_market1501.py",
    "../_base_/pipelines/reid_64x32.py",
    "../_base_/models/reid_vit-s.py",
    "../_base_/schedules/reid_synth_40e.py",
    "../_base_/default_runtime.py",
]
model = dict(
    # as the pre-training's, so that all rows start alike
    init_cfg=dict(type="Xavier", layer="Linear", distribution="uniform"),
    data_preprocessor=dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(
        _delete_=True,
        type="mmpsearch.VisionTransformer",
        arch=dict(dims=128, depth=2, heads=4),
        image_size=(64, 32),
        patch_size=8,
        stride=8,
        position_std=1.0,
        drop_path=0.1,
    ),
    heads=dict(whole=dict(in_channels=128)),
    num_identities={{_base_.num_identities}},
)
train_dataloader = dict(dataset=dict(pipeline={{_base_.small_train_pipeline}}))
val_dataloader = dict(dataset=dict(pipeline={{_base_.small_test_pipeline}}))
test_dataloader = val_dataloader
