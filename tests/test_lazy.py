"""``from mmpsearch.models import SPNet`` and the like, without importing the rest."""

import importlib
import subprocess
import sys

import pytest

from mmpsearch import datasets, models
from mmpsearch.registry import DATASET_PARTS, DATASETS, MODEL_PARTS


@pytest.mark.parametrize("package", [models, datasets])
def test_every_name_is_the_one_of_its_home(package):
    assert set(package.__all__) == set(dir(package))
    for name in package.__all__:
        found = getattr(package, name)
        assert getattr(found, "__name__", "").rpartition(".")[2] == name
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        package.Nothing  # noqa: B018


@pytest.mark.parametrize(
    "package, parts", [(models, (*MODEL_PARTS,)), (datasets, (*DATASET_PARTS,))]
)
def test_what_a_subpackage_gives_is_given(package, parts):
    for part in parts:
        given = importlib.import_module(f"{package.__name__}.{part}").__all__
        lacking = {name for name in given if name not in package.__all__}
        assert lacking <= {"DataLayoutError"}, part


def test_registries_know_what_nobody_imported():
    code = (
        "import sys; from mmpsearch.registry import MODELS, DATASETS; "
        "assert MODELS.get('mmpsearch.SPNet') and DATASETS.get('mmpsearch.PRW')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_packages_cost_nothing_until_a_name_is_asked_for():
    code = (
        "import sys, mmpsearch.models, mmpsearch.datasets; "
        "heavy = {m.split('.')[0] for m in sys.modules} & {'torch', 'mmdet', 'cv2'};"
        "assert not heavy, heavy; "
        "from mmpsearch.datasets import PRW; from mmpsearch.models import SPNet; "
        "print(PRW.__name__, SPNet.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout.split()[-2:] == ["PRW", "SPNet"]


def test_every_data_set_is_where_users_look():
    DATASETS.import_from_location()
    for name, kind in DATASETS.module_dict.items():
        if kind.__module__.startswith("mmpsearch.datasets."):
            assert getattr(datasets, name) is kind, name
