import pytest
import torch

from mmpsearch.models.selfsup.partition import mirror_index, partition


def test_the_paper_s_eight_patches():
    x = torch.arange(2 * 3 * 256 * 128.0).view(2, 3, 256, 128)
    patches = partition(x, 4, 2)
    assert [patch.shape for patch in patches] == [(2, 3, 64, 64)] * 8
    assert torch.equal(patches[0], x[:, :, :64, :64])
    assert torch.equal(patches[1], x[:, :, :64, 64:])  # row by row
    assert torch.equal(patches[6], x[:, :, 192:, :64])
    assert patches[3].data_ptr() == x[:, :, 64:, 64:].data_ptr()  # no copy


@pytest.mark.parametrize("size", [(256, 128), (11, 7), (6, 3), (13, 5)])
@pytest.mark.parametrize("grid", [(6, 2), (3, 3), (1, 1), (5, 2)])
def test_patches_cover_every_pixel_once(size, grid):
    x = torch.arange(float(size[0] * size[1])).view(1, 1, *size)
    patches = partition(x, *grid)
    assert len(patches) == grid[0] * grid[1]
    pixels = torch.cat([patch.flatten() for patch in patches])
    assert torch.equal(pixels.sort().values, x.flatten())
    for side, parts, axis in ((size[0], grid[0], 2), (size[1], grid[1], 3)):
        lengths = {patch.shape[axis] for patch in patches}
        assert lengths <= {side // parts, -(-side // parts)}


def test_stripes_that_do_not_divide_are_rounded():
    heights = [p.shape[2] for p in partition(torch.zeros(1, 1, 256, 8), 6, 1)]
    assert heights == [43, 42, 43, 43, 42, 43]


def test_no_images():
    assert [p.shape for p in partition(torch.zeros(0, 3, 8, 4), 2, 2)] == [
        (0, 3, 4, 2)
    ] * 4


@pytest.mark.parametrize("grid", [(9, 1), (1, 5), (0, 2)])
def test_impossible_cuts(grid):
    with pytest.raises(ValueError, match="8 x 4 pixels cannot be cut"):
        partition(torch.zeros(1, 3, 8, 4), *grid)


@pytest.mark.parametrize("grid", [(4, 2), (2, 2), (6, 2), (3, 3), (5, 1), (1, 4)])
def test_mirror_is_an_involution_and_what_a_flip_does(grid):
    mirror = mirror_index(*grid)
    assert torch.equal(mirror[mirror], torch.arange(grid[0] * grid[1]))
    x = torch.rand(1, 2, 2 * grid[0], 2 * grid[1])
    patches, flipped = partition(x, *grid), partition(x.flip(3), *grid)
    for place, other in enumerate(mirror.tolist()):
        assert torch.equal(flipped[place], patches[other].flip(3))


def test_mirror_of_the_paper_s_patches():
    assert mirror_index(4, 2).tolist() == [1, 0, 3, 2, 5, 4, 7, 6]
    assert mirror_index(2, 3).tolist() == [2, 1, 0, 5, 4, 3]


def test_mirrored_patches_of_an_odd_width_are_a_pixel_apart():
    patches = partition(torch.zeros(1, 1, 4, 7), 1, 2)
    assert [patch.shape[3] for patch in patches] == [4, 3]
