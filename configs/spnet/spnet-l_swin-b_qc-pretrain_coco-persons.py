"""SOLIDER's Swin-B pre-trained query-centric on COCOPersons (Table 3, bottom).

What it is worth shows after fine-tuning: see README.md. Published on one A100, mixed
precision.

    python tools/train.py \\
        configs/spnet/spnet-l_swin-b_qc-pretrain_coco-persons.py --amp

Starts from ImageNet weights of the backbone, as published.
The pre-trained model has no cascade and one Box Embedder of 128 dimensions; fine-tuning
takes its weights over (``model.pretrained``).
"""

_base_ = "./spnet-l_swin-b_oc-pretrain_coco-persons.py"

model = dict(
    query_centric=True,
    train_pathway=dict(
        _delete_=True,
        type="mmpsearch.QueryCentricTraining",
        num_pairs=32,
        anchors_per_pair=64,
    ),
)
