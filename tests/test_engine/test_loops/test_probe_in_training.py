"""The probe inside a pre-training: a recipe that taught nothing is told so.

MoCo as it was first made small: views for 256 x 128 pixels (large crops in the
proportions of squares, no colour jitter, grey ones), batches of 64 whose keys are
encoded in groups of 16.
"""

import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops
from tests.test_configs.test_up_reid_configs import ROOT

FORMER_VIEW = dict(
    type="mmpsearch.ContrastViews",
    size=(64, 32),
    original=False,
    mean=(80.07, 79.203, 89.8875),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("rendered")
    size = dict(width=16, height=32)
    unlabelled = dict(identities=64, crops_per_identity=2, seed=1000)
    labelled = dict(identities=12, test_identities=12, crops_per_identity=4)
    for layout, people in (("luperson", unlabelled), ("market1501", labelled)):
        options = make_crop_options(layout, **people, **size)
        make_synthetic_crops(options, root / layout)
    return root


def test_the_former_recipe_is_warned_of(data, tmp_path):
    config = Config.fromfile(ROOT / "moco_r18_pretrain_synthetic.py")
    config.train_dataloader.dataset.pipeline[0] = FORMER_VIEW
    config.train_dataloader.dataset.dataset.data_root = str(data / "luperson")
    config.train_dataloader.update(batch_size=64, num_workers=0)
    config.train_dataloader.persistent_workers = False
    config.val_dataloader.update(num_workers=0, persistent_workers=False)
    config.val_dataloader.dataset.dataset.data_root = str(data / "market1501")
    config.model.key_groups = 4
    config.optim_wrapper.optimizer = dict(type="SGD", lr=0.06, momentum=0.9)
    config.train_cfg.update(max_epochs=4, val_interval=4)
    config.work_dir = str(tmp_path)
    runner = Runner.from_cfg(config)
    runner.train()
    (log,) = tmp_path.glob("*/*.log")
    warnings = [line for line in log.read_text().splitlines() if "does harm" in line]
    start = runner.message_hub.get_info("feature_probe/untrained")
    (*_, last) = runner.message_hub.log_scalars["val/frozen_mAP"].data[0]
    assert last < start["frozen_mAP"]
    assert any(f"find less (mAP {last:.3f})" in line for line in warnings)
