"""Notebooks as pages of the site: their text, code, and the outputs kept in them.

A notebook is a page of the same name: ``docs/notebooks/x.ipynb`` becomes ``x.md``, with
its pictures beside it.
"""

import base64
import json
import re
from pathlib import Path

_LINK = re.compile(r"(\]\([^)\s]+?)\.ipynb([)#])")


def notebook_page(path: Path) -> tuple[str, dict[str, bytes]]:
    """Markdown of a notebook, and its pictures by file name.

    Args:
        path: of an ``.ipynb`` file, format 4.
    """
    parts, pictures = [], {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(text)
            continue
        parts.append(f"```python\n{text}\n```")
        for output in cell["outputs"]:
            picture = output.get("data", {}).get("image/jpeg")
            if picture:
                name = f"{path.stem}_{len(pictures) + 1}.jpg"
                pictures[name] = base64.b64decode("".join(picture))
                parts.append(f"![What the code above shows]({name})")
            else:
                printed = "".join(output["text"]).rstrip("\n")
                parts.append(f"```text\n{printed}\n```")
    return "\n\n".join(parts) + "\n", pictures


def links_to_pages(text: str) -> str:
    """Links to notebooks as links to their pages."""
    return _LINK.sub(r"\1.md\2", text)
