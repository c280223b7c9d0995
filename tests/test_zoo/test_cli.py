"""The commands `mmpsearch models` and `mmpsearch download`."""

import pytest

from mmpsearch.cli.main import main


@pytest.fixture
def own(tmp_path, monkeypatch, publisher):
    url = publisher.offer("/net.onnx", b"network")
    file = tmp_path / "metafile.yml"
    file.write_text(
        "Models:\n  - {Name: our-net, Task: detector, Format: onnx, "
        f"Weights: '{url}', Size: 7, Metadata: {{Licence: MIT}}}}\n"
    )
    monkeypatch.setenv("MMPSEARCH_CATALOGUE", str(file))
    return url


def test_models_lists_and_describes(own, capsys):
    assert main(["models", "our-*"]) == 0
    row = capsys.readouterr().out.splitlines()[1].split()
    assert row == ["our-net", "detector", "0.0", "MiB", "MIT"]
    main(["models", "our-net"])
    text = capsys.readouterr().out
    assert own in text and "no digest published" in text and "licence: MIT" in text
    assert main(["models", "*", "--task", "embedder", "--weights"]) == 0
    assert "person-reidentification-retail-0287" in capsys.readouterr().out
    assert main(["models", "zzz*"]) == 1


def test_download_says_where(own, home, capsys):
    assert main(["download", "our-net"]) == 0
    path = home / "checkpoints/our-net/net.onnx"
    assert capsys.readouterr().out == f"our-net: {path} (licence: MIT)\n"
    assert path.read_bytes() == b"network"
    main(["download", "our-net", "--path"])
    assert capsys.readouterr().out == f"{path}\n"
    main(["models", "our-net"])
    assert f"here: {path}" in capsys.readouterr().out


def test_mistakes_end_with_one_line(own, tmp_path, capsys):
    for arguments, message in (
        (["models", "our-nett"], "did you mean our-net?"),
        (["models", "--task", "x"], "task 'x': is not one of"),
        (["download", "nothing-like-it"], "there is no model named"),
        (["download", "our-net", "a", "--from", "b"], "name that one alone"),
        (["download", "our-net+yolox-nano", "--from", "b"], "name that one alone"),
        (["download", "our-net", "--from", str(tmp_path / "b")], "no such file"),
    ):
        with pytest.raises(SystemExit) as end:
            main(arguments)
        assert end.value.code == 2
        error = capsys.readouterr().err
        assert message in error and error.startswith("error: ")
