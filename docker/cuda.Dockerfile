# nightgen on NVIDIA GPUs, with experts:
#   docker build -f docker/cuda.Dockerfile -t nightgen:cuda .
#   docker run --rm --gpus all --shm-size 8g -v "$PWD/data:/nightgen/data" -v "$PWD/work_dirs:/nightgen/work_dirs" \
#       nightgen:cuda tools/dist_train.sh configs/n2d_lpnet/bdd100k.py 8 --auto-scale-lr
#
# The image has no CUDA compiler: mmcv's operators are built for the CPU, and nightgen itself needs none on the GPU.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg g++ git libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*

ENV NIGHTGEN_PYTHON=/usr/local/bin/python PIP_NO_CACHE_DIR=1 \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility,video
WORKDIR /nightgen

# The wheel of the package index brings the CUDA libraries with it; a driver is all that the host needs.
COPY requirements requirements
RUN pip install "$(grep '^torch==' requirements/constraints.txt)"

COPY . .
RUN bash tools/misc/setup_env.sh && python tools/misc/doctor.py

CMD ["python", "tools/misc/doctor.py"]
