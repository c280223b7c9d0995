# docker build --target cpu -t mmpsearch .          (the default target)
# docker build --target cuda -t mmpsearch:cuda .    run it with --gpus all
# docker run --rm -v "$PWD:/work" mmpsearch search --model yolox-nano+retail-0287 \
#     --query scene.jpg --box 10 20 80 240 --gallery photos/ --out ranked/
FROM python:3.12-slim AS base
# libGL and GLib, whatever version Debian has: for the OpenCV package that MMCV brings
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 searcher
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /opt/mmpsearch
COPY requirements requirements
COPY setup.py pyproject.toml MANIFEST.in README.md LICENSE model-index.yml ./
COPY mmpsearch mmpsearch
COPY configs configs
COPY tools tools
COPY demo demo

# PyPI's PyTorch for Linux runs on NVIDIA GPUs and brings CUDA itself
FROM base AS cuda
RUN pip install --constraint requirements/constraints.txt ".[index,onnx,openvino,demo,zoo]"
USER 1000
WORKDIR /work
ENTRYPOINT ["mmpsearch"]
CMD ["--help"]

FROM base AS cpu
RUN pip install --extra-index-url https://download.pytorch.org/whl/cpu \
    --constraint requirements/constraints.txt ".[index,onnx,openvino,demo,zoo]"
USER 1000
WORKDIR /work
ENTRYPOINT ["mmpsearch"]
CMD ["--help"]
