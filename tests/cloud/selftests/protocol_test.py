"""HTTP and multipart, the files for download, the process itself."""

import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import multipart
import picture
from cloud import SECRET
from selftests.harness import (BOUNDARY, FORM, HERE, SHARED, UPLOAD, Case, Cloud, form,
                               png, signed)


class Http(Case):
    def test_bad_requests(self):
        for text in (b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
                     b"GET / HTTP/1.1\r\nA: 1\r\n b\r\n\r\n"):
            self.assertIn(b"400 Bad Request", self.cloud.raw(text))
        both = (b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n")
        self.assertIn(b"400 Bad Request", self.cloud.raw(both))
        self.violated("Host is a")
        self.violated("more than one body length")

    def test_keep_alive_and_counts(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.cloud.port)
        for _ in range(3):
            connection.request("GET", "/html")
            connection.getresponse().read()
        self.cloud.call("GET", "/html")
        self.assertEqual(self.cloud.count("requests"), 4)
        self.assertEqual(self.cloud.count("connections"), 2)
        self.assertEqual(self.cloud.count("max_connections"), 2)
        self.assertEqual(self.cloud.count("max_requests"), 1)
        connection.close()

    def test_body_cut_off(self):
        head = (f"POST {UPLOAD} HTTP/1.1\r\nHost: 127.0.0.1:{self.cloud.port}\r\n"
                f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
                "Content-Length: 1000\r\n\r\n").encode()
        self.assertEqual(self.cloud.raw(head + b"--" + BOUNDARY.encode(), shut=True), b"")
        request = json.loads(self.cloud.control("GET", "requests"))
        self.assertEqual((request["acted"], request["status"]), (False, None))
        self.assertEqual(os.listdir(pathlib.Path(self.cloud.folder.name, "spool")), [])

    def test_secret_in_the_url(self):
        self.cloud.call("GET", "/html?x=" + SECRET)
        self.violated("a secret in the request's head")


class Multipart(Case):
    def refused(self, body, text, boundary=BOUNDARY):
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        status, _, _ = self.cloud.call("POST", UPLOAD, body, kind)
        self.assertEqual(status, 400)
        self.violated(text)

    def test_malformed(self):
        good = form({"a": "b"}, png())
        self.refused(good[:-10], "ends before its closing boundary")
        self.refused(good.replace(b"form-data; name=\"a\"", b"form-data; name=a"),
                     "malformed Content-Disposition")
        self.refused(good.replace(b"Content-Disposition", b"X"), "without Content-Disp")
        self.refused(good.replace(b"----selftest\r\n", b"----selftest?\r\n", 1),
                     "junk after a boundary")
        self.refused(good.replace(b'"a.png"', b'"a\\".png"'), "malformed Content-Disposition")
        self.refused(good, "no usable boundary", boundary="")

    def noted(self, body, text):
        self.cloud.call("POST", UPLOAD, body, FORM)
        self.violated(text)

    def test_noted(self):
        good = form({"a": "b"}, png())
        self.noted(b"x\r\n" + good, "before the first boundary")
        self.noted(good + b"x", "after the closing boundary")
        self.noted(form([("a", "1"), ("a", "2")], png()), "field a twice")
        end = form({"z": "1"})
        self.noted(form({}, png())[:-len(BOUNDARY) - 6] + end, "file is before a text field")
        self.noted(good.replace(b"a.png", b"\xff.png"), "filename is not UTF-8")

    def test_filename(self):
        fields = signed(overwrite="0", public_id="f")
        status, reply = self.cloud.post(UPLOAD, fields, png(), filename="a%22b;=\\.png")
        self.assertEqual((status, reply["original_filename"]), (200, 'a"b;=\\'))
        fields = signed(overwrite="0", public_id="f")
        body = form(fields | {"file": "hello"})
        self.assertEqual(self.cloud.call("POST", UPLOAD, body, FORM)[0], 400)
        self.violated("the file part has no filename")

    def test_boundaries_across_blocks(self):
        content = b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n" * 1000
        body = form({"a": "1", "b[]": "2"}, content)
        for step in (1, 2, 3, 7, 64, 1000):
            with tempfile.TemporaryDirectory() as folder:
                reader = multipart.Reader(BOUNDARY.encode(),
                                          lambda: pathlib.Path(folder, "part"))
                for at in range(0, len(body), step):
                    reader.feed(body[at:at + step])
                reader.finish()
                self.assertEqual(reader.problems, [])
                self.assertEqual(reader.parts[2].path.read_bytes(), content)
                self.assertEqual([part.name for part in reader.parts], ["a", "b[]", "file"])


class WebArea(Case):
    def test_files(self):
        status, headers, body = self.cloud.call("GET", "/files/one.png")
        self.assertEqual((status, headers["Content-Type"], body), (200, "image/png", png(1)))
        self.assertEqual(self.cloud.call("GET", "/files/../cloud.py")[0], 404)
        self.assertEqual(self.cloud.call("GET", "/files/%2e%2e/files/one.png")[0], 404)
        self.assertEqual(self.cloud.call("GET", "/slow/one.png?ms=1")[2], png(1))
        status, headers, body = self.cloud.call("GET", "/notype/one.png")
        self.assertEqual((status, headers["Content-Type"], body), (200, None, png(1)))
        self.assertEqual(self.cloud.call("GET", "/html")[1].get_content_type(), "text/html")

    def test_redirects(self):
        path = "/redirect/3/files/one.png"
        for left in ("/redirect/2/files/one.png", "/redirect/1/files/one.png",
                     "/files/one.png"):
            status, headers, _ = self.cloud.call("GET", path)
            path = headers["Location"]
            self.assertEqual((status, path), (302, left))
        _, headers, _ = self.cloud.call("GET", "/redirect-to?url=http%3A//x/%3Fa=b")
        self.assertEqual(headers["Location"], "http://x/?a=b")

    def test_endless(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.cloud.port, timeout=10)
        connection.request("GET", "/huge")
        self.assertEqual(len(connection.getresponse().read(4 << 20)), 4 << 20)
        connection.close()
        self.gone("GET", "/claim?bytes=1000")


class Pictures(unittest.TestCase):
    @unittest.skipUnless((SHARED / "corpus" / "MANIFEST.tsv").exists(), "no shared/corpus")
    def test_corpus(self):
        kinds = {"jpeg": "jpg", "png": "png", "webp": "webp"}
        seen = 0
        with open(SHARED / "corpus" / "MANIFEST.tsv", encoding="utf-8") as lines:
            next(lines)
            for line in lines:
                name, kind, width, height, *_ = line.split("\t")
                if name.startswith("valid/") and kind in kinds:
                    with self.subTest(name):
                        self.assertEqual(picture.look(SHARED / "corpus" / name),
                                         (kinds[kind], int(width), int(height)))
                    seen += 1
        self.assertGreater(seen, 100)


class Process(unittest.TestCase):
    def test_ends_with_its_input(self):
        self.assertEqual(Cloud().stop(), 0)

    def test_ends_on_sigterm(self):
        cloud = Cloud()
        cloud.process.send_signal(signal.SIGTERM)
        self.assertEqual(cloud.process.wait(10), 0)
        cloud.stop()

    def test_ends_with_its_parent(self):
        with tempfile.TemporaryDirectory() as folder:
            script = (f'"{sys.executable}" "{HERE}/cloud.py" --dir "{folder}" '
                      '</dev/null & read -r _; exit 0')
            shell = subprocess.Popen(["bash", "-c", script], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE)
            self.assertGreater(int(shell.stdout.readline()), 0)
            shell.stdin.close()
            shell.wait(10)
            self.assertEqual(shell.stdout.read(), b"")  # until the cloud closes it, too
            shell.stdout.close()

    def test_latency(self):
        cloud = Cloud("--delay", "40", "--connect-delay", "40")
        connection = http.client.HTTPConnection("127.0.0.1", cloud.port)
        for least in (0.08, 0.04):
            began = time.monotonic()
            connection.request("GET", "/html")
            connection.getresponse().read()
            self.assertGreaterEqual(time.monotonic() - began, least)
        connection.close()
        cloud.stop()

    def test_set(self):
        cloud = Cloud()
        cloud.set(signature_version=1, delay=1, size_limit=5)
        for name, value in (("size_limit", "x"), ("secret", "x"), ("nonsense", 1)):
            with self.assertRaises(AssertionError):
                cloud.set(**{name: value})
        cloud.stop()

    def test_wait(self):
        cloud = Cloud()
        cloud.call("GET", "/html")
        self.assertEqual(cloud.control("GET", "wait/requests/1"), "1\n")
        self.assertEqual(cloud.call("GET", "/_control/wait/requests/2?seconds=0.01")[0], 408)
        cloud.stop()
