"""Instagram: who may, what a container takes, and that publishing happens once."""

import json
import urllib.parse

from cloud import IG_TOKEN
from instagram import APP, USER
from selftests.harness import Case, png

BEARER = {"Authorization": f"Bearer {IG_TOKEN}"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Speaking(Case):
    def ask(self, method, path, fields=None, headers=None):
        headers = BEARER if headers is None else headers
        body = urllib.parse.urlencode(fields) if fields is not None else None
        status, _, answer = self.cloud.call(method, path, body,
                                            headers | (FORM if body is not None else {}))
        return status, json.loads(answer)

    def picture(self, width=600, height=400, form="f_jpg/"):
        _, asset = self.cloud.upload(
            png(width * 10000 + height, width=width, height=height),
            public_id=f"picture-{width}-{height}", unique_filename="false")
        return (f"http://127.0.0.1:{self.cloud.port}/demo/image/upload/{form}"
                f"{asset['public_id']}")

    def media(self, **fields):
        return self.ask("POST", f"/v26.0/{USER}/media", fields)

    def publish(self, container):
        return self.ask("POST", f"/v26.0/{USER}/media_publish", {"creation_id": container})

    def state(self, container):
        return self.ask("GET", f"/v26.0/{container}?fields=status_code,status")[1]

    def refused(self, answer, code, subcode=0):
        status, body = answer
        error = body["error"]
        self.assertEqual((status, error["code"], error.get("error_subcode", 0)),
                         (400, code, subcode), error)
        self.assertTrue(error["fbtrace_id"])

    def ready(self, **fields):
        """A container that can be published."""
        status, answer = self.media(**{"image_url": self.picture()} | fields)
        self.assertEqual(status, 200, answer)
        self.assertEqual(self.state(answer["id"])["status_code"], "FINISHED")
        return answer["id"]


class Accounts(Speaking):
    def test_who(self):
        status, answer = self.ask("GET", "/v26.0/me?fields=user_id,username")
        self.assertEqual((status, answer["user_id"]), (200, USER))
        self.refused(self.ask("GET", "/v26.0/me?fields=id", headers={
            "Authorization": "Bearer wrong"}), 190)
        self.assertEqual(self.cloud.violations(), "")
        self.refused(self.ask("GET", "/v26.0/me?fields=id", headers={}), 190)
        self.assertIn("no bearer token", self.cloud.violations())

    def test_quota(self):
        self.cloud.set(ig_used=3, ig_quota=7)
        _, answer = self.ask(
            "GET", f"/v26.0/{USER}/content_publishing_limit?fields=config,quota_usage")
        self.assertEqual(answer["data"][0]["quota_usage"], 3)
        self.assertEqual(answer["data"][0]["config"]["quota_total"], 7)
        _, answer = self.ask(
            "GET", f"/v26.0/{USER}/content_publishing_limit?fields=quota_usage")
        self.assertNotIn("config", answer["data"][0])

    def test_renewed(self):
        path = f"/refresh_access_token?grant_type=ig_refresh_token&access_token={IG_TOKEN}"
        _, answer = self.ask("GET", path, headers={})
        fresh = {"Authorization": f"Bearer {answer['access_token']}"}
        self.assertEqual(self.ask("GET", "/v26.0/me?fields=id", headers=fresh)[0], 200)
        path = "/v26.0/oauth/access_token?" + urllib.parse.urlencode({
            "grant_type": "fb_exchange_token", "client_id": APP[0],
            "client_secret": "wrong", "fb_exchange_token": IG_TOKEN})
        self.refused(self.ask("GET", path, headers={}), 101)
        self.assertEqual(self.cloud.count("ig_renewed"), 1)


class Containers(Speaking):
    def test_pictures(self):
        self.refused(self.media(image_url="http://example.com/a.jpg"), 9004, 2207052)
        self.refused(self.media(image_url=self.picture() + "nosuch"), 9004, 2207052)
        self.refused(self.media(image_url=self.picture(form="")), 36001, 2207005)
        self.refused(self.media(image_url=self.picture(600, 900)), 36003, 2207009)
        self.refused(self.media(image_url=self.picture(1200, 600)), 36003, 2207009)
        status, _ = self.media(image_url=self.picture(600, 900), media_type="STORIES")
        self.assertEqual(status, 200)
        self.assertEqual(self.cloud.violations(), "")

    def test_texts(self):
        url = self.picture()
        for caption in "x" * 2201, "#a " * 31, "@a " * 21:
            self.refused(self.media(image_url=url, caption=caption), 36004, 2207010)
        self.refused(self.media(image_url=url, alt_text="x" * 1001), 100)
        self.assertEqual(self.media(image_url=url, caption="#a " * 30)[0], 200)
        self.assertEqual(self.cloud.violations(), "")

    def test_careless(self):
        for fields, words in (
                ({"colour": "red"}, "unknown field"),
                ({"caption": ""}, "empty field"),
                ({"media_type": "STORIES", "caption": "x"}, "story with a caption"),
                ({"is_carousel_item": "true", "caption": "x"}, "belongs to the carousel"),
                ({"is_ai_generated": "false"}, "is not true")):
            self.cloud.control("POST", "reset")
            url = self.picture()
            self.media(image_url=url, **fields)
            self.assertIn(words, self.cloud.violations())

    def test_polled(self):
        self.cloud.set(ig_polls=2)
        _, answer = self.media(image_url=self.picture())
        states = [self.state(answer["id"])["status_code"] for _ in range(4)]
        self.assertEqual(states, ["IN_PROGRESS"] * 2 + ["FINISHED"] * 2)
        self.refused(self.ask("GET", "/v26.0/123?fields=status_code"), 100, 33)


class Publishing(Speaking):
    def test_once(self):
        container = self.ready(caption="hello")
        status, post = self.publish(container)
        self.assertEqual(status, 200)
        self.refused(self.publish(container), 24, 2207008)
        self.refused(self.publish("1"), 24, 2207008)
        self.assertEqual(self.state(container)["status_code"], "PUBLISHED")
        self.assertEqual(self.cloud.count("ig_posts"), 1)
        _, answer = self.ask("GET", f"/v26.0/{post['id']}?fields=permalink")
        self.assertIn(post["id"], answer["permalink"])
        self.assertEqual(self.cloud.violations(), "")

    def test_too_early(self):
        self.cloud.set(ig_polls=1)
        _, answer = self.media(image_url=self.picture())
        self.refused(self.publish(answer["id"]), 9007, 2207027)
        self.assertIn("before it was ready", self.cloud.violations())

    def test_quota(self):
        self.cloud.set(ig_quota=0)
        self.refused(self.publish(self.ready()), 9, 2207042)
        self.assertEqual(self.cloud.count("ig_posts"), 0)

    def test_carousel(self):
        children = [self.ready(is_carousel_item="true") for _ in range(2)]
        self.refused(self.media(media_type="CAROUSEL", children=children[0]), 100, 2207028)
        self.refused(self.media(media_type="CAROUSEL", children="1,2"), 24, 2207006)
        status, parent = self.media(media_type="CAROUSEL", children=",".join(children))
        self.assertEqual(status, 200)
        self.assertEqual(self.state(parent["id"])["status_code"], "FINISHED")
        self.assertEqual(self.publish(parent["id"])[0], 200)
        self.assertEqual(self.cloud.violations(), "")
        self.refused(self.publish(children[0]), 100)
        self.assertIn("a child is published", self.cloud.violations())

    def test_put(self):
        container = self.ready()
        self.cloud.control("POST", "instagram", json.dumps({"state": "ERROR",
                                                            "error": 2207052}))
        self.assertIn("2207052", self.state(container)["status"])
        self.cloud.control("POST", "instagram", json.dumps({"state": "gone"}))
        status, _ = self.ask("GET", f"/v26.0/{container}?fields=status_code")
        self.assertEqual(status, 400)
