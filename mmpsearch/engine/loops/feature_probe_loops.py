"""Validation of a pre-training: what its frozen features know."""

import logging
from functools import partial
from typing import ClassVar

import torch
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner import TestLoop, ValLoop
from mmengine.runner.amp import autocast

from mmpsearch.models.selfsup.frozen_features import FrozenFeatures
from mmpsearch.registry import LOOPS

UNTRAINED = "feature_probe/untrained"
RANK_SHARE = 0.5


class ProbesFeatures:
    """Mixed into MMEngine's loops: samples are embedded by the frozen backbone.

    The model's own ``predict`` is not called: any pre-training model is probed that
    has its backbone as a module, those of MMPretrain too. Data loader: of a
    :class:`~mmpsearch.datasets.FeatureProbeSet`; evaluator: with a
    :class:`~mmpsearch.evaluation.metrics.FeatureProbeMetric`.

    Args:
        *args: of the loop.
        backbone: dotted name of the backbone in the model, of the network that a
            fine-tuning would start from.
        **kwargs: of the loop.
    """

    stage: ClassVar[str]

    def __init__(self, *args, backbone: str = "backbone", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        model = self.runner.model
        model = model.module if is_model_wrapper(model) else model
        self.features = FrozenFeatures(model, backbone)

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: dict) -> None:
        """Embed a batch of crops.

        Args:
            idx: number of the batch.
            data_batch: ``inputs`` and ``data_samples``, lists.
        """
        call = partial(self.runner.call_hook, batch_idx=idx, data_batch=data_batch)
        call(f"before_{self.stage}_iter")
        samples = data_batch["data_samples"]
        with autocast(enabled=self.fp16):
            rows = self.features.embed(data_batch["inputs"], samples)
        for sample, row in zip(samples, rows, strict=True):
            sample.embedding = row
        self.evaluator.process(data_samples=samples, data_batch=data_batch)
        call(f"after_{self.stage}_iter", outputs=samples)


@LOOPS.register_module()
class FeatureProbeValLoop(ProbesFeatures, ValLoop):
    """Probes features during a pre-training, and warns when they have collapsed.

    What the untrained network reached is remembered, also in checkpoints, when
    `mmpsearch.ValidateBeforeTrainingHook` is among the hooks. Afterwards one warning
    says when the features are worse than those: nearest neighbours find less, or they
    spread in less than half as many directions.

    Args:
        runner: the runner.
        dataloader: see :class:`ProbesFeatures`.
        evaluator: likewise.
        backbone: likewise.
        also: ``dataloader`` and ``evaluator`` of a validation by the model's own
            ``predict``, after the probe.
        fp16: embed in mixed precision.
    """

    stage = "val"

    def __init__(self, *args, also: dict | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.also = None
        if also is not None:
            self.also = ValLoop(self.runner, **also, fp16=self.fp16)

    def run(self) -> dict:
        """Probe; returns the metrics, with those of ``also``."""
        self.runner.call_hook("before_val")
        self.runner.call_hook("before_val_epoch")
        self.runner.model.eval()
        metrics = self._evaluate()
        self.runner.call_hook("after_val_epoch", metrics=metrics)
        self.runner.call_hook("after_val")
        values = {key.rsplit("/")[-1]: value for key, value in metrics.items()}
        history = self.runner.message_hub
        if self.runner.iter == 0:
            history.update_info(UNTRAINED, values)
        elif (start := history.get_info(UNTRAINED)) is not None:
            for warning in collapse_warnings(values, start):
                print_log(warning, logger="current", level=logging.WARNING)
        return metrics

    def _evaluate(self) -> dict[str, float]:
        found = {}
        for loop in (self, self.also) if self.also else (self,):
            for number, batch in enumerate(loop.dataloader):
                loop.run_iter(number, batch)
            found |= loop.evaluator.evaluate(len(loop.dataloader.dataset))
        return found


def collapse_warnings(now: dict[str, float], start: dict[str, float]) -> list[str]:
    """In which respects features are worse than the untrained network's.

    Args:
        now: ``frozen_mAP`` and ``effective_rank``.
        start: the same of the untrained network.
    """
    found = []
    if now["frozen_mAP"] < start["frozen_mAP"]:
        found.append(
            f"the frozen features find less (mAP {now['frozen_mAP']:.3f}) than those "
            f"of the untrained network ({start['frozen_mAP']:.3f})"
        )
    if now["effective_rank"] < RANK_SHARE * start["effective_rank"]:
        found.append(
            f"the features spread in {now['effective_rank']:.1f} directions, those of "
            f"the untrained network in {start['effective_rank']:.1f}: they collapse"
        )
    advice = (
        "; look at the views, the batch that batch norms see, temperature and "
        "learning rate before training on"
    )
    return [f"pre-training does harm: {each}{advice}" for each in found]


@LOOPS.register_module()
class FeatureProbeTestLoop(ProbesFeatures, TestLoop):
    """Probes the features of a checkpoint, by ``tools/test.py``.

    Args:
        runner: the runner.
        dataloader: see :class:`ProbesFeatures`.
        evaluator: likewise.
        backbone: likewise.
        fp16: embed in mixed precision.
    """

    stage = "test"
