import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmpsearch.models.converters.ddag import convert_ddag
from mmpsearch.registry import MODELS
from mmpsearch.structures.reid_sample import ReIDSample
from mmpsearch.utils.schedules import TrainingProgress
from tests.cross_modality_golden import ddag_numbers, ddag_state, modality_images


def ddag(width=2048, num_identities=20, **backbone):
    return MODELS.build(
        dict(
            type="mmpsearch.DDAG",
            backbone=dict(type="mmpsearch.TwoStreamResNet", **backbone),
            neck=dict(type="mmpsearch.GlobalPoolNeck"),
            heads=dict(
                whole=dict(type="mmpsearch.EmbeddingHead", in_channels=width),
                attended=dict(type="mmpsearch.PartAttentionHead", in_channels=width),
            ),
            num_identities=num_identities,
            identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0),
            metric_losses=dict(
                triplet=dict(
                    type="mmpsearch.EmbeddingLoss",
                    parts=["whole"],
                    loss=dict(type="mmpsearch.TripletLoss", margin=0.3),
                )
            ),
            test_parts=["attended"],
            graph_dropout=0.0,
        )
    )


def make_samples(ids, modalities):
    samples = []
    for person, modality in zip(ids, modalities, strict=True):
        sample = ReIDSample()
        sample.person_id, sample.modality = person, modality
        samples.append(sample)
    return samples


SAMPLES = make_samples([0, 1, 0, 1], ["rgb", "rgb", "ir", "ir"])
MODALITIES = torch.tensor([0, 0, 1, 1])
NAMES = {
    "visible_module.visible.conv1.weight": "backbone.stems.rgb.conv1.weight",
    "wpa.gate": "heads.attended.gate",
    "wpa.fc1.0.weight": "heads.attended.query.weight",
    "wpa.fc3.weight": "heads.attended.value.weight",
    "attention_0.W": "graph.heads.0.weight",
    "attention_3.a": "graph.heads.3.scores",
    "out_att.W": "graph.output.weight",
    "classifier.weight": "classifiers.whole.linear.weight",
    "bottleneck.weight": "heads.whole.bottleneck.weight",
}


@pytest.fixture(scope="module")
def released():
    """The model with the released code's weights, and the released code's numbers."""
    model = ddag()
    converted, report = convert_ddag(ddag_state())
    assert not report.unmatched
    missing, unexpected = model.load_state_dict(converted, strict=False)
    assert not unexpected
    assert {key.split(".")[0] for key in missing} == {"graph_weight"}
    return model, modality_images(), ddag_numbers()


def test_evaluation_is_the_released_code_s(released):
    model, images, golden = released
    model.eval()
    for modality, name in enumerate(("rgb", "ir")):
        rows = MODALITIES == modality
        with torch.no_grad():
            features = model.features(images[rows], None, MODALITIES[rows])
            embeddings = model.embeddings(features)
        for part, stage in (("whole", "bn"), ("attended", "att")):
            got = F.normalize(embeddings[part].after_bn, dim=1)
            assert_close(got, golden[f"eval_{name}_only_{stage}"], atol=1e-6, rtol=1e-4)


def test_training_is_the_released_code_s(released):
    model, images, golden = released
    model.train()
    ids = torch.tensor([0, 1, 0, 1])
    features = model.features(images, None, MODALITIES)
    embeddings = model.embeddings(features)
    pooled = embeddings["whole"].pooled
    assert_close(pooled, golden["train_pool"], atol=1e-4, rtol=1e-4)
    logits = [
        model.classifiers[name](embeddings[name].after_bn, ids)
        for name in ("whole", "attended")
    ]
    # Batch norm over four images enlarges rounding: computed in float64, the logits are
    # 3e-4 from the released code's, which are float32's.
    assert_close(logits[0], golden["train_logits"], atol=6e-4, rtol=1e-4)
    assert_close(logits[1], golden["train_logits_att"], atol=6e-4, rtol=1e-4)
    graph = model.graph.logits(pooled, ids).log_softmax(dim=1)
    assert_close(graph, golden["train_graph_logprob"], atol=2e-4, rtol=1e-4)

    model.start_iteration(TrainingProgress(0, 0, 10))
    model.graph_weight.weight.fill_(0.5)
    losses = model.embedding_losses(embeddings, ids, MODALITIES)
    want = {
        "loss_id": golden["loss_id"] + golden["loss_part"],
        "loss_triplet": golden["loss_tri"],
        "loss_graph": golden["loss_graph"] / 2,
    }
    for name, value in want.items():
        assert_close(losses[name], value, atol=1e-4, rtol=1e-4)
    model.zero_grad()
    sum(losses[name] for name in want).backward()
    parameters = dict(model.named_parameters())
    for theirs, ours in NAMES.items():
        norm = parameters[ours].grad.double().norm()
        assert_close(norm, golden[f"gradnorm__{theirs}"], rtol=2e-3, atol=1e-7)


def tiny():
    torch.manual_seed(0)
    return ddag(width=32, num_identities=3, depth=18, stem_channels=8, base_channels=4)


def test_graph_counts_from_the_second_epoch_on():
    model, images = tiny().train(), torch.randn(4, 3, 48, 24)
    model.start_iteration(TrainingProgress(0, 0, 2))
    first = model.loss(images, SAMPLES)
    assert first["loss_graph"] == 0
    resumed = tiny()
    resumed.load_state_dict(model.state_dict())
    values = []
    for each in (model, resumed):
        each.start_iteration(TrainingProgress(1, 1, 2))
        values.append(each.loss(images, SAMPLES)["graph_weight"])
    want = 1 / (1 + first["loss_id"] + first["loss_triplet"])
    assert_close(values[0], want.detach())
    assert_close(values[1], values[0], atol=0, rtol=0)


def test_needs_the_progress_of_training():
    with pytest.raises(RuntimeError, match="TrainingProgressHook"):
        tiny().loss(torch.randn(4, 3, 48, 24), SAMPLES)


def test_embedding_is_the_attended_one_and_needs_no_other_modality():
    model, images = tiny().eval(), torch.randn(2, 3, 48, 24)
    samples = model.predict(images, make_samples([0, 1], ["ir", "ir"]))
    features = model.features(images, None, torch.ones(2, dtype=torch.int64))
    want = model.embeddings(features)["attended"].after_bn
    assert_close(torch.stack([s.embedding for s in samples]), want)
