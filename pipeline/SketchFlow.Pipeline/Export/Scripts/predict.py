#!/usr/bin/env python3
"""Names the classes of images with a model that `sketchflow export` wrote.

    python3 predict.py model.onnx image.png folder/ --top 5
    python3 predict.py model.onnx image.png --json

Needs numpy, Pillow and onnxruntime. Import `Model` to use it in a program:

    model = Model("model.onnx")
    for name, probability in model.predict("image.png")[:5]: ...

Images are prepared as the model's metadata says: upright, transparency on white, resized as in training. Mean and standard deviation are in the model.
"""
import argparse
import json
import math
import os
import pathlib
import sys

import numpy as np
from PIL import Image, ImageOps

FILTERS = {"Bilinear": Image.Resampling.BILINEAR, "Bicubic": Image.Resampling.BICUBIC, "Lanczos": Image.Resampling.LANCZOS}


def read(path):
    """Returns the pixels of an image file: uint8, (H, W, 3), red, green, blue, upright, transparency on white."""
    with Image.open(path) as file:
        file.seek(0)
        image = ImageOps.exif_transpose(file)
        if image.mode.startswith("I"):  # 16 bits
            levels = np.asarray(image).astype(np.int64)
            image = Image.fromarray(((levels * 255 + 32767) // 65535).clip(0, 255).astype(np.uint8))
        if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
            pixels = np.asarray(image.convert("RGBA")).astype(np.int64)
            alpha = pixels[..., 3:]
            return ((pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
        return np.asarray(image.convert("RGB"))


def prepare(pixels, preparation):
    """Resizes pixels, uint8 (H, W, 3), to the square that the preparation describes."""
    height, width = pixels.shape[:2]
    side = preparation["side"]
    if preparation["fit"] == "Letterbox":
        scale = side / max(width, height)
        new_width = min(max(round(width * scale), 1), side)
        new_height = min(max(round(height * scale), 1), side)
        square = np.full((side, side, 3), preparation["fill"], np.uint8)
        left, top = (side - new_width) // 2, (side - new_height) // 2
        square[top:top + new_height, left:left + new_width] = resize(pixels, new_width, new_height, preparation)
        return square
    if preparation["fit"] == "Stretch":
        return resize(pixels, side, side, preparation)
    shorter = math.floor(side / preparation["crop_percent"])
    if preparation.get("crop_mode") == "Squash":
        new_width = new_height = shorter
    elif width <= height:
        new_width, new_height = shorter, shorter * height // width
    else:
        new_width, new_height = shorter * width // height, shorter
    left, top = round((new_width - side) / 2), round((new_height - side) / 2)
    return resize(pixels, new_width, new_height, preparation)[top:top + side, left:left + side]


def resize(pixels, width, height, preparation):
    """Resizes pixels: area averages along axes that shrink and interpolation along axes that grow, or one of Pillow's filters."""
    if preparation["interpolation"] in FILTERS:
        return np.asarray(Image.fromarray(pixels).resize((width, height), FILTERS[preparation["interpolation"]]))
    old_height, old_width = pixels.shape[:2]
    shrunk = multiply(pixels, area(old_height, min(height, old_height)), area(old_width, min(width, old_width)))
    kernel = cubic if preparation["upsampling"] == "Cubic" else linear
    return multiply(shrunk, interpolation(shrunk.shape[0], height, kernel), interpolation(shrunk.shape[1], width, kernel))


def multiply(pixels, rows, columns):
    """Applies matrices of weights along both axes; None leaves an axis as it is."""
    result = pixels.astype(np.float64)
    result = result if rows is None else np.einsum("oh,hwc->owc", rows, result, optimize=True)
    result = result if columns is None else np.einsum("ow,hwc->hoc", columns, result, optimize=True)
    return np.floor(result + 0.5).clip(0, 255).astype(np.uint8)


def area(old, new):
    """Returns the share of each old pixel in each new one, (new, old)."""
    if new == old:
        return None
    scale = old / new
    start = np.arange(new)[:, None] * scale
    pixel = np.arange(old)[None, :]
    return np.clip(np.minimum(start + scale, pixel + 1) - np.maximum(start, pixel), 0, None) / scale


def interpolation(old, new, kernel):
    """Returns the weights of the old pixels in each new one, (new, old); pixels at the edge are repeated."""
    if new == old:
        return None
    centre = (np.arange(new) + 0.5) * old / new - 0.5
    weights = np.zeros((new, old))
    for shift in range(-1, 3):
        pixel = np.floor(centre) + shift
        np.add.at(weights, (np.arange(new), pixel.clip(0, old - 1).astype(int)), kernel(np.abs(centre - pixel)))
    return weights


def linear(x):
    return np.clip(1 - x, 0, None)


def cubic(x, a=-0.75):
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0))


class Model:
    """A model with its classes and the preparation of its images."""

    def __init__(self, path, providers=("CPUExecutionProvider",)):
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # Newer versions report to their maker unless this is set.
        import onnxruntime

        self.session = onnxruntime.InferenceSession(str(path), providers=list(providers))
        metadata = self.session.get_modelmeta().custom_metadata_map
        if "classes" not in metadata or "preparation" not in metadata:
            raise ValueError(f"{path} was not written by sketchflow export.")
        self.classes = json.loads(metadata["classes"])
        self.inputs = {
            value.name: (json.loads(metadata["preparation" if value.name == "images" else f"preparation.{value.name}"]), value.type)
            for value in self.session.get_inputs()
        }

        self.resizes = all(preparation.get("inside") for preparation, _ in self.inputs.values())

    def probabilities(self, paths):
        """Returns the probabilities of the classes, float32, (images, classes)."""
        pixels = [read(path) for path in paths]
        if self.resizes:  # The model takes an image of any size.
            return np.concatenate([self.session.run(["probabilities"], {"images": image[np.newaxis]})[0] for image in pixels])
        values = {}
        for name, (preparation, kind) in self.inputs.items():
            batch = np.stack([prepare(image, preparation) for image in pixels])
            values[name] = batch if kind == "tensor(uint8)" else (batch.transpose(0, 3, 1, 2) / 255).astype(np.float32)
        return self.session.run(["probabilities"], values)[0]

    def predict(self, path):
        """Returns the classes of an image with their probabilities, the most probable first."""
        row = self.probabilities([path])[0]
        return [(self.classes[c], float(row[c])) for c in np.argsort(-row, kind="stable")]


def files(paths):
    for path in map(pathlib.Path, paths):
        yield from sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def main():
    parser = argparse.ArgumentParser(description="Names the classes of images with a model that sketchflow export wrote.")
    parser.add_argument("model", help="the .onnx file")
    parser.add_argument("images", nargs="+", help="image files or folders")
    parser.add_argument("--top", type=int, default=5, help="number of classes per image (default: 5)")
    parser.add_argument("--json", action="store_true", help="print one JSON object per image")
    arguments = parser.parse_args()
    model = Model(arguments.model)
    rejected = 0
    for path in files(arguments.images):
        try:
            top = model.predict(path)[:arguments.top]
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            rejected += 1
            continue
        if arguments.json:
            print(json.dumps({"file": str(path), "top": [{"class": name, "probability": round(p, 6)} for name, p in top]}))
        else:
            print(f"{path}  " + "  ".join(f"{name} {100 * p:.2f} %" for name, p in top))
    return 1 if rejected else 0


if __name__ == "__main__":
    sys.exit(main())
