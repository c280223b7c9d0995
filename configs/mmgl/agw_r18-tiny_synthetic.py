"""A small AGW for two modalities on rendered people (not in the paper).

The backbone of ``mmgl_r18-tiny_pretrain_synthetic.py`` with a non-local block in two
stages; SGD with the backbone at a tenth and the released triplet loss, as the paper
fine-tunes, for twelve epochs. 150 people in training, 60 others in testing, crops of
96 x 48 pixels. Expected and measured numbers: see README.md beside this file. Minutes
on a CPU core.

    python tools/dataset_tools/make_synthetic.py --layout sysu_mm01 \\
        --out data/synthetic/sysu_mm01
    python tools/train.py configs/mmgl/agw_r18-tiny_synthetic.py --cfg-options \\
        model.backbone.init_cfg.checkpoint=work_dirs/mmgl/epoch_52.pth

Without this option it trains from scratch.
"""

_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/synthetic_sysu_mm01.py",
    "../_base_/models/cross_modality_agw_r50.py",
    "../_base_/schedules/cross_modality_81e.py",
]
model = dict(
    backbone=dict(
        depth=18,
        stem_channels=16,
        base_channels=16,
        non_local=(0, 1, 1, 0),
        init_cfg=dict(checkpoint=None),
    ),
    heads=dict(whole=dict(in_channels=128)),
    num_identities={{_base_.num_identities}},
)
train_cfg = dict(max_epochs=12, val_interval=12)
param_scheduler = [
    dict(
        type="mmpsearch.WarmupCosineLR",
        warmup=50,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
