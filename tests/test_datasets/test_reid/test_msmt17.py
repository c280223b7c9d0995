import pytest

from mmpsearch.datasets import MSMT17
from mmpsearch.datasets.reid.msmt17 import read_list
from mmpsearch.errors import DataLayoutError


def test_official_lines(tmp_path):
    path = tmp_path / "list_train.txt"
    path.write_text(
        "0000/0000_000_01_0303morning_0008_0.jpg 0\n\n"
        "1040/1040_031_15_0303afternoon_1209_2.jpg 1040\n"
    )
    assert read_list(path, tmp_path / "train") == [
        (f"{tmp_path}/train/0000/0000_000_01_0303morning_0008_0.jpg", 0, 0),
        (f"{tmp_path}/train/1040/1040_031_15_0303afternoon_1209_2.jpg", 1040, 14),
    ]
    path.write_text("0000/0000_000_01_0303morning_0008_0.jpg\n")
    with pytest.raises(DataLayoutError, match="line 1: expected '<picture> <person"):
        read_list(path, tmp_path)
    path.write_text("0000/0000_c1_0008.jpg 0\n")
    with pytest.raises(DataLayoutError, match="1 of 1 file names"):
        read_list(path, tmp_path)


@pytest.mark.parametrize("version", [1, 2])
def test_versions_and_validation_pictures(copied, version):
    root = copied("msmt17")
    if version == 2:
        (root / "train").rename(root / "mask_train_v2")
        (root / "test").rename(root / "mask_test_v2")
    lists = {
        name: len((root / f"list_{name}.txt").read_text().splitlines())
        for name in ("train", "val", "query", "gallery")
    }
    assert lists["train"] + lists["val"] == 20
    assert len(MSMT17(root)) == lists["train"]
    with_val = MSMT17(root, with_val=True)
    assert (len(with_val), with_val.num_identities) == (20, 4)
    test = MSMT17(root, "test")
    assert (test.metainfo["num_queries"], len(test)) == (6, 15)
    assert sorted(set(test.person_ids)) == [0, 1, 2]
    assert with_val.published("train").images == 32621


def test_missing_files(copied):
    root = copied("msmt17")
    gone = next((root / "train").glob("*/*.jpg"))
    gone.unlink()
    with pytest.raises(FileNotFoundError, match=f"1 of .*first .*{gone.name}"):
        MSMT17(root, with_val=True).full_init()
    (root / "test").rename(root / "tests")
    with pytest.raises(FileNotFoundError, match="mask_test_v2 is missing as well"):
        MSMT17(root, "test")
    (root / "list_train.txt").unlink()
    with pytest.raises(FileNotFoundError, match="on request"):
        MSMT17(root)
