"""Measures PyTorch (timm, eager) and Python's onnxruntime as `SketchFlow.Benchmarks inference` measures SketchFlow, on the same machine.

    python3 tests/reference/inference_peers.py FOLDER SECONDS BATCH [--compile] [--images DIR] NAME…

FOLDER has the networks that `SketchFlow.Benchmarks inference` exported. Prints a line of JSON for each engine: images/s of the median step, and the
median and the 99th percentile of its milliseconds. With --compile, also PyTorch with torch.compile (needs g++). With a folder of images, a step goes from the
bytes of files to logits: OpenCV decodes and resizes on all cores, as SketchFlow does, then the network computes. Requires torch, timm and onnxruntime, like
timm_parity.py, and OpenCV for images.
"""
import concurrent.futures
import json
import os
import pathlib
import sys
import time

import cv2
import numpy
import onnxruntime
import torch

from timm_parity import create

folder, seconds, batch, names = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
CLASSES = 125
compiles = "--compile" in names
names = [name for name in names if name != "--compile"]
files = []
if names[0] == "--images":
    found = sorted(str(p) for p in pathlib.Path(names[1]).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    files, names = [pathlib.Path(p).read_bytes() for p in found[:256]], names[2:]
cv2.setNumThreads(0)
pool = concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0)))
position = 0


def letterbox(encoded, side):
    """Decodes an image and fits it into a white square: uint8 (side, side, 3), red, green, blue."""
    pixels = cv2.imdecode(numpy.frombuffer(encoded, numpy.uint8), cv2.IMREAD_COLOR)
    height, width = pixels.shape[:2]
    scale = side / max(width, height)
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    square = numpy.full((side, side, 3), 255, numpy.uint8)
    left, top = (side - width) // 2, (side - height) // 2
    resized = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    square[top:top + height, left:left + width] = resized[..., ::-1]
    return square


def next_images(side):
    """Decodes the next batch: uint8 (N, side, side, 3)."""
    global position
    chosen = [files[(position + i) % len(files)] for i in range(batch)]
    position = (position + batch) % len(files)
    return numpy.stack(list(pool.map(lambda encoded: letterbox(encoded, side), chosen)) if batch > 1 else [letterbox(chosen[0], side)])


def measure(engine, name, step):
    step()
    step()
    times = []
    begin = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    times.sort()
    p50, p99 = times[len(times) // 2], times[int(0.99 * (len(times) - 1))]
    row = {"engine": engine, "name": name, "batch": batch, "rate": round(batch / p50, 1), "p50": round(1000 * p50, 1), "p99": round(1000 * p99, 1)}
    print(json.dumps(row), flush=True)


def from_bytes(name):
    session = onnxruntime.InferenceSession(f"{folder}/{name}-bytes.onnx", providers=["CPUExecutionProvider"])
    size = session.get_inputs()[0].shape[1]
    measure("python onnxruntime from bytes", name, lambda: session.run(["logits"], {"images": next_images(size)}))
    model = create(name, size, CLASSES).eval().to(memory_format=torch.channels_last)
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) * 255 for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))

    def step():
        images = torch.from_numpy(next_images(size)).permute(0, 3, 1, 2).float()
        model(images.sub_(mean).div_(std))

    with torch.inference_mode():
        measure("pytorch eager from bytes", name, step)


for name in names:
    if files:
        from_bytes(name)
        continue
    session = onnxruntime.InferenceSession(f"{folder}/{name}.onnx", providers=["CPUExecutionProvider"])
    size = session.get_inputs()[0].shape[-1]
    noise = numpy.random.default_rng(0).random((batch, 3, size, size), dtype=numpy.float32)
    measure("python onnxruntime", name, lambda: session.run(["logits"], {"images": noise}))
    model = create(name, size, CLASSES).eval().to(memory_format=torch.channels_last)
    images = torch.from_numpy(noise).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        measure("pytorch eager", name, lambda: model(images))
        if compiles:
            compiled = torch.compile(model)
            measure("pytorch compiled", name, lambda: compiled(images))
