import shutil

import pytest

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops

SIZE = dict(width=16, height=32)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory):
    """``rendered(layout)``: folder with a tiny rendered set, made once."""
    made = {}

    def get(layout):
        if layout not in made:
            people = dict(identities=4, test_identities=3)
            if layout == "luperson":
                people = dict(identities=4)
            if layout == "market1501":
                people.update(distractors=3, junk=2)
            elif layout not in ("msmt17", "cuhk03", "personx", "luperson"):
                people.update(distractors=2)
            options = make_crop_options(layout, crops_per_identity=5, **people, **SIZE)
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
