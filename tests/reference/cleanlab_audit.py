"""Writes what cleanlab finds in small sets of probabilities, for CleanlabTests.

    python3 tests/reference/cleanlab_audit.py CLEANLAB > tests/SketchFlow.Tests/Scoring/Audit/cleanlab.jsonl

CLEANLAB is a checkout of cleanlab (the file was written from commit 7506257 with Debian 13's Python 3.13, NumPy 2.2.4 and scikit-learn 1.4.2). pandas, tqdm and
termcolor, which cleanlab imports and these functions do not use, are replaced by empty modules. The probabilities are multiples of 2^-20, so that no two
machines round them differently. Where cleanlab rounds equal remainders, its result depends on NumPy's sorting instructions, which the CPU decides; without
them NumPy sorts up to 16 numbers stably.
"""
import json
import os
import sys
import types
from unittest import mock

os.environ["NPY_DISABLE_CPU_FEATURES"] = "AVX2,FMA3,AVX512F,AVX512CD,AVX512_SKX,AVX512_CLX,AVX512_CNL,AVX512_ICL,AVX512_SPR"
import numpy as np  # noqa: E402

for name in ["pandas", "tqdm", "tqdm.auto", "termcolor"]:
    sys.modules[name] = mock.MagicMock(Series=type("Series", (), {}), DataFrame=type("DataFrame", (), {}))
package = types.ModuleType("cleanlab")
package.__path__ = [sys.argv[1] + "/cleanlab"]
sys.modules["cleanlab"] = package

from cleanlab.count import compute_confident_joint, get_confident_thresholds  # noqa: E402
from cleanlab.filter import find_label_issues  # noqa: E402
from cleanlab.rank import get_label_quality_scores  # noqa: E402

CASES = [("two classes", 60, 2, 0.1, 1.5), ("three classes", 90, 3, 0.15, 1.5), ("seven classes", 160, 7, 0.1, 2.0),
         ("many errors", 120, 5, 0.4, 1.0), ("rare and missing classes", 40, 12, 0.1, 2.5), ("sharp", 80, 4, 0.05, 8.0)]


def draw(rows, classes, noise, skill, seed):
    chance = np.random.default_rng(seed)
    true = np.sort(chance.integers(0, classes, rows))
    if classes == 12:
        true[true == 11] = 3
    logits = chance.normal(size=(rows, classes))
    logits[np.arange(rows), true] += skill
    logits[:, 0] += 0.5
    # Class 2 is often predicted as class 1.
    if classes > 2:
        logits[true == 2, 1] += skill * 0.6
    labels = np.where(chance.random(rows) < noise, chance.integers(0, classes - (classes == 12), rows), true)
    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    grid = np.maximum(1, np.floor(exponentials / exponentials.sum(1, keepdims=True) * 2**20)).astype(np.int64)
    grid[np.arange(rows), grid.argmax(1)] += 2**20 - grid.sum(1)
    return grid, labels


for seed, (name, rows, classes, noise, skill) in enumerate(CASES):
    grid, labels = draw(rows, classes, noise, skill, seed)
    probabilities = grid / 2**20
    case = {"name": name, "classes": classes, "grid": grid.ravel().tolist(), "labels": labels.tolist(),
            "thresholds": get_confident_thresholds(labels, probabilities).tolist(),
            "counts": compute_confident_joint(labels, probabilities, calibrate=False).ravel().tolist(),
            "calibrated": compute_confident_joint(labels, probabilities, calibrate=True).ravel().tolist()}
    case["errors"] = {method: np.flatnonzero(find_label_issues(labels, probabilities, filter_by=method, n_jobs=1)).tolist()
                      for method in ["prune_by_noise_rate", "prune_by_class", "both", "confident_learning"]}
    case["quality"] = {method: get_label_quality_scores(labels, probabilities, method=method).tolist()
                       for method in ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]}
    print(json.dumps(case))
