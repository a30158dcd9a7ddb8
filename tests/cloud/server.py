"""The server: connections, requests, who answers them. Knows no vendor.

A vendor is an object with
    hidden           its requests are not recorded, and answer() is awaited
    owns(request)    is this request for it? asked once the head has come
    answer(request)  an Answer, once the body is there
    reset()          forget everything
    counts()         {name: number} for the ledger
"""

import asyncio
import itertools
import json
import time
import traceback
import urllib.parse

from faults import ACTED, BODY, READ, Faults, Play
from ledger import Ledger
from multipart import Malformed, Reader, boundary_of
from wire import Answer, Connection, Gone, Refused, BLOCK

TEXT_BODY_LIMIT = 8 << 20


# Calls that are documented with the token in their address.
TOKEN_CALLS = ("/refresh_access_token", "/oauth/access_token")


def json_fields(raw):
    """The members of a JSON object, as texts; none of anything else."""
    try:
        value = json.loads(raw)
    except ValueError:
        return []
    if not isinstance(value, dict):
        return []
    return [(name, member if isinstance(member, str) else json.dumps(member))
            for name, member in value.items()]


class Request:
    """A head, and what its body held."""

    def __init__(self, head, server):
        self.head = head
        self.server = server
        self.entry = None
        self.raw = b""
        self.parts = []
        self.fields = []       # (name, text) of a form
        self.files = []        # parts that have a filename

    def field(self, name):
        for key, value in self.fields:
            if key == name:
                return value
        return None

    def filename(self):
        return self.files[0].filename if self.files else ""

    def query(self, name, default=None):
        for key, value in self.head.query:
            if key == name:
                return value
        return default

    def segments(self):
        """The path, cut at its slashes and then decoded."""
        return [urllib.parse.unquote(part) for part in self.head.path.split("/")[1:]]

    def violation(self, text):
        self.server.ledger.violation(self.entry, text)

    def discard(self):
        for part in self.parts:
            part.discard()


class Server:
    def __init__(self, options, directory):
        self.options = options
        self.given = dict(vars(options))
        self.directory = directory
        self.spool = directory / "spool"
        self.spool.mkdir(parents=True, exist_ok=True)
        self.ledger = Ledger([options.secret, options.openai_key, options.ig_token])
        self.faults = Faults(options.seed)
        self.vendors = []
        self.live = set()      # connections, but those of the control
        self.port = None
        self.log = None
        self._numbers = itertools.count(1)
        self._server = None

    def now(self):
        return time.time() + self.options.clock

    async def start(self):
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.options.port, limit=BLOCK, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    def reset(self):
        """As it was at the start."""
        vars(self.options).update(self.given)
        self.faults.reset()
        self.ledger.reset()
        for vendor in self.vendors:
            vendor.reset()

    def spool_path(self):
        return self.spool / str(next(self._numbers))

    def counts(self):
        names = ("requests", "connections", "max_connections", "max_requests",
                 "body_bytes", "faults", "violations", "stored", "duplicates",
                 "destroyed")
        counts = {name: self.ledger.counts[name] for name in names}
        for vendor in self.vendors:
            counts |= vendor.counts()
        return counts

    async def _serve(self, reader, writer):
        connection = Connection(reader, writer, next(self._numbers), self.now)
        self.live.add(connection)
        try:
            while connection.keep and await self._one(connection):
                pass
        except (Gone, OSError):
            pass
        except Exception:
            traceback.print_exc()
        finally:
            if connection.counted:
                self.ledger.disconnect()
            writer.close()
            self.live.discard(connection)
            self.ledger.tell()

    async def _one(self, connection):
        """Serve one request. False when the client has no more."""
        try:
            head = await connection.read_head()
        except Refused as error:
            await connection.refuse(error)
            return False
        if head is None:
            return False
        request = Request(head, self)
        vendor = next((v for v in self.vendors if v.owns(request)), None)
        if head.get("connection", "").lower() == "close" or head.minor == 0:
            connection.keep = False
        if vendor and vendor.hidden:
            self.live.discard(connection)
            await self._read(request, connection, None)
            await connection.send(await vendor.answer(request))
        else:
            await self._recorded(request, vendor, connection)
        return True

    async def _recorded(self, request, vendor, connection):
        if not connection.counted:
            connection.counted = True
            self.ledger.connect()
            await asyncio.sleep(self.options.connect_delay / 1000)
        entry = request.entry = self.ledger.begin(request.head, connection.number)
        try:
            await self._exchange(request, vendor, connection)
        except Refused as error:
            request.violation(f"http: {error}")
            entry["status"] = error.status
            await connection.refuse(error)
        finally:
            request.discard()
            self.ledger.end(entry)
            self._write_log(entry)

    async def _exchange(self, request, vendor, connection):
        entry, head = request.entry, request.head
        self._check_head(request)
        rule = self._fault(request, early=True)
        if rule:
            if rule.when == BODY:
                await self._read_some(request, connection, rule.bytes)
            await asyncio.sleep(rule.delay)
            await self._play(rule, request, connection, None)
            if rule.do not in ("close", "reset", "hang", "raw"):
                await connection.linger()
            return
        await self._read(request, connection, entry)
        rule = self._fault(request, early=False)
        answer = None
        if rule and rule.when == READ:
            await asyncio.sleep(rule.delay)
        if rule is None or rule.acts:
            answer = self._answer(request, vendor)
        if rule and rule.when == ACTED:
            await asyncio.sleep(rule.delay)
        await asyncio.sleep(self.options.delay / 1000)
        if rule:
            await self._play(rule, request, connection, answer)
        else:
            await connection.send(answer, head.method == "HEAD")

    def _answer(self, request, vendor):
        try:
            answer = vendor.answer(request) if vendor else Answer(404, "no such place\n")
        except Exception:
            request.violation("the cloud itself failed")
            traceback.print_exc()
            answer = Answer(500, "the cloud itself failed\n")
        request.discard()
        request.entry["acted"] = True
        request.entry["status"] = answer.status
        return answer

    def _fault(self, request, early):
        rule = self.faults.pick(request, early)
        if rule:
            request.entry["fault"] = f"{rule.do} {rule.when}"
            self.ledger.add("faults")
        return rule

    async def _play(self, rule, request, connection, answer):
        play = Play(rule, connection, answer, request.head.method == "HEAD")
        request.entry["status"] = play.status
        await play.run()

    def _check_head(self, request):
        head = request.head
        host = head.get("host")
        if host not in (f"127.0.0.1:{self.port}", f"localhost:{self.port}"):
            request.violation(f"http: Host is {host}")
        if head.minor != 1:
            request.violation("http: not HTTP/1.1")
        told = head.target + "".join(v for k, v in head.headers if k != "authorization")
        if not head.path.endswith(TOKEN_CALLS) and any(
                secret in told for secret in self.ledger.secrets):
            request.violation("a secret in the request's head")
        if head.method in ("GET", "HEAD") and head.body_length() != 0:
            request.violation("http: a body where none belongs")

    async def _continue(self, request, connection):
        if request.head.get("expect", "").lower() == "100-continue":
            await connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    async def _read_some(self, request, connection, count):
        """The first COUNT bytes of the body, and no more than a block beyond."""
        await self._continue(request, connection)
        if count <= 0:
            return
        async for block in connection.body(request.head):
            self.ledger.receive(request.entry, len(block))
            if request.entry["body_bytes"] >= count:
                return

    async def _read(self, request, connection, entry):
        """All of the body: a form's parts to disk, anything else to memory."""
        await self._continue(request, connection)
        kind = request.head.get("content-type", "")
        multipart = None
        try:
            if kind.lower().startswith("multipart/"):
                multipart = Reader(boundary_of(kind), self.spool_path)
                request.parts = multipart.parts
            async for block in connection.body(request.head):
                if entry is not None:
                    self.ledger.receive(entry, len(block))
                self._feed(request, multipart, block)
            if multipart:
                multipart.finish()
        except Malformed as error:
            raise Refused(400, f"multipart: {error}") from None
        if multipart:
            self._take_parts(request, multipart)
        elif kind.lower().startswith("application/x-www-form-urlencoded"):
            request.fields = urllib.parse.parse_qsl(
                request.raw.decode("utf-8", "replace"), keep_blank_values=True)
        elif kind.lower().startswith("application/json"):
            request.fields = json_fields(request.raw)
        if entry is not None:
            entry["fields"] = self.ledger.public(request.fields)
            if any(secret in value for secret in self.ledger.secrets
                   for name, value in request.fields):
                request.violation("a secret in the request's fields")

    def _feed(self, request, multipart, block):
        if multipart:
            multipart.feed(block)
        elif len(request.raw) + len(block) > TEXT_BODY_LIMIT:
            raise Refused(413, "body too large")
        else:
            request.raw += block

    def _take_parts(self, request, multipart):
        for part in multipart.parts:
            if part.filename is None:
                text = part.value.decode("utf-8", "replace")
                if text.encode() != part.value:
                    multipart.problems.append(f"field {part.name} is not UTF-8")
                request.fields.append((part.name, text))
            else:
                request.files.append(part)
        if request.entry is None:
            return
        for problem in multipart.problems:
            request.violation(problem)
        if request.files:
            part = request.files[0]
            request.entry["file"] = {
                "name": part.name, "filename": part.filename, "bytes": part.size,
                "type": part.content_type, "md5": part.md5.hexdigest(),
                "sha256": part.sha256.hexdigest()}

    def _write_log(self, entry):
        if self.log:
            fault = f" ({entry['fault']})" if entry["fault"] else ""
            self.log.write(f"{entry['n']} {entry['method']} {entry['path']} "
                           f"{entry['body_bytes']} -> {entry['status']}{fault}\n")
