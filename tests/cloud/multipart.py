"""multipart/form-data as RFC 7578 wants it, read as a stream.

Parts with a filename go to files and are digested on the way; the others are
short texts. What is merely wrong is noted in `problems` and read on; what
cannot be understood raises Malformed.
"""

import hashlib
import itertools
import os
import pathlib
import re

TEXT_LIMIT = 1 << 20
PART_HEAD_LIMIT = 16 * 1024

BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
DISPOSITION = re.compile(rb'form-data; name="([^"\r\n\0]*)"'
                         rb'(?:; filename="([^"\r\n\0]*)")?')
ESCAPES = {b"%22": b'"', b"%0D": b"\r", b"%0A": b"\n"}


class Malformed(Exception):
    """The body is no multipart/form-data."""


def boundary_of(content_type):
    """The boundary that a Content-Type header names."""
    kind, _, rest = content_type.partition(";")
    if kind.strip().lower() != "multipart/form-data":
        raise Malformed("Content-Type is not multipart/form-data")
    match = re.fullmatch(r'\s*boundary=(?:"([^"]*)"|([^\s";]+))\s*', rest)
    text = match and (match[1] or match[2])
    if not text or not BOUNDARY.fullmatch(text):
        raise Malformed("Content-Type has no usable boundary")
    return text.encode()


def unescape(name):
    """Browsers and curl write a quote, CR and LF inside names as %22, %0D, %0A."""
    return re.sub(rb"%22|%0D|%0A", lambda match: ESCAPES[match[0]], name)


class Part:
    """A field: `value` is its text; or, with `filename`, a file at `path`."""

    def __init__(self, name, filename, content_type):
        self.name = name
        self.filename = filename
        self.content_type = content_type
        self.size = 0
        self.value = b""
        self.path = None
        self.md5 = self.sha256 = None
        self._file = None

    def open(self, path):
        self.path = pathlib.Path(path)
        self._file = open(path, "wb", buffering=0)
        self.md5, self.sha256 = hashlib.md5(), hashlib.sha256()

    def write(self, data):
        self.size += len(data)
        if self._file:
            self._file.write(data)
            self.md5.update(data)
            self.sha256.update(data)
        elif self.size > TEXT_LIMIT:
            raise Malformed(f"field {self.name} is longer than 1 MiB")
        else:
            self.value += data

    def close(self):
        if self._file:
            self._file.close()
            self._file = None

    def claim(self, path):
        """Keep the file, under another name."""
        os.rename(self.path, path)
        self.path = None

    def discard(self):
        self.close()
        if self.path:
            self.path.unlink(missing_ok=True)
            self.path = None


class Reader:
    """feed() it the body, then finish(); parts are in `parts`."""

    def __init__(self, boundary, spool):
        self.delimiter = b"\r\n--" + boundary
        self.spool = spool       # () -> path of a new file
        self.parts = []
        self.problems = []
        # The first delimiter has no line break before it; lend it one.
        self._buffer = bytearray(b"\r\n")
        self._step = self._preamble

    def feed(self, data):
        self._buffer += data
        while self._step():
            pass

    def finish(self):
        if self._step != self._epilogue:
            raise Malformed("the body ends before its closing boundary")
        if self._buffer not in (b"", b"\r\n"):
            self.problems.append("multipart: text after the closing boundary")
        self._check()

    def discard(self):
        for part in self.parts:
            part.discard()

    def _take(self, count):
        data = bytes(memoryview(self._buffer)[:count])
        del self._buffer[:count]
        return data

    def _preamble(self):
        at = self._buffer.find(self.delimiter)
        if at < 0:
            if len(self._buffer) > PART_HEAD_LIMIT:
                raise Malformed("no boundary at the start")
            return False
        if at > 0:
            self.problems.append("multipart: text before the first boundary")
        del self._buffer[:at + len(self.delimiter)]
        self._step = self._after_delimiter
        return True

    def _after_delimiter(self):
        if len(self._buffer) < 2:
            return False
        mark = self._take(2)
        if mark == b"\r\n":
            self._step = self._part_head
        elif mark == b"--":
            self._step = self._epilogue
        else:
            raise Malformed("junk after a boundary")
        return True

    def _part_head(self):
        at = self._buffer.find(b"\r\n\r\n")
        if at < 0:
            if len(self._buffer) > PART_HEAD_LIMIT:
                raise Malformed("headers of a part too long")
            return False
        lines = self._take(at + 4)[:-4].split(b"\r\n")
        self.parts.append(self._new_part(lines))
        self._step = self._data
        return True

    def _new_part(self, lines):
        disposition = content_type = None
        for line in lines:
            name, colon, value = line.partition(b":")
            name, value = name.strip().lower(), value.strip()
            if not colon or b"\n" in line or b"\r" in line or b"\0" in line:
                raise Malformed("malformed header of a part")
            if name == b"content-disposition" and disposition is None:
                disposition = value
            elif name == b"content-type" and content_type is None:
                content_type = value.decode("ascii", "replace")
            else:
                self.problems.append("multipart: a part has header "
                                     + name.decode("ascii", "replace"))
        if disposition is None:
            raise Malformed("a part without Content-Disposition")
        match = DISPOSITION.fullmatch(disposition)
        if not match:
            raise Malformed("malformed Content-Disposition")
        part = Part(*self._names(match), content_type)
        if part.filename is not None:
            part.open(self.spool())
        return part

    def _names(self, match):
        name, filename = unescape(match[1]), match[2]
        try:
            name = name.decode()
        except UnicodeDecodeError:
            raise Malformed("a field's name is not UTF-8") from None
        if filename is not None:
            raw = unescape(filename)
            filename = raw.decode("utf-8", "backslashreplace")
            if filename.encode("utf-8", "replace") != raw:
                self.problems.append("multipart: filename is not UTF-8")
        return name, filename

    def _data(self):
        part = self.parts[-1]
        at = self._buffer.find(self.delimiter)
        if at >= 0:
            part.write(self._take(at))
            part.close()
            del self._buffer[:len(self.delimiter)]
            self._step = self._after_delimiter
            return True
        safe = len(self._buffer) - len(self.delimiter)
        if safe > 0:
            part.write(self._take(safe))
        return False

    def _epilogue(self):
        if len(self._buffer) > PART_HEAD_LIMIT:
            raise Malformed("text after the closing boundary")
        return False

    def _check(self):
        seen = set()
        for part in self.parts:
            if not part.name:
                self.problems.append("multipart: a field without a name")
            if part.name in seen and not part.name.endswith("[]"):
                self.problems.append(f"multipart: field {part.name} twice")
            if part.filename == "":
                self.problems.append(f"multipart: {part.name} has an empty filename")
            seen.add(part.name)
        for part, following in itertools.pairwise(self.parts):
            is_file = part.filename is not None or part.name == "file"
            if is_file and following.filename is None:
                self.problems.append(f"multipart: {part.name} is before a text field")
