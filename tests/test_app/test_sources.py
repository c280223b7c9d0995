from mmpsearch.app.sources import files_below, list_sources
from mmpsearch.app.storage import measure_storage, shown_bytes, size_of

from .conftest import BOXES, RED, save


def test_folders_with_their_counts(filled, photos):
    deep = photos / "deep"
    deep.mkdir()
    save(deep / "d.png", (RED, BOXES["left"]))
    save(deep / "nobody.png")
    filled.jobs.wait(filled.add(str(deep), camera="yard").number, 30)
    first, second = list_sources(filled.gallery)
    assert (first.path, first.files, first.people) == (str(photos), 3, 4)
    assert (second.files, second.people, second.cameras) == (2, 1, ("yard",))
    assert first.kind == "folder" and first.first is None
    assert files_below(filled.gallery, str(deep)) == [
        str(deep / "d.png"),
        str(deep / "nobody.png"),
    ]


def test_room_on_the_disk(filled, tmp_path):
    filled.gallery.flush()
    storage = measure_storage(filled.gallery.store.location, filled.state)
    assert storage.gallery == (tmp_path / "people.gallery").stat().st_size
    assert storage.page == size_of(filled.state) > 0
    assert storage.free > 0 and (storage.memory is None or storage.memory > 1e7)
    assert measure_storage("https://host:19530", filled.state).gallery is None
    assert [shown_bytes(n) for n in (None, 7, 1500, 2.5e9)] == [
        "unknown",
        "7 B",
        "1.5 kB",
        "2.5 GB",
    ]
