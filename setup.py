"""Package metadata; ``pip install -e .`` for development."""

from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
# `mim` looks for these beside the package, under <package>/.mim
MIM_FOLDERS = ("configs", "tools", "demo")
MIM_FILES = ("model-index.yml",)


def read_requirements(name: str) -> list[str]:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and line[0] != "#"]


class BuildWithConfigs(build_py):
    """Ship configs, tools and demos in the wheel, where mim-style tools look."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "mmpsearch" / ".mim"
        for folder in MIM_FOLDERS:
            for source in sorted((ROOT / folder).rglob("*")):
                if source.is_file() and "__pycache__" not in source.parts:
                    self._ship(source, target)
        for name in MIM_FILES:
            self._ship(ROOT / name, target)

    def _ship(self, source: Path, target: Path) -> None:
        destination = target / source.relative_to(ROOT)
        self.mkpath(str(destination.parent))
        self.copy_file(str(source), str(destination))


version: dict[str, str] = {}
exec((ROOT / "mmpsearch" / "version.py").read_text(), version)

setup(
    name="mmpsearch",
    version=version["__version__"],
    description="Person search and person re-identification, with pre-training",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=["mmpsearch", "mmpsearch.*"]),
    install_requires=read_requirements("runtime"),
    extras_require={
        name: read_requirements(name)
        for name in (
            "index",
            "cluster",
            "data",
            "export",
            "heatmaps",
            "onnx",
            "openvino",
            "quantise",
            "demo",
            "dev",
            "docs",
            "zoo",
            "milvus",
            "app",
            "archive",
            "ray",
        )
    },
    entry_points={"console_scripts": ["mmpsearch = mmpsearch.cli.main:main"]},
    cmdclass={"build_py": BuildWithConfigs},
    package_data={"mmpsearch": ["py.typed"]},
    include_package_data=True,
    zip_safe=False,
    classifiers=[
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Image Recognition",
    ],
)
