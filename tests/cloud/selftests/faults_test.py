"""Every fault, played."""

import http.client
import json
import pathlib
import time
import unittest

from faults import ACTIONS, Rule
from selftests.harness import Case, png


class FaultsPlayed(Case):
    """Each action, at each moment that makes a difference."""

    def reply(self, **more):
        return self.cloud.upload(png(1), public_id="f", **more)

    def lost(self):
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.reply()

    def stored(self, times):
        self.assertEqual(self.cloud.count("stored"), times)

    def get(self, path="/html"):
        return self.cloud.call("GET", path)

    def test_status(self):
        self.cloud.fault(do="status", status=503, headers={"Retry-After": "7"}, times=2)
        for _ in range(2):
            status, headers, body = self.get()
            self.assertEqual((status, headers["Retry-After"]), (503, "7"))
        self.assertEqual(self.get()[0], 200)
        self.cloud.fault(do="status", status=500, body={"error": {"message": "x"}})
        self.assertEqual(json.loads(self.get()[2]), {"error": {"message": "x"}})
        self.cloud.fault(do="status", status=200, body_base64="/w==")
        self.assertEqual(self.get()[2], b"\xff")
        self.cloud.fault(do="status", status=429, headers={"Retry-After": "@+60"})
        self.assertIn("GMT", self.get()[1]["Retry-After"])
        self.assertEqual(self.cloud.count("faults"), 5)

    def test_status_after_acting(self):
        self.cloud.fault(do="status", status=502, when="acted")
        self.assertEqual(self.reply()[0], 502)
        self.stored(1)
        self.cloud.fault(do="status", status=502)
        self.reply()
        self.assertTrue(self.reply()[1]["existing"])
        self.stored(1)

    def test_status_before_the_body(self):
        for when in ("head", "body"):
            self.cloud.fault(do="status", status=401, when=when)
            self.assertEqual(self.reply()[0], 401)
        self.stored(0)

    def test_both_420(self):
        self.cloud.fault(**{"do": "limit", "in": 5})
        status, headers, body = self.get()
        self.assertEqual(status, 420)
        self.assertIn(b"Rate Limit Exceeded", body)
        self.assertIn("GMT", headers["X-FeatureRateLimit-Reset"])
        self.cloud.fault(do="addon")
        status, headers, body = self.get()
        self.assertEqual((status, headers["X-FeatureRateLimit-Reset"]), (420, None))
        self.assertIn(b"active subscription", body)

    def test_bodies(self):
        self.cloud.fault(do="html")
        status, headers, body = self.get()
        self.assertEqual((status, headers["Content-Type"]), (502, "text/html"))
        self.cloud.fault(do="empty")
        self.assertEqual(self.get()[2], b"")
        self.cloud.fault(do="notjson")
        with self.assertRaises(ValueError):
            json.loads(self.get()[2])
        self.cloud.fault(do="deep", levels=1000)
        self.assertTrue(self.get()[2].startswith(b'{"a":{"a":'))
        self.cloud.fault(do="endless", bytes=1 << 20)
        self.assertGreaterEqual(len(self.get()[2]), 1 << 20)
        self.cloud.fault(do="raw", body="HTTP/1.1 200")
        self.assertEqual(self.cloud.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
                         b"HTTP/1.1 200")

    def test_close(self):
        for when, stored in (("head", 0), ("body", 0), ("read", 0), ("acted", 1)):
            self.cloud.fault(do="close", when=when, bytes=10) if when == "body" \
                else self.cloud.fault(do="close", when=when)
            self.lost()
            self.stored(stored)
        self.assertTrue(self.reply()[1]["existing"])
        self.clean()

    def test_reset(self):
        for when, stored in (("head", 0), ("body", 0), ("read", 0), ("acted", 1)):
            self.cloud.fault(do="reset", when=when)
            self.lost()
            self.stored(stored)

    def test_reset_is_a_reset(self):
        for do, end in (("reset", None), ("close", b"")):
            self.cloud.fault(do=do)
            try:
                got = self.cloud.raw(b"GET /html HTTP/1.1\r\nHost: x\r\n\r\n")
            except ConnectionResetError:
                got = None
            self.assertEqual(got, end)

    def test_cut(self):
        self.cloud.fault(do="cut", bytes=20)
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.reply()
        self.assertEqual(len(caught.exception.partial), 20)
        self.stored(1)
        self.cloud.fault(do="cut", bytes=20, reset=True)
        self.lost()

    def test_hang_and_stall(self):
        for rule in ({"do": "hang", "ms": 50}, {"do": "stall", "bytes": 5, "ms": 50},
                     {"do": "hang", "when": "head", "ms": 50}):
            self.cloud.fault(**rule)
            began = time.monotonic()
            self.lost()
            self.assertGreaterEqual(time.monotonic() - began, 0.05)

    def test_hang_ends_with_the_client(self):
        self.cloud.fault(do="hang")
        with self.assertRaises(TimeoutError):
            self.cloud.call("GET", "/html", timeout=0.1)
        self.cloud.control("GET", "idle?seconds=10")
        request = json.loads(self.cloud.control("GET", "requests"))
        self.assertIsNotNone(request["ended_ms"])

    def test_delay(self):
        for when in ("read", "acted"):
            self.cloud.fault(do="delay", delay=60, when=when)
            began = time.monotonic()
            self.assertEqual(self.reply()[0], 200)
            self.assertGreaterEqual(time.monotonic() - began, 0.06)

    def test_drip_and_length(self):
        self.cloud.fault(do="drip", bytes=50, ms=1)
        self.assertEqual(self.get()[0], 200)
        self.cloud.fault(do="length", by=10)
        with self.assertRaises(http.client.IncompleteRead):
            self.get()
        self.cloud.fault(do="length", by=-10)
        whole = self.get()[2]
        self.assertEqual(len(whole) + 10, len(self.get()[2]))

    def test_shape(self):
        self.cloud.fault(do="shape", drop=["public_id"], set={"bytes": 1, "etag": None})
        _, reply = self.reply()
        self.assertNotIn("public_id", reply)
        self.assertEqual((reply["bytes"], reply["etag"]), (1, None))
        self.stored(1)

    def test_headers(self):
        self.cloud.fault(do="delay", headers={"X-A": "b"}, header_bytes=9000)
        _, headers, _ = self.get()
        self.assertEqual((headers["X-A"], len(headers["X-Pad-1"])), ("b", 4000))

    def test_matching(self):
        self.cloud.fault(do="status", status=500, method="POST", path="upload$",
                         field={"public_id": "^two$"}, filename="png$",
                         header={"Content-Type": "multipart"}, nth=2)
        results = [self.cloud.upload(png(n), public_id=name)[0]
                   for n, name in enumerate(("two", "one", "two", "two"))]
        self.assertEqual(results, [200, 200, 500, 200])

    def test_turns(self):
        self.cloud.fault(do="status", status=500, every=3, times=0)
        self.assertEqual([self.get()[0] for _ in range(7)],
                         [500, 200, 200, 500, 200, 200, 500])
        self.cloud.control("POST", "reset")
        self.cloud.fault(do="status", status=500)
        self.cloud.fault(do="status", status=503)
        self.assertEqual([self.get()[0] for _ in range(3)], [500, 503, 200])
        self.cloud.fault(do="status", status=500, chance=0.3, times=0)
        played = sum(self.get()[0] == 500 for _ in range(100))
        self.assertTrue(10 < played < 60, played)

    def test_every_action_is_tested(self):
        folder = pathlib.Path(__file__).parent
        source = "".join(path.read_text("utf-8") for path in folder.glob("*_test.py"))
        for action in ACTIONS:
            self.assertRegex(source, f'"?do"?[=:] ?"{action}"')


class FaultRules(unittest.TestCase):
    def test_refused(self):
        for text in ("[]", "{", '{"do":"x"}', '{"do":"status","sttaus":1}',
                     '{"do":"cut","when":"head"}', '{"do":"close","when":"later"}',
                     '{"do":"close","when":"head","field":{"a":"b"}}',
                     '{"do":"cut","when":"read"}'):
            with self.subTest(text), self.assertRaises(ValueError):
                Rule(text, None)
