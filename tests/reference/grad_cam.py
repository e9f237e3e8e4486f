"""Writes the maps of pytorch-grad-cam, and of attention by whole matrices, for GradCamTests.

    PYTHONPATH=TIMM python3 tests/reference/grad_cam.py GRADCAM IMAGE WEIGHTS > tests/SketchFlow.Tests/Learning/Explanation/grad-cam.jsonl

GRADCAM is a checkout of jacobgil/pytorch-grad-cam, TIMM one of timm 1.0.29, IMAGE is PACS' test/432.png (227 x 227 pixels, of which the first 224 rows and
columns are used), and WEIGHTS is timm's resnet18 of ImageNet as safetensors, without its classifier. The file was written with Debian 13's PyTorch 2.6 from commit 084273b. The
classifier and the other networks have the weights that parity/README.md describes, with a gain of 2. Every eighth pixel of each map of 224 x 224 pixels is written, as a
multiple of 1 / 10000.
"""
import json
import os
import sys
import types
from unittest import mock

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import timm_parity  # noqa: E402
from timm.layers import set_fused_attn  # noqa: E402

for unused in ["ttach", "matplotlib", "matplotlib.pyplot", "matplotlib.lines"]:
    sys.modules[unused] = mock.MagicMock()
package = types.ModuleType("pytorch_grad_cam")
package.__path__ = [sys.argv[1] + "/pytorch_grad_cam"]
sys.modules["pytorch_grad_cam"] = package
from pytorch_grad_cam.grad_cam import GradCAM  # noqa: E402
package.GradCAM = GradCAM
from pytorch_grad_cam.finer_cam import FinerCAM  # noqa: E402
from pytorch_grad_cam.grad_cam_plusplus import GradCAMPlusPlus  # noqa: E402
from pytorch_grad_cam.hirescam import HiResCAM  # noqa: E402
from pytorch_grad_cam.layer_cam import LayerCAM  # noqa: E402
from pytorch_grad_cam.utils.image import scale_cam_image  # noqa: E402
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget  # noqa: E402

set_fused_attn(False)


def weights(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        data = file.read()
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            kind = {"F32": np.float32, "I64": np.int64}[entry["dtype"]]
            found[name] = torch.from_numpy(np.frombuffer(data[begin:end], kind).reshape(entry["shape"]).copy())
    return found


def image(model):
    pixels = np.asarray(Image.open(sys.argv[2]).convert("RGB"))[:224, :224].astype(np.float32) / 255
    mean, std = (np.float32(model.default_cfg[key]) for key in ("mean", "std"))
    return torch.from_numpy((pixels - mean) / std).permute(2, 0, 1)[None].contiguous()


def sampled(pixels):
    return [round(float(value) * 10000) for value in np.asarray(pixels)[4::8, 4::8].ravel()]


def activation_maps(model, layer, reshape, x, target):
    methods = {"GradCam": GradCAM, "GradCamPlusPlus": GradCAMPlusPlus, "HiResCam": HiResCAM, "LayerCam": LayerCAM}
    maps = {name: method(model, [layer], reshape_transform=reshape)(x, [ClassifierOutputTarget(target)])[0] for name, method in methods.items()}
    maps["FinerCam"] = FinerCAM(model, [layer], reshape_transform=reshape)(x)[0]
    return maps


def attention_maps(model, x, target):
    """Rollout (Abnar and Zuidema 2020) and gradient-weighted attention (Chefer et al. 2021) for the class token, with whole matrices."""
    seen = []
    hooks = [block.attn.attn_drop.register_forward_hook(lambda m, i, out: seen.append(out)) for block in model.blocks]
    logits = model(x.clone().requires_grad_(True))
    gradients = torch.autograd.grad(logits[0, target], seen)
    [hook.remove() for hook in hooks]
    count = seen[0].shape[-1]
    rollout, relevance = torch.eye(count), torch.eye(count)
    for probabilities, gradient in zip(seen, gradients):
        rollout = (0.5 * probabilities[0].mean(0) + 0.5 * torch.eye(count)) @ rollout
        relevance = relevance + (probabilities * gradient)[0].clamp(min=0).mean(0) @ relevance
    side = int((count - 1) ** 0.5)
    return {name: scale_cam_image(scale_cam_image([matrix[0, 1:].reshape(side, side).detach().numpy()], (224, 224)))[0]
            for name, matrix in (("AttentionRollout", rollout), ("AttentionGradient", relevance))}


def case(name, model, layer, reshape, weighted):
    model.eval()
    x = image(model)
    logits = model(x)[0]
    target = int(logits.argmax())
    maps = activation_maps(model, layer, reshape, x, target)
    if hasattr(model, "blocks"):
        maps.update(attention_maps(model, x, target))
    print(json.dumps({"model": name, "filled": not weighted, "classes": len(logits), "target": target, "logit": float(logits[target]),
                      "maps": {key: sampled(value) for key, value in maps.items()}}, separators=(",", ":")))


resnet = timm_parity.filled(timm_parity.create("resnet18"), 2)
resnet.load_state_dict(weights(sys.argv[3]), strict=False)
case("resnet18", resnet, resnet.layer4[-1], None, True)
vit = timm_parity.filled(timm_parity.create("vit_tiny_patch16_224"), 2)
case("vit_tiny_patch16_224", vit, vit.blocks[-1].norm1, lambda t: t[:, 1:].reshape(len(t), 14, 14, -1).permute(0, 3, 1, 2), False)
swin = timm_parity.filled(timm_parity.create("swin_tiny_patch4_window7_224"), 2)
case("swin_tiny_patch4_window7_224", swin, swin.norm, lambda t: t.permute(0, 3, 1, 2), False)
