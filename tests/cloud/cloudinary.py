"""Cloudinary: who may call, and which call goes where."""

import base64
import binascii
import re
import secrets
import time

from cloudinary_admin import Admin
from cloudinary_assets import Assets
from cloudinary_delivery import Delivery
from cloudinary_params import ApiError, rate_limit, unsubscribed
from cloudinary_sign import fits, posted, string_to_sign
from cloudinary_upload import Upload
from faults import json_answer, register
from wire import Answer

STALE_AFTER = 3600
UPLOAD_ACTIONS = ("upload", "destroy", "rename", "explicit")
RESOURCE_TYPES = ("image", "video", "raw", "auto")

DENIED = "<html><body><h1>401 Unauthorized</h1></body></html>\n"

register("limit", {"in"}, lambda rule, now: rate_limit(now, rule.get("in", 3600)))
register("addon", set(), lambda rule, now: unsubscribed("OCR Text Detection").answer())


class Cloudinary:
    hidden = False

    def __init__(self, server):
        self.server = server
        self.assets = Assets(server)
        self.uploads = Upload(server, self.assets)
        self.admin = Admin(server, self.assets)
        self.delivery = Delivery(server, self.assets)

    def reset(self):
        self.assets.clear()
        self.uploads.reset()
        self.admin.reset()

    def counts(self):
        names = ("uploads", "chunks", "existing", "overwritten", "admin", "deliveries")
        return {"assets": len(self.assets)} | {
            name: self.server.ledger.counts[name] for name in names}

    def owns(self, request):
        first = request.segments()[0]
        return first in ("v1_1", "image", self.server.options.cloud)

    def answer(self, request):
        segments = request.segments()
        if segments[0] != "v1_1":
            return self.delivery.answer(request)
        try:
            reply = self._call(request, segments[1:])
            answer = reply if isinstance(reply, Answer) else json_answer(200, reply)
        except ApiError as error:
            answer = error.answer()
        answer.headers.append(("X-Request-Id", secrets.token_hex(16)))
        return answer

    def _call(self, request, segments):
        cloud, *rest = segments or [""]
        if cloud != self.server.options.cloud:
            raise ApiError(404, f"Invalid cloud_name {cloud}")
        method = request.head.method
        kind = rest.pop(0) if rest and rest[0] in RESOURCE_TYPES else None
        action = rest[0] if len(rest) == 1 else None
        if method == "POST" and action in UPLOAD_ACTIONS:
            if kind in ("video", "raw"):
                request.violation(f"resource type {kind}")
            algorithm = self._authenticate(request)
            return getattr(self.uploads, action)(request, algorithm)
        if method == "GET" and kind and action == "download":
            self._check_signature(request, request.head.query)
            return self.uploads.download(request)
        if kind is None and rest:
            return self._administer(request, rest)
        raise ApiError(404, "Not found")

    def _administer(self, request, rest):
        if "authorization" not in dict(request.head.headers):
            return Answer(401, DENIED, kind="text/html")
        self._check_basic(request)
        return self.admin.call(request, rest)

    # ---- who is there

    def _authenticate(self, request):
        """Basic authentication or a signature. Returns the algorithm to sign the
        answer with."""
        basic = request.head.get("authorization") is not None
        signature = request.field("signature")
        if basic and self.server.options.upload_auth == "signature":
            raise ApiError(401, "Basic authentication is not accepted here")
        if basic:
            self._check_basic(request)
        if signature:
            return self._check_signature(request, request.fields)
        if not basic:
            self._refuse_unsigned(request)
        return self._algorithms()[0]

    def _refuse_unsigned(self, request):
        if request.field("api_key") or request.field("timestamp"):
            raise ApiError(400, "Missing required parameter - signature")
        if request.field("upload_preset"):
            raise ApiError(400, "Upload preset not found")
        raise ApiError(400, "Upload preset must be specified when using unsigned upload")

    def _check_basic(self, request):
        options = self.server.options
        scheme, _, token = request.head.get("authorization").partition(" ")
        try:
            pair = base64.b64decode(token, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            request.violation("Authorization is no standard base64")
            raise ApiError(401, "Malformed authorization") from None
        key, _, secret = pair.partition(":")
        if scheme.lower() != "basic":
            raise ApiError(401, "Malformed authorization")
        self._check_key(key)
        if secret != options.secret:
            raise ApiError(401, "api_secret mismatch")

    def _check_key(self, key):
        if key != self.server.options.key:
            raise ApiError(401, "Unknown api_key")

    def _algorithms(self):
        given = self.server.options.signature_algorithm
        return ("sha1", "sha256") if given == "any" else (given,)

    def _versions(self):
        given = self.server.options.signature_version
        return (2, 1) if given == "any" else (int(given),)

    def _check_signature(self, request, fields):
        params = posted(fields)
        signature = str(params.get("signature", ""))
        for name in ("api_key", "timestamp", "signature"):
            if not params.get(name):
                raise ApiError(400, f"Missing required parameter - {name}")
        self._check_key(params["api_key"])
        self._check_time(request, params["timestamp"])
        if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", signature):
            request.violation("signature is no lower-case hex of SHA-1 or SHA-256")
        algorithms, versions = self._algorithms(), self._versions()
        if not fits(fields, signature, self.server.options.secret, algorithms, versions):
            request.violation("the signature does not fit the fields")
            text = string_to_sign(params, versions[0])
            raise ApiError(
                401, f"Invalid Signature {signature}. String to sign - '{text}'.")
        return "sha256" if len(signature) == 64 else "sha1"

    def _check_time(self, request, text):
        if not re.fullmatch(r"[0-9]{10}", str(text)):
            request.violation("timestamp is not in seconds")
            raise ApiError(400, f"Invalid timestamp {text}")
        age = self.server.now() - int(text)
        if abs(age) > STALE_AFTER:
            stamp = time.strftime("%Y-%m-%d %H:%M:%S +0000", time.gmtime(int(text)))
            way = "ago" if age > 0 else "ahead"
            raise ApiError(self.server.options.stale_status,
                           f"Stale request - reported time is {stamp} which is more than "
                           f"1 hour {way}")
