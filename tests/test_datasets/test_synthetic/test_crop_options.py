import pytest

from mmpsearch.datasets.synthetic import CROP_LAYOUTS, make_crop_options


@pytest.mark.parametrize("layout", CROP_LAYOUTS)
def test_defaults_and_published_sizes_are_consistent(layout):
    small, large = make_crop_options(layout), make_crop_options(layout, True)
    assert small.layout == large.layout == layout
    assert large.crops > small.crops and large.identities > small.identities


def test_the_benchmark_has_its_sizes():
    options = make_crop_options("market1501")
    assert (options.identities, options.crops, options.cameras) == (150, 1200, 4)
    assert (options.test_identities, options.queries) == (80, 160)
    assert (options.gallery_crops, options.size) == (480, (48, 96))


def test_numbers_follow_the_people():
    options = make_crop_options("market1501", identities=10, test_identities=5)
    assert (options.crops, options.queries, options.gallery_crops) == (80, 10, 30)
    options = make_crop_options("market1501", crops_per_identity=6, identities=10)
    assert (options.crops, options.queries, options.gallery_crops) == (60, 160, 320)
    options = make_crop_options("personx", cameras=3)
    assert options.queries == 240
    options = make_crop_options("sysu_mm01", crops_per_identity=12, identities=10)
    assert (options.crops, options.queries, options.gallery_crops) == (120, 240, 480)
    options = make_crop_options("sysu_mm01", test_identities=10)
    assert (options.queries, options.gallery_crops) == (60, 120)
    options = make_crop_options("market1501", identities=10, crops=33)
    assert options.crops == 33


@pytest.mark.parametrize(
    "given, message",
    [
        (dict(layout="mars"), "layout='mars' is unknown"),
        (dict(layout="market1501", cameras=10), "cameras=10"),
        (dict(layout="market1501", cameras=1), "needs 2 to 9 cameras"),
        (dict(layout="market1501", crops=10), "crops=10"),
        (dict(layout="market1501", queries=1000), "queries=1000: need 1 to 320"),
        (dict(layout="market1501", gallery_crops=90), "gallery_crops=90"),
        (dict(layout="market1501", width=8), "size=8x96"),
        (dict(layout="sysu_mm01", cameras=4), "has exactly 6 cameras"),
        (dict(layout="regdb", junk=1), "regdb has none, only market1501"),
        (dict(layout="dukemtmc", junk=2), "dukemtmc has none, only market1501"),
        (dict(layout="cuhk03", distractors=7), "distractors=7: the layout cuhk03"),
        (dict(layout="luperson", cameras=0), "cameras=0: at least one"),
        (dict(layout="sysu_mm01", identities=1), "at least two people"),
        (dict(layout="regdb", crops=100), "under each of 2 cameras"),
        (dict(layout="sysu_mm01", queries=9), "queries=9, gallery_crops=720"),
    ],
)
def test_impossible_options(given, message):
    with pytest.raises(ValueError, match=message):
        make_crop_options(**given)
