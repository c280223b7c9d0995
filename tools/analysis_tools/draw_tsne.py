"""Draw embeddings of RGB and infrared people in the plane by t-SNE (MMGL, Figs. 3, 4).

    python tools/analysis_tools/draw_tsne.py CONFIG CHECKPOINT --out tsne.png
    python tools/analysis_tools/draw_tsne.py CONFIG --out before.png

Ten people of the test set, drawn at random, with their pictures: a colour for each
person, circles for RGB and triangles for infrared. Without a checkpoint the backbone
has the weights that the config starts from. The distance between the modalities'
centres, in units of the spread, is printed for the embeddings themselves: the plane has
no scale.
"""

import argparse
import sys

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mmpsearch.apis import InputError
from mmpsearch.apis.config_kinds import build_modality_set
from mmpsearch.apis.test_set_embedding import build_embedder, embed_items
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import (
    FIGURES,
    load_config,
    one_line_errors,
    output_file,
)

MARKERS = {"rgb": "o", "ir": "^"}
TITLES = {"rgb": "RGB", "ir": "infrared"}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="its test_dataloader.dataset is shown")
    parser.add_argument("checkpoint", nargs="?", help="[the weights it starts from]")
    parser.add_argument(
        "--out", type=output_file(*FIGURES), required=True, help="picture to write"
    )
    parser.add_argument("--people", type=int, default=10, help="how many [10]")
    parser.add_argument("--most", type=int, default=100, help="pictures of each [100]")
    parser.add_argument("--seed", type=int, default=0, help="of people and plane [0]")
    parser.add_argument("--device", help="[the GPU when there is one]")
    return parser.parse_args()


def choose_items(
    person_ids: np.ndarray, modalities: np.ndarray, people: int, most: int, seed: int
) -> np.ndarray:
    """Pictures of some people who are seen in every modality of the set.

    Args:
        person_ids: (N,) int.
        modalities: (N,) str.
        people: How many people.
        most: Most pictures of each.
        seed: Of the choice.

    Returns:
        Ascending positions.

    Raises:
        InputError: Nobody is seen in every modality.
    """
    generator = np.random.default_rng(seed)
    seen = [set(person_ids[modalities == name]) for name in set(modalities)]
    both = sorted(set.intersection(*seen)) if seen else []
    if not both:
        raise InputError("nobody in the test set is seen in every modality")
    items = []
    for person in generator.permutation(both)[:people]:
        own = np.flatnonzero(person_ids == person)
        items += generator.permutation(own)[:most].tolist()
    return np.sort(items)


def modality_gap(embeddings: np.ndarray, modalities: np.ndarray) -> float:
    """Distance of the modalities' centres, in units of the spread around them.

    Args:
        embeddings: (N, D).
        modalities: (N,) str, two different ones.

    Returns:
        The distance divided by the root of the mean squared distance to the own
        modality's centre; 0 for modalities with one centre.
    """
    groups = [embeddings[modalities == name] for name in np.unique(modalities)]
    first, second = (group.mean(axis=0) for group in groups)
    spread = np.concatenate([group - group.mean(axis=0) for group in groups])
    return float(np.linalg.norm(first - second) / np.sqrt((spread**2).sum(1).mean()))


def plane(embeddings: np.ndarray, seed: int) -> np.ndarray:
    """t-SNE coordinates (N, 2) of embeddings (N, D), by cosine distance."""
    from sklearn.manifold import TSNE  # an extra

    if len(embeddings) < 4:
        raise InputError(f"t-SNE needs 4 pictures or more, there are {len(embeddings)}")
    perplexity = min(30.0, (len(embeddings) - 1) / 3)
    method = TSNE(
        perplexity=perplexity, metric="cosine", init="random", random_state=seed
    )
    return method.fit_transform(embeddings)


def draw(points: np.ndarray, person_ids: np.ndarray, modalities: np.ndarray) -> Figure:
    """Colours for people (N,) and shapes for modalities (N,) of points (N, 2)."""
    figure = Figure(figsize=(6, 6), layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.add_subplot()
    people, colours = np.unique(person_ids, return_inverse=True)
    for name, marker in MARKERS.items():
        own = modalities == name
        axis.scatter(
            *points[own].T,
            c=colours[own],
            cmap="tab10" if len(people) <= 10 else "turbo",
            vmin=0,
            vmax=max(len(people) - 1, 9),
            marker=marker,
            s=26,
            linewidths=0.4,
            edgecolors="white",
        )
    shapes = [
        Line2D([], [], color="0.3", marker=MARKERS[name], linestyle="", label=title)
        for name, title in TITLES.items()
    ]
    axis.legend(handles=shapes, frameon=False, loc="upper right")
    axis.set_xticks([])
    axis.set_yticks([])
    return figure


def main() -> int:
    args = parse_args()
    config = load_config(args.config)
    dataset = build_modality_set(config)
    modalities = np.asarray(dataset.modalities)
    people = np.asarray(dataset.person_ids)
    items = choose_items(people, modalities, args.people, args.most, args.seed)
    model = build_embedder(config, args.checkpoint, args.device)
    embeddings = embed_items(model, dataset, items)
    people, modalities = people[items], modalities[items]
    figure = draw(plane(embeddings, args.seed), people, modalities)
    with replace_when_done(args.out) as temporary:
        figure.savefig(temporary, dpi=150)
    print(
        f"wrote {args.out}: {len(items)} pictures of {len(set(people))} people, "
        f"distance between the modalities {modality_gap(embeddings, modalities):.2f}"
    )
    return 0


if __name__ == "__main__":
    with one_line_errors():
        sys.exit(main())
