"""Measures PyTorch and timm as `sketchflow bench train` and `bench infer` measure SketchFlow, on the same machine.

    python3 tests/reference/pytorch_bench.py NAME… [--size 224] [--batch 32] [--seconds 20] [--contiguous] [--device cuda]

Prints one line of JSON per network and precision: images/s of the median training step (forward, cross entropy, backward, AdamW) and of
the median inference step, over noise in memory, channels last by default. Requires torch and timm, like timm_parity.py.
"""
import argparse
import json
import statistics
import time

import torch

from timm_parity import create

parser = argparse.ArgumentParser()
parser.add_argument("names", nargs="+")
parser.add_argument("--size", type=int, default=224)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--classes", type=int, default=7)
parser.add_argument("--seconds", type=float, default=20)
parser.add_argument("--contiguous", action="store_true")
parser.add_argument("--device", default="cpu")
parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
asked = parser.parse_args()
layout = torch.contiguous_format if asked.contiguous else torch.channels_last


def rate(step):
    """Returns images/s of the median step, after two warm-up steps."""
    times = []
    for _ in range(2):
        step()
    begin = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < asked.seconds:
        start = time.perf_counter()
        step()
        if asked.device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return asked.batch / statistics.median(times)


def measure(name, precision):
    torch.manual_seed(0)
    model = create(name, asked.size, asked.classes).to(asked.device, memory_format=layout)
    images = torch.randn(asked.batch, 3, asked.size, asked.size, device=asked.device).contiguous(memory_format=layout)
    labels = torch.randint(asked.classes, (asked.batch,), device=asked.device)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.05, fused=True)
    dtype = getattr(torch, precision)
    scaler = torch.amp.GradScaler(asked.device, enabled=dtype == torch.float16)

    def train():
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast(asked.device, dtype, enabled=dtype != torch.float32):
            loss = torch.nn.functional.cross_entropy(model(images), labels)
        scaler.scale(loss).backward()
        scaler.step(optimiser)
        scaler.update()

    def infer():
        with torch.inference_mode(), torch.autocast(asked.device, dtype, enabled=dtype != torch.float32):
            model(images)

    model.train()
    training = rate(train)
    model.eval()
    return {"model": name, "torch": torch.__version__, "precision": precision, "size": asked.size, "batch": asked.batch, "train": round(training, 1), "infer": round(rate(infer), 1)}


for name in asked.names:
    for precision in asked.precisions:
        print(json.dumps(measure(name, precision)), flush=True)
