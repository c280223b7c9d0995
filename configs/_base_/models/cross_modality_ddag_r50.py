"""DDAG, ResNet-50: AGW's two streams without non-local blocks, parts, and a graph."""

_base_ = "./cross_modality_agw_r50.py"

model = dict(
    type="mmpsearch.DDAG",
    backbone=dict(non_local=(0, 0, 0, 0)),
    neck=dict(pool="avg"),
    heads=dict(
        attended=dict(type="mmpsearch.PartAttentionHead", in_channels=2048, num_parts=3)
    ),
    metric_losses=dict(
        triplet=dict(
            parts=["whole"],
            loss=dict(_delete_=True, type="mmpsearch.TripletLoss", margin=0.3),
        ),
    ),
    graph_heads=4,
    graph_dropout=0.2,
    test_parts=["attended"],
)
