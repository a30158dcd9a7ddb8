"""Real pictures of one colour: PNG, JPEG, WebP, each with bytes of its own.

A text in the file tells any two apart. With NOISE the PNG cannot be compressed, as
large as such a picture can be.
"""

import base64
import random
import struct
import zlib

MIME = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


def _chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data)))


def _png(width, height, colour, text, noise):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    if noise:
        source = random.Random(text)
        rows = b"".join(b"\0" + source.randbytes(3 * width) for _ in range(height))
        pixels = zlib.compress(rows, 0)
    else:
        pixels = zlib.compress((b"\0" + bytes(colour) * width) * height, 1)
    return (b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head)
            + _chunk(b"tEXt", b"Comment\0" + text.encode())
            + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b""))


def _segment(marker, data):
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


class _Bits:
    def __init__(self):
        self.value = self.count = 0

    def put(self, value, count):
        self.value = self.value << count | value
        self.count += count

    def bytes(self):
        pad = -self.count % 8
        value = self.value << pad | (1 << pad) - 1
        whole = value.to_bytes((self.count + pad) // 8, "big")
        return whole.replace(b"\xff", b"\xff\0")


def _jpeg(width, height, colour, text):
    """Grey, every block flat: the first one's DC coefficient says how bright, all
    others differ by nothing."""
    level = (sum(colour) // 3 - 128) & ~1 or 2   # 8 x 8 / 8 = 8; quantised by 16
    dc = level // 2
    size = abs(dc).bit_length()
    tables = (_segment(0xDB, b"\0" + bytes([16] * 64))
              # DC: category 0 is "0", SIZE is "10"; AC: end of block is "0".
              + _segment(0xC4, b"\0" + bytes([1, 1] + [0] * 14) + bytes([0, size]))
              + _segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0"))
    bits = _Bits()
    bits.put(0b10, 2)
    bits.put(dc if dc > 0 else dc + (1 << size) - 1, size)
    bits.put(0, 1)
    blocks = -(-width // 8) * -(-height // 8)
    bits.put(0, 2 * (blocks - 1))
    return (b"\xff\xd8" + _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
            + _segment(0xFE, text.encode()) + tables
            + _segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0")
            + _segment(0xDA, b"\x01\x01\0\0\x3f\0") + bits.bytes() + b"\xff\xd9")


def _webp(width, height, colour, text):
    """Lossless: each of the five codes has one symbol, so that pixels take no bits."""
    value, at = 0, 0

    def put(bits, count):
        nonlocal value, at
        value |= bits << at
        at += count

    put(0x2F, 8)
    put(width - 1, 14)
    put(height - 1, 14)
    put(0, 1 + 3)          # no alpha, version 0
    put(0, 1 + 1 + 1)      # no transform, no colour cache, no meta codes
    red, green, blue = colour
    for symbol in (green, red, blue, 255):
        put(0b101, 3)      # simple, one symbol, of 8 bits
        put(symbol, 8)
    put(0b001, 3)          # distances: simple, one symbol, of one bit
    put(0, 1)
    data = value.to_bytes((at + 7) // 8, "little")

    def chunk(kind, body):
        return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    extent = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = (b"WEBP" + chunk(b"VP8X", b"\x04\0\0\0" + extent) + chunk(b"VP8L", data)
            + chunk(b"XMP ", f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{text}</x:xmpmeta>"
                    .encode()))
    return b"RIFF" + struct.pack("<I", len(body)) + body


def draw(kind, width, height, text, noise=False):
    """A picture as bytes; TEXT, in ASCII, makes it what it is."""
    colour = random.Random(text).randbytes(3)
    if kind == "jpeg":
        return _jpeg(width, height, colour, text)
    if kind == "webp":
        return _webp(width, height, colour, text)
    return _png(width, height, colour, text, noise)


def base64_of(data):
    return base64.b64encode(data).decode()
