"""The synthetic benchmark's SPNet: a million parameters, trained on a CPU.

Takes four to six minutes on two cores; tools/quickstart.sh runs it from scratch and
from query-centric pre-training. Render the data first:

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/train.py configs/spnet/spnet-tiny_r18_oc-finetune_synthetic.py

With pre-trained weights: ``--cfg-options model.pretrained.checkpoint=QC.pth``.
"""

_base_ = [
    "../_base_/models/spnet-tiny_r18.py",
    "../_base_/datasets/synthetic_prw.py",
    "../_base_/schedules/spnet-tiny.py",
    "../_base_/default_runtime.py",
]

model = dict(
    pretrained=dict(checkpoint=None),
    reid_loss=dict(
        type="mmpsearch.OIMLoss",
        num_identities={{_base_.num_identities}},
        queue_size={{_base_.circular_queue_size}},
        embed_dims=96,
        scale=20,
    ),
)
