# nightgen on a CPU, with experts:
#   docker build -f docker/cpu.Dockerfile -t nightgen:cpu --build-arg TORCH_INDEX_URL=<index with CPU builds of torch> .
# Without that index it works as well, and the image holds CUDA's libraries, gigabytes that a CPU does not need.
#
#   docker run --rm -v "$PWD/data:/nightgen/data" -v "$PWD/work_dirs:/nightgen/work_dirs" nightgen:cpu \
#       python tools/train.py configs/n2d_lpnet/nightscape_small.py
FROM python:3.11-slim-bookworm

# g++ builds mmcv's operators; git, libgl1 and libglib2.0-0 are asked for by mmengine and OpenCV, ffmpeg by videos.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg g++ git libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*

ENV NIGHTGEN_PYTHON=/usr/local/bin/python PIP_NO_CACHE_DIR=1
WORKDIR /nightgen

# torch first and from its own index; the set-up keeps a torch that is there.
ARG TORCH_INDEX_URL=
COPY requirements requirements
RUN pip install ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} "$(grep '^torch==' requirements/constraints.txt)"

COPY . .
RUN bash tools/misc/setup_env.sh && python tools/misc/doctor.py

CMD ["python", "tools/misc/doctor.py"]
