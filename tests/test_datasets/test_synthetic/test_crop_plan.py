from collections import Counter

import numpy as np
import pytest

from mmpsearch.datasets import CUHK03, MSMT17, Market1501, PersonX
from mmpsearch.datasets.synthetic import draft_crops, make_crop_options
from mmpsearch.datasets.synthetic.crop_plan import amounts


@pytest.mark.parametrize(
    "layout, cls",
    [("market1501", Market1501), ("cuhk03", CUHK03), ("personx", PersonX)],
)
def test_published_sizes(layout, cls):
    specs = draft_crops(make_crop_options(layout, True))
    dataset = cls("nowhere", lazy_init=True)
    for split in ("train", "query", "gallery"):
        published = dataset.published(split)
        own = [s for s in specs if s.split == split and s.person_id >= 0]
        assert len(own) == published.images
        assert len({s.person_id for s in own}) == published.identities
        if layout == "cuhk03":
            continue
        assert len({s.camera for s in own}) == published.cameras
    junk = sum(s.person_id < 0 for s in specs)
    assert junk == (dataset.published("gallery").left_out or 0)


def test_published_size_of_msmt17():
    options = make_crop_options("msmt17", True)
    published = MSMT17("nowhere", with_val=True, lazy_init=True).published("train")
    assert options.crops == published.images
    assert options.identities == published.identities


def test_people_appear_evenly_and_queries_can_be_found():
    specs = draft_crops(make_crop_options("market1501"))
    train = [s for s in specs if s.split == "train"]
    per_place = Counter((s.person_id, s.camera) for s in train)
    assert set(per_place.values()) == {2} and len(per_place) == 600
    for query in (s for s in specs if s.split == "query"):
        matches = [
            s
            for s in specs
            if s.split == "gallery"
            and s.person_id == query.person_id
            and s.camera != query.camera
        ]
        assert matches and all(s.who == query.who for s in matches)
    train_ids = {s.person_id for s in train}
    others = {s.person_id for s in specs if s.split != "train"}
    assert not train_ids & others and {0, -1} <= others
    assert {s.kind for s in specs} == {"person", "background", "part"}


def test_occluded_duke_repeats_queries_in_the_gallery():
    specs = draft_crops(make_crop_options("occluded_duke"))
    queries = {s.picture: s for s in specs if s.split == "query"}
    repeated = [s for s in specs if s.split == "gallery" and s.picture in queries]
    assert 0.6 < len(repeated) / len(queries) < 0.97
    for spec in repeated:
        query = queries[spec.picture]
        assert (spec.who, spec.camera) == (query.who, query.camera)


def test_cuhk03_views():
    specs = draft_crops(make_crop_options("cuhk03"))
    assert all((s.camera % 2 == 1) == (s.serial > 5) for s in specs)
    pairs = {s.person_id: s.camera // 2 for s in specs}
    assert sorted(pairs) == list(range(1, 231))
    assert (np.diff([pairs[i] for i in sorted(pairs)]) >= 0).all()
    queries = Counter(s.person_id for s in specs if s.split == "query")
    assert len(queries) == 80 and set(queries.values()) == {2}
    with pytest.raises(ValueError, match="at most 10 pictures of a person"):
        draft_crops(make_crop_options("cuhk03", crops_per_identity=11))


def test_amounts():
    assert amounts(10, 4).tolist() == [3, 3, 2, 2]
    assert amounts(0, 2).tolist() == [0, 0]
