"""Writes parity fixtures from timm's own code, in the format of shared/parity/README.md, for `sketchflow models verify`:

    python3 tests/reference/timm_parity.py write FOLDER NAME… [NAME:SIZE…] [NAME:SIZE<OTHER…]
    python3 tests/reference/timm_parity.py pack FOLDER > tests/SketchFlow.Tests/Learning/Parity/timm-logits.jsonl

`write` creates one file per name: at timm's own image size, at another SIZE, or at SIZE with weights of size OTHER, which timm resizes
like pretrained weights. Existing files are kept. Requires torch, numpy and timm: Debian 13 has the first two (python3-torch, which is
PyTorch 2.6, and python3-torchvision); for timm, add a checkout of its source to PYTHONPATH.
`pack` combines the fixtures of a folder into one file with one line each: a hash of the tensors and every 50th logit.
"""
import argparse
import hashlib
import json
import os
import sys
import tempfile

import numpy as np
import torch
import timm

CLASSES = 500
EVERY = 50  # every EVERY-th logit is packed
PIECE = 1 << 15  # numbers filled per block, which fits in the cache
MASK = (1 << 64) - 1

# A fixture is useful only if its two images get different logits and rounding errors are not amplified: the mean difference of a logit
# between the images must be at least this share of the spread of one image's logits, and no logit may be large. Where a gain of 1 gives
# nearly equal logits, a larger gain is searched.
TELLING = 0.02
LARGE = 100
LOOKS = 10


def draw_nothing():
    """Skips random initialisation, which the fill would overwrite; it takes long for billions of numbers."""
    for drawn in ("uniform_", "normal_", "erfinv_"):
        setattr(torch.Tensor, drawn, lambda self, *_, **__: self)


def units(name, start, count):
    """Returns numbers start … start + count - 1 of the fill's sequence for a name, in [0, 1), float64."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & MASK
    with np.errstate(over="ignore"):
        z = np.arange(start + 1, start + count + 1, dtype=np.uint64)
        z *= np.uint64(0x9E3779B97F4A7C15)
        z += np.uint64(seed)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
            z ^= z >> np.uint64(shift)
            z *= np.uint64(factor)
    z >>= np.uint64(40)
    return z * 2.0**-24


def fill(name, tensor, gain):
    if tensor.dtype == torch.int64:
        tensor.zero_()
        return
    assert tensor.dtype == torch.float32 and tensor.is_contiguous(), (name, tensor.dtype)
    values = tensor.view(-1).numpy()
    for start in range(0, values.size, PIECE):
        u = units(name, start, min(PIECE, values.size - start))
        v = 2 * u - 1
        if name.endswith("running_var"):
            x = 1 + 0.5 * u
        elif name.endswith("running_mean"):
            x = 0.1 * v
        elif tensor.dim() >= 2:
            x = v * gain * np.sqrt(3 / np.prod(tensor.shape[1:], dtype=np.float64))
        elif name.endswith("bias"):
            x = 0.1 * v
        else:
            x = 1 + 0.1 * v
        values[start:start + x.size] = x


@torch.no_grad()
def filled(model, gain):
    for key, tensor in model.state_dict().items():
        fill(key, tensor, gain)
    return model


def images(side):
    x = 2 * units("input", 0, 2 * 3 * side * side).reshape(2, 3, side, side) - 1
    x[1] = 0.5 * x[1] + (2.0 * np.arange(side) / (side - 1) - 1)
    return torch.from_numpy(x.astype(np.float32))


def create(name, side=None, classes=CLASSES, **options):
    """Creates timm's model in evaluation mode; models that accept any size have no img_size argument."""
    try:
        return timm.create_model(name, num_classes=classes, **({"img_size": side} if side else {}), **options).eval()
    except TypeError:
        return timm.create_model(name, num_classes=classes, **options).eval()


def taken_over(name, side, other, gain):
    """Creates the model at one size with weights of another, loaded by timm like pretrained weights."""
    with tempfile.NamedTemporaryFile(suffix=".pth") as file:
        torch.save(filled(create(name, other), gain).state_dict(), file.name)
        overlay = {"file": file.name, "num_classes": CLASSES, "custom_load": False}
        return create(name, side, pretrained=True, pretrained_cfg_overlay=overlay)


@torch.inference_mode()
def answers(name, side, other):
    """Returns the model, the difference between the images, the gain, and the logits of the two images."""
    best, low, high, gain = None, 1.0, None, 1.0
    model = None if other else create(name, side)
    for _ in range(LOOKS):
        model = taken_over(name, side, other, gain) if other else filled(model, gain)
        logits = model(images(side or model.pretrained_cfg["input_size"][-1]))
        telling = float((logits[0] - logits[1]).abs().mean() / logits.std(1).mean())
        if logits.isfinite().all() and logits.abs().max() < LARGE:
            best = max(best or (0, 0, None), (telling, gain, logits), key=lambda found: found[0])
            if telling >= TELLING:
                break
            low = gain
        else:
            high = gain
        gain = round((low + high) / 2 if high else low * 1.25, 4)
    return model, *best


def fixture(name, side=None, other=None):
    model, telling, gain, logits = answers(name, side, other)
    cfg = model.pretrained_cfg
    found = {
        "model": name, "num_classes": CLASSES, "input_size": side or cfg["input_size"][-1],
        "parameters": sum(p.numel() for p in model.parameters()), "gain": gain,
        "timm": {k: cfg.get(k) for k in ("mean", "std", "interpolation", "crop_pct", "crop_mode", "input_size", "first_conv", "classifier")},
        "tensors": [[k, list(t.shape), str(t.dtype).removeprefix("torch.")] for k, t in model.state_dict().items()],
        "logits": [[float(f"{v:.9g}") for v in row] for row in logits.tolist()],
    }
    if other:
        found["weights_size"] = other
    print(f"{name} {found['input_size']}: gain {gain}, greatest {logits.abs().max():.3f}, the images differ by {telling:.3f} of the spread", flush=True)
    return found


def write(folder, names):
    os.makedirs(folder, exist_ok=True)
    for item in names:
        name, _, sizes = item.partition(":")
        side, _, other = sizes.partition("<")
        path = os.path.join(folder, item.replace(":", "-").replace("<", "-from-") + ".json")
        if os.path.exists(path):
            continue
        try:
            found = fixture(name, int(side) if side else None, int(other) if other else None)
        except Exception as e:
            print(f"{item}: {type(e).__name__}: {e}".split("\n")[0], file=sys.stderr, flush=True)
            continue
        with open(path + ".part", "w") as f:
            json.dump(found, f, separators=(",", ":"))
        os.rename(path + ".part", path)


def packed(found):
    lines = "".join(f"{name} ({', '.join(map(str, shape))}) {dtype}\n" for name, shape, dtype in found["tensors"])
    greatest = max(abs(v) for row in found["logits"] for v in row)
    kept = [[float(f"{v:.7g}") for v in row[::EVERY]] for row in found["logits"]]
    return {k: v for k, v in found.items() if k not in ("timm", "tensors", "logits")} | {
        "tensors": hashlib.sha256(lines.encode()).hexdigest(), "every": EVERY, "greatest": greatest, "logits": kept}


def pack(folder):
    found = []
    for path in os.listdir(folder):
        if path.endswith(".json"):
            with open(os.path.join(folder, path)) as f:
                found.append(packed(json.load(f)))
    for line in sorted(found, key=lambda f: (f["parameters"], f["model"], f["input_size"])):
        print(json.dumps(line, separators=(",", ":")))


def main():
    parser = argparse.ArgumentParser(description="Fixtures of what timm answers.")
    parser.add_argument("what", choices=("write", "pack"))
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    if asked.what == "write":
        draw_nothing()
        write(asked.folder, asked.names)
    else:
        pack(asked.folder)


if __name__ == "__main__":
    main()
