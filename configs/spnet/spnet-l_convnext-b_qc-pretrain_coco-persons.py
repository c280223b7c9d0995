"""SPNet-L's ConvNeXt-B pre-trained query-centric on COCOPersons (paper, Table 3).

What it is worth shows after fine-tuning: 61.2 mAP on PRW, 96.4 on CUHK-SYSU.
Published: 30 epochs in 46.5 hours on one A100, mixed precision (Table 4).

    python tools/train.py \\
        configs/spnet/spnet-l_convnext-b_qc-pretrain_coco-persons.py --amp

Starts from ImageNet weights of the backbone, as published.
The pre-trained model has no cascade and one Box Embedder of 128 dimensions; fine-tuning
takes its weights over (``model.pretrained``).
"""

_base_ = "./spnet-l_convnext-b_oc-pretrain_coco-persons.py"

model = dict(
    query_centric=True,
    train_pathway=dict(
        _delete_=True,
        type="mmpsearch.QueryCentricTraining",
        num_pairs=32,
        anchors_per_pair=64,
    ),
)
