"""Small data sets in each layout, rendered once per session."""

import pytest

from mmpsearch.datasets.synthetic import make_options
from mmpsearch.datasets.synthetic.render import render_dataset
from mmpsearch.datasets.synthetic.writers import WRITERS

SMALL = {
    "prw": {"query_scenes": 5, "cameras": 2, "unlabelled_fraction": 0.7},
    "cuhk_sysu": {"cameras": 3, "unlabelled_fraction": 0.7},
    "coco": {"scenes": 40, "cameras": 2, "identities": 0, "test_identities": 0},
}


def small_options(layout: str):
    given = {"scenes": 12, "gallery_scenes": 8, "identities": 8, "test_identities": 6}
    return make_options(layout, width=160, height=112, **(given | SMALL[layout]))


def rendered(layout, factory):
    root = factory.mktemp(layout)
    options = small_options(layout)
    plan, records = render_dataset(options, root)
    counts = WRITERS[layout](root, options, plan, records)
    return root, options, plan, records, counts


@pytest.fixture(scope="session")
def prw(tmp_path_factory):
    return rendered("prw", tmp_path_factory)


@pytest.fixture(scope="session")
def cuhk_sysu(tmp_path_factory):
    return rendered("cuhk_sysu", tmp_path_factory)


@pytest.fixture(scope="session")
def coco(tmp_path_factory):
    return rendered("coco", tmp_path_factory)
