"""The page of the model catalogue, from the metafiles."""

from pathlib import Path

import yaml

HEAD = """# Model catalogue

Every model that has a name, by task, as `mmpsearch models` lists them. Numbers are what
the named source published, in percent; none of them was measured here. Where weights
are there by name, `mmpsearch download NAME` fetches and checks them: see
[models by name](../docs/model_zoo.md).
"""
TITLES = {
    "person-search": "Person search",
    "detector": "Detectors",
    "embedder": "Embedders",
    "re-id": "Re-identification",
    "backbone": "Start weights",
}


def catalogue_page(root: Path) -> dict[str, str]:
    """``{"models.md": text}`` of the metafiles that ``model-index.yml`` lists."""
    index = yaml.safe_load((root / "model-index.yml").read_text(encoding="utf-8"))
    sections: dict[str, list[str]] = {}
    for path in (*index["Import"], *index.get("Weights", ())):
        content = yaml.safe_load((root / path).read_text(encoding="utf-8"))
        for collection in content["Collections"]:
            models = [
                model
                for model in content["Models"]
                if model["In Collection"] == collection["Name"]
            ]
            sections.setdefault(collection["Task"], []).append(
                _collection(collection, models)
            )
    unknown = set(sections) - set(TITLES)
    if unknown:
        raise ValueError(f"tasks without a title: {sorted(unknown)}")
    parts = [HEAD]
    for task, title in TITLES.items():
        if task in sections:
            parts += [f"## {title}", *sections[task]]
    return {"models.md": "\n\n".join(parts) + "\n"}


def _collection(collection: dict, models: list[dict]) -> str:
    about = f"[configs and results](../{collection['README']})"
    if paper := collection.get("Paper"):
        about = f"[{paper['Title']}]({paper['URL']}) · {about}"
    rows = [
        "| name | trained on | published numbers | weights |",
        "|---|---|---|---|",
        *("| " + " | ".join(_row(model)) + " |" for model in models),
    ]
    return "\n\n".join((f"### {collection['Name']}", about, "\n".join(rows)))


def _row(model: dict) -> tuple[str, str, str, str]:
    about = model.get("Metadata") or {}
    data = about.get("Training Data", "")
    data = ", ".join(data) if isinstance(data, list) else str(data)
    numbers = "<br>".join(
        f"{result['Dataset']}: "
        + ", ".join(f"{name} {value}" for name, value in result["Metrics"].items())
        + f" ({result.get('Source') or about.get('Source')})"
        for result in model.get("Results") or ()
    )
    weights = ""
    if model.get("Weights") or model.get("Files"):
        weights = f"by name; {about.get('Licence', 'licence not stated')}"
    return f"`{model['Name']}`", data, numbers, weights
