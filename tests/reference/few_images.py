"""Cuts a competition folder to a few labelled images per class, and scores submissions (the small-data comparison of docs/measurements/augmentations.md).

    python3 tests/reference/few_images.py cut DATA FOLDER [EACH]      # keeps EACH (35) training images per class; the other labelled images become the test set
    python3 tests/reference/few_images.py judge FOLDER SUBMISSION…    # accuracy from FOLDER/test_labels.csv; each other submission is compared with the first (McNemar)

`sketchflow data doodles` writes test_labels.csv too.
"""
import csv
import math
import os
import random
import sys

SEED = 20261128


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write(path, head, lines):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([head, *lines])


def cut(data, folder, each=35):
    random.seed(SEED)
    classes, train, test = {}, [], []
    for row in rows(os.path.join(data, "train.csv")):
        classes.setdefault(row["target"], []).append(row)
    for target in sorted(classes):
        random.shuffle(classes[target])
        train += classes[target][:int(each)]
        test += classes[target][int(each):]
    random.shuffle(test)

    # Symbolic links: no image is copied.
    places = [(row, os.path.join("train", row["image_path"])) for row in train] + [(row, os.path.join("test", f"{i}.png")) for i, row in enumerate(test)]
    for row, place in places:
        os.makedirs(os.path.dirname(os.path.join(folder, place)), exist_ok=True)
        os.symlink(os.path.abspath(os.path.join(data, "train", row["image_path"])), os.path.join(folder, place))
    write(os.path.join(folder, "train.csv"), ["class_name", "image_path", "target"], [[r["class_name"], r["image_path"], r["target"]] for r in train])
    write(os.path.join(folder, "test.csv"), ["image_path"], [[f"{i}.png"] for i in range(len(test))])
    write(os.path.join(folder, "test_labels.csv"), ["image_path", "target"], [[f"{i}.png", r["target"]] for i, r in enumerate(test)])


def judge(folder, *submissions):
    labels = {r["image_path"]: r["target"] for r in rows(os.path.join(folder, "test_labels.csv"))}
    first = None
    for path in submissions:
        right = [r["target"] == labels[r["image_path"]] for r in rows(path)]
        first = first or right
        share = sum(right) / len(right)
        gained, lost = sum(r and not f for r, f in zip(right, first)), sum(f and not r for r, f in zip(right, first))
        z = (gained - lost) / math.sqrt(max(1, gained + lost))
        print(f"{os.path.basename(path)}: {100 * share:.2f} % of {len(right)} ± {100 * math.sqrt(share * (1 - share) / len(right)):.2f}; "
              f"against the first {gained} gained, {lost} lost, z = {z:.1f}")


if len(sys.argv) < 4 or sys.argv[1] not in ("cut", "judge"):
    sys.exit(__doc__)
(cut if sys.argv[1] == "cut" else judge)(*sys.argv[2:])
