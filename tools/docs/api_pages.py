"""Pages of the reference: for each package, the docstrings of its public modules."""

import ast
from pathlib import Path

# Packages that are run or that only maintainers read: not programmed against.
LEFT_OUT = (
    "mmpsearch.app.page",
    "mmpsearch.cli",
    "mmpsearch.datasets.synthetic",
    "mmpsearch.models.converters",
    "mmpsearch.ops",
    "mmpsearch.utils",
)
SINGLE = ("mmpsearch.errors", "mmpsearch.registry")


def api_pages(root: Path) -> dict[str, str]:
    """``{"api/mmpsearch.gallery.md": text}``, a page each package with public modules.

    A module's entries are ``:::`` lines, which mkdocstrings fills without importing it.
    """
    pages = {"api/mmpsearch.md": _page(root, "mmpsearch", list(SINGLE))}
    for folder in sorted((root / "mmpsearch").rglob("*/")):
        package = ".".join(folder.relative_to(root).parts)
        if not (folder / "__init__.py").is_file() or _left_out(package):
            continue
        modules = [
            f"{package}.{file.stem}"
            for file in sorted(folder.glob("[!_]*.py"))
            if _has_public_parts(file)
        ]
        if modules:
            pages[f"api/{package}.md"] = _page(root, package, modules)
    return pages


def _left_out(package: str) -> bool:
    return any(f"{package}.".startswith(f"{name}.") for name in LEFT_OUT)


def _has_public_parts(file: Path) -> bool:
    kinds = (ast.ClassDef, ast.FunctionDef)
    return any(
        isinstance(node, kinds) and not node.name.startswith("_")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
    )


def _page(root: Path, package: str, modules: list[str]) -> str:
    init = root / package.replace(".", "/") / "__init__.py"
    about = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
    parts = [f"# {package.removeprefix('mmpsearch.')}", about.partition("\n\n")[0]]
    parts += [f"::: {module}" for module in modules]
    return "\n\n".join(parts) + "\n"
