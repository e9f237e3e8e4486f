"""Writes stages/SketchFlow.Learning/Models/Catalog/imagenet.tsv.gz from a checkout of timm's source (only Python's standard library is needed):

    python3 tests/reference/imagenet_names.py path/to/pytorch-image-models stages/SketchFlow.Learning/Models/Catalog/imagenet.tsv.gz

One row per WordNet synset that a classifier of timm's weights has: the synset, its words, and its class number in each list of classes ('-' where it is
in none). The columns of class numbers are named after the number of classes, from which the program finds them.
"""
import gzip
import io
import sys

LISTS = {
    1000: "imagenet_synsets.txt",
    11221: "imagenet21k_miil_synsets.txt",
    11821: "imagenet12k_synsets.txt",
    21841: "imagenet22k_synsets.txt",
    21842: "imagenet22k_ms_synsets.txt",
    21843: "imagenet21k_goog_synsets.txt",
}
root, target = sys.argv[1:]


def read(name):
    with open(f"{root}/timm/data/_info/{name}", encoding="utf-8") as file:
        return file.read().splitlines()


words = dict(line.split("\t") for line in read("imagenet_synset_to_lemma.txt"))
numbers = {}
for count, name in LISTS.items():
    synsets = read(name)
    assert len(synsets) == len(set(synsets)) == count, (name, len(synsets))
    numbers[count] = {synset: number for number, synset in enumerate(synsets)}

text = io.StringIO()
text.write("#synset\twords\t" + "\t".join(map(str, LISTS)) + "\n")
for synset in sorted(set().union(*numbers.values())):
    cells = [str(numbers[count].get(synset, "-")) for count in LISTS]
    text.write("\t".join([synset, words[synset], *cells]) + "\n")

with open(target, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
    packed.write(text.getvalue().encode("utf-8"))
