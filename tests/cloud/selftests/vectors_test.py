"""The signer and the delivery, against what the official SDKs computed."""

import json
import unittest
import urllib.parse

from cloud import SECRET
from cloudinary_sign import answer_signature, link_signatures, sign, string_to_sign
from selftests.harness import VECTORS, Case, png


@unittest.skipUnless(VECTORS.exists(), "no shared/reference/cloudinary-vectors.json")
class Vectors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.vectors = json.loads(VECTORS.read_text())

    def of(self, kind):
        chosen = [vector for vector in self.vectors if vector["kind"] == kind]
        self.assertTrue(chosen)
        return chosen

    def test_signatures(self):
        for vector in self.of("signature"):
            given = vector["input"]
            with self.subTest(vector["name"]):
                self.assertEqual(string_to_sign(given["params"], given["signature_version"]),
                                 vector["string_to_sign"])
                self.assertEqual(sign(given["params"], given["api_secret"],
                                      given["algorithm"], given["signature_version"]),
                                 vector["expected"])

    def test_response_signatures(self):
        for vector in self.of("response_signature"):
            given = vector["input"]
            with self.subTest(vector["name"]):
                self.assertEqual(answer_signature(given["public_id"], given["version"],
                                                  given["api_secret"]), vector["expected"])

    def test_download_signatures(self):
        for vector in self.of("private_download_url"):
            query = urllib.parse.urlsplit(vector["expected"]).query
            fields = dict(urllib.parse.parse_qsl(query))
            with self.subTest(vector["name"]):
                self.assertEqual(sign(fields, vector["input"]["api_secret"]),
                                 fields["signature"])

    def test_signed_links(self):
        seen = 0
        for vector in self.of("url"):
            path = urllib.parse.urlsplit(vector["expected"]).path.split("/")
            marks = [part for part in path if part.startswith("s--")]
            if not marks or vector["input"]["options"].get("url_suffix"):
                continue
            rest = [part for part in path[path.index(marks[0]) + 1:]
                    if part not in ("v1", "v1234", "v1700000000")]
            transformation = vector["input"]["transformation"]
            name = "/".join(rest)[len(transformation):].lstrip("/")
            with self.subTest(vector["name"]):
                self.assertIn(marks[0][3:-2],
                              link_signatures(transformation, name, SECRET))
            seen += 1
        self.assertGreaterEqual(seen, 9)


class VectorLinks(Case):
    """Every image link of the vectors is one that this cloud delivers."""

    @unittest.skipUnless(VECTORS.exists(), "no shared/reference/cloudinary-vectors.json")
    def test_links(self):
        seen = 0
        for vector in json.loads(VECTORS.read_text()):
            path = urllib.parse.urlsplit(vector["expected"]).path \
                if vector["kind"] == "url" else ""
            if not path.startswith(("/demo/image/", "/image/")) or "/fetch/" in path:
                continue
            given = vector["input"]
            public_id = urllib.parse.unquote(given["public_id"]).replace("//", "/")
            if set(public_id) & set("+&()!") or public_id.startswith("v12/"):
                continue
            with self.subTest(vector["name"]):
                kind = given["options"].get("type", "upload")
                status, _ = self.cloud.upload(png(2), public_id=public_id, type=kind)
                self.assertEqual(status, 200)
                status, headers, body = self.cloud.call("GET", path)
                self.assertEqual((status, body), (200, png(2)), headers.get("X-Cld-Error"))
            seen += 1
        self.assertGreaterEqual(seen, 25)
        self.assertEqual([line for line in self.cloud.violations().splitlines()
                          if "c_fill,g_auto,w_400,h_300" not in line], [])
