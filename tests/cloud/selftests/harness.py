"""A running cloud, and what one says to it."""

import base64
import hashlib
import http.client
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from cloud import KEY, OPENAI_KEY, SECRET
from cloudinary_sign import sign

HERE = pathlib.Path(__file__).resolve().parents[1]
SHARED = pathlib.Path(os.environ.get("IMGCTL_SHARED", HERE.parents[2] / "shared"))
VECTORS = SHARED / "reference" / "cloudinary-vectors.json"
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()}
UPLOAD = "/v1_1/demo/image/upload"
BOUNDARY = "----selftest"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def png(seed=0, size=200, width=7, height=5):
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)
    return head + hashlib.sha512(b"%d" % seed).digest() * (size // 64 + 1)


def form(fields, content=None, filename="a.png", boundary=BOUNDARY):
    """A multipart body; FIELDS are pairs or a dict."""
    pairs = fields.items() if isinstance(fields, dict) else fields
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        .encode() for name, value in pairs)
    if content is not None:
        body += (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
                 f'filename="{filename}"\r\nContent-Type: application/octet-stream\r\n\r\n'
                 ).encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


def signed(algorithm="sha1", version=2, **fields):
    fields = {"timestamp": str(int(time.time()))} | fields
    return fields | {"api_key": KEY,
                     "signature": sign(fields, SECRET, algorithm, version)}


class Cloud:
    """A running cloud.py."""

    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory()
        self.files = pathlib.Path(self.folder.name, "files")
        self.files.mkdir()
        (self.files / "one.png").write_bytes(png(1))
        # A file, not a pipe: nobody would empty a pipe while it runs.
        self.log_file = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, HERE / "cloud.py", "--dir", self.folder.name,
             "--files", self.files, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log_file)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        code = self.process.wait(10)
        self.log_file.seek(0)
        self.log = self.log_file.read()
        self.log_file.close()
        self.process.stdout.close()
        self.folder.cleanup()
        return code

    def call(self, method, path, body=None, headers=(), timeout=10):
        """(status, headers, body)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def raw(self, data, shut=False):
        """All that comes back for these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as sock:
            sock.sendall(data)
            if shut:
                sock.shutdown(socket.SHUT_WR)
            received = b""
            while block := sock.recv(65536):
                received += block
            return received

    def post(self, path, fields, content=None, headers=(), **more):
        status, _, body = self.call("POST", path, form(fields, content, **more),
                                    FORM | dict(headers))
        return status, json.loads(body)

    def upload(self, content, headers=(), **fields):
        return self.post(UPLOAD, signed(**{"overwrite": "false"} | fields), content, headers)

    def control(self, method, path, body=None):
        status, _, body = self.call(method, "/_control/" + path, body)
        if status != 200:
            raise AssertionError(f"{path}: {status} {body}")
        return body.decode()

    def fault(self, **rule):
        self.control("POST", "fault", json.dumps(rule))

    def set(self, **options):
        self.control("POST", "set", json.dumps(options))

    def count(self, name):
        return int(self.control("GET", "count/" + name))

    def violations(self):
        return self.control("GET", "violations")


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()

    @classmethod
    def tearDownClass(cls):
        code = cls.cloud.stop()
        log = cls.cloud.log
        if code != 0 or any(bad in log for bad in (SECRET, OPENAI_KEY, "Traceback")):
            raise AssertionError(f"exit {code}: {cls.cloud.log}")

    def setUp(self):
        self.cloud.control("POST", "reset")

    def clean(self):
        self.assertEqual(self.cloud.violations(), "")

    def violated(self, text):
        self.assertIn(text, self.cloud.violations())

    def gone(self, *args, **more):
        """The call ends without a whole answer."""
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.cloud.call(*args, **more)
