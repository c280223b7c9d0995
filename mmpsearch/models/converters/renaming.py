"""Renaming of state-dict keys by a table of templates."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor


@dataclass
class ConversionReport:
    """What became of a state dict.

    Attributes:
        renamed: source key -> target key.
        ignored: source keys which the target does not need, by their reason.
        unmatched: source keys that no rule knows.
    """

    renamed: dict[str, str] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"{len(self.renamed)} keys converted, {len(self.ignored)} ignored, "
            f"{len(self.unmatched)} unknown"
        ]
        reasons = sorted(set(self.ignored.values()))
        for reason in reasons:
            number = sum(r == reason for r in self.ignored.values())
            lines.append(f"  ignored: {number} keys ({reason})")
        lines += [f"  unknown: {key}" for key in self.unmatched]
        return "\n".join(lines)


def compile_template(template: str) -> re.Pattern:
    """Regular expression of a key prefix with ``{i}`` for whole numbers."""
    parts = re.split(r"\{(\w+)\}", template)
    pattern = "".join(
        re.escape(part) if position % 2 == 0 else rf"(?P<{part}>\d+)"
        for position, part in enumerate(parts)
    )
    return re.compile(rf"^{pattern}(?=\.|$)")


def rename_keys(
    state: Mapping[str, Tensor],
    rules: Sequence[tuple[str, str]],
    ignored: Sequence[tuple[str, str]] = (),
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Rename every key by the first rule whose source template it starts with.

    Args:
        state: the source.
        rules: (source template, target template) of key prefixes.
        ignored: (source template, reason), looked up before the rules.

    Returns:
        The renamed state dict and what happened to every key.
    """
    compiled = [(compile_template(source), target) for source, target in rules]
    dropped = [(compile_template(source), reason) for source, reason in ignored]
    report, renamed = ConversionReport(), {}
    for key, value in state.items():
        reason = next((r for pattern, r in dropped if pattern.match(key)), None)
        if reason is not None:
            report.ignored[key] = reason
            continue
        for pattern, target in compiled:
            match = pattern.match(key)
            if match:
                new_key = target.format(**match.groupdict()) + key[match.end() :]
                renamed[new_key] = value
                report.renamed[key] = new_key
                break
        else:
            report.unmatched.append(key)
    return renamed, report
