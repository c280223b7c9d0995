import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmpsearch.models.selfsup.partition import mirror_index, partition
from tests.test_models.test_selfsup.small_contrast import contrast_model, contrast_views

BATCH_NORM = dict(type="BN")


def cosines(encoder, image):
    """``(B, D)`` by the encoder's parts."""
    return F.normalize(encoder.neck(encoder.backbone(image))[0], dim=1)


def cross_entropy(queries, keys, queue):
    """InfoNCE with all logits, tau 0.1."""
    positive = (queries * keys).sum(1, keepdim=True)
    logits = torch.cat([positive, queries @ queue.T], dim=1) / 0.1
    return F.cross_entropy(logits, logits.new_zeros(len(logits), dtype=torch.int64))


def plain_losses(model, views, hard_mining=True):
    """A forward pass per patch, all logits; 'outside' positives, kernel 'linear'."""
    query, key, original = views
    with torch.no_grad():
        keys = [cosines(model.average, key)]
        keys += [cosines(model.average, p) for p in partition(key, *model.grid)]
        target = cosines(model.online, original) @ cosines(model.average, original).T
    queries = [cosines(model.online, query)]
    queries += [cosines(model.online, p) for p in partition(query, *model.grid)]
    queues = model.bank.queues
    mirror = mirror_index(*model.grid).tolist()
    patches = []
    for i in range(len(mirror)):
        places = [i, mirror[i]] if hard_mining else [i]
        each = [
            cross_entropy(queries[i + 1], keys[j + 1], queues[i + 1]) for j in places
        ]
        patches.append(torch.stack(each).mean())
    found = queries[0] @ keys[0].T
    losses = dict(
        loss_global=cross_entropy(queries[0], keys[0], queues[0]),
        loss_patch=torch.stack(patches).mean(),
        loss_consistency=(found.mean(0) - target.mean(0)).square().sum(),
    )
    return losses, torch.stack(keys)


def losses_of(model, views):
    return {k: v for k, v in model.loss(views).items() if "loss" in k}


@pytest.mark.parametrize("grid", [(4, 2), (2, 2), (6, 2), (3, 1)])
@pytest.mark.parametrize("hard_mining", [True, False])
def test_as_one_pass_per_patch_with_all_logits(grid, hard_mining):
    model = contrast_model(
        grid=grid, hard_mining=hard_mining, positives="outside", kernel="linear"
    )
    views = contrast_views()
    want, keys = plain_losses(model, views, hard_mining)
    sum(want.values()).backward()
    gradients = [p.grad.clone() for p in model.online.parameters()]
    model.zero_grad()
    losses = losses_of(model, views)
    sum(losses.values()).backward()
    assert losses.keys() == want.keys()
    for name, value in want.items():
        assert_close(losses[name], value)
    for parameter, gradient in zip(model.online.parameters(), gradients, strict=True):
        assert_close(parameter.grad, gradient, atol=1e-5, rtol=1e-4)
    assert_close(model.bank.queues[:, :3], keys)  # in the order of the images


def test_without_constraints_it_is_moco():
    views = contrast_views()
    want = contrast_model("MoCo").loss(views[:2])
    found = contrast_model(grid=None, consistency_weight=0.0).loss(views)
    assert (
        found.keys()
        == want.keys()
        == {
            "loss_global",
            "positive_similarity_0",
            "negative_similarity_0",
        }
    )
    for name, value in want.items():
        assert torch.equal(found[name], value)


@pytest.mark.parametrize("settings", [dict(grid=None), dict(consistency_weight=0.0)])
def test_one_constraint_alone(settings):
    views = contrast_views()
    views = views if "grid" in settings else views[:2]
    alone = losses_of(contrast_model(**settings), views)
    name = "loss_consistency" if "grid" in settings else "loss_patch"
    assert alone.keys() == {"loss_global", name}
    assert_close(alone[name], contrast_model(grid=(4, 2)).loss(contrast_views())[name])


def test_weights_scale_the_losses():
    views = contrast_views()
    one = losses_of(contrast_model(), views)
    other = losses_of(
        contrast_model(global_weight=2.0, patch_weight=0.5, consistency_weight=3.0),
        views,
    )
    factors = dict(loss_global=2.0, loss_patch=4.0, loss_consistency=3.0)
    for name, factor in factors.items():
        assert_close(other[name], factor * one[name])


@pytest.mark.parametrize("kernel", ["rbf", "scalar", "mse"])
@pytest.mark.parametrize("positives", ["inside", "outside_joint"])
def test_choices_train(kernel, positives):
    model = contrast_model(kernel=kernel, positives=positives)
    losses = losses_of(model, contrast_views())
    sum(losses.values()).backward()
    assert all(value.isfinite() and value > 0 for value in losses.values())
    assert all(p.grad is not None for p in model.online.parameters())


def test_no_gradient_through_keys_and_original_images():
    views = [view.requires_grad_() for view in contrast_views()]
    model = contrast_model(norm=BATCH_NORM)
    sum(losses_of(model, views).values()).backward()
    query, key, original = views
    assert query.grad.abs().max() > 0 and key.grad is None and original.grad is None
    assert all(p.grad is None for p in model.average.parameters())
    assert all(p.grad.isfinite().all() for p in model.online.parameters())


def test_queues_after_wrap_around():
    model, before = contrast_model(), None
    for seed in range(5):  # 15 keys of a queue of 11
        views = contrast_views(seed=seed)
        before = model.bank.queues.clone()
        model.loss(views)
    assert int(model.bank.pointer) == 4
    _, keys = plain_losses(model, views)
    assert_close(model.bank.queues[:, 1:4], keys)
    assert torch.equal(model.bank.queues[:, 4:], before[:, 4:])
    assert torch.equal(model.bank.queues[:, :1], before[:, :1])


@pytest.mark.parametrize("statistics", ["batch", "running", "update"])
def test_batch_norms_of_original_images(statistics):
    model = contrast_model(norm=BATCH_NORM, original_statistics=statistics)
    without = contrast_model(norm=BATCH_NORM, consistency_weight=0.0)
    views = contrast_views()
    model.loss(views), without.loss(views)
    for encoder in ("online", "average"):
        norm = getattr(model, encoder).backbone.bn1
        kept = getattr(without, encoder).backbone.bn1
        same = torch.equal(norm.running_mean, kept.running_mean)
        assert same == (statistics != "update")
        assert norm.training and norm.track_running_stats


def test_original_statistics_change_the_target():
    views = contrast_views()
    batch, running, update = (
        contrast_model(norm=BATCH_NORM, original_statistics=s).loss(views)
        for s in ("batch", "running", "update")
    )
    assert torch.equal(batch["loss_consistency"], update["loss_consistency"])
    assert batch["loss_consistency"] != running["loss_consistency"]


def test_similarities_are_watched():
    model, views = contrast_model(shuffle=False), contrast_views()
    queues = model.bank.queues.clone()
    found = model.loss(views)
    for place, (query, key) in enumerate(
        zip(model.regions(views[0]), model.regions(views[1]), strict=True)
    ):
        q, k = cosines(model.online, query), cosines(model.average, key)
        assert_close(found[f"positive_similarity_{place}"], (q * k).sum(1).mean())
        negative = (q @ queues[place].T).mean()
        assert_close(found[f"negative_similarity_{place}"], negative)
    assert f"positive_similarity_{place + 1}" not in found


def test_logits_of_one_position_at_a_time():
    """What the losses keep for the backward pass does not grow with the queue."""
    sizes = {}
    for entries in (64, 4096):
        model, total = contrast_model(queue_size=entries), 0
        queries = F.normalize(torch.randn(9, 5, 8, requires_grad=True), dim=2)
        keys = F.normalize(torch.randn(9, 5, 8), dim=2)

        def pack(tensor):
            nonlocal total
            total += tensor.numel()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            model._patch_loss(queries[1:].unbind(), keys[1:])
        sizes[entries] = total
    assert sizes[64] == sizes[4096] < 5 * 4096


def test_mixed_precision():
    model = contrast_model()
    with torch.autocast("cpu", torch.bfloat16):
        losses = losses_of(model, contrast_views())
    assert {value.dtype for value in losses.values()} == {torch.float32}
    want = losses_of(contrast_model(), contrast_views())
    for name, value in want.items():
        assert_close(losses[name], value, atol=0.3, rtol=0.1)
    assert model.bank.queues.dtype == torch.float32


def test_one_image():
    model = contrast_model()
    losses = losses_of(model, contrast_views(batch=1))
    sum(losses.values()).backward()
    assert all(value.isfinite() for value in losses.values())
    assert all(p.grad.isfinite().all() for p in model.online.parameters())


def test_wrong_settings():
    with pytest.raises(ValueError, match="one of batch, running, update"):
        contrast_model(original_statistics="eval")
    for wrong, message in (
        (dict(kernel="gauss"), "rbf, linear, scalar, mse"),
        (dict(positives="mean"), "inside, outside, outside_joint"),
        (dict(grid=(0, 2)), "stripes and patches"),
        (dict(grid=(4,)), "stripes and patches"),
        (dict(patch_temperature=0), "patch_temperature"),
        (dict(kernel="scalar", gather_similarities=True), "N\\^4"),
        (dict(queue_size=0), "queue_size=0"),
    ):
        with pytest.raises(ValueError, match=message):
            contrast_model(**wrong)
    with pytest.raises(ValueError, match=r"ContrastViews\(original=True\)"):
        contrast_model().loss(contrast_views()[:2])
    with pytest.raises(ValueError, match="do not fit into a queue"):
        contrast_model(embed_dims=7).bank.push(torch.zeros(9, 2, 8))
