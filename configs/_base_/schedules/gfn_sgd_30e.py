"""GFN's training of ResNet-50: SGD 3e-3, batch 12, else as with Adam."""

_base_ = "./gfn_30e.py"

optim_wrapper = dict(
    optimizer=dict(_delete_=True, type="SGD", lr=3e-3, momentum=0.9, weight_decay=5e-4)
)
auto_scale_lr = dict(base_batch_size=12)
