import pytest

from mmpsearch.datasets.synthetic.options import LAYOUTS, make_options


def test_defaults_of_the_layouts():
    prw = make_options("prw")
    assert (prw.scenes, prw.identities, prw.test_identities) == (1000, 150, 60)
    assert (prw.gallery_scenes, prw.query_scenes, prw.cameras) == (150, 60, 6)
    assert prw.size == (336, 224)
    coco = make_options("coco")
    assert (coco.cameras, coco.first_camera) == (12, 100)  # no camera of PRW's


def test_published_sizes():
    prw = make_options("prw", published_size=True)
    assert prw.scenes + prw.gallery_scenes == 11816 and prw.queries == 2057
    cuhk = make_options("cuhk_sysu", published_size=True, width=800)
    assert cuhk.scenes + cuhk.gallery_scenes == 18184 and cuhk.width == 800
    assert (cuhk.identities, cuhk.test_identities) == (5532, 2900)
    assert make_options("coco", published_size=True).scenes == 118287


def test_given_values_win_and_none_means_not_given():
    options = make_options("prw", published_size=True, scenes=7, identities=None)
    assert options.scenes == 7 and options.identities == 483


@pytest.mark.parametrize(
    ("layout", "given", "words"),
    [
        ("market", {}, "layout='market'"),
        ("prw", {"cameras": 10}, "at most 9"),
        ("prw", {"scenes": 0}, "scenes=0"),
        ("cuhk_sysu", {"test_identities": 2}, "test_identities=2"),
        ("coco", {"width": 20}, "size=20x224"),
        ("coco", {"unlabelled_fraction": 1.5}, "unlabelled_fraction=1.5"),
        ("prw", {"queries": -1}, "queries=-1 is negative"),
        ("prw", {"gallery_scenes": 1}, "gallery_scenes=1"),
    ],
)
def test_impossible_options_are_named(layout, given, words):
    with pytest.raises(ValueError, match=words):
        make_options(layout, **given)


def test_layouts():
    assert LAYOUTS == ("prw", "cuhk_sysu", "coco")
