"""Draw which patches of two pictures of a person belong together (Fig. 6).

    python tools/analysis_tools/sparse_correspondence.py epoch_240.pth a.jpg b.jpg \\
        --out matches.png

The patches of the first picture that the class token looks at most, each joined to the
most alike patch of the second.
"""

import sys

from patch_tool import load, make_parser, picture_file, save

from mmpsearch.apis import read_image
from mmpsearch.utils.command_line import one_line_errors
from mmpsearch.visualization.patch_pictures import draw_matches
from mmpsearch.visualization.patch_structure import match_patches

HEIGHT = 512  # of the drawing


def main() -> int:
    parser = make_parser(__doc__)
    parser.add_argument("first", help="picture")
    parser.add_argument("second", help="another one of the same person")
    parser.add_argument(
        "--out", type=picture_file, required=True, help="picture to write"
    )
    parser.add_argument("--number", type=int, default=12, help="of matches [12]")
    args = parser.parse_args()
    model = load(args)
    pictures = [model.scaled(read_image(p)) for p in (args.first, args.second)]
    first, second = model.tokens(pictures)[:, 1:].cpu().numpy()
    attention = model.attention(pictures[:1])[0]
    pairs = match_patches(
        first, second, attention.reshape(len(attention), -1), args.number
    )
    enlarge = max(1, HEIGHT // model.image_size[0])
    drawn = draw_matches(*pictures, pairs, model.grid[1], model.patch, enlarge)
    save(drawn, args.out)
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
