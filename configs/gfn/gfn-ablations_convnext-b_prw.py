"""The baseline of the public ablations: prototypes from the OIM table, rrc at 512.

Rows of its tables, by ``--cfg-options``:

- objective: ``model.prototypes=False``, ``model.objective=separate``,
  ``model.objective=image`` (scene-only; the public config misspells its name);
- augmentation: ``train_dataloader.dataset.pipeline.2.focused_prob=0`` or ``=1``,
  ``train_dataloader.dataset.pipeline.2.pad_factor=3``;
- crop size: ``train_dataloader.dataset.pipeline.2.size=256`` and so on.

Expected numbers are in the paper's body, which the public repository does not state.

    python tools/train.py configs/gfn/gfn-ablations_convnext-b_prw.py --amp
"""

_base_ = "./gfn_convnext-b_prw.py"

model = dict(prototypes=True)
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type="mmpsearch.LoadImage"),
            dict(type="mmpsearch.WindowResize", short=900, long=1500),
            dict(
                type="mmpsearch.RandomCropPair",
                size=512,
                pad_factor=1,
                min_visibility=0.4,
            ),
            dict(type="mmpsearch.RandomHorizontalFlip", prob=0.5),
            dict(type="mmpsearch.PackPersonSearchInputs"),
        ]
    )
)
