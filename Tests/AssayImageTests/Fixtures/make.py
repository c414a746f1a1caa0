"""Makes the image fixtures beside it: python3 make.py (needs numpy and Pillow 12 or newer with libtiff and WebP).

Every file has an entry in formats.json, and its pixels ([H, W, C], 16 bits little-endian) in formats.bin from the offset
named there. The pixels are those that Pillow gives, or, for what Pillow reduces or cannot read (16-bit RGB, separate
planes of 16 bits, 12 bits), the array that was written.
"""
import io, json, os, struct, zlib
import numpy as np
from PIL import Image, ImageOps

os.chdir(os.path.dirname(os.path.abspath(__file__)))
W, H = 13, 7
rng = np.random.default_rng(1)
listing, pixel_bytes = [], bytearray()


def put(name, data, pixels):
    pixels = np.ascontiguousarray(pixels)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    open(name, "wb").write(data)
    bits = 8 * pixels.dtype.itemsize
    h, w, c = pixels.shape
    listing.append(
        {"file": name, "width": w, "height": h, "channels": c, "bits": bits, "offset": len(pixel_bytes)})
    pixel_bytes.extend(pixels.astype("<u2" if bits == 16 else "u1").tobytes())


def pillow(data, mode):
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert(mode))


def checked(name, data, pixels):
    """For files written here: Pillow must agree with what was meant, where it can."""
    got = pillow(data, "L" if pixels.ndim == 2 else "RGB")
    assert (got == pixels).all(), name
    put(name, data, pixels)


def save(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def noise(*shape, top=255, dtype=np.uint8):
    return rng.integers(0, top + 1, shape).astype(dtype)


y, x = np.mgrid[0:H, 0:W]
smooth = np.stack([x * 19, y * 40, 255 - x * 10 - y * 5], 2).astype(np.uint8)
exif = [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0" + bytes([o, 0, 0, 0]) + b"\0\0\0\0" for o in range(9)]


def packed(rows, bits):
    """[h, n] integers, packed from the highest bit down, rows padded to bytes."""
    out = b""
    for row in rows:
        text = "".join(format(int(v), f"0{bits}b") for v in row)
        text += "0" * (-len(text) % 8)
        out += int(text, 2).to_bytes(len(text) // 8, "big")
    return out


# PNG ------------------------------------------------------------------------------------------------------------------
def png(samples, bits, colour, palette=None, trns=None, interlaced=False, exif=None):
    h, w = samples.shape[:2]
    s = samples.reshape(h, w, -1)
    chunk = lambda t, d: struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    raw = b""
    for x0, y0, dx, dy in passes if interlaced else [(0, 0, 1, 1)]:
        part = s[y0::dy, x0::dx]
        if part.size:
            for row in part.reshape(part.shape[0], -1):
                raw += b"\0" + packed([row], bits)
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, bits, colour, 0, 0, int(interlaced)))
    if exif:
        out += chunk(b"eXIf", exif)
    if palette is not None:
        out += chunk(b"PLTE", palette.tobytes())
    if trns:
        out += chunk(b"tRNS", trns)
    return out + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


for bits in (1, 2, 4, 8):
    v = noise(H, W, top=2**bits - 1)
    checked(f"gray{bits}.png", png(v, bits, 0), v * (255 // (2**bits - 1)))
    colours = noise(2**bits if bits < 8 else 200, 3)
    v = np.minimum(v, len(colours) - 1)
    checked(f"palette{bits}.png", png(v, bits, 3, colours), colours[v])
colours, v = noise(16, 3), noise(H, W, top=15)
checked("palette-transparent.png", png(v, 4, 3, colours, trns=bytes(range(16))), colours[v])
v = noise(H, W, 4)
checked("rgba8.png", png(v, 8, 6), v[:, :, :3])
checked("rgb8.png", png(v[:, :, :3], 8, 2), v[:, :, :3])
checked("rgb8-transparent.png", png(v[:, :, :3], 8, 2, trns=struct.pack(">HHH", *v[2, 3, :3])), v[:, :, :3])
checked("gray-alpha8.png", png(v[:, :, :2], 8, 4), v[:, :, 0])
checked("interlaced-gray8.png", png(v[:, :, 0], 8, 0, interlaced=True), v[:, :, 0])
checked("interlaced-rgb8.png", png(v[:, :, :3], 8, 2, interlaced=True), v[:, :, :3])
checked("exif6.png", png(v[:, :, 0], 8, 0, exif=exif[6]), np.rot90(v[:, :, 0], -1))
v = noise(H, W, 4, top=65535, dtype=np.uint16)
put("gray16.png", png(v[:, :, 0], 16, 0), v[:, :, 0])
put("rgb16.png", png(v[:, :, :3], 16, 2), v[:, :, :3])
put("rgba16.png", png(v, 16, 6), v[:, :, :3])
put("interlaced-gray16.png", png(v[:, :, 0], 16, 0, interlaced=True), v[:, :, 0])

# JPEG -----------------------------------------------------------------------------------------------------------------
for name, image, options in [
    ("gray.jpg", Image.fromarray(smooth[:, :, 0]), {}),
    ("rgb420.jpg", Image.fromarray(smooth), {"subsampling": 2}),
    ("rgb444-progressive.jpg", Image.fromarray(smooth), {"subsampling": 0, "progressive": True}),
    ("cmyk.jpg", Image.fromarray(smooth).convert("CMYK"), {}),
]:
    data = save(image, "JPEG", quality=90, **options)
    put(name, data, pillow(data, "L" if image.mode == "L" else "RGB"))
for o in range(1, 9):
    data = save(Image.fromarray(smooth[:, :, 0]), "JPEG", quality=90, exif=b"Exif\0\0" + exif[o])
    put(f"exif{o}.jpg", data, pillow(data, "L"))


# TIFF -----------------------------------------------------------------------------------------------------------------
def tiff(samples, bits=8, photometric=1, order="<", compression=1, tile=None, rows=3, separate=False, palette=None,
         orientation=None, extra=None, format=None, big=False):
    h, w = samples.shape[:2]
    s = samples.reshape(h, w, -1)
    n = s.shape[2]

    def encoded(block):
        flat = block.reshape(block.shape[0], -1)
        if bits in (8, 16, 32):
            raw = flat.astype(samples.dtype.newbyteorder(order)).tobytes()
        else:
            raw = packed(flat, bits)
        return zlib.compress(raw) if compression == 8 else raw

    blocks = []
    for plane in [s[:, :, [i]] for i in range(n)] if separate else [s]:
        if tile:
            for y0 in range(0, h, tile):
                for x0 in range(0, w, tile):
                    block = np.zeros((tile, tile, plane.shape[2]), samples.dtype)
                    part = plane[y0 : y0 + tile, x0 : x0 + tile]
                    block[: part.shape[0], : part.shape[1]] = part
                    blocks.append(encoded(block))
        else:
            blocks += [encoded(plane[y0 : y0 + rows]) for y0 in range(0, h, rows)]
    tags = {256: (4, [w]), 257: (4, [h]), 258: (3, [bits] * n), 259: (3, [compression]), 262: (3, [photometric]),
            277: (3, [n]), 284: (3, [2 if separate else 1])}
    offsets, counts = (324, 325) if tile else (273, 279)
    tags[offsets] = (4, [0] * len(blocks))
    tags[counts] = (4, [len(b) for b in blocks])
    if tile:
        tags[322] = tags[323] = (4, [tile])
    else:
        tags[278] = (4, [rows])
    if palette is not None:
        tags[320] = (3, [int(v) * 257 for v in palette.T.reshape(-1)])
    if orientation:
        tags[274] = (3, [orientation])
    if extra is not None:
        tags[338] = (3, [extra])
    if format:
        tags[339] = (3, [format] * n)
    letter = {3: "H", 4: "I"}
    pack = lambda kind, values: struct.pack(order + letter[kind] * len(values), *values)
    head = (16, 8, 20, 8, "Q") if big else (8, 2, 12, 4, "I")
    after = head[0] + head[1] + head[2] * len(tags) + head[3]
    values = {t: pack(*tags[t]) for t in tags}
    at = after + sum(len(v) for v in values.values() if len(v) > head[3])
    starts = []
    for block in blocks:
        starts.append(at)
        at += len(block)
    tags[offsets] = (4, starts)
    values[offsets] = pack(4, starts)
    mark = b"II" if order == "<" else b"MM"
    out = mark + (struct.pack(order + "HHHQ", 43, 8, 0, 16) if big else struct.pack(order + "HI", 42, 8))
    out += struct.pack(order + ("Q" if big else "H"), len(tags))
    beyond, tail = after, b""
    for t in sorted(tags):
        v = values[t]
        out += struct.pack(order + "HH" + head[4], t, tags[t][0], len(tags[t][1]))
        if len(v) <= head[3]:
            out += v.ljust(head[3], b"\0")
        else:
            out += struct.pack(order + head[4], beyond)
            beyond += len(v)
            tail += v
    return out + b"\0" * head[3] + tail + b"".join(blocks)


g, c, g16 = noise(H, W), noise(H, W, 3), noise(H, W, top=65535, dtype=np.uint16)
c16 = noise(H, W, 3, top=65535, dtype=np.uint16)
checked("gray8.tif", tiff(g), g)
checked("gray8-big-endian.tif", tiff(g, order=">"), g)
checked("gray8-bigtiff.tif", tiff(g, big=True), g)
checked("gray8-white-is-zero.tif", tiff(g, photometric=0), 255 - g)
checked("gray8-tiled.tif", tiff(g, tile=16), g)
checked("rgb8.tif", tiff(c, photometric=2), c)
checked("rgb8-deflate-tiled.tif", tiff(c, photometric=2, compression=8, tile=16), c)
put("rgb8-planar.tif", tiff(c, photometric=2, separate=True), c)
put("rgb8-planar-tiled.tif", tiff(c, photometric=2, separate=True, tile=16), c)
put("rgba8.tif", tiff(np.dstack([c, g]), photometric=2, extra=2), c)
put("gray-alpha8.tif", tiff(np.dstack([g, g]), extra=2), g)
put("gray16.tif", tiff(g16, 16), g16)
put("gray16-big-endian.tif", tiff(g16, 16, order=">"), g16)
put("gray16-deflate.tif", tiff(g16, 16, compression=8), g16)
put("rgb16.tif", tiff(c16, 16, photometric=2), c16)
put("rgb16-planar.tif", tiff(c16, 16, photometric=2, separate=True, order=">"), c16)
v = noise(H, W, top=4095, dtype=np.uint16)
put("gray12.tif", tiff(v, 12), ((v.astype(np.int64) * 65535 * 2 + 4095) // (2 * 4095)).astype(np.uint16))
v = noise(H, W, top=15)
put("gray4.tif", tiff(v, 4), v * 17)
palette = noise(256, 3)
checked("palette8.tif", tiff(g, photometric=3, palette=palette), palette[g])
checked("palette4.tif", tiff(v, 4, photometric=3, palette=palette[:16]), palette[:16][v])
for o in (3, 6):
    put(f"orientation{o}.tif", tiff(g, orientation=o), np.rot90(g, 2 if o == 3 else -1))
for name, compression in [("lzw", "tiff_lzw"), ("packbits", "packbits"), ("jpeg", "jpeg")]:
    data = save(Image.fromarray(smooth), "TIFF", compression=compression)
    put(f"rgb8-{name}.tif", data, pillow(data, "RGB"))
bw = Image.fromarray(noise(H, W)).convert("1")
for name, compression in [("none", None), ("group4", "group4")]:
    data = save(bw, "TIFF", compression=compression)
    put(f"gray1-{name}.tif", data, pillow(data, "L"))
data = save(Image.fromarray(g), "TIFF", save_all=True, append_images=[Image.fromarray(255 - g)])
put("two-pages.tif", data, g)
open("float32.tif", "wb").write(tiff(g.astype(np.float32), 32, format=3))
open("signed16.tif", "wb").write(tiff(g16.astype(np.int16), 16, format=2))


# BMP ------------------------------------------------------------------------------------------------------------------
def bmp(rows, bits, palette=None, top_down=False, masks=None, core=False, compression=0):
    h, w = rows.shape[0], W
    body = b""
    for row in rows if top_down else rows[::-1]:
        line = packed([row], bits) if bits < 8 else row.tobytes()
        body += line + b"\0" * (-len(line) % 4)
    table = b""
    if palette is not None:
        table = b"".join(bytes(p[::-1]) + (b"" if core else b"\0") for p in palette)
    if masks:
        table, compression = struct.pack("<III", *masks), 3
    if core:
        info = struct.pack("<IHHHH", 12, w, h, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", 40, w, -h if top_down else h, 1, bits, compression, 0, 0, 0,
                           0 if palette is None else len(palette), 0)
    start = 14 + len(info) + len(table)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + info + table + body


ramp = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, 1)
checked("gray8.bmp", bmp(g, 8, ramp), g)
checked("gray8-top-down.bmp", bmp(g, 8, ramp, top_down=True), g)
checked("palette8.bmp", bmp(g, 8, palette), palette[g])
checked("palette4.bmp", bmp(v, 4, palette[:16]), palette[:16][v])
checked("palette1.bmp", bmp(v // 8, 1, palette[:2]), palette[:2][v // 8])
checked("gray1.bmp", bmp(v // 8, 1, ramp[[0, 255]]), v // 8 * 255)
checked("core8.bmp", bmp(g, 8, palette, core=True), palette[g])
checked("rgb24.bmp", bmp(c[:, :, ::-1], 24), c)
checked("rgb24-top-down.bmp", bmp(c[:, :, ::-1], 24, top_down=True), c)
checked("core24.bmp", bmp(c[:, :, ::-1], 24, core=True), c)
checked("rgb32.bmp", bmp(np.dstack([c[:, :, ::-1], g]), 32), c)
put("fields32.bmp", bmp(np.dstack([c, g]), 32, masks=(0xFF, 0xFF00, 0xFF0000)), c)
words = noise(H, W, top=65535, dtype=np.uint16)
for name, masks in [("rgb16-555.bmp", None), ("fields16-565.bmp", (0xF800, 0x7E0, 0x1F))]:
    data = bmp(words, 16, masks=masks)
    put(name, data, pillow(data, "RGB"))
open("rle8.bmp", "wb").write(bmp(g, 8, ramp, compression=1))

# WebP -----------------------------------------------------------------------------------------------------------------
for name, image, options in [
    ("lossless.webp", Image.fromarray(c), {"lossless": True}),
    ("lossless-alpha.webp", Image.fromarray(np.dstack([c, g]), "RGBA"), {"lossless": True, "exact": True}),
    ("lossy.webp", Image.fromarray(smooth), {"quality": 80}),
    ("exif8.webp", Image.fromarray(c), {"lossless": True, "exif": exif[8]}),
]:
    data = save(image, "WEBP", **options)
    put(name, data, pillow(data, "RGB"))
save_frames = [Image.fromarray(c), Image.fromarray(255 - c)]
open("animated.webp", "wb").write(save(save_frames[0], "WEBP", save_all=True, append_images=save_frames[1:]))


# PNM ------------------------------------------------------------------------------------------------------------------
def pnm(kind, samples, maxval, comment=b""):
    head = b"P%d\n%s%d %d\n%d\n" % (kind, comment, W, H, maxval)
    if kind < 4:
        return head + b"\n".join(b" ".join(b"%d" % s for s in row.reshape(-1)) for row in samples) + b"\n"
    return head + samples.astype(">u2" if maxval > 255 else "u1").tobytes()


checked("plain.pgm", pnm(2, g, 255, b"# a comment\n"), g)
checked("plain.ppm", pnm(3, c, 255), c)
checked("binary.pgm", pnm(5, g, 255, b"# one\n# two 3\n"), g)
checked("binary.ppm", pnm(6, c, 255), c)
checked("maxval63.pgm", pnm(5, g // 4, 63), np.rint(g // 4 * 255.0 / 63).astype(np.uint8))
put("maxval65535.pgm", pnm(5, g16, 65535), g16)
put("maxval65535.ppm", pnm(6, c16, 65535), c16)
put("maxval4095.pgm", pnm(5, g16 // 16, 4095), np.rint(g16 // 16 * 65535.0 / 4095).astype(np.uint16))
put("maxval4095-plain.pgm", pnm(2, g16 // 16, 4095), np.rint(g16 // 16 * 65535.0 / 4095).astype(np.uint16))

json.dump(listing, open("formats.json", "w"), indent=0)
open("formats.bin", "wb").write(pixel_bytes)

# A JPEG large enough for scaled decoding.
yy, xx = np.mgrid[0:150, 0:203]
big = np.stack([xx, yy, (xx + yy) // 2], 2).astype(np.uint8)
open("large.jpg", "wb").write(save(Image.fromarray(big), "JPEG", quality=80))

# Resampling -----------------------------------------------------------------------------------------------------------
# Each case: Image.resize((width, height), filter, box); of 16 bits, the float image (mode F) is resized.
sources = {
    "gray": rng.integers(0, 256, (23, 31)).astype(np.uint8),
    "rgb": rng.integers(0, 2, (23, 31, 3)).astype(np.uint8) * 255,  # the hardest edges: bicubic overshoots everywhere
    "gray16": rng.integers(0, 65536, (23, 31)).astype(np.uint16),
}
cases, values = [], bytearray()
for name, source in sources.items():
    values.extend(source.tobytes())
for name, source in sources.items():
    image = Image.fromarray(source.astype(np.float32) if name == "gray16" else source)
    for filter in ("bilinear", "bicubic"):
        for width, height, box in [
            (11, 9, None), (47, 40, None), (31, 12, None), (64, 23, None), (5, 37, None), (1, 1, None), (16, 16, (4.0, 0.0, 27.0, 23.0)),
            (19, 7, (2.25, 3.5, 29.0, 20.75)),
        ]:
            out = np.asarray(image.resize((width, height), Image.Resampling[filter.upper()], box))
            # Overshoot of a float image is not cut by Pillow; an input of 0...1 cannot hold it.
            out = np.clip(np.rint(out), 0, 65535).astype("<u2") if name == "gray16" else out
            cases.append({"source": name, "filter": filter, "width": width, "height": height, "box": box,
                          "offset": len(values)})
            values.extend(out.tobytes())
json.dump(cases, open("resampling.json", "w"), indent=0)
open("resampling.bin", "wb").write(values)
