"""What a picture's first bytes say: its format, width and height."""

import struct


def _png(data):
    at = data.find(b"IHDR") + 4  # usually the first chunk, but Apple's comes second
    if at < 4 or at + 8 > len(data):
        return 0, 0
    return struct.unpack(">II", data[at:at + 8])


def _jpeg(data):
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 2
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5:at + 9])
            return width, height
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    return 0, 0


def _webp(data):
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return (1 + int.from_bytes(data[24:27], "little"),
                1 + int.from_bytes(data[27:30], "little"))
    if kind == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and len(data) >= 30:
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def look(path):
    """(format, width, height) of a JPEG, PNG or WebP file, or None. The numbers
    are 0 where the first megabyte does not tell them."""
    with open(path, "rb") as file:
        data = file.read(1 << 20)
    if data[:3] == b"\xff\xd8\xff":
        return ("jpg", *_jpeg(data))
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return ("png", *_png(data))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ("webp", *_webp(data))
    return None
