#!/usr/bin/env python3
"""Links as a platform's fetcher meets them, on a port of loopback that is printed.

    links.py PICTURE-FOLDER

/ok.jpg is served as it should be; the other paths each have one thing wrong. It ends
when its input does.
"""

import http.server
import pathlib
import sys
import threading

PICTURES = pathlib.Path(sys.argv[1])
JPEG = (PICTURES / "lighthouse.jpg").read_bytes()
WEBP = (PICTURES / "lighthouse.webp").read_bytes()
ROBOTS = b"User-agent: *\nDisallow:\n\nUser-agent: facebookexternalhit\nDisallow: /kept\n"
ANSWERS = {  # path: (status, content type, body)
    "/ok.jpg": (200, "image/jpeg", JPEG),
    "/kept/ok.jpg": (200, "image/jpeg", JPEG),
    "/robots.txt": (200, "text/plain", ROBOTS),
    "/page.jpg": (200, "text/html", b"<html>Please log in</html>"),
    "/lie.jpg": (200, "image/jpeg", WEBP),
    "/cut.jpg": (200, "image/jpeg", JPEG[:5000]),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, kind, body, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/moved.jpg":
            self.answer(302, "text/plain", b"", Location="/ok.jpg")
        elif self.path == "/auto.jpg":
            newer = "webp" in self.headers.get("Accept", "")
            self.answer(200, *(("image/webp", WEBP) if newer else ("image/jpeg", JPEG)))
        else:
            self.answer(*ANSWERS.get(self.path, (404, "text/plain", b"no such thing\n")))

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
