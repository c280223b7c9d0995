"""RegDB, trial 1: training on 206 people, searched in both directions.

For another trial: ``--cfg-options train_dataloader.dataset.trial=2
val_dataloader.dataset.trial=2 test_dataloader.dataset.trial=2``; published numbers are
means over models trained on trials 1 to 10, see ``tools/experiments/regdb_trials.py``.
"""

_base_ = "./sysu_mm01.py"

num_identities = 206
dataset = dict(type="mmpsearch.RegDB", data_root="data/RegDB", trial=1)
train_dataloader = dict(dataset=dict(**dataset, split="train"))
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader
val_evaluator = dict(
    _delete_=True,
    type="mmpsearch.RegDBMetric",
    direction=("visible_to_thermal", "thermal_to_visible"),
)
test_evaluator = val_evaluator
