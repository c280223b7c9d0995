"""What is known about models, as text for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmpsearch.zoo.download import local_file
from mmpsearch.zoo.entry import Entry


def table(entries: Sequence[Entry]) -> str:
    """One line for each model: name, task, weights, licence."""
    rows = [("name", "task", "weights", "licence of the weights")]
    rows += [
        (
            entry.name,
            entry.task,
            _weights(entry),
            str(entry.metadata.get("Licence", "")),
        )
        for entry in entries
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(
        "  ".join(
            [*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]]
        ).rstrip()
        for row in rows
    )


def describe(entry: Entry) -> str:
    """All that the catalogue says of a model."""
    lines = [entry.name, f"  task: {entry.task}", f"  format: {entry.format}"]
    if entry.aliases:
        lines.append(f"  also called: {', '.join(entry.aliases)}")
    if entry.config:
        lines.append(f"  config: {entry.config}")
    for file in entry.files:
        facts = [mib(file.size), file.digest or "no digest published"]
        here = local_file(file)
        if here:
            facts.append(f"here: {here}")
        lines.append(f"  file: {file.url or file.name}")
        lines.append(f"    {', '.join(facts)}")
    if not entry.files:
        lines.append("  weights: none are published")
    for key, value in entry.metadata.items():
        lines.append(f"  {key.lower()}: {_text(value)}")
    for result in entry.results:
        metrics = ", ".join(f"{k} {v}" for k, v in result["Metrics"].items())
        source = result.get("Source") or entry.metadata.get("Source", "")
        lines.append(f"  {result['Dataset']}: {metrics} ({source})")
    return "\n".join(lines)


def mib(size: int | None) -> str:
    """A number of bytes in words."""
    return "size not stated" if size is None else f"{size / 2**20:.1f} MiB"


def _weights(entry: Entry) -> str:
    if not entry.files:
        return "none"
    if all(local_file(file) for file in entry.files):
        return "here"
    return mib(entry.size) if entry.size else "yes"


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return " ".join(str(value).split())
