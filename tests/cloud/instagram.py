"""Instagram: the publishing part of the Graph API, for one account of each login.

    POST /VERSION/USER/media                      a container
    POST /VERSION/USER/media_publish              a post; the only thing that counts
    GET  /VERSION/USER/content_publishing_limit
    GET  /VERSION/ID?fields=...                   a container, a post, the account
    GET  /VERSION/me?fields=...
    GET  /refresh_access_token, /VERSION/oauth/access_token

A container fetches its picture at once, from this server's own delivery links, and is
ready after as many questions as the option `ig_polls` says. What a request does wrong
that a careful client would not do is a violation.
"""

import json
import re
import urllib.parse

from faults import json_answer
from wire import Answer

USER = "17841400000000001"
USERNAME = "lighthouse.team"
APP = ("1234567890", "app-secret-of-the-tests")
VERSION = re.compile(r"v\d+\.\d")
CAPTION_LIMIT, ALT_LIMIT, HASHTAGS, MENTIONS = 2200, 1000, 30, 20
BYTES_LIMIT = 8 << 20
MEDIA_FIELDS = {"image_url", "caption", "alt_text", "is_carousel_item", "media_type",
                "children", "is_ai_generated"}

# What the service says, by code and subcode.
TEXTS = {
    (36000, 2207004): "The image size is too large",
    (36001, 2207005): "The image format is not supported",
    (36003, 2207009): "The submitted image with aspect ratio ('',) cannot be published",
    (36004, 2207010): "The caption was too long",
    (9004, 2207052): "Only photo or video can be accepted as media type.",
    (9007, 2207027): "The media is not ready for publishing",
    (24, 2207006): "The requested resource does not exist",
    (24, 2207008): "Object does not exist",
    (9, 2207042): "You reached maximum number of posts",
    (4, 2207051): "Application request limit reached: action is blocked",
    (25, 2207050): "User is restricted",
    (100, 2207028): "A carousel must have between 2 and 10 children",
    (100, 33): "Unsupported get request",
    (190, 0): "Invalid OAuth access token - Cannot parse access token",
}


class GraphError(Exception):
    def __init__(self, code, subcode=0, text=None):
        super().__init__(text or TEXTS.get((code, subcode), "An error occurred"))
        self.code, self.subcode = code, subcode

    def answer(self):
        error = {"message": str(self), "type": "OAuthException", "code": self.code,
                 "is_transient": False, "fbtrace_id": "AbCdEfGhIjKlMnOp"}
        if self.subcode:
            error["error_subcode"] = self.subcode
            error["error_user_title"] = "Ein Fehler"
        return json_answer(400, {"error": error})

def hashtags(text):
    return len(re.findall(r"#\w+", text))


def mentions(text):
    return len(re.findall(r"(?<!\w)@\w+", text))


class Instagram:
    hidden = False

    def __init__(self, server, cloudinary):
        self.server = server
        self.cloudinary = cloudinary
        self.tokens = (server.options.ig_token,)
        self.reset()

    def reset(self):
        self.containers = {}   # id -> dict
        self.posts = {}        # id -> container id
        self.next_id = 18000000000000000
        self.tokens = (self.server.options.ig_token,)
        self.renewed = 0

    def counts(self):
        return {"ig_containers": len(self.containers), "ig_posts": len(self.posts),
                "ig_renewed": self.renewed}

    def owns(self, request):
        first = request.segments()[0]
        return bool(VERSION.fullmatch(first)) or first == "refresh_access_token"

    def answer(self, request):
        try:
            return json_answer(200, self._call(request))
        except GraphError as error:
            return error.answer()

    def _call(self, request):
        segments = request.segments()
        if segments[0] == "refresh_access_token":
            return self._refresh(request)
        rest = segments[1:]
        if rest == ["oauth", "access_token"]:
            return self._exchange(request)
        self._authenticate(request)
        method = request.head.method
        if method == "POST" and rest == [USER, "media"]:
            return self._contain(request)
        if method == "POST" and rest == [USER, "media_publish"]:
            return self._publish(request)
        if method == "GET" and rest == [USER, "content_publishing_limit"]:
            return self._quota(request)
        if method == "GET" and len(rest) == 1:
            return self._read(request, rest[0])
        raise GraphError(100, 33)

    # ---- Who may ----

    def _authenticate(self, request):
        header = request.head.get("authorization", "")
        if request.query("access_token") is not None:
            request.violation("a token in the address")
        if not header.startswith("Bearer "):
            request.violation("no bearer token")
            raise GraphError(190)
        if header[len("Bearer "):] not in self.tokens:
            raise GraphError(190)

    def _renew(self):
        self.renewed += 1
        token = f"{self.server.options.ig_token}-renewed{self.renewed}"
        self.tokens += (token,)
        if token not in self.server.ledger.secrets:
            self.server.ledger.secrets.append(token)
        self.server.ledger.tell()
        return {"access_token": token, "token_type": "bearer", "expires_in": 5183944}

    def _refresh(self, request):
        if request.query("grant_type") != "ig_refresh_token":
            request.violation("a refresh without its grant_type")
        if request.query("access_token") not in self.tokens:
            raise GraphError(190)
        return self._renew()

    def _exchange(self, request):
        if request.query("grant_type") != "fb_exchange_token":
            request.violation("an exchange without its grant_type")
        given = (request.query("client_id"), request.query("client_secret"))
        if given != APP:
            raise GraphError(101, 0, "Error validating application")
        if request.query("fb_exchange_token") not in self.tokens:
            raise GraphError(190)
        return self._renew()

    # ---- Reading ----

    def _fields(self, request):
        fields = request.query("fields")
        if not fields:
            request.violation("asks without naming fields")
        return (fields or "").split(",")

    def _quota(self, request):
        fields = self._fields(request)
        used = self.server.options.ig_used + len(self.posts)
        entry = {"quota_usage": used}
        if "config" in fields:
            entry["config"] = {"quota_total": self.server.options.ig_quota,
                               "quota_duration": 86400}
        return {"data": [entry]}

    def _read(self, request, name):
        fields = self._fields(request)
        if name in ("me", USER):
            known = {"id": USER, "user_id": USER, "username": USERNAME}
        elif name in self.containers:
            known = self._container_state(self.containers[name])
        elif name in self.posts:
            known = {"permalink": f"https://www.instagram.com/p/{name}/",
                     "timestamp": "2026-11-22T10:00:00+0000"}
        else:
            raise GraphError(100, 33)
        return {field: known[field] for field in fields if field in known} | {"id": name}

    def _container_state(self, container):
        if container["state"] == "IN_PROGRESS":
            container["polls"] -= 1
            if container["polls"] < 0:
                container["state"] = "FINISHED"
        code = container["state"]
        status = {"ERROR": "Error: Media upload has failed with error code "
                           f"{container.get('error')}"}.get(code, code.capitalize())
        return {"status_code": code, "status": status}

    # ---- Containers ----

    def _new_id(self):
        self.next_id += 1
        return str(self.next_id)

    def _check_text(self, fields):
        caption, alt = fields.get("caption", ""), fields.get("alt_text", "")
        if len(caption) > CAPTION_LIMIT or hashtags(caption) > HASHTAGS \
                or mentions(caption) > MENTIONS:
            raise GraphError(36004, 2207010)
        if len(alt) > ALT_LIMIT:
            raise GraphError(100, 0, "alt_text is too long")

    def _contain(self, request):
        kind = request.head.get("content-type", "")
        if kind.split(";")[0] != "application/x-www-form-urlencoded":
            request.violation(f"a form of type {kind}")
        fields = dict(urllib.parse.parse_qsl(request.raw.decode(), keep_blank_values=True))
        for name in fields.keys() - MEDIA_FIELDS:
            request.violation(f"an unknown field {name}")
        for name, value in fields.items():
            if value == "":
                request.violation(f"an empty field {name}")
        self._check_text(fields)
        if fields.get("media_type") == "CAROUSEL":
            self._check_carousel(request, fields)
        else:
            self._check_single(request, fields)
        name = self._new_id()
        self.containers[name] = {"id": name, "fields": fields, "state": "IN_PROGRESS",
                                 "polls": self.server.options.ig_polls}
        self.server.ledger.tell()
        return {"id": name}

    def _check_carousel(self, request, fields):
        children = fields.get("children", "").split(",")
        if not 2 <= len(children) <= 10:
            raise GraphError(100, 2207028)
        for child in children:
            container = self.containers.get(child)
            if container is None:
                raise GraphError(24, 2207006)
            if container["fields"].get("is_carousel_item") != "true":
                request.violation("a child that is no carousel item")
            if container["state"] != "FINISHED":
                request.violation("a child that is not ready")
                raise GraphError(9007, 2207027)

    def _check_single(self, request, fields):
        story = fields.get("media_type") == "STORIES"
        child = fields.get("is_carousel_item") == "true"
        if story and fields.keys() & {"caption", "alt_text"}:
            request.violation("a story with a caption or an alternative text")
        if child and fields.keys() & {"caption", "is_ai_generated"}:
            request.violation("a child with what belongs to the carousel")
        if fields.get("is_ai_generated", "true") != "true":
            request.violation("is_ai_generated that is not true")
        self._check_picture(request, fields.get("image_url", ""), story)

    def _check_picture(self, request, url, story):
        parts = urllib.parse.urlsplit(url)
        if not url.isascii():
            request.violation("an address that is not plain ASCII")
        if parts.netloc != f"127.0.0.1:{self.server.port}":
            raise GraphError(9004, 2207052)
        asset = self.cloudinary.delivery.fetched(parts.path, request)
        if asset is None:
            raise GraphError(9004, 2207052)
        if asset.format != "jpg" and "f_jpg" not in parts.path:
            raise GraphError(36001, 2207005)
        if "f_jpg" not in parts.path:
            request.violation("the format of the link is not pinned")
        if asset.bytes > BYTES_LIMIT:
            raise GraphError(36000, 2207004)
        if not story and not (3 * asset.height <= 4 * asset.width
                              and 100 * asset.width <= 191 * asset.height):
            raise GraphError(36003, 2207009)

    # ---- Publishing ----

    def _publish(self, request):
        fields = dict(urllib.parse.parse_qsl(request.raw.decode()))
        container = self.containers.get(fields.get("creation_id"))
        if container is None:
            raise GraphError(24, 2207008)
        if container["state"] == "PUBLISHED":
            raise GraphError(24, 2207008)
        if container["state"] != "FINISHED":
            request.violation("published before it was ready")
            raise GraphError(9007, 2207027)
        if container["fields"].get("is_carousel_item") == "true":
            request.violation("a child is published")
            raise GraphError(100, 0)
        if self.server.options.ig_used + len(self.posts) >= self.server.options.ig_quota:
            raise GraphError(9, 2207042)
        container["state"] = "PUBLISHED"
        name = self._new_id()
        self.posts[name] = container["id"]
        self.server.ledger.tell()
        return {"id": name}

    # ---- For tests ----

    def described(self):
        return {"containers": list(self.containers.values()),
                "posts": [{"id": post} | self.containers[of]["fields"]
                          for post, of in self.posts.items()]}

    def put(self, state, error=None):
        """Every container that is not published is in STATE from now on."""
        for container in self.containers.values():
            if container["state"] != "PUBLISHED":
                container["state"] = state
                container["error"] = error


def control_state(instagram, text):
    """What /_control/instagram is told: {"state": ..., "error": ...}."""
    told = json.loads(text or "{}")
    if told.get("state") == "gone":
        instagram.containers.clear()
    elif told:
        instagram.put(told["state"], told.get("error"))
    return Answer(200, "")
