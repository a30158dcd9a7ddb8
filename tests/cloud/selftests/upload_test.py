"""Uploads, whole and in chunks: the checks, the replies, the ledger."""

import base64
import hashlib
import json
import os
import pathlib
import time

from cloud import KEY, SECRET
from cloudinary_sign import answer_signature
from selftests.harness import BASIC, BOUNDARY, UPLOAD, Case, form, png, signed


class Uploading(Case):
    def test_reply(self):
        content = png(1, width=640, height=480)
        status, reply = self.cloud.upload(content, public_id="a/b", tags="x,y",
                                          context="alt=A \\| b|caption=c")
        self.assertEqual(status, 200)
        self.assertEqual((reply["public_id"], reply["bytes"], reply["format"]),
                         ("a/b", len(content), "png"))
        self.assertEqual((reply["width"], reply["height"]), (640, 480))
        self.assertEqual(reply["etag"], hashlib.md5(content).hexdigest())
        self.assertEqual(reply["signature"],
                         answer_signature("a/b", reply["version"], SECRET))
        self.assertEqual(reply["tags"], ["x", "y"])
        self.assertEqual(reply["context"]["custom"], {"alt": "A | b", "caption": "c"})
        self.assertEqual(reply["original_filename"], "a")
        self.assertEqual(reply["api_key"], KEY)
        self.assertEqual(reply["secure_url"], "https://res.cloudinary.com/demo/image/upload/"
                         f"v{reply['version']}/a/b.png")
        self.assertNotIn("existing", reply)
        self.clean()

    def test_existing_and_overwrite(self):
        _, first = self.cloud.upload(png(1), public_id="x")
        _, again = self.cloud.upload(png(2), public_id="x")
        self.assertTrue(again["existing"])
        self.assertEqual(again["etag"], first["etag"])
        _, third = self.cloud.upload(png(2), public_id="x", overwrite="true")
        self.assertTrue(third["overwritten"])
        self.assertEqual(third["created_at"], first["created_at"])
        self.assertGreater(third["version"], first["version"])
        self.cloud.upload(png(2), public_id="y")
        counts = {name: self.cloud.count(name) for name in
                  ("uploads", "stored", "existing", "overwritten", "assets", "duplicates")}
        self.assertEqual(counts, {"uploads": 4, "stored": 3, "existing": 1, "assets": 2,
                                  "overwritten": 1, "duplicates": 1})
        asset = json.loads(self.cloud.control("GET", "asset?public_id=x"))
        self.assertEqual(asset["stored"], 2)
        self.assertEqual(pathlib.Path(asset["file"]).read_bytes(), png(2))

    def test_overwritten_bytes_are_no_duplicates(self):
        self.cloud.upload(png(1), public_id="x")
        self.cloud.upload(png(2), public_id="x", overwrite="true")
        self.cloud.upload(png(1), public_id="x", overwrite="true")
        self.assertEqual(self.cloud.count("duplicates"), 0)
        self.cloud.upload(png(1), public_id="x", overwrite="true")
        self.assertEqual(self.cloud.count("duplicates"), 1)

    def test_signatures(self):
        for algorithm, version in (("sha1", 2), ("sha256", 2), ("sha1", 1)):
            fields = signed(algorithm, version, overwrite="false", public_id="s",
                            context="caption=Tom & Jerry")
            status, _ = self.cloud.post(UPLOAD, fields, png())
            self.assertEqual(status, 200)
        self.cloud.set(signature_algorithm="sha256")
        self.assertEqual(self.cloud.upload(png(), public_id="s")[0], 401)
        self.cloud.set(signature_algorithm="any", signature_version="2")
        self.assertEqual(self.cloud.post(UPLOAD, fields, png())[0], 401)

    def test_bad_signature(self):
        fields = signed(overwrite="false", public_id="s") | {"public_id": "t"}
        status, reply = self.cloud.post(UPLOAD, fields, png())
        self.assertEqual(status, 401)
        self.assertIn("Invalid Signature", reply["error"]["message"])
        self.assertIn("public_id=t", reply["error"]["message"])
        self.violated("signature does not fit")
        self.assertEqual(self.cloud.count("stored"), 0)

    def test_basic(self):
        plain = {"overwrite": "false", "public_id": "b"}
        self.assertEqual(self.cloud.post(UPLOAD, plain, png(), BASIC)[0], 200)
        bad = {"Authorization": "Basic " + base64.b64encode(b"123456789012345:x").decode()}
        self.assertEqual(self.cloud.post(UPLOAD, plain, png(), bad)[0], 401)
        self.assertEqual(self.cloud.post(UPLOAD, plain, png())[0], 400)
        self.clean()

    def test_time(self):
        self.cloud.set(clock=-7200)
        self.assertEqual(self.cloud.upload(png(), public_id="t")[0], 400)
        self.cloud.set(clock=7200)
        status, reply = self.cloud.upload(png(), public_id="t")
        self.assertEqual(status, 400)
        self.assertIn("Stale request", reply["error"]["message"])
        _, headers, _ = self.cloud.call("GET", "/v1_1/demo/ping", headers=BASIC)
        date = time.mktime(time.strptime(headers["Date"], "%a, %d %b %Y %H:%M:%S GMT"))
        self.assertAlmostEqual(date - time.timezone - time.time(), 7200, delta=60)
        now = str(int(time.time()) + 7200)
        self.assertEqual(self.cloud.upload(png(), public_id="t", timestamp=now)[0], 200)
        self.clean()
        milliseconds = str(int(time.time() * 1000))
        self.assertEqual(self.cloud.upload(png(), public_id="u",
                                           timestamp=milliseconds)[0], 400)
        self.violated("not in seconds")

    def test_parameters(self):
        for fields, text in (
                ({"publicid": "x"}, "takes no parameter publicid"),
                ({"backup": "yes"}, "backup is no boolean"),
                ({"tags": "a,,b"}, "tags has an empty"),
                ({"context": "alt"}, "context has a malformed pair"),
                ({"format": ""}, "format is posted empty")):
            self.cloud.upload(png(), public_id="p", **fields)
            self.violated(text)
        self.cloud.post(UPLOAD, signed(public_id="p"), png())
        self.violated("overwrite is not sent")
        self.cloud.post(UPLOAD, signed(overwrite="0"), png())
        self.violated("public_id is not sent")

    def test_public_ids(self):
        for public_id in ("a?b", "a&b", "a#b", "a\\b", "a%b", "a<b", "v12/b", "x" * 256):
            with self.subTest(public_id):
                self.assertEqual(self.cloud.upload(png(), public_id=public_id)[0], 400)
        for public_id, got in ((" /a/b/ ", "a/b"), ("!a!b!", "a_b"), ("Ünï/cödé", None),
                               ("x" * 255, None)):
            with self.subTest(public_id):
                status, reply = self.cloud.upload(png(), public_id=public_id)
                self.assertEqual((status, reply["public_id"]), (200, got or public_id))
        self.clean()
        self.cloud.upload(png(), public_id="a/../b")
        self.violated("unusable segment")

    def test_content(self):
        status, reply = self.cloud.upload(b"GIF89a no", public_id="g")
        self.assertEqual((status, reply["error"]["message"]), (400, "Invalid image file"))
        self.cloud.set(size_limit=100)
        status, reply = self.cloud.upload(png(), public_id="g")
        self.assertEqual(status, 400)
        self.assertIn(f"File size too large. Got {len(png())}. Maximum is 100. Upgrade",
                      reply["error"]["message"])
        self.assertEqual(self.cloud.count("stored"), 0)
        self.clean()

    def test_other_paths(self):
        for path in ("/v1_1/demo/upload", "/v1_1/demo/auto/upload"):
            fields = signed(overwrite="0", public_id="o")
            self.assertEqual(self.cloud.post(path, fields, png())[0], 200)
        self.assertEqual(self.cloud.post("/v1_1/other/upload", fields, png())[0], 404)
        self.assertEqual(self.cloud.post("/v1_1/demo/image/uplaod", fields, png())[0], 404)

    def test_remote_file(self):
        url = f"http://127.0.0.1:{self.cloud.port}/files/one.png"
        fields = signed(overwrite="0", public_id="r") | {"file": url}
        status, reply = self.cloud.post(UPLOAD, fields)
        self.assertEqual((status, reply["bytes"]), (200, len(png(1))))
        status, reply = self.cloud.post(UPLOAD, fields | {"file": url + "x"})
        self.assertEqual(reply["error"]["message"], f"Resource not found - {url}x")

    def test_chunked_coding_and_continue(self):
        fields = signed(overwrite="0", public_id="c")
        body = form(fields, png(3))
        coded = b"".join(b"%x\r\n%b\r\n" % (len(body[at:at + 50]), body[at:at + 50])
                         for at in range(0, len(body), 50)) + b"0\r\n\r\n"
        head = (f"POST {UPLOAD} HTTP/1.1\r\nHost: 127.0.0.1:{self.cloud.port}\r\n"
                f"Content-Type: multipart/form-data; boundary=\"{BOUNDARY}\"\r\n"
                "Expect: 100-continue\r\nConnection: close\r\n"
                "Transfer-Encoding: chunked\r\n\r\n").encode()
        answer = self.cloud.raw(head + coded)
        self.assertTrue(answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"))
        self.assertEqual(self.cloud.count("stored"), 1)
        self.clean()

    def test_ledger_keeps_no_secrets(self):
        self.cloud.upload(png(), public_id="k", tags=SECRET)
        ledger = self.cloud.control("GET", "ledger")
        self.violated("a secret in the request's fields")
        document = json.loads(ledger)
        del document["assets"]
        text = json.dumps(document)
        self.assertNotIn(SECRET, text)
        self.assertNotIn(KEY, text)
        request = document["requests"][0]
        self.assertEqual(request["fields"]["public_id"], "k")
        self.assertNotIn("signature", request["fields"])
        self.assertEqual(request["file"]["sha256"], hashlib.sha256(png()).hexdigest())


class Chunks(Case):
    def setUp(self):
        super().setUp()
        self.cloud.set(chunk_minimum=99)
        self.content = png(5, 400)[:350]

    def chunk(self, first, last, total=350, number="abcdef012345", content=None, **fields):
        content = self.content[first:last + 1] if content is None else content
        return self.cloud.upload(
            content, {"X-Unique-Upload-Id": number,
                      "Content-Range": f"bytes {first}-{last}/{total}"},
            **{"public_id": "big"} | fields)

    def test_whole(self):
        self.assertEqual(self.chunk(0, 99)[1], {"done": False, "bytes": 100, "kind": "upload"})
        self.assertEqual(self.chunk(0, 99)[1]["bytes"], 100)
        self.assertEqual(self.chunk(100, 199, -1)[1]["public_id"], "big")
        self.assertEqual(self.chunk(200, 299)[0], 200)
        status, reply = self.chunk(300, 349)
        self.assertEqual((status, reply["done"], reply["bytes"]), (200, True, 350))
        self.assertEqual(reply["etag"], hashlib.md5(self.content).hexdigest())
        self.assertEqual(self.chunk(300, 349)[1], reply)
        self.assertEqual(self.cloud.count("stored"), 1)
        self.assertEqual(self.cloud.count("chunks"), 6)
        self.clean()

    def test_existing(self):
        self.cloud.upload(self.content, public_id="big")
        self.chunk(0, 199)
        self.assertTrue(self.chunk(200, 349)[1]["existing"])
        self.clean()

    def test_wrong(self):
        self.assertEqual(self.chunk(100, 199)[0], 400)
        self.violated("first chunk did not come first")
        status, reply = self.chunk(0, 98)
        self.assertEqual(reply["error"]["message"],
                         "All parts except EOF-chunk must be larger than 5mb")
        self.chunk(0, 99, number="secondnumber")
        self.assertEqual(self.chunk(100, 249, number="secondnumber")[0], 400)
        self.violated("not of one size")
        self.assertEqual(self.chunk(300, 349, number="secondnumber")[0], 400)
        self.violated("last chunk came before")
        self.assertEqual(self.chunk(50, 149, number="secondnumber")[0], 400)
        self.violated("in the middle of another")
        self.assertEqual(self.chunk(0, 99, content=b"x")[0], 400)
        self.violated("Content-Range does not fit")
        self.chunk(100, 199, number="secondnumber", tags="other")
        self.violated("differ from the first one")
        self.chunk(0, 99, number="secondnumber", content=b"y" * 100)
        self.violated("repeated with other bytes")
        self.cloud.set(size_limit=300)
        self.assertIn("Got 350", self.chunk(0, 99, number="thirdnumber")[1]["error"]["message"])

    def test_not_a_picture(self):
        self.content = b"x" * 350
        self.chunk(0, 199)
        self.assertEqual(self.chunk(200, 349)[1]["error"]["message"], "Invalid image file")
        self.assertEqual(os.listdir(pathlib.Path(self.cloud.folder.name, "spool")), [])
