"""The assets of one Cloudinary environment, and how the API shows them."""

import hashlib
import secrets
import string
import time
import urllib.parse

from cloudinary_sign import answer_signature


def quote(public_id):
    return urllib.parse.quote(public_id, safe="/:._-")


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def random_id():
    return "".join(secrets.choice(string.ascii_lowercase + string.digits)
                   for _ in range(20))


class Asset:
    """One stored picture."""

    def __init__(self, public_id, kind, now):
        self.asset_id = secrets.token_hex(16)
        self.public_id = public_id
        self.type = kind
        self.created = int(now)
        self.version = 0
        self.path = None
        self.width = self.height = self.bytes = 0
        self.format = self.md5 = self.sha256 = ""
        self.tags = []
        self.context = {}
        self.asset_folder = ""
        self.display_name = public_id.rsplit("/", 1)[-1]
        self.original_filename = None

    @property
    def key(self):
        return self.type, self.public_id


class Assets:
    """All of them, by delivery type and public id."""

    def __init__(self, server):
        self.server = server
        self.folder = server.directory / "assets"
        self.folder.mkdir(exist_ok=True)
        self.by_key = {}

    def __len__(self):
        return len(self.by_key)

    def __iter__(self):
        return iter(self.by_key.values())

    def get(self, kind, public_id):
        return self.by_key.get((kind, public_id))

    def by_asset_id(self, asset_id):
        return next((a for a in self if a.asset_id == asset_id), None)

    def clear(self):
        for asset in self:
            asset.path.unlink(missing_ok=True)
        self.by_key = {}

    def ledger_name(self, asset):
        if asset.type == "upload":
            return asset.public_id
        return f"{asset.type}:{asset.public_id}"

    def store(self, asset, part, facts):
        """Give ASSET the bytes of PART, whose FACTS are (format, width, height)."""
        ledger = self.server.ledger
        if asset.key in self.by_key:
            ledger.add("overwritten")
        self.by_key[asset.key] = asset
        asset.path = self.folder / asset.asset_id
        part.claim(asset.path)
        asset.version = max(int(self.server.now()), asset.version + 1)
        asset.format, asset.width, asset.height = facts
        asset.bytes = part.size
        replaced = asset.sha256
        asset.md5, asset.sha256 = part.md5.hexdigest(), part.sha256.hexdigest()
        ledger.store(self.ledger_name(asset), asset.sha256, replaced)

    def remove(self, asset, **details):
        del self.by_key[asset.key]
        asset.path.unlink(missing_ok=True)
        self.server.ledger.destroy(self.ledger_name(asset), asset.sha256, **details)

    def rename(self, asset, public_id, kind):
        del self.by_key[asset.key]
        asset.public_id, asset.type = public_id, kind
        self.by_key[asset.key] = asset

    def links(self, asset):
        options = self.server.options
        path = (f"/{options.cloud}/image/{asset.type}/v{asset.version}/"
                f"{quote(asset.public_id)}.{asset.format}")
        if options.public_url:
            return options.public_url + path, options.public_url + path
        return "http://res.cloudinary.com" + path, "https://res.cloudinary.com" + path

    def upload_reply(self, asset, algorithm="sha1"):
        """What upload, explicit and rename answer."""
        options = self.server.options
        url, secure_url = self.links(asset)
        version_id = hashlib.md5(f"{asset.asset_id}{asset.version}".encode())
        reply = {
            "asset_id": asset.asset_id, "public_id": asset.public_id,
            "version": asset.version, "version_id": version_id.hexdigest(),
            "signature": answer_signature(asset.public_id, asset.version, options.secret,
                                          algorithm),
            "width": asset.width, "height": asset.height, "format": asset.format,
            "resource_type": "image", "created_at": rfc3339(asset.created),
            "tags": asset.tags, "pages": 1, "bytes": asset.bytes, "type": asset.type,
            "etag": asset.md5, "placeholder": False, "url": url, "secure_url": secure_url,
            "access_mode": "public"}
        reply |= self._folder(asset)
        if asset.context:
            reply["context"] = {"custom": asset.context}
        if asset.original_filename is not None:
            reply["original_filename"] = asset.original_filename
        reply["api_key"] = options.key
        return reply

    def _folder(self, asset):
        if self.server.options.folder_mode == "dynamic":
            return {"asset_folder": asset.asset_folder,
                    "display_name": asset.display_name}
        return {"folder": asset.public_id.rpartition("/")[0]}

    def listed(self, asset):
        """What a list shows of it."""
        url, secure_url = self.links(asset)
        return {
            "asset_id": asset.asset_id, "public_id": asset.public_id,
            "format": asset.format, "version": asset.version, "resource_type": "image",
            "type": asset.type, "created_at": rfc3339(asset.created),
            "bytes": asset.bytes, "width": asset.width, "height": asset.height,
            **self._folder(asset),
            "url": url, "secure_url": secure_url}

    def detailed(self, asset):
        """What its own page, and a search, show of it."""
        details = self.listed(asset) | {"etag": asset.md5, "tags": asset.tags,
                                        "derived": []}
        if asset.context:
            details["context"] = {"custom": asset.context}
        return details

    def described(self, asset):
        """What a test may want to know of it."""
        return self.detailed(asset) | {
            "sha256": asset.sha256, "file": str(asset.path),
            "original_filename": asset.original_filename,
            "stored": self.server.ledger.stored.get(self.ledger_name(asset), 0)}
