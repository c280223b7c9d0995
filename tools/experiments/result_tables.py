"""Markdown of result files: lines of tables, and where the numbers come from."""

from collections.abc import Iterable, Mapping


def table_head(corner: str, metrics: Mapping[str, str]) -> list[str]:
    """First two lines of a table.

    Args:
        corner: above the names of the rows.
        metrics: key -> title of its column.
    """
    return [
        f"| {corner} | {' | '.join(metrics.values())} |",
        "|---|" + "---:|" * len(metrics),
    ]


def table_rows(
    title: str, row: Mapping, metrics: Iterable[str], seeds: Iterable[int]
) -> list[str]:
    """A line with mean and spread, and a line with the values of the seeds.

    With one seed there is one line, of its values.

    Args:
        title: of the row.
        row: of the result file: ``mean``, ``std``, and a list per metric.
        metrics: keys of the columns.
        seeds: in the order of the lists.
    """
    seeds = list(seeds)
    if len(seeds) == 1:
        return [f"| {title} | {' | '.join(f'{row[m][0]:.3f}' for m in metrics)} |"]
    means = [f"{row['mean'][m]:.3f} ± {row['std'][m]:.3f}" for m in metrics]
    values = [", ".join(f"{value:.3f}" for value in row[m]) for m in metrics]
    numbers = ", ".join(map(str, seeds))
    return [
        f"| {title} | {' | '.join(means)} |",
        f"| seeds {numbers} | {' | '.join(values)} |",
    ]


def difference_row(
    title: str, row: Mapping, base: Mapping, metrics: Iterable[str]
) -> str:
    """A line that says by how much a row's means are above another's."""
    gains = [f"{row['mean'][m] - base['mean'][m]:+.3f}" for m in metrics]
    return f"| {title} | {' | '.join(gains)} |"


def where_run(results: Mapping, measured: str = "") -> str:
    """The sentence below a table.

    Args:
        results: the result file.
        measured: what else the reader has to know of the numbers, with a semicolon
            before it.
    """
    spread = "mean ± standard deviation over seeds"
    if len(results["seeds"]) == 1:
        spread = "one training seed"
    return (
        f"Fractions; {spread}{measured}. `{results['command']}` at commit "
        f"`{results['commit']}`; {results['minutes']:.0f} minutes, summed over the "
        f"trainings, on {results['machine']}."
    )
