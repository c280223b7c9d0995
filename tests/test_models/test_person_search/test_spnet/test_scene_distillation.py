"""Learning without Forgetting: the teacher is the ImageNet classifier and stays it."""

import pytest
import torch
from mmengine.registry import DefaultScope
from mmpretrain.registry import MODELS as MMPRETRAIN
from torch import nn
from torchvision.models import convnext_tiny

from mmpsearch.errors import CheckpointError
from mmpsearch.models.converters.convnext import convert_convnext
from mmpsearch.models.person_search.spnet.scene_distillation import SceneDistillation
from mmpsearch.registry import MODELS
from mmpsearch.utils.checkpoint import use_safe_checkpoints
from tests.test_models.tiny_spnet import (
    A_SAMPLE,
    CHANNELS,
    MOMENTUM_CONTRAST,
    QUERY_CENTRIC,
    gradients,
    scene,
    tiny_spnet,
    train_step,
)

ARCH = {"depths": [1, 1, 1, 1], "channels": CHANNELS}
CONVNEXT = {"type": "ConvNeXt", "arch": ARCH, "layer_scale_init_value": 1.0}
RESNET = {"type": "ResNet", "depth": 18, "stem_channels": 4, "base_channels": 4}
CLASSES = 7
PART = {"type": "mmpsearch.SceneDistillation", "num_classes": CLASSES}


@pytest.fixture(autouse=True)
def _safe_checkpoints():
    use_safe_checkpoints()


def image_classifier(backbone: dict, channels: int) -> nn.Module:
    """MMPretrain's, with weights that all matter."""
    torch.manual_seed(3)
    config = {
        "type": "ImageClassifier",
        "backbone": backbone,
        "neck": {"type": "GlobalAveragePooling"}
        if backbone["type"] == "ResNet"
        else None,
        "head": {
            "type": "LinearClsHead",
            "num_classes": CLASSES,
            "in_channels": channels,
        },
    }
    # its parts are looked up in the scope that another test may have left
    with DefaultScope.overwrite_default_scope("mmpretrain"):
        model = MMPRETRAIN.build(config)
    for name, parameter in model.named_parameters():
        if "norm3" in name or "head" in name:
            nn.init.normal_(parameter)
    return model.eval()


def saved(model: nn.Module, folder) -> str:
    torch.save({"state_dict": model.state_dict()}, folder / "imagenet.pth")
    return str(folder / "imagenet.pth")


def with_init(path: str) -> dict:
    """Options of the small SPNet: the backbone starts from the file."""
    return {
        "type": "mmpsearch.ConvNeXt",
        "arch": ARCH,
        "drop_path_rate": 0.0,
        "layer_scale_init_value": 1.0,
        "init_cfg": {"type": "Pretrained", "prefix": "backbone.", "checkpoint": path},
    }


@pytest.fixture
def imagenet(tmp_path):
    """MMPretrain's classifier, and an SPNet that was initialised from its file."""
    classifier = image_classifier(CONVNEXT, CHANNELS[-1])
    model = tiny_spnet(
        backbone=with_init(saved(classifier, tmp_path)), scene_distillation=PART
    )
    model.init_weights()
    return classifier, model


def test_the_teacher_is_mmpretrain_s_convnext(imagenet):
    classifier, model = imagenet
    inputs, _ = scene()
    part = model.scene_distillation
    logits = part.teacher["classifier"](part.teacher["backbone"](inputs)[-1])
    with torch.no_grad():
        expected = classifier(inputs)
        student = part.classifier(model.backbone(inputs)[-1])
    assert expected.std() > 0.1
    torch.testing.assert_close(logits, expected)
    torch.testing.assert_close(student, expected)


def test_the_teacher_is_mmpretrain_s_resnet(tmp_path):
    classifier = image_classifier(RESNET, 32)
    backbone = MODELS.build(
        {**RESNET, "type": "mmpretrain.ResNet", "out_indices": (1, 2, 3)}
    )
    path = saved(classifier, tmp_path)
    part = SceneDistillation(backbone, CLASSES, norm=False, checkpoint=path).eval()
    backbone.load_state_dict(classifier.backbone.state_dict())
    part.start_from(backbone)
    inputs, _ = scene()
    with torch.no_grad():
        logits = part.teacher["classifier"](part.teacher["backbone"](inputs)[-1])
        torch.testing.assert_close(logits, classifier(inputs))


def test_the_teacher_is_torchvision_s_converted_convnext(tmp_path):
    """From the file that the authors used to the teacher's logits."""
    torch.manual_seed(0)
    public = convnext_tiny().eval()
    nn.init.normal_(public.classifier[0].weight)
    state, _ = convert_convnext(public.state_dict())
    torch.save(state, tmp_path / "convnext.pth")
    backbone = MODELS.build(
        {
            **with_init(str(tmp_path / "convnext.pth")),
            "arch": "tiny",
            "layer_scale_init_value": 1e-6,
        }
    )
    backbone.init_weights()
    part = SceneDistillation(backbone).eval()
    part.start_from(backbone)
    inputs, _ = scene()
    with torch.no_grad():
        logits = part.teacher["classifier"](part.teacher["backbone"](inputs)[-1])
        expected = public(inputs)
    assert logits.shape == (2, 1000) and expected.std() > 0.01
    torch.testing.assert_close(logits, expected, rtol=1e-3, atol=1e-4)


def test_torchvision_s_resnet_classifier(tmp_path):
    backbone = MODELS.build({**RESNET, "type": "mmpretrain.ResNet"})
    weights = {"fc.weight": torch.randn(CLASSES, 32), "fc.bias": torch.randn(CLASSES)}
    torch.save(weights, tmp_path / "resnet.pth")
    path = str(tmp_path / "resnet.pth")
    part = SceneDistillation(backbone, CLASSES, norm=False, checkpoint=path)
    part.start_from(backbone)
    assert torch.equal(part.classifier.linear.weight, weights["fc.weight"])
    assert torch.equal(part.teacher["classifier"].linear.bias, weights["fc.bias"])


def test_at_the_start_nothing_is_forgotten(imagenet):
    """The cited loss is then the teacher's entropy, and has no gradient."""
    _, model = imagenet
    model.scene_distillation.loss.form = "cross_entropy"
    inputs, samples = scene()
    losses = model.train().loss(inputs, samples)
    logits = model.scene_distillation.classifier(model.backbone(inputs)[-1])
    p = (logits / 2).softmax(dim=1)
    torch.testing.assert_close(losses["loss_scene"], -(p * p.log()).sum(1).mean())
    losses["loss_scene"].backward()
    for key, value in gradients(model).items():
        assert value is None or value.abs().max() < 1e-5, key


def test_only_the_student_learns(imagenet):
    _, model = imagenet
    part = model.scene_distillation
    before = {k: v.clone() for k, v in part.teacher.state_dict().items()}
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.5)
    for _ in range(2):
        train_step(model, *scene())
        optimizer.step()
        optimizer.zero_grad()
    for key, value in part.teacher.state_dict().items():
        assert torch.equal(value, before[key]), key
    moved = part.classifier.linear.weight
    assert not torch.equal(moved, before["classifier.linear.weight"])
    assert not any(p.requires_grad for p in part.teacher.parameters())
    assert part.teacher.training and not model.eval().scene_distillation.training


@pytest.mark.parametrize("pathway", [A_SAMPLE, QUERY_CENTRIC])
def test_is_added_to_the_other_losses(pathway):
    def losses_of(part):
        model = tiny_spnet(
            train_pathway=pathway, reid_loss=MOMENTUM_CONTRAST, scene_distillation=part
        )
        torch.manual_seed(0)
        return train_step(model, *scene())

    plain, distilled = losses_of(None), losses_of(PART)
    assert distilled.pop("loss_scene") > 0
    assert distilled.keys() == plain.keys()


def test_without_a_reid_loss():
    model = tiny_spnet(reid_loss=None, scene_distillation=PART)
    assert train_step(model, *scene())["loss_scene"] > 0


def test_float32_under_autocast():
    model = tiny_spnet(scene_distillation=PART).train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = model.loss(*scene())["loss_scene"]
    assert loss.dtype == torch.float32 and loss.isfinite()


def test_a_resumed_run_has_the_same_teacher(imagenet):
    _, model = imagenet
    train_step(model, *scene())
    resumed = tiny_spnet(seed=9, scene_distillation=PART)
    resumed.load_state_dict(model.state_dict())
    first, second = (train_step(m, *scene()) for m in (model, resumed))
    assert first == second


def test_another_image_classifier_than_the_backbone_s(imagenet, tmp_path):
    """The classifier may lie in a file of its own."""
    classifier, _ = imagenet
    state = classifier.state_dict()
    wanted = ("backbone.norm3.", "head.fc.")
    own = {k: v for k, v in state.items() if k.startswith(wanted)}
    torch.save(own, tmp_path / "classifier.pth")
    part = {**PART, "checkpoint": str(tmp_path / "classifier.pth")}
    model = tiny_spnet(scene_distillation=part)
    model.init_weights()
    torch.testing.assert_close(
        model.scene_distillation.classifier.linear.weight, state["head.fc.weight"]
    )


def test_missing_classifiers_are_explained(imagenet, tmp_path):
    classifier, _ = imagenet
    with pytest.raises(CheckpointError, match="no ImageNet weights are named; start"):
        tiny_spnet(scene_distillation=PART).init_weights()
    state = classifier.state_dict()
    bare = {k: v for k, v in state.items() if not k.startswith("head")}
    torch.save(bare, tmp_path / "bare.pth")
    model = tiny_spnet(
        backbone=with_init(str(tmp_path / "bare.pth")), scene_distillation=PART
    )
    with pytest.raises(CheckpointError, match=r"bare.pth: has no head.fc.weight, so"):
        model.init_weights()
    model = tiny_spnet(
        backbone=with_init(str(tmp_path / "imagenet.pth")),
        scene_distillation={**PART, "num_classes": 21},
    )
    with pytest.raises(CheckpointError, match=r"is \(7, 16\), not \(21, 16\); set"):
        model.init_weights()
