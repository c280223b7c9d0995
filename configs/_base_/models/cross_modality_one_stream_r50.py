"""One ResNet-50 for both modalities, mean pooling, hardest triplets (MMGL, Table II).

The paper's baseline; beyond its name nothing of it is published. Taken to be the
strong baseline of single-modality work with AGW's training.
"""

_base_ = "./cross_modality_agw_r50.py"

model = dict(
    backbone=dict(share="stem", non_local=(0, 0, 0, 0)),
    neck=dict(pool="avg"),
    metric_losses=dict(
        triplet=dict(
            loss=dict(_delete_=True, type="mmpsearch.TripletLoss", margin=0.3)
        ),
    ),
)
