import shutil

import pytest

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops


@pytest.fixture(scope="session")
def rendered(tmp_path_factory):
    """``rendered(layout)``: folder with a tiny rendered set, made once."""
    made = {}

    def get(layout):
        if layout not in made:
            people = dict(identities=4, test_identities=3, width=16, height=32)
            options = make_crop_options(layout, crops_per_identity=6, **people)
            made[layout] = tmp_path_factory.mktemp(layout) / "set"
            make_synthetic_crops(options, made[layout])
        return made[layout]

    return get


@pytest.fixture
def copied(rendered, tmp_path):
    """``copied(layout)``: a copy of a rendered set that a test may damage."""

    def get(layout):
        return shutil.copytree(rendered(layout), tmp_path / layout)

    return get
