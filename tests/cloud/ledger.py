"""What happened: every request, what was stored how often, what was wrong."""

import asyncio
import collections
import time

KEEP_REQUESTS = 100_000
KEEP_VIOLATIONS = 10_000

# Never kept, whatever vendor they belong to.
SECRET_FIELDS = {"signature", "api_key", "access_token", "token", "client_secret"}
KEPT_HEADERS = ("content-type", "content-length", "transfer-encoding", "content-range",
                "x-unique-upload-id", "expect", "user-agent", "accept", "range",
                "x-client-request-id", "openai-organization", "openai-project")


class Ledger:
    def __init__(self, secrets):
        self.secrets = [secret for secret in secrets if secret]
        self.changed = asyncio.Event()
        self.open_connections = self.open_requests = 0
        self.reset()

    def reset(self):
        self.start = time.monotonic()
        self.counts = collections.Counter()
        self.requests = collections.deque(maxlen=KEEP_REQUESTS)
        self.violations = collections.deque(maxlen=KEEP_VIOLATIONS)
        self.stored = {}         # public id -> times its bytes were stored
        self.contents = {}       # SHA-256 -> in how many places it is
        self.destroyed = []
        self.counts["max_connections"] = self.open_connections
        self.counts["max_requests"] = self.open_requests
        self.tell()

    def tell(self):
        """Wake those who wait for a count."""
        self.changed.set()
        self.changed.clear()

    def add(self, what, amount=1):
        self.counts[what] += amount
        self.tell()

    def redact(self, text):
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def connect(self):
        self.open_connections += 1
        self.counts["connections"] += 1
        self.counts["max_connections"] = max(self.counts["max_connections"],
                                             self.open_connections)

    def disconnect(self):
        self.open_connections -= 1

    def begin(self, head, connection):
        self.open_requests += 1
        self.counts["max_requests"] = max(self.counts["max_requests"], self.open_requests)
        self.counts["requests"] += 1
        entry = dict(
            n=self.counts["requests"], connection=connection, method=head.method,
            path=self.redact(head.path), query=self.public(head.query), fields={},
            headers={name: self.redact(value) for name, value in head.headers
                     if name in KEPT_HEADERS},
            file=None, body_bytes=0, status=None, acted=False, fault=None,
            began_ms=self._now(), ended_ms=None)
        self.requests.append(entry)
        self.tell()
        return entry

    def receive(self, entry, amount):
        """AMOUNT more bytes of the body have come."""
        entry["body_bytes"] += amount
        self.counts["body_bytes"] += amount

    def end(self, entry):
        self.open_requests -= 1
        entry["ended_ms"] = self._now()
        self.tell()

    def _now(self):
        return round((time.monotonic() - self.start) * 1000, 1)

    def public(self, pairs):
        """Fields without those that are secrets."""
        fields = {}
        for name, value in pairs:
            if name in SECRET_FIELDS:
                continue
            value = self.redact(value if len(value) <= 4096 else value[:4096] + "...")
            if name.endswith("[]"):
                fields.setdefault(name, []).append(value)
            else:
                fields[name] = value
        return fields

    def violation(self, entry, text):
        self.violations.append({"request": entry["n"], "method": entry["method"],
                                "path": entry["path"], "text": self.redact(text)})
        self.add("violations")

    def store(self, name, sha256, replaced=None):
        """Bytes were stored as NAME, in the place of those of REPLACED. Where the
        same bytes were there already, that is a duplicate."""
        self.stored[name] = self.stored.get(name, 0) + 1
        if sha256 in self.contents:
            self.counts["duplicates"] += 1
        self.contents[sha256] = self.contents.get(sha256, 0) + 1
        if replaced:
            self._forget(replaced)
        self.add("stored")

    def destroy(self, name, sha256, **details):
        self.destroyed.append({"public_id": name, **details})
        self._forget(sha256)
        self.add("destroyed")

    def _forget(self, sha256):
        self.contents[sha256] -= 1
        if not self.contents[sha256]:
            del self.contents[sha256]

    def document(self):
        return {"counts": dict(self.counts), "stored": self.stored,
                "destroyed": self.destroyed, "violations": list(self.violations),
                "requests": list(self.requests)}
