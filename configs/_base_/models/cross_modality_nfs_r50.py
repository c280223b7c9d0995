"""NFS, ResNet-50, as far as its abstract goes: two streams, search cells, centres."""

_base_ = "./cross_modality_agw_r50.py"

model = dict(
    backbone=dict(
        type="mmpsearch.FeatureSelectionResNet",
        non_local=(0, 0, 0, 0),
        cells=(0, 1, 2, 3),
        temperature=1.0,
    ),
    neck=dict(pool="avg"),
    metric_losses=dict(
        center=dict(
            type="mmpsearch.ModalityEmbeddingLoss",
            loss=dict(type="mmpsearch.CenterContrastLoss", margin=0.3),
        )
    ),
)
