"""Hand-written encoders of image files in every layout, for decoders.py: what Pillow writes is only a small part of what exists.

Each returns the file and the picture that it stands for, on white: rows of (red, green, blue).
"""
import struct
import zlib


def level(value, most):
    return (value * 255 + most // 2) // most


def on_white(colour, alpha, premultiplied=False):
    return tuple(min(255, c + 255 - alpha) if premultiplied else (c * alpha + 255 * (255 - alpha) + 127) // 255 for c in colour)


def packed(values, bits, big_endian=True):
    """Packs one row of samples, most significant bit first."""
    if bits == 8:
        return bytes(values)
    if bits == 16:
        return struct.pack((">" if big_endian else "<") + f"{len(values)}H", *values)
    out, held, count = bytearray(), 0, 0
    for value in values:
        held, count = held << bits | value, count + bits
        if count == 8:
            out.append(held)
            held = count = 0
    if count:
        out.append(held << (8 - count))
    return bytes(out)


def lzw(data, symbol_bits, tiff):
    """Encodes LZW as GIF (least significant bit first) or TIFF (most significant, one code early) does."""
    codes, clear = [], 1 << symbol_bits
    table, width, following = {bytes([i]): i for i in range(clear)}, symbol_bits + 1, clear + 2
    codes.append((clear, width))
    held = b""
    for byte in data:
        longer = held + bytes([byte])
        if longer in table:
            held = longer
            continue
        codes.append((table[held], width))
        table[longer] = following
        following += 1
        if following - 1 + (1 if tiff else 0) == 1 << width:
            width += 1
        if following >= 4094:
            codes.append((clear, min(width, 12)))
            table, width, following = {bytes([i]): i for i in range(clear)}, symbol_bits + 1, clear + 2
        held = bytes([byte])
    codes.append((table[held], width))
    if following + (1 if tiff else 0) == 1 << width and width < 12:
        width += 1
    codes.append((clear + 1, width))
    out, bits, count = bytearray(), 0, 0
    for code, size in codes:
        if tiff:
            bits, count = bits << size | code, count + size
            while count >= 8:
                out.append(bits >> (count - 8) & 255)
                count -= 8
            bits &= (1 << count) - 1
        else:
            bits, count = bits | code << count, count + size
            while count >= 8:
                out.append(bits & 255)
                bits, count = bits >> 8, count - 8
    if count:
        out.append((bits << (8 - count) if tiff else bits) & 255)
    return bytes(out)


def packbits(data):
    out, i = bytearray(), 0
    while i < len(data):
        run = 1
        while i + run < len(data) and run < 128 and data[i + run] == data[i]:
            run += 1
        if run > 1:
            out += bytes([257 - run, data[i]])
            i += run
            continue
        end = i + 1
        while end < len(data) and end - i < 128 and (end + 1 >= len(data) or data[end] != data[end + 1]):
            end += 1
        out += bytes([end - i - 1]) + data[i:end]
        i = end
    return bytes(out)


def png(random, width, height, colour, bits, interlaced, transparent):
    """Random samples with random filters; transparent adds a tRNS chunk."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    most = (1 << bits) - 1
    pixels = [[[random.randint(0, most) for _ in range(channels)] for _ in range(width)] for _ in range(height)]

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    unit = max(1, channels * bits // 8)
    raw = bytearray()
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    for left, top, across, down in passes:
        before = None
        for y in range(top, height, down):
            row = packed([s for x in range(left, width, across) for s in pixels[y][x]], bits)
            if not row:
                continue
            before = before or bytes(len(row))
            kind = random.randint(0, 4)
            raw.append(kind)
            for i, value in enumerate(row):
                a, b, c = (row[i - unit] if i >= unit else 0), before[i], (before[i - unit] if i >= unit else 0)
                p = a + b - c
                paeth = min((abs(p - v), n, v) for n, v in enumerate((a, b, c)))[2]
                raw.append((value - (0, a, b, (a + b) // 2, paeth)[kind]) & 255)
            before = row
    body = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, int(interlaced)))]
    palette = bytes(random.randint(0, 255) for _ in range(3 << min(bits, 8)))
    keys = [random.choice((0, 90, 255)) for _ in range(1 << bits)] if colour == 3 else pixels[0][0]
    if colour == 3:
        body.append(chunk(b"PLTE", palette))
    if transparent:
        body.append(chunk(b"tRNS", bytes(keys) if colour == 3 else struct.pack(f">{len(keys)}H", *keys)))
    body.append(chunk(b"IDAT", zlib.compress(bytes(raw))))

    def shown(pixel):
        if colour == 3:
            return on_white(palette[pixel[0] * 3:pixel[0] * 3 + 3], keys[pixel[0]] if transparent else 255)
        if transparent and pixel == keys:
            return (255, 255, 255)
        levels = [level(v, most) for v in pixel]
        return on_white(levels[:3] if colour in (2, 6) else levels[:1] * 3, levels[-1] if colour in (4, 6) else 255)

    return b"\x89PNG\r\n\x1a\n" + b"".join(body) + chunk(b"IEND", b""), [[shown(p) for p in row] for row in pixels]


def bmp(random, width, height, bits, header_size=40, masks=None, runs=False, top_down=False):
    """masks: red, green, blue, alpha of 16 to 32 bits; runs: BI_RLE4 or BI_RLE8."""
    colours = 1 << bits if bits <= 8 else 0
    unit = 3 if header_size == 12 else 4
    palette = b"".join(bytes(random.randint(0, 255) for _ in range(3)) + b"\0" * (unit - 3) for _ in range(colours))
    rows = []
    for _ in range(height):
        if bits <= 8:
            values = [random.randrange(colours) for _ in range(width)]
            if runs:
                values = [values[x // 5] for x in range(width)]
            rows.append(values)
        else:
            rows.append([random.getrandbits(bits) for _ in range(width)])
    data = bytearray()
    for values in rows:
        if runs:
            data += _runs(values, bits) + b"\0\0"
            continue
        row = packed(values, bits) if bits <= 8 else b"".join(v.to_bytes(bits // 8, "little") for v in values)
        data += row + b"\0" * (-len(row) % 4)
    if runs:
        data += b"\0\1"
    if header_size == 12:
        header = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        compression = (1 if bits == 8 else 2) if runs else 3 if masks else 0
        extended = struct.pack("<4I", *(masks or (0, 0, 0, 0)))
        header = struct.pack("<IiiHHIIiiII", header_size, width, -height if top_down else height, 1, bits, compression, len(data), 2835, 2835, colours, 0)
        header += (extended + bytes(header_size))[: header_size - 40] if header_size > 40 else extended[:12] if masks else b""
    offset = 14 + len(header) + len(palette)
    used = masks or ((0x7C00, 0x3E0, 0x1F, 0) if bits == 16 else (0xFF0000, 0xFF00, 0xFF, 0))
    opaque = all(v & used[3] == 0 for row in rows for v in row)

    def shown(value):
        if bits <= 8:
            return palette[value * unit + 2], palette[value * unit + 1], palette[value * unit]
        red, green, blue, alpha = ((value & m) * 255 // m if m else 255 for m in used)
        return on_white((red, green, blue), 255 if opaque else alpha)

    shown_rows = [[shown(v) for v in row] for row in (rows if top_down else reversed(rows))]
    return b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + header + palette + bytes(data), shown_rows


def _runs(values, bits):
    out, i = bytearray(), 0
    while i < len(values):
        run = 1
        while i + run < len(values) and run < 255 and values[i + run] == values[i]:
            run += 1
        literal = values[i:i + 7]
        if run < 3 and len(literal) >= 3:
            body = packed(literal, bits)
            out += bytes([0, len(literal)]) + body + b"\0" * (len(body) % 2)
            i += len(literal)
        else:
            out += bytes([run, values[i] if bits == 8 else values[i] * 17])
            i += run
    return bytes(out)


def gif(random, screen, corner, size, colours, interlaced=False, transparent=False, local=False, later=0, trailer=True):
    """One frame of random indices, then later frames."""
    flags = 0x80 | (colours.bit_length() - 2)
    palette = bytes(random.randint(0, 255) for _ in range(colours * 3))
    out = b"GIF89a" + struct.pack("<HHBBB", *screen, 0 if local else flags, 0, 0) + (b"" if local else palette)
    for n in range(1 + later):
        rows = [bytes(random.randrange(colours) for _ in range(size[0])) for _ in range(size[1])]
        order = [y for first, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(first, size[1], step)] if interlaced else range(size[1])
        if transparent:
            out += b"\x21\xf9\x04\x01\0\0" + bytes([rows[0][0]]) + b"\0"
        if n == 0:
            width, height = max(screen[0], corner[0] + size[0]), max(screen[1], corner[1] + size[1])
            shown = [[(255, 255, 255)] * width for _ in range(height)]
            for y, row in enumerate(rows):
                for x, index in enumerate(row):
                    if not transparent or index != rows[0][0]:
                        shown[corner[1] + y][corner[0] + x] = tuple(palette[index * 3:index * 3 + 3])
        bits = max(2, colours.bit_length() - 1)
        codes = lzw(b"".join(rows[y] for y in order), bits, tiff=False)
        out += b"\x2c" + struct.pack("<HHHHB", *corner, *size, (0x40 if interlaced else 0) | (flags if local else 0))
        out += (palette if local else b"") + bytes([bits])
        out += b"".join(bytes([len(codes[i:i + 255])]) + codes[i:i + 255] for i in range(0, len(codes), 255)) + b"\0"
    return out + (b"\x3b" if trailer else b""), shown


class TiffKind:
    """Fields of a TIFF: bits, photometric, extra (None or the ExtraSamples value), and how the samples are stored."""

    def __init__(self, bits, photometric, extra=None, compression=1, separate=False, predictor=1, tile=None, rows_per_strip=3, big_endian=False,
                 big_tiff=False, reversed_bits=False, orientation=1):
        self.__dict__.update({k: v for k, v in locals().items() if k != "self"})
        self.samples = {2: 3, 5: 4}.get(photometric, 1) + (extra is not None)


def tiff(random, width, height, kind):
    """Random samples; premultiplied colours do not exceed their opacity."""
    order, most = ">" if kind.big_endian else "<", (1 << kind.bits) - 1
    pixels = [[[random.randint(0, most) for _ in range(kind.samples)] for _ in range(width)] for _ in range(height)]
    if kind.extra == 1:
        pixels = [[[min(v, p[-1]) for v in p] for p in row] for row in pixels]
    segments = []
    across, down = kind.tile or (width, kind.rows_per_strip)
    for plane in range(kind.samples if kind.separate else 1):
        for top in range(0, height, down):
            for left in range(0, width, across):
                rows = []
                for y in range(top, top + down if kind.tile else min(height, top + down)):
                    values = []
                    for x in range(left, left + across):
                        pixel = pixels[y][x] if y < height and x < width else [0] * kind.samples
                        values += [pixel[plane]] if kind.separate else pixel
                    step = 1 if kind.separate else kind.samples
                    if kind.predictor == 2:
                        values = [v if i < step else (v - values[i - step]) & most for i, v in enumerate(values)]
                    rows.append(packed(values, kind.bits, kind.big_endian))
                data = {1: bytes, 5: lambda d: lzw(d, 8, True), 8: zlib.compress, 32946: zlib.compress, 32773: packbits}[kind.compression](b"".join(rows))
                segments.append(bytes(int(f"{b:08b}"[::-1], 2) for b in data) if kind.reversed_bits else data)
    tags = {256: [4, width], 257: [4, height], 258: [3] + [kind.bits] * kind.samples, 259: [3, kind.compression], 262: [3, kind.photometric],
            277: [3, kind.samples], 274: [3, kind.orientation], 284: [3, 2 if kind.separate else 1]}
    if kind.tile:
        tags.update({322: [4, across], 323: [4, down], 324: [4], 325: [4] + [len(s) for s in segments]})
    else:
        tags.update({278: [4, down], 273: [4], 279: [4] + [len(s) for s in segments]})
    if kind.photometric == 3:
        palette = [random.randint(0, 255) for _ in range(3 << kind.bits)]
        tags[320] = [3] + [257 * v for v in palette]
    if kind.extra is not None:
        tags[338] = [3, kind.extra]
    if kind.predictor != 1:
        tags[317] = [3, kind.predictor]
    if kind.reversed_bits:
        tags[266] = [3, 2]
    head = 16 if kind.big_tiff else 8
    places, at = [], head
    for segment in segments:
        places.append(at)
        at += len(segment)
    tags[324 if kind.tile else 273] += places
    directory, after = bytearray(), bytearray()
    count, entry, inline = ("Q", 20, 8) if kind.big_tiff else ("H", 12, 4)
    start = at + struct.calcsize(order + count) + entry * len(tags) + inline
    for tag, (kind_of, *values) in sorted(tags.items()):
        body = struct.pack(order + {3: "H", 4: "I"}[kind_of] * len(values), *values)
        directory += struct.pack(order + "HH" + ("Q" if kind.big_tiff else "I"), tag, kind_of, len(values))
        if len(body) <= inline:
            directory += body + b"\0" * (inline - len(body))
        else:
            directory += struct.pack(order + ("Q" if kind.big_tiff else "I"), start + len(after))
            after += body
    magic = b"MM" if kind.big_endian else b"II"
    header = magic + (struct.pack(order + "HHHQ", 43, 8, 0, at) if kind.big_tiff else struct.pack(order + "HI", 42, at))

    def shown(pixel):
        if kind.photometric == 3:
            return tuple(palette[pixel[0] + (c << kind.bits)] for c in range(3))
        levels = [level(v, most) for v in pixel]
        if kind.photometric == 5:
            return tuple((255 - c) * (255 - levels[3]) // 255 for c in levels[:3])
        colour = levels[:3] if kind.photometric == 2 else levels[:1] * 3
        colour = [255 - c for c in colour] if kind.photometric == 0 else colour
        return on_white(colour, levels[-1] if kind.extra in (1, 2) else 255, kind.extra == 1)

    rows = [[shown(p) for p in row] for row in pixels]
    for orientation, turn in ((2, lambda r: [x[::-1] for x in r]), (3, lambda r: [x[::-1] for x in r[::-1]]), (6, lambda r: [list(x) for x in zip(*r[::-1])])):
        rows = turn(rows) if kind.orientation == orientation else rows
    return header + b"".join(segments) + struct.pack(order + count, len(tags)) + bytes(directory) + b"\0" * inline + bytes(after), rows
