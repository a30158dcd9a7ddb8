"""Cloudinary's delivery: links, their transformations and signatures.

Nothing is transformed: a link that asks for it gets the stored bytes. But what
it asks for must be a transformation that Cloudinary knows, spelt in order.
"""

import re
import urllib.parse

from cloudinary_sign import link_signatures
from cloudinary_upload import TYPES
from wire import Answer

KINDS = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
EXTENSIONS = {"jpg", "jpeg", "png", "webp", "gif", "avif"}

SIZE = r"\d+|\d*\.\d+|i[wh]|auto(:.+)?"
COLOUR = r"rgb:[0-9a-fA-F]{3,8}|[a-z]+|auto(:.+)?"
NUMBER = r"-?\d+|-?\d*\.\d+"
ANY = r".+"

# Key -> what its value looks like, and its name in complaints.
KEYS = {
    "w": (SIZE, "width"), "h": (SIZE, "height"), "x": (NUMBER, "x"), "y": (NUMBER, "y"),
    "c": (r"scale|fit|limit|mfit|fill|lfill|fill_pad|pad|lpad|mpad|crop|thumb|auto|"
          r"auto_pad", "crop"),
    "ar": (r"\d+:\d+|\d+(\.\d+)?", "aspect_ratio"),
    "g": (r"auto(:.+)?|faces?(:.+)?|center|custom|(north|south)(_east|_west)?|east|west|"
          r"xy_center", "gravity"),
    "q": (r"[1-9]\d?|100|auto(:(best|good|eco|low))?", "quality"),
    "f": (r"auto|jpg|png|webp|avif|gif|jxl", "fetch_format"),
    "dpr": (r"\d+(\.\d+)?|auto", "dpr"), "r": (r"max|\d+(:\d+){0,3}", "radius"),
    "b": (COLOUR, "background"), "co": (COLOUR, "color"), "bo": (ANY, "border"),
    "a": (NUMBER + r"|auto_right|auto_left|ignore|vflip|hflip", "angle"),
    "o": (r"\d{1,3}", "opacity"), "z": (NUMBER, "zoom"), "pg": (r"\d+", "page"),
    "e": (ANY, "effect"), "t": (r"[\w.-]+", "transformation"), "fl": (ANY, "flags"),
    "l": (ANY, "overlay"), "u": (ANY, "underlay"), "d": (ANY, "default_image"),
    "so": (ANY, "start_offset"), "eo": (ANY, "end_offset"), "du": (ANY, "duration"),
    "if": (ANY, "condition"),
}

GRAVITY_AUTO = {"fill", "lfill", "fill_pad", "crop", "thumb", "auto", "auto_pad"}


class Undeliverable(Exception):
    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def check_component(component, note):
    """Undeliverable where Cloudinary would not take it; NOTE what is unwise."""
    pairs = {}
    params = component.split(",")
    for param in params:
        key, _, value = param.partition("_")
        if re.fullmatch(r"\$[a-zA-Z]\w*_.+", param):
            continue
        if key not in KEYS or not value:
            raise Undeliverable(400, f"Unknown transformation {param}")
        pattern, name = KEYS[key]
        if not re.fullmatch(pattern, value):
            raise Undeliverable(400, f"Invalid {name} in transformation: {value}")
        if key in pairs:
            note(f"transformation names {key} twice: {component}")
        pairs[key] = value
    if pairs.get("g", "").startswith("auto") and pairs.get("c") not in GRAVITY_AUTO:
        raise Undeliverable(400, "Automatic gravity does not go with crop "
                            f"{pairs.get('c', 'scale')}")
    plain = [param for param in params if not param.startswith(("$", "if_"))]
    if plain != sorted(plain):
        note(f"transformation is not in order: {component}")


def is_component(segment):
    """Could it be one? Only asked where no version tells where they end."""
    return all(re.match(r"\$|(" + "|".join(KEYS) + r")_.", param)
               for param in segment.split(","))


class Delivery:
    def __init__(self, server, assets):
        self.server = server
        self.assets = assets

    def answer(self, request):
        self.server.ledger.add("deliveries")
        if request.head.get("authorization") is not None:
            request.violation("credentials are sent to a delivery link")
        if request.head.method not in ("GET", "HEAD"):
            return Answer(405, "")
        try:
            asset = self._resolve(request)
        except Undeliverable as error:
            return Answer(error.status, headers=[("X-Cld-Error", str(error))], kind=None)
        return Answer(200, file=asset.path, kind=KINDS[asset.format], headers=[
            ("ETag", f'"{asset.md5}"'), ("Cache-Control", "public, max-age=2592000")])

    def fetched(self, path, request):
        """The asset behind the link with PATH, as another service fetches it for
        REQUEST; or None."""
        try:
            return self._resolve(request, path)
        except Undeliverable:
            return None

    def _resolve(self, request, path=None):
        segments = (path or request.head.path).split("/")[1:]
        if segments[0] == self.server.options.cloud:
            segments.pop(0)
        if len(segments) < 3 or segments[0] != "image" or segments[1] not in TYPES:
            raise Undeliverable(404, "Resource not found")
        kind, rest = segments[1], segments[2:]
        signature = None
        if match := re.fullmatch(r"s--([A-Za-z0-9_-]*)--", rest[0]):
            signature = match[1]
            rest.pop(0)
        components, rest = self._split(rest, request)
        transformation = "/".join(components)
        self._check_signature(signature, transformation, "/".join(rest), kind)
        return self._find(kind, urllib.parse.unquote("/".join(rest)))

    def _split(self, rest, request):
        """The transformation, and the public id behind the version if there is one."""
        version = next((at for at, segment in enumerate(rest[:-1])
                        if re.fullmatch(r"v\d+", segment)), None)
        if version is not None:
            components, rest = rest[:version], rest[version + 1:]
        else:
            components = []
            while len(rest) > 1 and is_component(urllib.parse.unquote(rest[0])):
                components.append(rest.pop(0))
        for component in components:
            check_component(urllib.parse.unquote(component), request.violation)
        return components, rest

    def _check_signature(self, signature, transformation, name, kind):
        """SDKs disagree on whether the escaped or the plain text is signed, so
        either will do."""
        if signature is None:
            if kind == "authenticated" or (kind == "private" and not transformation):
                raise Undeliverable(401, "deny or ACL failure")
            return
        options = self.server.options
        algorithms = (("sha1", "sha256") if options.signature_algorithm == "any"
                      else (options.signature_algorithm,))
        plain = urllib.parse.unquote
        valid = (link_signatures(transformation, name, options.secret, algorithms)
                 | link_signatures(plain(transformation), plain(name), options.secret,
                                   algorithms))
        if signature not in valid:
            raise Undeliverable(401, "deny or ACL failure: invalid signature")

    def _find(self, kind, name):
        stem, dot, extension = name.rpartition(".")
        asset = None
        if dot and extension.lower() in EXTENSIONS:
            asset = self.assets.get(kind, stem)
        asset = asset or self.assets.get(kind, name)
        if asset is None:
            raise Undeliverable(404, f"Resource not found - {name}")
        return asset
