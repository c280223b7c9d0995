"""Stock MMDetection models on MMCV from PyPI: build, train one step, predict.

Each takes a config that MMDetection ships, without its pre-trained weights and with
fewer proposals, on images of a few pixels.
"""

from pathlib import Path

import mmdet
import pytest
import torch
from mmdet.registry import MODELS
from mmdet.structures import DetDataSample
from mmdet.structures.mask import BitmapMasks
from mmengine.config import Config
from mmengine.optim import OptimWrapper
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData

CONFIGS = Path(mmdet.__file__).parent / ".mim" / "configs"
DETECTORS = (
    "faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py",
    "cascade_rcnn/cascade-rcnn_r50_fpn_1x_coco.py",
    "mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py",
    "retinanet/retinanet_r50_fpn_1x_coco.py",
    "fcos/fcos_r50-caffe_fpn_gn-head_1x_coco.py",
    "detr/detr_r50_8xb2-150e_coco.py",
    "dino/dino-4scale_r50_8xb2-12e_coco.py",
)


def _shrink(config):
    """Numbers that only cost time: proposals, sampled RoIs, queries, layers."""
    smaller = dict(nms_pre=50, max_per_img=10, num_queries=20, num_dn_queries=4)
    if isinstance(config, dict):
        for key, value in config.items():
            if key in smaller:
                config[key] = min(value, smaller[key])
            elif key == "num" and "pos_fraction" in config:
                config[key] = min(value, 16)
            elif key == "init_cfg":
                config[key] = None
            elif key == "num_layers":
                config[key] = 1
            else:
                _shrink(value)
    elif isinstance(config, (list, tuple)):
        for value in config:
            _shrink(value)


def _batch():
    generator = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (3, 64, 96), generator=generator, dtype=torch.uint8)
    sample = DetDataSample(
        metainfo=dict(
            img_shape=(64, 96),
            ori_shape=(64, 96),
            pad_shape=(64, 96),
            batch_input_shape=(64, 96),
            scale_factor=(1.0, 1.0),
            img_id=0,
        )
    )
    boxes = torch.tensor([[8.0, 8, 40, 56], [50, 10, 90, 60]])
    masks = torch.zeros(2, 64, 96, dtype=torch.uint8)
    for mask, (x1, y1, x2, y2) in zip(masks, boxes.int().tolist(), strict=True):
        mask[y1:y2, x1:x2] = 1
    sample.gt_instances = InstanceData(
        bboxes=boxes,
        labels=torch.tensor([0, 3]),
        masks=BitmapMasks(masks.numpy(), 64, 96),
    )
    return dict(inputs=[image], data_samples=[sample])


@pytest.mark.parametrize("name", DETECTORS, ids=lambda name: name.split("/")[0])
def test_builds_trains_a_step_and_predicts(name):
    torch.manual_seed(0)
    config = Config.fromfile(CONFIGS / name).model
    _shrink(config)
    with DefaultScope.overwrite_default_scope("mmdet"):
        model = MODELS.build(config)
        model.init_weights()
    wrapper = OptimWrapper(
        torch.optim.SGD(model.parameters(), lr=0.01), clip_grad=dict(max_norm=1)
    )
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    model.train()
    losses = model.train_step(_batch(), wrapper)
    assert all(value.isfinite() for value in losses.values())
    after = dict(model.named_parameters())
    assert all(parameter.isfinite().all() for parameter in after.values())
    moved = {n for n in before if not torch.equal(before[n], after[n])}
    assert any(n.startswith("backbone.layer4") for n in moved)
    assert any(not n.startswith("backbone") for n in moved)

    model.eval()
    with torch.no_grad():
        (result,) = model.test_step(_batch())
    assert result.pred_instances.bboxes.shape == (len(result.pred_instances), 4)
    assert result.pred_instances.bboxes.isfinite().all()
