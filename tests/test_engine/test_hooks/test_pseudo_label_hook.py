"""The hook on the real runner, with a tiny network and rendered crops."""

import pytest
import torch
from mmengine.dataset import Compose
from mmengine.runner import Runner

from mmpsearch.engine.hooks import CompleteWeightsHook
from mmpsearch.errors import ConfigError
from tests.spcl_runs import PEOPLE, PICTURES, render, small_config


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return render(tmp_path_factory.mktemp("rendered"))


@pytest.fixture
def run(data, tmp_path):
    """Build a runner of a small config."""

    def build(name="spcl_r18_synth.py", folder="run", **changes):
        return Runner.from_cfg(small_config(name, data, tmp_path / folder, **changes))

    return build


def test_memory_and_clusters_before_training(run, monkeypatch):
    runner, seen = run(), []
    monkeypatch.setattr(
        runner.logger, "info", lambda text, *_: seen.append(text), raising=False
    )
    runner.train()
    memory = runner.model.memory
    assert memory.features.shape == (PICTURES, 16) and memory.num_source == 0
    assert memory.features.norm(dim=1).allclose(torch.ones(PICTURES))
    assert not memory.least_independence.isnan()
    assert memory.labels.unique().tolist() == list(range(memory.labels.max() + 1))
    assert (
        runner.train_dataloader.sampler.target_classes == memory.labels.numpy()
    ).all()
    said = [text for text in seen if "clusters (" in str(text)]
    assert len(said) == 2 and f"of {PICTURES} pictures alone" in said[0]


def test_rows_are_the_embeddings_of_their_pictures(run):
    runner = run()
    hook = next(h for h in runner.hooks if type(h).__name__ == "PseudoLabelHook")
    assert runner.train_loop is not None  # built when it is asked for
    hook.before_train(runner)
    model, dataset = runner.model.eval(), runner.train_dataloader.dataset
    pipeline = Compose(hook.pipeline)
    for index in (0, 30, PICTURES - 1):
        item = pipeline(dataset.get_data_info(index))
        batch = model.data_preprocessor(dict(inputs=[item["inputs"]]), False)
        with torch.no_grad():
            expected = model.embed(batch["inputs"])[0]
        assert torch.allclose(model.memory.features[index], expected, atol=1e-5)


def test_what_is_compared_in_testing_is_what_is_remembered(run):
    runner = run(**{"model.test_stage": "pooled", "model.heads.whole.embed_dims": 7})
    assert runner.train_loop is not None  # built when it is asked for
    hook = next(h for h in runner.hooks if type(h).__name__ == "PseudoLabelHook")
    hook.before_train(runner)
    assert runner.model.memory.features.shape == (PICTURES, 16)


def test_a_source_brings_its_centroids(run):
    runner = run("spcl_r18_synth-adaptation.py")
    runner.train()
    memory = runner.model.memory
    assert memory.num_source == PEOPLE
    assert len(memory.features) == PEOPLE + PICTURES
    assert memory.labels[:PEOPLE].tolist() == list(range(PEOPLE))
    assert memory.labels[PEOPLE:].min() == PEOPLE
    losses = runner.message_hub.log_scalars
    assert {"train/loss_source", "train/loss_target"} <= losses.keys()


def test_a_resumed_run_ends_like_an_uninterrupted_one(run, tmp_path):
    whole = run(folder="whole")
    whole.train()
    first = run(folder="first")
    first.train_loop.stop_training = False
    first.train_loop._max_epochs = 1
    first.train()
    checkpoint = str(tmp_path / "first" / "epoch_1.pth")
    second = run(folder="second", load_from=checkpoint, resume=True)
    second.register_hook(CompleteWeightsHook())  # as tools/train.py --resume
    second.train()
    expected, found = (r.model.state_dict() for r in (whole, second))
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        assert torch.equal(value, found[name]), name


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"train_dataloader.batch_size": 8}, "batch_size is 8, but .* is 16"),
        ({"model.domain_batch_norm": True}, "domain_batch_norm needs a source"),
    ],
)
def test_what_does_not_fit_is_refused(run, changes, message):
    with pytest.raises(ConfigError, match=message):
        run(**changes).train()


def test_a_resumed_memory_of_other_data_is_refused(run):
    runner = run()
    assert runner.train_loop is not None  # built when it is asked for
    hook = next(h for h in runner.hooks if type(h).__name__ == "PseudoLabelHook")
    runner.model.memory.fill(torch.zeros(3, 16), torch.randn(PICTURES, 16))
    runner.train_loop._iter = 2
    with pytest.raises(ConfigError, match="3 source identities and 51 rows .* 48"):
        hook.before_train(runner)
    runner.train_loop._iter = 0  # weights alone were loaded: the memory starts anew
    hook.before_train(runner)
    assert len(runner.model.memory.features) == PICTURES


def test_testing_a_checkpoint_needs_no_training_set(run, tmp_path):
    run().train()
    checkpoint = str(tmp_path / "run" / "epoch_2.pth")
    tested = run(folder="test", load_from=checkpoint)
    tested.register_hook(CompleteWeightsHook())  # as tools/test.py
    assert 0 < tested.test()["mAP"] <= 1
    assert len(tested.model.memory.features) == PICTURES
