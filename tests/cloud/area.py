"""A plain web server, for uploads from a URL: files, redirects, and bad manners.

    /files/NAME            a file of the folder given by --files
    /redirect/N/PATH       N redirects, then /PATH
    /redirect-to?url=URL   a redirect to URL
    /slow/NAME?ms=N        the file, a kilobyte every N ms (default 10)
    /huge                  a JPEG that never ends; ?bytes=N: ends, but claims nothing
    /claim?bytes=N         a JPEG that claims N bytes, and is cut off early
    /html                  a web page
    /notype/NAME           the file, without a Content-Type
"""

import asyncio
import pathlib

from wire import Answer

ROOTS = ("files", "redirect", "redirect-to", "slow", "huge", "claim", "html", "notype")
KINDS = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png",
         ".webp": "image/webp", ".gif": "image/gif", ".html": "text/html",
         ".json": "application/json", ".txt": "text/plain"}
PAGE = "<!DOCTYPE html>\n<title>Not a picture</title>\n<p>Please log in.</p>\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


def number(request, name, default):
    text = request.query(name, "")
    return int(text) if text.isdigit() else default


async def slowly(path, pause):
    with open(path, "rb") as file:
        while block := file.read(1024):
            yield block
            await asyncio.sleep(pause)


async def endlessly(limit):
    yield JPEG
    block = b"\0" * 65536
    for _ in range(limit // len(block)):
        yield block


class Area:
    hidden = False

    def __init__(self, server):
        self.server = server

    def owns(self, request):
        return request.segments()[0] in ROOTS

    def reset(self):
        pass

    def counts(self):
        return {}

    def answer(self, request):
        root, *rest = request.segments()
        if request.head.get("authorization") is not None:
            request.violation("credentials are sent to a foreign host")
        if request.head.method not in ("GET", "HEAD"):
            return Answer(405)
        if root == "html":
            return Answer(200, PAGE, kind="text/html; charset=utf-8")
        if root == "huge":
            limit = number(request, "bytes", 1 << 40)
            return Answer(200, kind="image/jpeg", blocks=endlessly(limit))
        if root == "claim":
            claim = number(request, "bytes", 1 << 40)
            return Answer(200, JPEG, [("Content-Length", str(claim))], kind="image/jpeg",
                          last=True)
        if root == "redirect-to":
            target = request.query("url", "/")
            return Answer(302, headers=[("Location", target)], kind=None)
        if root == "redirect":
            return self._redirect(rest)
        return self._file(root, rest, request)

    def _redirect(self, rest):
        times = int(rest[0]) if rest and rest[0].isdigit() else 0
        path = "/".join(rest[1:])
        target = f"/redirect/{times - 1}/{path}" if times > 1 else f"/{path}"
        return Answer(302, headers=[("Location", target)], kind=None)

    def _file(self, root, rest, request):
        folder = self.server.options.files
        if not folder or ".." in rest or not rest:
            return Answer(404, "no such file\n")
        path = pathlib.Path(folder, *rest)
        if not path.is_file():
            return Answer(404, "no such file\n")
        kind = KINDS.get(path.suffix.lower(), "application/octet-stream")
        if root == "slow":
            pause = number(request, "ms", 10) / 1000
            return Answer(200, kind=kind, blocks=slowly(path, pause))
        return Answer(200, file=path, kind=None if root == "notype" else kind)
