"""Cloudinary's Admin API, as far as it is used: lists, details, search, figures."""

import base64
import email.utils
import json
import re

from cloudinary_params import ApiError, rate_limit
from cloudinary_upload import TYPES
from faults import json_answer

HOUR = 3600
SORTABLE = ("created_at", "public_id", "bytes", "width", "height", "version", "format")
TERM = re.compile(r'\s*(\w+)(:|>=|<=|=|>|<)("(?:[^"\\]|\\.)*"|[^\s]+)\s*')


def cursor_of(place):
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def number(request, name, default, least, most):
    text = request.query(name)
    if text is None:
        return default
    if not text.isdigit() or not least <= int(text) <= most:
        raise ApiError(400, f"Invalid value {text} for parameter {name}")
    return int(text)


def page(assets, question, cursor, size):
    """SIZE of the assets from CURSOR on, and the cursor of those behind them.
    A cursor belongs to the QUESTION that it came with."""
    start = 0
    if cursor:
        try:
            asked, start = json.loads(base64.urlsafe_b64decode(cursor))
        except (ValueError, TypeError):
            raise ApiError(400, "Invalid next_cursor") from None
        if asked != question:
            raise ApiError(400, "Invalid next_cursor: it belongs to another query")
    chosen, after = assets[start:start + size], start + size
    following = cursor_of([question, after]) if after < len(assets) else None
    return chosen, following


class Admin:
    def __init__(self, server, assets):
        self.server = server
        self.assets = assets
        self.reset()

    def reset(self):
        self.calls = 0
        self.window = self.server.now()

    def call(self, request, rest):
        """Answer the call to the path REST, with the hourly limit's headers."""
        options, now = self.server.options, self.server.now()
        self.server.ledger.add("admin")
        if now >= self.window + HOUR:
            self.calls, self.window = 0, now
        self.calls += 1
        reset = self.window + HOUR
        if self.calls > options.hourly_limit:
            return rate_limit(now, reset - now, options.hourly_limit)
        try:
            answer = json_answer(200, self._reply(request, rest))
        except ApiError as error:
            answer = error.answer()
        answer.headers += [
            ("X-FeatureRateLimit-Limit", str(options.hourly_limit)),
            ("X-FeatureRateLimit-Remaining", str(options.hourly_limit - self.calls)),
            ("X-FeatureRateLimit-Reset", email.utils.formatdate(reset, usegmt=True))]
        return answer

    def _reply(self, request, rest):
        method, name = request.head.method, rest[0]
        if method == "GET" and rest == ["ping"]:
            return {"status": "ok"}
        if method == "GET" and name == "usage" and len(rest) <= 2:
            return self._usage()
        if method == "GET" and rest == ["config"]:
            return self._config(request)
        if method == "POST" and rest == ["resources", "search"]:
            return self._search(request)
        if method == "GET" and name == "resources":
            return self._resources(request, rest[1:])
        if method == "DELETE" and name == "resources" and len(rest) == 3:
            return self._delete(request, rest[2])
        raise ApiError(404, "Not found")

    def _usage(self):
        stored = sum(asset.bytes for asset in self.assets)
        return {
            "plan": "Free", "last_updated": "2026-03-02",
            "transformations": {"usage": 0, "credits_usage": 0},
            "objects": {"usage": len(self.assets)},
            "bandwidth": {"usage": 0, "credits_usage": 0},
            "storage": {"usage": stored, "credits_usage": 0},
            "credits": {"usage": 0, "limit": 25, "used_percent": 0},
            "requests": self.calls, "resources": len(self.assets), "derived_resources": 0,
            "media_limits": {
                "image_max_size_bytes": self.server.options.size_limit,
                "video_max_size_bytes": 104857600, "raw_max_size_bytes": 10485760,
                "image_max_px": 25000000, "asset_max_total_px": 50000000}}

    def _config(self, request):
        reply = {"cloud_name": self.server.options.cloud,
                 "created_at": "2024-01-01T00:00:00Z"}
        if request.query("settings") == "true":
            reply["settings"] = {"folder_mode": self.server.options.folder_mode}
        return reply

    def _resources(self, request, rest):
        if len(rest) == 1 and re.fullmatch(r"[0-9a-f]{32}", rest[0]):
            return self._details(self.assets.by_asset_id(rest[0]), rest[0])
        if rest and rest[0] != "image":
            raise ApiError(404, f"No resources of type {rest[0]} here")
        if len(rest) > 2:
            public_id = "/".join(rest[2:])
            return self._details(self.assets.get(rest[1], public_id), public_id)
        kind = rest[1] if len(rest) == 2 else None
        if kind is not None and kind not in TYPES:
            raise ApiError(400, f"Invalid type - {kind}")
        return self._list(request, kind)

    def _details(self, asset, name):
        if asset is None:
            raise ApiError(404, f"Resource not found - {name}")
        return self.assets.detailed(asset)

    def _list(self, request, kind):
        wanted = [value for name, value in request.head.query if name == "public_ids[]"]
        prefix = request.query("prefix", "")
        if prefix and kind is None:
            raise ApiError(400, "prefix needs a type")
        if len(wanted) > 100:
            raise ApiError(400, "Too many public_ids: the most is 100")
        size = number(request, "max_results", 10, 1, 500)
        found = [asset for asset in self.assets
                 if (kind is None or asset.type == kind)
                 and asset.public_id.startswith(prefix)
                 and (not wanted or asset.public_id in wanted)]
        if request.query("direction") == "desc":
            found.reverse()
        question = [kind, prefix, request.query("direction")]
        chosen, following = page(found, question, request.query("next_cursor"),
                                 100 if wanted else size)
        reply = {"resources": [self.assets.listed(asset) for asset in chosen]}
        return reply | ({"next_cursor": following} if following else {})

    def _delete(self, request, kind):
        fields = request.head.query + request.fields
        wanted = [value for name, value in fields if name == "public_ids[]"]
        if not wanted or len(wanted) > 100:
            raise ApiError(400, "public_ids: 1 to 100 of them")
        deleted, counts = {}, {}
        invalidate = dict(fields).get("invalidate")
        for public_id in wanted:
            asset = self.assets.get(kind, public_id)
            deleted[public_id] = "deleted" if asset else "not_found"
            counts[public_id] = {"original": int(asset is not None), "derived": 0}
            if asset:
                self.assets.remove(asset, type=kind, invalidate=invalidate)
        return {"deleted": deleted, "deleted_counts": counts, "partial": False}

    # ---- search

    def _search(self, request):
        try:
            query = json.loads(request.raw or b"{}")
        except ValueError:
            raise ApiError(400, "Malformed JSON") from None
        expression = query.get("expression", "")
        size = query.get("max_results", 50)
        if not isinstance(size, int) or not 0 <= size <= 500:
            raise ApiError(400, f"Invalid value {size} for parameter max_results")
        tests = self._terms(expression)
        found = [asset for asset in self.assets if all(test(asset) for test in tests)]
        for key in reversed(query.get("sort_by", [{"created_at": "desc"}])):
            (name, direction), = key.items()
            if name not in SORTABLE:
                raise ApiError(400, f"Invalid sort field {name}")
            found.sort(key=lambda asset: self.assets.detailed(asset)[name],
                       reverse=direction == "desc")
        question = [expression, query.get("sort_by")]
        chosen, following = page(found, question, query.get("next_cursor"), size)
        reply = {"total_count": len(found), "time": 1,
                 "resources": [self._searched(asset, query) for asset in chosen]}
        return reply | ({"next_cursor": following} if following else {})

    def _searched(self, asset, query):
        details = self.assets.detailed(asset)
        del details["derived"]
        for name in ("tags", "context"):
            if name not in query.get("with_field", []):
                details.pop(name, None)
        return details

    def _terms(self, expression):
        """`a:x AND b>5` as a list of tests; nothing else is understood."""
        tests = []
        for term in filter(None, re.split(r"\s+AND\s+", expression.strip())):
            match = TERM.fullmatch(term)
            if not match or match[3].startswith("*"):
                at = expression.find(term) + 1
                raise ApiError(400, f"Query Error (at position {at}) near: {term}")
            value = match[3]
            if value.startswith('"'):
                value = re.sub(r"\\(.)", r"\1", value[1:-1])
            tests.append(self._test(match[1], match[2], value))
        return tests

    def _test(self, name, operator, value):
        def test(asset):
            have = self.assets.detailed(asset).get(name)
            if have is None:
                return False
            if isinstance(have, list):
                return value in have
            if operator in (":", "="):
                if value.endswith("*"):
                    return str(have).startswith(value[:-1])
                return str(have) == value
            try:
                bound = type(have)(value)
            except ValueError:
                return False
            order = (have > bound) - (have < bound)
            return {">": order > 0, "<": order < 0, ">=": order >= 0,
                    "<=": order <= 0}[operator]
        return test
