from mmpsearch.datasets.synthetic import make_synthetic

from .conftest import small_options


def test_make_renders_and_writes_once(tmp_path):
    options = small_options("coco")
    first = make_synthetic(options, tmp_path)
    path = tmp_path / "annotations" / "instances_train2017.json"
    content = path.read_bytes()
    told = []
    again = make_synthetic(options, tmp_path, progress=lambda *seen: told.append(seen))
    assert first == again and path.read_bytes() == content
    assert told == [(40, 40)]
