import pytest

from mmpsearch.cli.main import main
from mmpsearch.zoo import ZooError
from mmpsearch.zoo.samples import SAMPLES, sample


def test_a_sample_comes_from_a_mirror_once(tmp_path, monkeypatch, capsys):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "one-by-one-person-detection.mp4").write_bytes(b"frames")
    monkeypatch.setenv("MMPSEARCH_MIRROR", str(mirror))
    path = sample("one-by-one")
    assert path.read_bytes() == b"frames" and path.name.endswith(".mp4")
    monkeypatch.delenv("MMPSEARCH_MIRROR")
    assert main(["sample", "one-by-one"]) == 0  # it is there already
    assert capsys.readouterr().out.strip() == str(path)


def test_unknown_names():
    with pytest.raises(ZooError, match="no sample 'x'; there are one-by-one"):
        sample("x")
    assert all(file.url.startswith("https://") for file in SAMPLES.values())
