"""The small SPNet on harder rendered scenes: small people, crowds, night.

Pictures have about five times the pixels of the quick start's. Render the data first:

    python tools/dataset_tools/make_synthetic.py --layout prw --harder \\
        --out data/synthetic/harder
    python tools/train.py configs/spnet/spnet-tiny_r18_oc-finetune_synthetic-harder.py

With pre-trained weights: ``--cfg-options model.pretrained.checkpoint=QC.pth``.
"""

_base_ = [
    "../_base_/models/spnet-tiny_r18.py",
    "../_base_/datasets/synthetic_harder_prw.py",
    "../_base_/schedules/spnet-tiny.py",
    "../_base_/default_runtime.py",
]

model = dict(
    pretrained=dict(checkpoint=None),
    anchor_embedder=dict(
        # heights 20, 27, 36 | 50, 68, 90 | 120, 155, 195 pixels
        sizes=[(12.0, 16.1, 21.5), (29.9, 40.6, 53.8), (71.7, 92.6, 116.5)],
    ),
    reid_loss=dict(
        type="mmpsearch.OIMLoss",
        num_identities={{_base_.num_identities}},
        queue_size={{_base_.circular_queue_size}},
        embed_dims=96,
        scale=20,
    ),
    search=dict(max_anchors=600, max_boxes=50),
)
