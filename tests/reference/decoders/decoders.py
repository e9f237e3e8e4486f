"""Compares the program's image decoder with Pillow, file by file, and writes the differences as a table.

Needs Pillow (Debian's python3-pil) and the .NET SDK. From the project's folder, after make build:

    /usr/bin/python3 tests/reference/decoders/decoders.py --out docs/measurements/decoders.md FOLDER...

decodes every file below the folders and 2,000 generated ones (--count, --seed), in every layout, by Pillow's encoders and by image_writers.py.
--decoder runs another program instead of DecodeImages.cs; --keep FOLDER keeps the generated files; --list prints every differing file.
"""
import argparse
import collections
import io
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import warnings

from PIL import Image, ImageOps

import image_writers as writers

HERE = pathlib.Path(__file__).resolve().parent
PAGE = """# The image decoder compared with Pillow

`tests/reference/decoders/decoders.py --out docs/measurements/decoders.md FOLDER...` wrote this page with Pillow {version}, seed {seed}: files of folders and {count}
generated ones, by Pillow's encoders and by encoders written for this comparison. *Close* is at most 3 levels of 255; *as written* counts the files whose
decoded pixels are those that the encoder meant, up to 1 level.

{table}
Where the two differ, the program's pixels are those that were written. The reasons:

- GIF: Pillow fills the screen around a frame with the background colour; here it is white.
- PNG: Pillow does not scale the transparent level of grey below 8 bits, and loses the transparent colour of 16 bits.
- TIFF: Pillow does not invert 16-bit grey with 0 as white, reads uncompressed separate planes of 16 bits as 8 bits, and refuses 16-bit grey with alpha and
  some byte orders of CMYK.
- BMP: Pillow refuses headers of versions 2 and 3, 2 bits and most channel masks, and ignores an alpha mask of one bit.
- JPEG: Pillow fills missing image data with grey, which is a rejection here.
- Close: 16 bits are rounded here and cut by Pillow, premultiplied colours are divided and multiplied again by Pillow, CMYK is multiplied in another order.
"""
Image.MAX_IMAGE_PIXELS = None
warnings.simplefilter("ignore")
PILLOW_TIFFS = (("1", "group3"), ("1", "group4"), ("1", "tiff_lzw"), ("L", "tiff_lzw"), ("L", "jpeg"), ("RGB", "jpeg"), ("RGB", "packbits"),
                ("RGBA", "tiff_adobe_deflate"), ("LA", "raw"), ("P", "tiff_lzw"), ("CMYK", "raw"), ("CMYK", "tiff_lzw"), ("I;16", "raw"))
MASKS_16 = ((0xF800, 0x7E0, 0x1F, 0), (0x7C00, 0x3E0, 0x1F, 0), (0xF00, 0xF0, 0xF, 0xF000), (0x7C00, 0x3E0, 0x1F, 0x8000))
MASKS_32 = ((0xFF0000, 0xFF00, 0xFF, 0), (0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0xFF000000, 0xFF0000, 0xFF00, 0), (0xFF000000, 0xFF0000, 0xFF00, 0xFF),
            (0xFF, 0xFF00, 0xFF0000, 0xFF000000), (0x3FF00000, 0xFFC00, 0x3FF, 0))
COLUMNS = ("equal", "close", "different", "only we refuse", "only Pillow refuses", "both refuse", "died", "as written", "not as written")


def by_pillow(path):
    """The first frame as (width, height, RGB bytes) on white, or the reason why Pillow cannot."""
    try:
        with Image.open(path) as image:
            image.load()
            if image.format != "TIFF":  # Pillow has turned TIFF files by now
                image = ImageOps.exif_transpose(image)
            if image.mode.startswith("I"):
                image = Image.frombytes("L", image.size, bytes((v + 128) // 257 for v in image.getdata()))
            elif image.mode == "F":
                return "floating point"
            if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
                image = image.convert("RGBA")
                image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
            return (*image.size, image.convert("RGB").tobytes())
    except Exception as error:  # whatever Pillow raises is its refusal
        return f"{type(error).__name__}: {error}"


class Decoder:
    """The program's decoder, in a process that is replaced when it dies."""

    def __init__(self, command):
        self.command, self.process = command, None

    def __call__(self, path):
        if self.process is None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.process.stdin.write(f"{path}\n".encode())
        self.process.stdin.flush()
        line = self.process.stdout.readline().decode()
        if line.startswith("ok"):
            width, height, channels = map(int, line.split()[1:])
            data = self.process.stdout.read(width * height * channels)
            order, rgb = (0, 0, 0) if channels == 1 else (2, 1, 0), bytearray(width * height * 3)
            for channel, offset in enumerate(order):
                rgb[channel::3] = data[offset::channels]
            rgb = bytes(rgb)
            return width, height, rgb
        if not line:
            self.process = None
            return "the process died"
        return line[3:].strip()


def picture(rng, mode, size):
    """A picture that lossy encoders keep well, in any mode."""
    small = Image.frombytes("RGB", (4, 4), bytes(rng.randrange(256) for _ in range(48))).resize(size, Image.BICUBIC)
    if mode == "P":
        return small.quantize(rng.choice((2, 7, 16, 200)))
    if mode == "1":
        return small.convert("1")
    if mode == "I;16":
        return Image.frombytes("I;16", size, bytes(rng.randrange(256) for _ in range(2 * size[0] * size[1])))
    if mode in ("LA", "RGBA"):
        small = small.convert(mode)
        small.putalpha(small.convert("L").point(lambda v: v))
        return small
    return small.convert(mode)


def pillow_file(rng, size):
    """A file from one of Pillow's encoders."""
    out = io.BytesIO()
    kind, options, mode = rng.choice(("jpeg", "jpeg", "png", "webp", "tiff", "tiff", "gif", "bmp")), {}, None
    if kind == "jpeg":
        mode = rng.choice(("L", "RGB", "RGB", "CMYK"))
        options = dict(quality=rng.randint(30, 98), progressive=rng.random() < 0.5, optimize=rng.random() < 0.3, subsampling=rng.choice((0, 1, 2)))
    elif kind == "png":
        mode = rng.choice(("1", "L", "LA", "P", "RGB", "RGBA", "I;16"))
    elif kind == "webp":
        mode = rng.choice(("RGB", "RGBA"))
        options = dict(lossless=rng.random() < 0.5, quality=rng.randint(40, 100), exact=True)
        if rng.random() < 0.3:
            options.update(save_all=True, append_images=[picture(rng, mode, size)], duration=50)
    elif kind == "tiff":
        mode, compression = rng.choice(PILLOW_TIFFS)
        options = dict(compression=compression)
    elif kind == "gif":
        mode = rng.choice(("L", "P", "RGB"))
        options = dict(interlace=rng.randint(0, 1), save_all=rng.random() < 0.3, append_images=[picture(rng, "P", size)])
    else:
        mode = rng.choice(("1", "L", "P", "RGB", "RGBA"))
    picture(rng, mode, size).save(out, kind, **options)
    return f"Pillow's {kind.upper()} {mode}{' ' + options['compression'] if kind == 'tiff' else ''}", (out.getvalue(), None)


def png_file(rng, size):
    colour, bits = rng.choice([(0, b) for b in (1, 2, 4, 8, 16)] + [(3, b) for b in (1, 2, 4, 8)] + [(c, b) for c in (2, 4, 6) for b in (8, 16)])
    transparent = colour in (0, 2, 3) and rng.random() < 0.3
    return f"PNG colour type {colour}, {bits} bits{', tRNS' if transparent else ''}", writers.png(rng, *size, colour, bits, rng.random() < 0.3, transparent)


def bmp_file(rng, size):
    bits = rng.choice((1, 2, 4, 8, 16, 24, 32))
    header, runs = rng.choice((12, 40, 40, 52, 56, 64, 108, 124)), bits in (4, 8) and rng.random() < 0.3
    masks = None
    if bits in (16, 32) and header in (40, 52, 56, 108, 124) and rng.random() < 0.7:
        masks = rng.choice(MASKS_16 if bits == 16 else MASKS_32)
        if header in (40, 52):
            masks = (*masks[:3], 0)
    if header == 12 and bits in (2, 16, 32):
        header = 40
    runs = runs and header != 12
    named = f", masks {' '.join(f'{m:X}' for m in masks)}" if masks else ""
    kind = f"BMP {bits} bits{', runs' if runs else ''}{named}{f', header of {header}' if header in (52, 56) else ''}"
    return kind, writers.bmp(rng, *size, bits, header, masks, runs, top_down=header != 12 and not runs and rng.random() < 0.3)


def gif_file(rng, size):
    frame = (rng.randint(1, size[0]), rng.randint(1, size[1]))
    screens = {"frame in a larger screen": (size[0] + 3, size[1] + 2), "screen of no size": (0, 0), "screen smaller than its frame": (1, 1)}
    kind = rng.choice(("plain", "plain", "plain", *screens, "later frames", "no trailer"))
    screen = screens.get(kind, frame)
    corner = (rng.randint(0, 3), rng.randint(0, 2)) if "screen" in kind else (0, 0)
    data = writers.gif(rng, screen, corner, frame, rng.choice((2, 4, 16, 128, 256)), rng.random() < 0.3, rng.random() < 0.3, rng.random() < 0.3,
                       later=2 if kind == "later frames" else 0, trailer=kind != "no trailer")
    return f"GIF, {kind}", data


def tiff_file(rng, size):
    photometric = rng.choice((0, 1, 1, 2, 2, 3, 5))
    bits = rng.choice({0: (1, 2, 4, 8, 16), 1: (1, 2, 4, 8, 16), 3: (1, 2, 4, 8)}.get(photometric, (8, 16)))
    extra = rng.choice((None, 0, 1, 2)) if photometric in (1, 2) and bits >= 8 else None
    compression = rng.choice((1, 5, 8, 32946, 32773))
    kind = writers.TiffKind(bits, photometric, extra, compression, separate=photometric in (2, 5) and rng.random() < 0.3,
                            predictor=2 if compression in (5, 8, 32946) and bits >= 8 and rng.random() < 0.4 else 1,
                            tile=rng.choice((None, None, (16, 16), (32, 16))), rows_per_strip=rng.choice((1, 3, 1000)), big_endian=rng.random() < 0.4,
                            big_tiff=rng.random() < 0.1, reversed_bits=rng.random() < 0.05, orientation=rng.choice((1, 1, 1, 1, 6, 3, 2)))
    colour = {0: "grey with 0 as white", 1: "grey", 2: "RGB", 3: "palette", 5: "CMYK"}[photometric]
    name = f"TIFF {bits}-bit {colour}{'' if extra is None else ', extra sample ' + str(extra)}{', separate planes' if kind.separate else ''}"
    return name, writers.tiff(rng, *size, kind)


def generate(rng, folder, count):
    for i in range(count):
        size = (rng.randint(1, 40), rng.randint(1, 30))
        kind, (data, rows) = rng.choice((pillow_file, pillow_file, png_file, bmp_file, gif_file, tiff_file, tiff_file))(rng, size)
        path = folder / f"{i:04}"
        path.write_bytes(data)
        yield kind, path, None if rows is None else (len(rows[0]), len(rows), bytes(v for row in rows for pixel in row for v in pixel))


def compare(ours, theirs, levels=3):
    """equal, close (up to so many levels of 255), different, or who refused."""
    if isinstance(ours, str):
        return "both refuse" if isinstance(theirs, str) else "died" if ours == "the process died" else "only we refuse"
    if isinstance(theirs, str):
        return "only Pillow refuses"
    if ours == theirs:
        return "equal"
    if ours[:2] != theirs[:2]:
        return "different"
    return "close" if max(abs(a - b) for a, b in zip(ours[2], theirs[2])) <= levels else "different"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=22)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--decoder", nargs="+", default=["dotnet", "run", "-v", "q", str(HERE / "DecodeImages.cs")])
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    decode = Decoder(options.decoder)
    table, reasons = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or pathlib.Path(made)
        folder.mkdir(exist_ok=True)
        stored = [(f"files of {f}", p, None) for f in options.folders for p in sorted(f.rglob("*")) if p.is_file()]
        for kind, path, written in [*stored, *generate(random.Random(options.seed), folder, options.count)]:
            ours, theirs = decode(path), by_pillow(path)
            verdict = compare(ours, theirs)
            table[kind][verdict] += 1
            if written is not None:
                table[kind]["as written" if compare(ours, written, levels=1) in ("equal", "close") else "not as written"] += 1
            if written is not None and compare(ours, written, levels=1) not in ("equal", "close"):
                reasons[kind]["NOT AS WRITTEN"] += 1
                print("not as written", kind, path, ours[:2], file=sys.stderr)
            if verdict != "equal":
                reason = ours if isinstance(ours, str) else theirs if isinstance(theirs, str) else ""
                reasons[kind][f"{verdict}: {reason}"[:160]] += 1
                if options.list:
                    print(verdict, kind, path, reason, ours[:2], theirs[:2], file=sys.stderr)
    lines = [f"| files | {' | '.join(COLUMNS)} |", f"| --- |{' ---: |' * len(COLUMNS)}"]
    for kind, counts in sorted(table.items()):
        lines.append(f"| {kind} | {' | '.join(str(counts[c] or '') for c in COLUMNS)} |")
    total = sum(table.values(), collections.Counter())
    lines.append(f"| all | {' | '.join(str(total[c]) for c in COLUMNS)} |")
    text = "\n".join(lines) + "\n"
    if options.out:
        options.out.write_text(PAGE.format(version=Image.__version__, seed=options.seed, count=options.count, table=text))
    print(text)
    for kind, counts in sorted(reasons.items()):
        for reason, number in counts.most_common():
            print(f"{number:5} {kind}: {reason}")


if __name__ == "__main__":
    os.chdir(HERE.parents[2])
    main()
