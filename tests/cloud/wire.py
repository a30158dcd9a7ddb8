"""HTTP/1.1 on one connection: strict heads, streamed bodies, answers."""

import asyncio
import email.utils
import http
import re
import socket
import struct
import urllib.parse

HEAD_LIMIT = 64 * 1024
BLOCK = 256 * 1024

REQUEST_LINE = re.compile(rb"([A-Z]+) ([\x21-\x7e]+) HTTP/1\.([01])")
HEADER_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*")


class Gone(Exception):
    """The client went away in the middle of its request."""


class Refused(Exception):
    """A request that cannot be read on: answer with STATUS, then close."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Head:
    """Request line and headers; names in lower case, in the order they came."""

    def __init__(self, block):
        lines = block[:-4].split(b"\r\n")
        match = REQUEST_LINE.fullmatch(lines[0])
        if not match:
            raise Refused(400, "malformed request line")
        self.method = match[1].decode()
        self.target = match[2].decode()
        self.minor = int(match[3])
        self.headers = []
        for line in lines[1:]:
            header = HEADER_LINE.fullmatch(line)
            if not header:
                raise Refused(400, "malformed header line")
            name = header[1].decode().lower()
            self.headers.append((name, header[2].decode("utf-8", "replace")))
        path, _, query = self.target.partition("?")
        self.path = path
        self.query = urllib.parse.parse_qsl(query, keep_blank_values=True)

    def get(self, name, default=None):
        for key, value in self.headers:
            if key == name:
                return value
        return default

    def count(self, name):
        return sum(key == name for key, _ in self.headers)

    def body_length(self):
        """Bytes of the body, or None for a chunked one."""
        length, coding = self.get("content-length"), self.get("transfer-encoding")
        if self.count("content-length") > 1 or (length is not None and coding):
            raise Refused(400, "more than one body length")
        if coding is not None:
            if coding.lower() != "chunked":
                raise Refused(501, "unknown transfer coding")
            return None
        if length is None:
            return 0
        if not re.fullmatch(r"[0-9]{1,18}", length):
            raise Refused(400, "malformed Content-Length")
        return int(length)


class Answer:
    """A status, headers, and a body of bytes, of a file, or of endless blocks.
    LAST: the connection is closed behind it."""

    def __init__(self, status, body=b"", headers=(), kind="text/plain; charset=utf-8",
                 file=None, blocks=None, last=False):
        self.status = status
        self.headers = list(headers)
        self.body = body.encode() if isinstance(body, str) else body
        self.kind = kind
        self.file = file
        self.blocks = blocks
        self.last = last

    def length(self):
        if self.blocks is not None:
            return None
        return self.file.stat().st_size if self.file else len(self.body)

    def head(self, date, keep, length=None):
        """The head as bytes; LENGTH is told instead of the true one."""
        try:
            reason = http.HTTPStatus(self.status).phrase
        except ValueError:
            reason = "Unnamed"
        told = {name.lower() for name, _ in self.headers}
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        if "date" not in told:
            lines.append("Date: " + email.utils.formatdate(date, usegmt=True))
        if self.kind and "content-type" not in told:
            lines.append("Content-Type: " + self.kind)
        if length is None:
            length = self.length()
        if length is None:
            lines.append("Transfer-Encoding: chunked")
        elif "content-length" not in told:
            lines.append(f"Content-Length: {length}")
        if not keep:
            lines.append("Connection: close")
        lines += [f"{name}: {value}" for name, value in self.headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


class Connection:
    """One client: reads requests from it, writes answers to it."""

    def __init__(self, reader, writer, number, clock):
        self.reader = reader
        self.writer = writer
        self.number = number
        self.clock = clock
        self.keep = True
        self.counted = False

    async def read_head(self):
        """The next request's head, or None when the client is done."""
        try:
            block = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                raise Gone from None
            return None
        except asyncio.LimitOverrunError:
            raise Refused(431, "head too large") from None
        if len(block) > HEAD_LIMIT:
            raise Refused(431, "head too large")
        return Head(block)

    async def body(self, head):
        """Yield the body of the request in blocks."""
        length = head.body_length()
        if length is not None:
            while length > 0:
                block = await self.reader.read(min(BLOCK, length))
                if not block:
                    raise Gone
                length -= len(block)
                yield block
            return
        while True:
            size = await self._chunk_size()
            if size == 0:
                break
            while size > 0:
                block = await self.reader.read(min(BLOCK, size))
                if not block:
                    raise Gone
                size -= len(block)
                yield block
            if await self._line() != b"":
                raise Refused(400, "chunk is longer than it says")
        while await self._line() != b"":
            pass

    async def _line(self):
        try:
            line = await self.reader.readuntil(b"\r\n")
        except asyncio.IncompleteReadError:
            raise Gone from None
        except asyncio.LimitOverrunError:
            raise Refused(400, "line too long") from None
        return line[:-2]

    async def _chunk_size(self):
        line = await self._line()
        match = re.fullmatch(rb"([0-9A-Fa-f]{1,12})(;.*)?", line)
        if not match:
            raise Refused(400, "malformed chunk size")
        return int(match[1], 16)

    async def write(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def send(self, answer, bodyless=False):
        """The whole answer, body and all unless BODYLESS (a HEAD request)."""
        self.keep = self.keep and not answer.last
        head = answer.head(self.clock(), self.keep)
        if bodyless:
            await self.write(head)
        elif answer.blocks is not None:
            await self.write(head)
            async for block in answer.blocks:
                await self.write(b"%x\r\n%b\r\n" % (len(block), block))
            await self.write(b"0\r\n\r\n")
        elif answer.file:
            await self.write(head)
            with open(answer.file, "rb") as file:
                while block := file.read(BLOCK):
                    await self.write(block)
        else:
            await self.write(head + answer.body)

    async def refuse(self, error):
        """Answer a request that cannot be read on, and close."""
        self.keep = False
        await self.send(Answer(error.status, f"{error}\n"))
        await self.linger()

    async def linger(self):
        """After an answer that came before the body was read: stop writing, and
        swallow what is still under way, so that the answer is not lost to a RST."""
        self.keep = False
        try:
            self.writer.write_eof()
            async with asyncio.timeout(2):
                while await self.reader.read(BLOCK):
                    pass
        except (OSError, TimeoutError):
            pass

    def reset(self):
        """Close with RST: the peer's next read or write fails."""
        self.keep = False
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def cut(self):
        """Close at once, after what was written has left."""
        self.keep = False
        self.writer.close()
