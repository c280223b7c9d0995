import torch

from mmpsearch.models.person_search.gfn.scene_table import SceneBatch, SceneTable


def batch_of(*scenes):
    """Scenes given by their people's ids (-1: not labelled)."""
    ids = torch.tensor([person for scene in scenes for person in scene])
    index = torch.tensor([i for i, scene in enumerate(scenes) for _ in scene])
    return SceneBatch(
        torch.randn(len(scenes), 4),
        torch.randn(len(ids), 4),
        index.long(),
        ids.long(),
        torch.where(ids < 0, 1000 + torch.arange(len(ids)), ids),
    )


def filled():
    table = SceneTable()
    table.store([10], batch_of([1, 2]))
    table.store([11, 12], batch_of([2, 5], [7]))
    table.store([13], batch_of([-1, 2]))
    return table


def test_a_positive_and_a_hard_negative_of_a_chosen_person():
    table = filled()
    for seed in range(20):
        torch.manual_seed(seed)
        chosen = table.choose([99], batch_of([1, 2]))  # one scene: one person
        if 10 in chosen and len(chosen) == 2 and chosen[0] == 10:
            # of person 1: image 10 shows it; 11 and 13 do not, but person 2
            assert chosen[1] in (11, 13)
        else:  # of person 2: everywhere but in 12, which shares nobody
            assert len(chosen) == 1 and chosen[0] in (10, 11, 13)
        assert 12 not in chosen


def test_nothing_twice_and_nothing_of_the_batch():
    table = SceneTable(positives=3, hard_negatives=3)
    for image in range(6):
        table.store([image], batch_of([image % 2, 2]))
    for seed in range(10):
        torch.manual_seed(seed)
        chosen = table.choose([0, 1], batch_of([0, 2], [1, 2]))
        assert len(chosen) == len(set(chosen)) and not {0, 1} & set(chosen)


def test_unlabelled_people_ask_for_nothing():
    table = filled()
    assert table.choose([99], batch_of([-1, -1])) == []
    assert SceneTable().choose([99], batch_of([1])) == []


def test_rows_are_the_latest_without_gradient():
    table = SceneTable()
    old, new = batch_of([1, 2]), batch_of([3])
    new = new._replace(queries=new.queries.requires_grad_())
    table.store([5], old)
    table.store([5], new)
    (row,) = table.rows([5], torch.device("cpu"))
    assert torch.equal(row.queries, new.queries) and not row.queries.requires_grad
    assert row.person_ids.tolist() == [3] and len(table) == 1
    joined = SceneBatch.join([old, row])
    assert joined.scene_index.tolist() == [0, 0, 1] and len(joined.scenes) == 2
