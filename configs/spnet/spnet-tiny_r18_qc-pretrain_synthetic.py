"""Query-centric pre-training of the small SPNet on rendered people without identities.

    python tools/dataset_tools/make_synthetic.py --layout coco --out data/synthetic/coco
    python tools/dataset_tools/make_synthetic.py --layout market1501 \\
        --out data/synthetic/market1501
    python tools/train.py configs/spnet/spnet-tiny_r18_qc-pretrain_synthetic.py

The second set is for the probe of frozen features; without it: ``--cfg-options
val_cfg=None val_dataloader=None val_evaluator=None``.
The queue is as short and the momentum encoder as quick as training is.
"""

_base_ = [
    "../_base_/models/spnet-tiny_r18.py",
    "../_base_/datasets/synthetic_coco.py",
    "../_base_/schedules/spnet-tiny-pretrain.py",
    "../_base_/default_runtime.py",
]

custom_hooks = [dict(type="mmpsearch.ValidateBeforeTrainingHook")]

model = dict(
    query_centric=True,
    train_pathway=dict(
        _delete_=True,
        type="mmpsearch.QueryCentricTraining",
        num_pairs=32,
        anchors_per_pair=64,
    ),
    reid_loss=dict(
        type="mmpsearch.MomentumContrastLoss",
        embed_dims=96,
        queue_size=1024,
        temperature=0.1,
    ),
    momentum_rate=0.01,
)
