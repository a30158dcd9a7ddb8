"""Cloudinary's Upload API: upload in one piece or in chunks, destroy, rename,
explicit, download."""

import hashlib
import pathlib
import re
import secrets
import string

import picture
from cloudinary_assets import Asset, random_id
from cloudinary_params import (ADD_ONS, ApiError, check_fields, normal_public_id,
                               parse_context, truth, unsubscribed)
from multipart import Part
from wire import Answer

REQUEST_LIMIT = 100 * 1000 * 1000
TYPES = ("upload", "private", "authenticated")


def delivery_type(request):
    kind = request.field("type") or "upload"
    if kind not in TYPES:
        raise ApiError(400, f"Invalid type - {kind}")
    return kind


def required(request, name):
    value = request.field(name)
    if not value:
        raise ApiError(400, f"Missing required parameter - {name}")
    return value


class Chunked:
    """A file on its way in chunks."""

    def __init__(self, path, size, fields):
        self.path = path
        self.size = size           # of all chunks but the last
        self.fields = fields
        self.parts = {}            # first byte -> (last byte, MD5)
        self.reply = None          # the final answer, once given
        self.last = None           # the range that brought it

    def add(self, part, first, last):
        with open(part.path, "rb") as source, open(self.path, "r+b") as target:
            target.seek(first)
            while block := source.read(1 << 20):
                target.write(block)
        self.parts[first] = (last, part.md5.hexdigest())

    def bytes(self):
        return sum(last - first + 1 for first, (last, _) in self.parts.items())


class Upload:
    def __init__(self, server, assets):
        self.server = server
        self.assets = assets
        self.pending = {}

    def reset(self):
        for chunked in self.pending.values():
            chunked.path.unlink(missing_ok=True)
        self.pending = {}

    # ---- upload

    def upload(self, request, algorithm):
        options, ledger = self.server.options, self.server.ledger
        ledger.add("uploads")
        check_fields(request, "upload")
        self._check_wishes(request)
        part = self._file(request)
        if request.head.get("content-range") or request.head.get("x-unique-upload-id"):
            return self._chunk(request, part, algorithm)
        if part.size > options.size_limit:
            raise self._too_large(part.size)
        return self._finish(request, part, algorithm)

    def _check_wishes(self, request):
        if request.field("overwrite") is None:
            request.violation("overwrite is not sent")
        if request.field("public_id") is None:
            request.violation("public_id is not sent: a repeat would store a duplicate")
        for name, title in ADD_ONS.items():
            if request.field(name):
                raise unsubscribed(title)
        if request.field("metadata"):
            raise ApiError(400, "Metadata External IDs do not exist: "
                           f"[{request.field('metadata').partition('=')[0]}]")
        if request.entry["body_bytes"] > REQUEST_LIMIT:
            raise ApiError(413, "Request Entity Too Large")

    def _file(self, request):
        parts = [part for part in request.parts if part.name == "file"]
        if not parts:
            raise ApiError(400, "Missing required parameter - file")
        part = parts[0]
        if len(request.files) > 1 or len(parts) > 1:
            request.violation("more than one file")
        if part.filename is not None:
            return part
        text = part.value.decode("utf-8", "replace")
        if not re.match(r"(https?|ftp|s3|gs):|data:", text):
            request.violation("the file part has no filename")
            raise ApiError(400, "Invalid file parameter")
        return self._fetch(request, text)

    def _fetch(self, request, url):
        """A remote file; only those of this server's own file area can be had."""
        area = f"http://127.0.0.1:{self.server.port}/files/"
        files = self.server.options.files
        source = files and pathlib.Path(files) / pathlib.PurePath(url).name
        if not url.startswith(area) or not source or not source.is_file():
            raise ApiError(400, f"Resource not found - {url}")
        part = Part("file", source.name, None)
        part.open(self.server.spool_path())
        part.write(source.read_bytes())
        part.close()
        request.parts.append(part)
        return part

    def _too_large(self, size):
        limit = self.server.options.size_limit
        return ApiError(
            400, f"File size too large. Got {size}. Maximum is {limit}. "
            "Upgrade your plan to enjoy higher limits "
            "https://www.cloudinary.com/pricing/upgrade-plan")

    def _finish(self, request, part, algorithm):
        """Store the whole file; or find what is there already."""
        facts = picture.look(part.path)
        if facts is None:
            raise ApiError(400, "Invalid image file")
        allowed = request.field("allowed_formats")
        if allowed and facts[0] not in allowed.replace("jpeg", "jpg").split(","):
            raise ApiError(400, f"Image file format {facts[0]} not allowed")
        public_id, kind = self._public_id(request, part), delivery_type(request)
        asset = self.assets.get(kind, public_id)
        if asset and not truth(request.field("overwrite"), True):
            self.server.ledger.add("existing")
            return self.assets.upload_reply(asset, algorithm) | {"existing": True}
        fresh = asset is None
        asset = asset or Asset(public_id, kind, self.server.now())
        self._describe(request, asset)
        asset.original_filename = self._stem(request, part)
        self.assets.store(asset, part, facts)
        reply = self.assets.upload_reply(asset, algorithm)
        return reply if fresh else reply | {"overwritten": True}

    def _stem(self, request, part):
        if truth(request.field("discard_original_filename"), False):
            return None
        name = request.field("filename_override") or part.filename
        return pathlib.PurePath(name).stem or "file"

    def _public_id(self, request, part):
        public_id = request.field("public_id")
        if not public_id and truth(request.field("use_filename"), False):
            public_id = re.sub(r"[^\w.-]+", "_", pathlib.PurePath(part.filename).stem)
            if truth(request.field("unique_filename"), True):
                public_id += "_" + "".join(secrets.choice(string.ascii_lowercase)
                                           for _ in range(6))
        public_id = public_id or random_id()
        for prefix in (request.field("public_id_prefix"), request.field("folder")):
            if prefix:
                public_id = f"{prefix.strip('/')}/{public_id}"
        return normal_public_id(request, public_id)

    def _describe(self, request, asset):
        if tags := request.field("tags"):
            asset.tags = [tag.strip() for tag in tags.split(",") if tag.strip()]
        if context := request.field("context"):
            try:
                asset.context = parse_context(context)
            except ValueError:
                raise ApiError(400, "Invalid context") from None
        if folder := request.field("asset_folder"):
            asset.asset_folder = folder
        if name := request.field("display_name"):
            asset.display_name = name

    # ---- chunks

    def _chunk(self, request, part, algorithm):
        """One chunk: an interim answer, or with the last one the final answer."""
        self.server.ledger.add("chunks")
        first, last, total, number = self._range(request, part)
        state = self.pending.get(number)
        if state and state.reply and (first, last) == state.last:
            return state.reply
        if state and state.reply:
            raise self._wrong(request, "a chunk after the last one")
        if not state:
            state = self._first_chunk(request, part, first, number)
        self._check_chunk(request, part, state, first, last, total)
        if max(total, last + 1) > self.server.options.size_limit:
            raise self._too_large(max(total, last + 1))
        state.add(part, first, last)
        if last + 1 != total:
            reply = {"done": False, "bytes": state.bytes(), "kind": "upload"}
            if len(state.parts) > 1:
                reply |= {"public_id": request.field("public_id"),
                          "resource_type": "image"}
            return reply
        if state.bytes() != total:
            raise self._wrong(request, "the last chunk came before all others")
        try:
            reply = self._assembled(request, part, state, algorithm)
        except ApiError:
            del self.pending[number]
            raise
        state.last, state.reply = (first, last), reply | {"done": True}
        return state.reply

    def _wrong(self, request, text):
        request.violation("chunk: " + text)
        return ApiError(400, text[0].upper() + text[1:])

    def _range(self, request, part):
        head = request.head
        number = head.get("x-unique-upload-id")
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(-1|\d+)", head.get("content-range", ""))
        if not number or not match:
            raise self._wrong(request, "Content-Range or X-Unique-Upload-Id is malformed")
        if not re.fullmatch(r"[0-9A-Za-z_-]{8,64}", number):
            request.violation("chunk: X-Unique-Upload-Id is no plain token")
        first, last, total = (int(text) for text in match.groups())
        if last - first + 1 != part.size or (total != -1 and last >= total):
            raise self._wrong(request, "Content-Range does not fit the part")
        return first, last, total, number

    def _first_chunk(self, request, part, first, number):
        if first != 0:
            raise self._wrong(request, "the first chunk did not come first")
        path = self.server.spool_path()
        path.touch()
        state = self.pending[number] = Chunked(path, part.size, self._lasting(request))
        return state

    def _lasting(self, request):
        return {name: value for name, value in request.fields
                if name not in ("timestamp", "signature")}

    def _check_chunk(self, request, part, state, first, last, total):
        final = last + 1 == total
        if not final and part.size <= self.server.options.chunk_minimum:
            request.violation("chunk: too small")
            raise ApiError(400, "All parts except EOF-chunk must be larger than 5mb")
        if (part.size > state.size if final else part.size != state.size):
            raise self._wrong(request, "chunks are not of one size")
        if first % state.size:
            raise self._wrong(request, "a chunk begins in the middle of another")
        known = state.parts.get(first)
        if known and known != (last, part.md5.hexdigest()):
            request.violation("chunk: repeated with other bytes")
        if self._lasting(request) != state.fields:
            request.violation("chunk: its fields differ from the first one's")

    def _assembled(self, request, part, state, algorithm):
        whole = Part("file", part.filename, part.content_type)
        whole.path, whole.size = state.path, state.path.stat().st_size
        whole.md5, whole.sha256 = hashlib.md5(), hashlib.sha256()
        with open(state.path, "rb") as file:
            while block := file.read(1 << 20):
                whole.md5.update(block)
                whole.sha256.update(block)
        request.parts.append(whole)
        return self._finish(request, whole, algorithm)

    # ---- the others

    def destroy(self, request, algorithm):
        check_fields(request, "destroy")
        asset = self.assets.get(delivery_type(request), required(request, "public_id"))
        if asset is None:
            return {"result": "not found"}
        self.assets.remove(asset, type=asset.type, invalidate=request.field("invalidate"))
        return {"result": "ok"}

    def rename(self, request, algorithm):
        check_fields(request, "rename")
        source, kind = required(request, "from_public_id"), delivery_type(request)
        target = normal_public_id(request, required(request, "to_public_id"))
        to_kind = request.field("to_type") or kind
        asset = self.assets.get(kind, source)
        if asset is None:
            raise ApiError(404, f"Resource not found - {source}")
        taken = self.assets.get(to_kind, target)
        if taken and taken is not asset:
            if not truth(request.field("overwrite"), False):
                raise ApiError(400, f"to_public_id ({target}) already exists")
            self.assets.remove(taken, type=taken.type, invalidate=None)
        self.assets.rename(asset, target, to_kind)
        return self.assets.upload_reply(asset, algorithm)

    def explicit(self, request, algorithm):
        check_fields(request, "explicit")
        public_id = required(request, "public_id")
        if request.field("type") is None:
            request.violation("explicit without type")
        asset = self.assets.get(delivery_type(request), public_id)
        if asset is None:
            raise ApiError(404, f"Resource not found - {public_id}")
        self._describe(request, asset)
        return self.assets.upload_reply(asset, algorithm)

    def download(self, request):
        kind = request.query("type", "upload")
        public_id = request.query("public_id", "")
        asset = self.assets.get(kind, public_id)
        if asset is None:
            raise ApiError(404, f"Resource not found - {public_id}")
        expires = request.query("expires_at")
        if expires and int(expires) < self.server.now():
            raise ApiError(401, "Request expired")
        return Answer(200, file=asset.path, kind="application/octet-stream")
