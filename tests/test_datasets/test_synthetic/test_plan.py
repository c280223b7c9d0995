from collections import Counter

import numpy as np
import pytest

from mmpsearch.datasets.synthetic.options import make_options
from mmpsearch.datasets.synthetic.plan import make_plan
from mmpsearch.datasets.synthetic.scene import CROWD


@pytest.fixture(scope="module")
def prw():
    return make_plan(make_options("prw"))


def test_sizes_and_names(prw):
    splits = Counter(spec.split for spec in prw)
    assert splits == {"train": 1000, "gallery": 150, "query": 60}
    assert len({spec.path for spec in prw}) == len(prw)
    assert [spec.number for spec in prw] == list(range(len(prw)))
    for spec in prw[:50]:
        assert spec.name.startswith(f"c{spec.camera + 1}s")


def test_train_and_test_people_are_disjoint(prw):
    people = {"train": set(), "test": set()}
    for spec in prw:
        side = "train" if spec.split == "train" else "test"
        people[side] |= {(r.split, r.index) for r in spec.roles if r.person_id >= 0}
    assert not people["train"] & people["test"]
    assert {split for split, _ in people["test"]} == {"test"}
    assert len(people["train"]) == 150 and len(people["test"]) == 60


def test_ids_name_one_person_each(prw):
    owner = {}
    for spec in prw:
        for role in spec.roles:
            if role.person_id >= 0:
                person = role.split, role.index
                assert owner.setdefault(role.person_id, person) == person
    assert sorted(owner) == list(range(210))


def test_everybody_appears_about_equally_often(prw):
    counts = Counter(
        role.person_id
        for spec in prw
        if spec.split == "train"
        for role in spec.roles
        if role.person_id >= 0
    )
    assert 21 <= min(counts.values()) and max(counts.values()) <= 26
    assert all(
        len({r.person_id for r in spec.roles if r.person_id >= 0})
        == sum(r.person_id >= 0 for r in spec.roles)
        for spec in prw
    )


def test_strangers_appear_once_and_in_two_fifths_of_the_scenes(prw):
    strangers = [
        [role.index for role in spec.roles if role.person_id == -2] for spec in prw
    ]
    numbers = np.concatenate(strangers)
    assert len(set(numbers)) == len(numbers)
    share = np.mean([len(found) > 0 for found in strangers])
    assert 0.36 < share < 0.44 and max(map(len, strangers)) == 2


def test_every_scene_shows_somebody_and_first_appearances_are_protected(prw):
    assert all(any(role.protected for role in spec.roles) for spec in prw)
    seen = Counter()
    for spec in prw:
        for role in spec.roles:
            key = spec.split, role.person_id
            if role.person_id >= 0 and seen[key] < 2:
                seen[key] += 1
                assert role.protected


def test_coco_people_are_unique_with_crowds_and_empty_scenes():
    plan = make_plan(make_options("coco", scenes=400))
    roles = [role for spec in plan for role in spec.roles]
    assert len({(r.split, r.index) for r in roles}) == len(roles)
    assert all(role.person_id < 0 for role in roles)
    assert {spec.camera for spec in plan} == set(range(100, 112))
    crowds = sum(any(r.person_id == CROWD for r in spec.roles) for spec in plan)
    empty = sum(not spec.roles for spec in plan)
    assert 8 < crowds < 36 and 3 < empty < 25


def test_published_cuhk_sysu_has_2_7_appearances_per_person():
    plan = make_plan(make_options("cuhk_sysu", published_size=True))
    counts = Counter(r.person_id for s in plan for r in s.roles if r.person_id >= 0)
    assert len(counts) == 8432 and min(counts.values()) >= 2
    assert 2.5 < np.mean(list(counts.values())) < 3.0
    boxes = sum(len(spec.roles) for spec in plan)
    assert 5.0 < boxes / len(plan) < 6.0  # 96,143 / 18,184 = 5.3
    assert {spec.path for spec in plan} == {
        f"Image/SSM/s{i}.jpg" for i in range(1, 18185)
    }


def test_plans_follow_the_seed():
    options = make_options("prw", scenes=20)
    assert make_plan(options) == make_plan(options)
    assert make_plan(options) != make_plan(make_options("prw", scenes=20, seed=1))
