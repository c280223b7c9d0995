"""The released AGW's numbers, with its weights through the converter."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from torch.testing import assert_close

from mmpsearch.errors import ConversionError
from mmpsearch.models.converters.agw import convert_agw
from mmpsearch.registry import MODELS
from mmpsearch.structures import ReIDSample
from tests.cross_modality_golden import agw_numbers, agw_state, modality_images

CONFIG = Path(__file__).parents[3] / "configs/_base_/models/cross_modality_agw_r50.py"
RGB, IR = 0, 1
WEIGHTED = dict(type="mmpsearch.TripletLoss", margin=None, mining="weighted")


def released(method, metric=None):
    """Our model with the released code's composition and filled weights."""
    config = Config.fromfile(CONFIG).model
    config.backbone.init_cfg = None
    config.num_identities = 395
    # the floor is the released code's, which loses far negatives
    loss = dict(WEIGHTED, floor=1e-6)
    if method == "base":
        config.backbone.non_local = (0, 0, 0, 0)
        config.neck.pool = "avg"
        loss = dict(type="mmpsearch.TripletLoss", margin=0.3)
    config.metric_losses.triplet.loss = loss
    model = MODELS.build(config)
    converted, report = convert_agw(agw_state(method))
    assert not report.unmatched
    model.load_state_dict(converted)  # strict
    return model, report


@pytest.mark.parametrize("method", ["agw", "base"])
@torch.no_grad()
def test_evaluation(method):
    model, report = released(method)
    assert len(report.ignored) == 630
    model.eval()
    wanted, images = agw_numbers(method), modality_images()
    modalities = torch.tensor([RGB, RGB, IR, IR])
    cases = {"both": slice(None), "rgb_only": slice(0, 2), "ir_only": slice(2, 4)}
    for case, rows in cases.items():
        features = model.features(images[rows], None, modalities[rows])
        embedding = model.embeddings(features)["whole"]
        for stage, name in (("pooled", "pool"), ("after_bn", "bn")):
            got = F.normalize(getattr(embedding, stage), dim=1)
            assert_close(got, wanted[f"eval_{case}_{name}"], atol=2e-6, rtol=1e-4)


@pytest.mark.parametrize("method", ["agw", "base"])
def test_losses_and_gradients(method):
    model, report = released(method)
    model.train()
    wanted, samples = agw_numbers(method), []
    for person, modality in ((0, "rgb"), (1, "rgb"), (0, "ir"), (1, "ir")):
        sample = ReIDSample()
        sample.person_id, sample.modality = person, modality
        samples.append(sample)
    losses = model.loss(modality_images(), samples)
    assert_close(losses["loss_id"], wanted["train_loss_id"], rtol=1e-4, atol=0)
    assert_close(losses["loss_triplet"], wanted["train_loss_tri"], rtol=2e-4, atol=0)
    (losses["loss_id"] + losses["loss_triplet"]).backward()
    parameters = dict(model.named_parameters())
    checked = 0
    for key, norm in wanted.items():
        if key.startswith("gradnorm__"):
            ours = parameters[report.renamed[key.removeprefix("gradnorm__")]]
            # with one thread instead of two, float32 sums move them by up to 0.6 %
            assert_close(ours.grad.double().norm(), norm, rtol=1e-2, atol=0)
            checked += 1
    assert checked == {"agw": 8, "base": 6}[method]
    assert parameters["heads.whole.bottleneck.bias"].grad is None


def test_a_pre_training_gives_its_backbone():
    state = agw_state("base")
    state = {k: v for k, v in state.items() if not k.startswith(("bottle", "class"))}
    state |= {"fc1.weight": torch.zeros(36, 2048), "fc2.bias": torch.zeros(6)}
    state["local_conv_list.0.conv.weight"] = torch.zeros(256, 2048, 1, 1)
    converted, report = convert_agw({"net": state, "epoch": 3})
    assert not report.unmatched and report.ignored["fc1.weight"].startswith("head of")
    assert all(key.startswith("backbone.") for key in converted)
    with pytest.raises(ConversionError, match="nothing gives stems.ir.conv1"):
        convert_agw({k: v for k, v in state.items() if "thermal" not in k})
