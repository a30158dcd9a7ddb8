"""Destroy, rename, explicit, the Admin API, delivery."""

import hashlib
import json
import urllib.parse

from cloudinary_sign import link_signatures
from cloud import SECRET
from selftests.harness import BASIC, Case, png, signed


class Managing(Case):
    def action(self, name, **fields):
        return self.cloud.post(f"/v1_1/demo/image/{name}", signed(**fields))

    def get(self, path, headers=BASIC):
        status, headers, body = self.cloud.call("GET", "/v1_1/demo/" + path, headers=headers)
        return status, headers, json.loads(body)

    def test_destroy(self):
        self.cloud.upload(png(1), public_id="d")
        self.assertEqual(self.action("destroy", public_id="d", type="private")[1],
                         {"result": "not found"})
        self.assertEqual(self.action("destroy", public_id="d", invalidate="true")[1],
                         {"result": "ok"})
        self.assertEqual(self.action("destroy", public_id="d")[1], {"result": "not found"})
        self.assertEqual(self.action("destroy")[0], 400)
        ledger = json.loads(self.cloud.control("GET", "ledger"))
        self.assertEqual(ledger["destroyed"], [{"public_id": "d", "type": "upload",
                                                "invalidate": "true"}])
        self.cloud.upload(png(1), public_id="d")
        self.assertEqual(self.cloud.count("duplicates"), 0)
        self.clean()

    def test_rename(self):
        _, before = self.cloud.upload(png(1), public_id="a")
        self.cloud.upload(png(2), public_id="b")
        self.assertEqual(self.action("rename", from_public_id="a", to_public_id="b")[0], 400)
        _, after = self.action("rename", from_public_id="a", to_public_id="c")
        self.assertEqual((after["public_id"], after["asset_id"]), ("c", before["asset_id"]))
        self.assertEqual(self.action("rename", from_public_id="a", to_public_id="c")[0], 404)
        self.assertEqual(self.action("rename", from_public_id="c", to_public_id="b",
                                     overwrite="true")[0], 200)
        self.assertEqual(self.cloud.count("assets"), 1)

    def test_explicit(self):
        self.cloud.upload(png(1), public_id="e")
        status, reply = self.action("explicit", public_id="e", type="upload", tags="t")
        self.assertEqual((status, reply["tags"]), (200, ["t"]))
        self.assertEqual(self.action("explicit", public_id="f", type="upload")[0], 404)
        self.clean()
        self.action("explicit", public_id="e")
        self.violated("explicit without type")

    def test_download(self):
        self.cloud.upload(png(1), public_id="p/q", type="private")
        query = urllib.parse.urlencode(signed(public_id="p/q", type="private", format="png"))
        path = "/v1_1/demo/image/download?" + query
        self.assertEqual(self.cloud.call("GET", path)[2], png(1))
        self.assertEqual(self.cloud.call("GET", path + "&attachment=true")[0], 401)

    def test_admin(self):
        for number in range(25):
            self.cloud.upload(png(number), public_id=f"p/{number:02}", tags=f"t{number}")
        self.cloud.upload(png(99), public_id="other")
        found, cursor = [], ""
        while True:
            _, headers, page = self.get("resources/image/upload?prefix=p/&max_results=10"
                                        + cursor)
            found += [resource["public_id"] for resource in page["resources"]]
            if "next_cursor" not in page:
                break
            cursor = "&next_cursor=" + page["next_cursor"]
        self.assertEqual(found, [f"p/{number:02}" for number in range(25)])
        self.assertEqual(headers["X-FeatureRateLimit-Remaining"], "497")
        self.assertEqual(self.get("resources/image/upload?max_results=501")[0], 400)
        self.assertEqual(self.get("resources/image/upload?prefix=o" + cursor)[0], 400)
        _, _, details = self.get("resources/image/upload/p/03")
        self.assertEqual(details["etag"], hashlib.md5(png(3)).hexdigest())
        self.assertEqual(self.get("resources/" + details["asset_id"])[2], details)
        self.assertEqual(self.get("resources/image/upload/none")[0], 404)
        some = "resources/image/upload?public_ids[]=p/01&public_ids[]=other"
        self.assertEqual(len(self.get(some)[2]["resources"]), 2)
        self.assertEqual(self.get("usage")[2]["media_limits"]["image_max_size_bytes"], 10485760)
        self.assertEqual(self.get("config?settings=true")[2]["settings"],
                         {"folder_mode": "dynamic"})
        self.clean()

    def test_admin_access(self):
        status, headers, _ = self.cloud.call("GET", "/v1_1/demo/ping")
        self.assertEqual((status, headers["Content-Type"]), (401, "text/html"))
        self.cloud.set(hourly_limit=1)
        self.assertEqual(self.get("ping")[2], {"status": "ok"})
        status, headers, reply = self.get("ping")
        self.assertEqual(status, 420)
        self.assertIn("Try again on", reply["error"]["message"])
        self.assertIn("GMT", headers["X-FeatureRateLimit-Reset"])

    def search(self, **query):
        status, _, body = self.cloud.call("POST", "/v1_1/demo/resources/search",
                                          json.dumps(query),
                                          BASIC | {"Content-Type": "application/json"})
        return status, json.loads(body)

    def test_search(self):
        for number in range(3):
            self.cloud.upload(png(number, 100 + 100 * number), public_id=f"s/{number}",
                              tags="cat" if number else "dog")
        status, reply = self.search(expression="public_id:s/* AND tags:cat AND bytes>250",
                                    with_field=["tags"])
        self.assertEqual((status, reply["total_count"]), (200, 2))
        self.assertEqual(reply["resources"][0]["tags"], ["cat"])
        self.assertIn("etag", reply["resources"][0])
        self.assertEqual(self.search(expression="nonsense:x")[1]["total_count"], 0)
        self.assertEqual(self.search(expression="*")[0], 400)
        _, reply = self.search(sort_by=[{"public_id": "asc"}], max_results=2)
        self.assertEqual([r["public_id"] for r in reply["resources"]], ["s/0", "s/1"])
        _, reply = self.search(sort_by=[{"public_id": "asc"}], max_results=2,
                               next_cursor=reply["next_cursor"])
        self.assertEqual([r["public_id"] for r in reply["resources"]], ["s/2"])

    def test_delete_many(self):
        self.cloud.upload(png(1), public_id="m")
        status, _, body = self.cloud.call(
            "DELETE", "/v1_1/demo/resources/image/upload?public_ids[]=m&public_ids[]=n",
            headers=BASIC)
        self.assertEqual(json.loads(body)["deleted"], {"m": "deleted", "n": "not_found"})


class Delivering(Case):
    def setUp(self):
        super().setUp()
        _, self.reply = self.cloud.upload(png(1), public_id="dir/pic")

    def get(self, path, method="GET"):
        status, headers, body = self.cloud.call(method, "/demo/image/upload/" + path)
        return status, headers.get("X-Cld-Error", ""), body

    def test_delivered(self):
        for path in ("v1/dir/pic.png", "dir/pic", "f_auto,q_auto:good/v1/dir/pic",
                     "c_fill,g_auto,h_300,w_300/f_auto,q_auto:good/v17/dir/pic.jpg",
                     "f_jpg,q_90/dir/pic.jpg"):
            with self.subTest(path):
                self.assertEqual(self.get(path), (200, "", png(1)))
        self.assertEqual(self.cloud.call("GET", "/image/upload/v1/dir/pic.png")[0], 200)
        _, headers, body = self.cloud.call("HEAD", "/demo/image/upload/v1/dir/pic.png")
        self.assertEqual((headers["Content-Length"], headers["Content-Type"], body),
                         (str(len(png(1))), "image/png", b""))
        self.clean()

    def test_refused(self):
        for path, status, reason in (
                ("w_abc/v1/dir/pic", 400, "Invalid width in transformation: abc"),
                ("nonsense/v1/dir/pic", 400, "Unknown transformation nonsense"),
                ("zz_9/v1/dir/pic", 400, "Unknown transformation zz_9"),
                ("c_scale,g_auto,w_9/v1/dir/pic", 400, "Automatic gravity"),
                ("q_0/v1/dir/pic", 400, "Invalid quality"),
                ("v1/dir/none.png", 404, "Resource not found"),
                ("s--AAAAAAAA--/v1/dir/pic", 401, "deny or ACL failure")):
            with self.subTest(path):
                got, text, _ = self.get(path)
                self.assertEqual(got, status)
                self.assertIn(reason, text)
        self.clean()
        self.assertEqual(self.get("w_9,c_scale/v1/dir/pic")[0], 200)
        self.violated("not in order")

    def test_signed(self):
        for name in link_signatures("c_scale,w_400", "dir/pic.jpg", SECRET):
            path = f"s--{name}--/c_scale,w_400/v1/dir/pic.jpg"
            self.assertEqual(self.get(path)[0], 200)
        self.cloud.upload(png(2), public_id="hidden", type="authenticated")
        self.assertEqual(self.cloud.call("GET", "/demo/image/authenticated/hidden")[0], 401)

    def test_credentials(self):
        self.cloud.call("GET", "/demo/image/upload/dir/pic", headers=BASIC)
        self.violated("credentials are sent to a delivery link")
