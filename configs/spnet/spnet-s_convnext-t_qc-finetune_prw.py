"""SPNet-S fine-tuned and tested query-centric on PRW (paper, Table 8, QC-FT).

Expected (mAP / top-1): 54.0 / 86.7 from ImageNet weights, 54.1 / 87.1 from
query-centric pre-training; object-centric fine-tuning reaches 52.7 and 55.6 mAP.
Every epoch shows each picture in two views. Published on one A100, mixed precision.

    python tools/train.py \\
        configs/spnet/spnet-s_convnext-t_qc-finetune_prw.py --amp \\
        --cfg-options model.pretrained.checkpoint=QC_PRETRAINED.pth

Without it the backbone starts from ImageNet.
"""

_base_ = "./spnet-s_convnext-t_oc-finetune_prw.py"

model = dict(
    query_centric=True,
    train_pathway=dict(
        _delete_=True,
        type="mmpsearch.QueryCentricTraining",
        num_pairs=32,
        anchors_per_pair=64,
    ),
)
train_dataloader = dict(drop_last=False, sampler=dict(views=2))
val_cfg = dict(type="mmpsearch.QueryCentricValLoop")
test_cfg = dict(type="mmpsearch.QueryCentricTestLoop")
