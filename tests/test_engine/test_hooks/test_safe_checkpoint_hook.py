from types import SimpleNamespace

from mmpsearch.datasets.synthetic.manifest import MANIFEST
from mmpsearch.engine.hooks.safe_checkpoint_hook import learns_from_drawings


def dataset(root=None, **parts):
    return SimpleNamespace(data_root=root, **parts)


def test_drawings_are_known_by_their_folder_s_note(tmp_path):
    (tmp_path / "drawn" / "Market-1501").mkdir(parents=True)
    (tmp_path / "drawn" / MANIFEST).write_text("{}")
    drawn = dataset(str(tmp_path / "drawn"))
    photos = dataset(str(tmp_path / "photos"))
    assert learns_from_drawings(drawn)
    assert learns_from_drawings(dataset(str(tmp_path / "drawn" / "Market-1501")))
    assert not learns_from_drawings(photos) and not learns_from_drawings(dataset())
    assert learns_from_drawings(dataset(dataset=dataset(datasets=[photos, drawn])))
    assert not learns_from_drawings(dataset(dataset=dataset(datasets=[photos])))
