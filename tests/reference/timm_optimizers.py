"""Writes the parameters that timm's and PyTorch's optimisers reach on a small network, for TimmOptimizersTests:

    python3 tests/reference/timm_optimizers.py > tests/SketchFlow.Tests/Learning/Training/Optimizers/timm-optimizers.jsonl

Writes one line per case: test_vit, filled like timm_parity.py fills it, after STEPS steps with the gradients (2 u - 1) * size, where u is
units("NAME#STEP") for each tensor; every EVERY-th parameter, in timm's order. Requires the same packages as timm_parity.py.
"""
import json

import numpy as np
import timm
import torch
from timm.models import model_parameters
from timm.optim import create_optimizer_v2
from timm.utils import dispatch_clip_grad

from timm_parity import filled, units

MODEL, CLASSES, RATE, DECAY, STEPS, EVERY = "test_vit", 5, 0.01, 0.05, 40, 4001

# timm's name, its options, the clipping mode and value, and the size of the gradients.
CASES = {
    "adamw": ("adamw", {}, None, 0.1),
    "adamw, layer decay 0.7": ("adamw", {"layer_decay": 0.7}, None, 0.1),
    "adamw, clipped by norm": ("adamw", {}, ("norm", 1.0), 0.1),
    "adamw, clipped by value": ("adamw", {}, ("value", 0.5), 1.0),
    "adamw, clipped by agc": ("adamw", {}, ("agc", 0.01), 1.0),
    "adam": ("adam", {}, None, 0.1),
    "sgd": ("sgd", {"momentum": 0.9}, None, 0.1),
    "nadam": ("nadam", {}, None, 0.1),
    "radam": ("radam", {}, None, 0.1),
    "lion": ("lion", {}, None, 0.1),
    "lamb": ("lamb", {"max_grad_norm": None}, None, 0.1),
    "adan": ("adan", {}, None, 0.1),
}


def taken(name, options, clip, size):
    model = filled(timm.create_model(MODEL, num_classes=CLASSES), 1.0)
    optimiser = create_optimizer_v2(model, opt=name, lr=RATE, weight_decay=DECAY, **options)
    for group in optimiser.param_groups:
        group["lr"] *= group.get("lr_scale", 1)  # timm's schedulers do this at each step
    for step in range(STEPS):
        for key, parameter in model.named_parameters():
            u = units(f"{key}#{step}", 0, parameter.numel())
            parameter.grad = torch.from_numpy(((2 * u - 1) * size).astype(np.float32)).view(parameter.shape)
        if clip:
            mode, value = clip
            dispatch_clip_grad(model_parameters(model, exclude_head=mode == "agc"), value, mode=mode)
        optimiser.step()
    return np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])[::EVERY]


for case, (name, options, clip, size) in CASES.items():
    values = [float(f"{v:.8g}") for v in taken(name, options, clip, size)]
    print(json.dumps({"case": case, "size": size, "steps": STEPS, "every": EVERY, "values": values}, separators=(",", ":")))
