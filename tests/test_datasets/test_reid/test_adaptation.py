import numpy as np
import pytest

from mmpsearch.datasets import AdaptationDataset, SeededIndex

PIPELINE = [dict(type="mmpsearch.LoadImage"), dict(type="mmpsearch.PackReIDInputs")]


@pytest.fixture
def make(rendered):
    def build(source=True):
        target = dict(
            type="mmpsearch.Market1501", data_root=str(rendered("market1501"))
        )
        other = dict(type="mmpsearch.PersonX", data_root=str(rendered("personx")))
        return AdaptationDataset(target, other if source else None, PIPELINE)

    return build


def test_identities_of_the_target_are_hidden(make):
    dataset = make()
    first = dataset.num_sources
    assert (first, len(dataset), dataset.num_source_identities) == (20, 40, 4)
    for index in (0, first - 1, first, len(dataset) - 1):
        sample = dataset[index]["data_samples"]
        row = dataset.memory_rows[index]
        assert sample.metainfo["memory_row"] == row
        if index < first:
            assert sample.person_id == row == dataset.source.person_ids[index]
        else:
            assert sample.person_id == -1 and row == 4 + index - first
            assert dataset.get_data_info(index)["person_id"] == -1
        assert sample.camera_id == dataset.camera_ids[index]


def test_unsupervised(make):
    dataset = make(source=False)
    assert dataset.num_sources == dataset.num_source_identities == 0
    assert (dataset.memory_rows == np.arange(20)).all()
    assert dataset[3]["data_samples"].metainfo["memory_row"] == 3
    assert dataset.metainfo["name"] == dataset.target.metainfo["name"]


def test_seeds_are_passed_on(make, monkeypatch):
    dataset, seen = make(), []
    for name in ("source", "target"):
        part = getattr(dataset, name)
        plain = type(part).__getitem__
        monkeypatch.setattr(
            type(part),
            "__getitem__",
            lambda self, i, plain=plain: (seen.append(i), plain(self, i))[1],
        )
    dataset[SeededIndex(3, 11)], dataset[SeededIndex(22, 12)]
    assert [(int(i), i.seed) for i in seen] == [(3, 11), (2, 12)]


def test_an_unlabelled_source_is_refused(make, monkeypatch):
    dataset = make()
    dataset.source.full_init()
    dataset.source.__dict__["person_ids"] = np.array([0, -1])
    with pytest.raises(ValueError, match="source has pictures without identity"):
        dataset.full_init()


def test_a_replaced_picture_brings_its_own_row(copied):
    root = copied("market1501")
    bad = sorted((root / "bounding_box_train").iterdir())[2]
    bad.write_bytes(b"")
    target = dict(type="mmpsearch.Market1501", data_root=str(root), on_bad_image="skip")
    sample = AdaptationDataset(target, pipeline=PIPELINE)[SeededIndex(2, 0)]
    meta = sample["data_samples"].metainfo
    assert meta["memory_row"] == meta["img_id"] != 2
