"""Measures PyTorch (timm, eager) and Python's onnxruntime as `SketchFlow.Benchmarks inference` measures SketchFlow, on the same machine.

    python3 tests/reference/inference_peers.py FOLDER SECONDS BATCH NAME…

FOLDER has the networks that `SketchFlow.Benchmarks inference` exported. Prints a line of JSON for each engine: images/s of the median step, and the
median and the 99th percentile of its milliseconds. Requires torch, timm and onnxruntime, like timm_parity.py.
"""
import json
import sys
import time

import numpy
import onnxruntime
import torch

from timm_parity import create

folder, seconds, batch, names = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
CLASSES = 125


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


for name in names:
    session = onnxruntime.InferenceSession(f"{folder}/{name}.onnx", providers=["CPUExecutionProvider"])
    size = session.get_inputs()[0].shape[-1]
    noise = numpy.random.default_rng(0).random((batch, 3, size, size), dtype=numpy.float32)
    measure("python onnxruntime", name, lambda: session.run(["logits"], {"images": noise}))
    model = create(name, size, CLASSES).eval().to(memory_format=torch.channels_last)
    images = torch.from_numpy(noise).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        measure("pytorch eager", name, lambda: model(images))
