"""Two gloo ranks against one process on the same global batch."""

import pytest
import torch

from tests.distributed import run_two_ranks
from tests.test_models import rank_cases


@pytest.fixture(scope="module")
def results():
    """Results of rank 0, rank 1 and one process."""
    return [*run_two_ranks(rank_cases.all_cases), rank_cases.all_cases(None)]


def close(actual, expected, **tolerance):
    torch.testing.assert_close(
        actual, expected, **{"rtol": 1e-4, "atol": 1e-6, **tolerance}
    )


def check_loss_steps(results, name):
    first, second, one = (result[name] for result in results)
    for a, b, whole in zip(first["steps"], second["steps"], one["steps"], strict=True):
        # DDP averages the ranks' gradients; a mean of losses is the whole loss
        close((a["loss"] + b["loss"]) / 2, whole["loss"])
        joined = torch.cat([a["gradient"], b["gradient"]]) / 2
        close(joined, whole["gradient"])
        assert whole["gradient"].isfinite().all()
    for key, value in one["state"].items():
        assert torch.equal(first["state"][key], second["state"][key]), key  # no drift
        close(first["state"][key], value)
    return one


@pytest.mark.parametrize("split", rank_cases.SPLITS)
@pytest.mark.parametrize("loss", ["oim", "oim over labelled", "moco"])
def test_reid_losses(results, loss, split):
    one = check_loss_steps(results, f"{loss} {split}")
    assert all(step["loss"] > 0 for step in one["steps"][1:])
    assert int(one["state"]["queue_head"]) > 0


def test_oim_enters_the_ranks_images_in_the_order_of_the_batch(results):
    first, second, one = (result["oim in turn"] for result in results)
    for a, b, whole in zip(first["steps"], second["steps"], one["steps"], strict=True):
        close((a["loss"] + b["loss"]) / 2, whole["loss"])
    for key, value in one["state"].items():
        assert torch.equal(first["state"][key], second["state"][key]), key
        close(first["state"][key], value)


def test_oim_where_one_rank_has_no_labels(results):
    one = check_loss_steps(results, "oim without labels")
    assert results[0]["oim without labels"]["steps"][0]["loss"] == 0
    assert one["steps"][0]["loss"] > 0


def test_every_rank_reports_a_foreign_identity(results):
    messages = {result["oim error"] for result in results}
    assert len(messages) == 1
    assert "person id 77" in messages.pop()


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("split", rank_cases.NORM_SPLITS)
def test_batch_norm(results, split, affine):
    first, second, one = (result[f"norm {split} {affine}"] for result in results)
    for a, b, whole in zip(first["steps"], second["steps"], one["steps"], strict=True):
        for key in ("out", "gradient"):
            close(torch.cat([a[key], b[key]]), whole[key], atol=1e-5)
    for a, b, whole in zip(
        first["parameters"], second["parameters"], one["parameters"], strict=True
    ):
        close(a + b, whole, atol=1e-5)
    for key, value in one["state"].items():
        close(first["state"][key], value)
        assert torch.equal(first["state"][key], second["state"][key])


@pytest.mark.parametrize("split", rank_cases.SPLITS)
def test_detection_losses(results, split):
    first, second, one = (result[f"detection {split}"] for result in results)
    for name, whole in one.items():
        close((first[name]["loss"] + second[name]["loss"]) / 2, whole["loss"])
        joined = torch.cat([first[name]["gradient"], second[name]["gradient"]]) / 2
        close(joined, whole["gradient"])


@pytest.mark.parametrize("empty", [False, True], ids=["both", "one rank without boxes"])
@pytest.mark.parametrize("name", rank_cases.STEPS)
def test_a_training_step(results, name, empty):
    first, second, one = (result[f"step {name} {empty}"] for result in results)
    *steps, buffers = zip(first, second, one, strict=True)
    # batch-norm logits sum up thousands of norms in float32
    rounding = (1e-3, 1e-4) if "logits" in name else (1e-5, 1e-6)
    for a, b, whole in steps:
        for loss, value in whole["losses"].items():
            close((a["losses"][loss] + b["losses"][loss]) / 2, value, atol=1e-5)
        for key, value in whole["gradients"].items():
            assert torch.equal(a["gradients"][key], b["gradients"][key]), key
            close(a["gradients"][key], value, rtol=rounding[0], atol=rounding[1])
    a, b, whole = (result["buffers"] for result in buffers)
    for key, value in whole.items():
        assert torch.equal(a[key], b[key]), key
        close(a[key], value, rtol=1e-5, atol=1e-6)
    assert one[1]["losses"]["loss_reid"] > 0.1


@pytest.mark.parametrize("empty", [False, True], ids=["both", "one rank without boxes"])
def test_query_centric_training_runs(results, empty):
    first, second, _ = (result[f"step query-centric {empty}"] for result in results)
    for a, b in zip(first[:2], second[:2], strict=True):
        for key, value in a["gradients"].items():
            assert torch.equal(value, b["gradients"][key]), key
            assert value.isfinite().all()
    for key, value in first[2]["buffers"].items():
        assert torch.equal(value, second[2]["buffers"][key]), key


def test_part_box_embedder_where_one_rank_has_no_boxes(results):
    first, second, one = (result["part box embedder"] for result in results)
    close(first["out"], one["out"], atol=1e-5)
    assert second["out"].shape == (0, 4)
    for key, value in one["gradients"].items():
        close(first["gradients"][key], value, atol=1e-4)
        assert second["gradients"][key].abs().max() == 0
