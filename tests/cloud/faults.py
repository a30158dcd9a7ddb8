"""Scripted faults: which request misbehaves, and how. Knows no vendor.

A rule is one JSON object. It says which requests it is for, the how-manieth of
them, what to do and when. See README.md for the list.
"""

import asyncio
import base64
import email.utils
import itertools
import json
import pathlib
import random
import re

from wire import Answer

MATCH_KEYS = {"method", "path", "field", "header", "filename"}
TURN_KEYS = {"nth", "times", "every", "chance"}
COMMON_KEYS = {"do", "when", "delay", "headers", "header_bytes"}

HEAD, BODY, READ, ACTED = "head", "body", "read", "acted"

# Action -> the keys it takes, and when it plays unless told otherwise.
ACTIONS = {
    "delay": (set(), ACTED),
    "status": ({"status", "body", "body_file", "body_base64"}, READ),
    "html": ({"status"}, READ),
    "empty": ({"status"}, READ),
    "notjson": ({"status"}, READ),
    "endless": ({"bytes"}, READ),
    "deep": ({"levels"}, READ),
    "raw": ({"body", "body_file", "body_base64"}, READ),
    "close": (set(), READ),
    "reset": (set(), READ),
    "hang": ({"ms"}, READ),
    "shape": ({"drop", "set"}, ACTED),
    "cut": ({"bytes", "reset"}, ACTED),
    "stall": ({"bytes", "ms"}, ACTED),
    "drip": ({"bytes", "ms"}, ACTED),
    "length": ({"by"}, ACTED),
}

# Actions of vendors: name -> a function of (rule, now) that makes the answer, and one
# of (rule) that raises ValueError for a rule that makes no sense.
VENDOR_ACTIONS = {}
VENDOR_CHECKS = {}

# They spoil the true answer, so there must be one.
SPOILERS = {"delay", "shape", "cut", "stall", "drip", "length"}

# They send no answer at all.
SILENT = {"close", "reset", "hang", "raw"}

NUMBERS = {"nth", "times", "every", "chance", "delay", "header_bytes", "status", "bytes",
           "levels", "ms", "by"}

HTML = ("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
        "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
        "</body>\r\n</html>\r\n")


def register(do, keys, make, check=None):
    """Add a vendor's own action."""
    ACTIONS[do] = (keys, READ)
    VENDOR_ACTIONS[do] = make
    if check:
        VENDOR_CHECKS[do] = check


def json_answer(status, value, headers=()):
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return Answer(status, body, headers, kind="application/json; charset=utf-8")


def error_answer(status, message, headers=()):
    return json_answer(status, {"error": {"message": message}}, headers)


class Rule:
    """One scripted fault. ValueError tells what is wrong with its text."""

    def __init__(self, text, chance):
        self.rule = rule = json.loads(text)
        if not isinstance(rule, dict):
            raise ValueError("a fault is a JSON object")
        self.do = rule.get("do", "delay")
        if self.do not in ACTIONS:
            raise ValueError(f"unknown action {self.do!r}")
        keys, when = ACTIONS[self.do]
        self.when = rule.get("when", when)
        self._check_keys(MATCH_KEYS | TURN_KEYS | COMMON_KEYS | keys)
        self._check_when()
        self.bytes = rule.get("bytes", 0)
        self.delay = rule.get("delay", 0) / 1000
        self.path = re.compile(rule.get("path", ""))
        self.filename = re.compile(rule.get("filename", ""))
        self.fields = {k: re.compile(v) for k, v in rule.get("field", {}).items()}
        self.headers = {k.lower(): re.compile(v)
                        for k, v in rule.get("header", {}).items()}
        self.nth, self.every = rule.get("nth", 1), rule.get("every", 1)
        self.times, self.chance = rule.get("times", 1), rule.get("chance", 1)
        self.seen = self.played = 0
        self._random = chance

    def _check_keys(self, allowed):
        if self.when == BODY:
            allowed.add("bytes")
        if unknown := set(self.rule) - allowed:
            raise ValueError(f"{self.do} takes no {', '.join(sorted(unknown))}")
        for name in NUMBERS & set(self.rule):
            if not isinstance(self.rule[name], (int, float)):
                raise ValueError(f"{name} is no number")
        if self.rule.get("every", 1) < 1 or self.rule.get("nth", 1) < 1:
            raise ValueError("nth and every count from 1")
        if not pathlib.Path(self.rule.get("body_file", "/")).exists():
            raise ValueError(f"there is no {self.rule['body_file']}")
        VENDOR_CHECKS.get(self.do, lambda rule: None)(self.rule)

    def _check_when(self):
        if self.when not in (HEAD, BODY, READ, ACTED):
            raise ValueError(f"unknown moment {self.when!r}")
        if self.do in SPOILERS and self.when in (HEAD, BODY):
            raise ValueError(f"{self.do} cannot be played before the body is read")
        if self.do in SPOILERS - {"delay"} and self.when == READ:
            raise ValueError(f"{self.do} spoils a true answer: it needs \"acted\"")
        if self.early and ("field" in self.rule or "filename" in self.rule):
            raise ValueError("fields are not known before the body is read")

    @property
    def early(self):
        return self.when in (HEAD, BODY)

    @property
    def acts(self):
        """Is what the request asks for done, all the same?"""
        return self.when == ACTED or self.do == "delay"

    def matches(self, request):
        head = request.head
        if "method" in self.rule and head.method != self.rule["method"]:
            return False
        if not self.path.search(head.path):
            return False
        for name, pattern in self.headers.items():
            if not pattern.search(head.get(name, "")):
                return False
        if self.early:
            return True
        if "filename" in self.rule and not self.filename.search(request.filename()):
            return False
        return all(pattern.search(request.field(name) or "")
                   for name, pattern in self.fields.items())

    def turn(self):
        """Is it this one's turn? Counts the requests that come by."""
        if self.times and self.played >= self.times:
            return False
        self.seen += 1
        if self.seen < self.nth or (self.seen - self.nth) % self.every:
            return False
        if self._random.random() >= self.chance:
            return False
        self.played += 1
        return True

    def state(self):
        return {**self.rule, "seen": self.seen, "played": self.played}


class Faults:
    def __init__(self, seed=1):
        self.seed = seed
        self.reset()

    def reset(self):
        self.rules = []
        self._random = random.Random(self.seed)

    def add(self, lines):
        """Add rules, one a line: all of them, or none and a ValueError."""
        new = []
        for line in lines.splitlines():
            if line.strip():
                try:
                    new.append(Rule(line, self._random))
                except (TypeError, AttributeError, re.error) as error:
                    raise ValueError(f"malformed fault: {error}") from None
        self.rules += new

    def pick(self, request, early):
        """The rule that REQUEST falls to, or None."""
        for rule in self.rules:
            if rule.early == early and rule.matches(request) and rule.turn():
                return rule
        return None


def given_body(rule):
    """The body that a rule brings along, or None."""
    if "body_file" in rule:
        return pathlib.Path(rule["body_file"]).read_bytes()
    if "body_base64" in rule:
        return base64.b64decode(rule["body_base64"])
    body = rule.get("body")
    if body is None or isinstance(body, str):
        return body
    return json.dumps(body)


def dated(value, now):
    """A header's value; "@+30" stands for the HTTP date 30 s from now."""
    value = str(value)
    if re.fullmatch(r"@[+-]\d+", value):
        return email.utils.formatdate(now + int(value[1:]), usegmt=True)
    return value


async def endless_json(limit):
    yield b'{"public_id":"endless","pad":"'
    block = b"x" * 65536
    for _ in range(limit // len(block)):
        yield block


def made_answer(do, rule, now):
    """The answer of an action that needs no true one."""
    if do in VENDOR_ACTIONS:
        return VENDOR_ACTIONS[do](rule, now)
    if do == "html":
        return Answer(rule.get("status", 502), HTML, kind="text/html")
    if do == "empty":
        return Answer(rule.get("status", 200), kind=None)
    if do == "notjson":
        return Answer(rule.get("status", 200), '{"public_id": "x", bytes: ',
                      kind="application/json; charset=utf-8")
    if do == "endless":
        return Answer(200, kind="application/json; charset=utf-8",
                      blocks=endless_json(rule.get("bytes", 1 << 30)))
    if do == "deep":
        levels = rule.get("levels", 100_000)
        return Answer(200, '{"a":' * levels + "1" + "}" * levels,
                      kind="application/json; charset=utf-8")
    status, body = rule.get("status", 503), given_body(rule)
    if body is None:
        return error_answer(status, f"scripted fault: status {status}")
    return Answer(status, body, kind="application/json; charset=utf-8")


def reshaped(answer, rule):
    """The true answer, without some of its fields or with others."""
    try:
        value = json.loads(answer.body)
    except ValueError:
        return answer
    for name in rule.get("drop", []):
        value.pop(name, None)
    value.update(rule.get("set", {}))
    answer.body = json.dumps(value).encode()
    return answer


async def whole(answer):
    """The body of ANSWER, at most 64 MiB of it."""
    if answer.file:
        with open(answer.file, "rb") as file:
            return file.read(64 << 20)
    if answer.blocks is None:
        return answer.body
    body = b""
    async for block in answer.blocks:
        body += block
        if len(body) >= 64 << 20:
            break
    return body


class Play:
    """One rule at work on one request. ANSWER is the true one, or None."""

    def __init__(self, rule, connection, answer, bodyless):
        self.do = rule.do
        self.rule = rule.rule
        self.connection = connection
        self.bodyless = bodyless
        self.answer = None
        if rule.do in SPOILERS:
            self.answer = self._with_headers(answer)
        elif rule.do not in SILENT:
            self.answer = self._with_headers(
                made_answer(rule.do, rule.rule, connection.clock()))
        self.early = rule.early

    @property
    def status(self):
        return self.answer.status if self.answer else None

    async def run(self):
        connection = self.connection
        if self.do == "close":
            connection.cut()
        elif self.do == "reset":
            connection.reset()
        elif self.do == "hang":
            await self._hang()
        elif self.do == "raw":
            body = given_body(self.rule) or "I am no web server\r\n"
            await connection.write(body.encode() if isinstance(body, str) else body)
            connection.cut()
        elif self.do in SPOILERS:
            await self._spoil()
        else:
            connection.keep = connection.keep and not self.early
            await connection.send(self.answer, self.bodyless)

    def _with_headers(self, answer):
        for name, value in self.rule.get("headers", {}).items():
            answer.headers = [(k, v) for k, v in answer.headers
                              if k.lower() != name.lower()]
            answer.headers.append((name, dated(value, self.connection.clock())))
        pad = self.rule.get("header_bytes", 0)
        for number in itertools.count():
            if pad <= 0:
                return answer
            answer.headers.append((f"X-Pad-{number}", "x" * min(pad, 4000)))
            pad -= 4000

    async def _hang(self):
        """Say nothing more, until the client gives up."""
        connection, limit = self.connection, self.rule.get("ms", 600_000) / 1000
        if self.early:
            connection.writer.transport.pause_reading()
            await asyncio.sleep(limit)
        else:
            try:
                async with asyncio.timeout(limit):
                    while await connection.reader.read(65536):
                        pass
            except TimeoutError:
                pass
        connection.reset()

    async def _spoil(self):
        connection, rule, answer = self.connection, self.rule, self.answer
        if self.do == "shape":
            answer = reshaped(answer, rule)
        if self.do in ("delay", "shape"):
            await connection.send(answer, self.bodyless)
            return
        length = None
        if self.do == "length":
            length = max(0, (answer.length() or 0) + rule.get("by", 100))
            connection.keep = False
        head = answer.head(connection.clock(), connection.keep, length)
        body = b"" if self.bodyless else await whole(answer)
        if self.do == "length":
            await connection.write(head + body)
            connection.cut()
        elif self.do == "drip":
            await self._drip(head + body)
        else:
            await connection.write(head + body[:rule.get("bytes", 0)])
            await self._stop_short()

    async def _drip(self, data):
        step, pause = self.rule.get("bytes", 1), self.rule.get("ms", 1) / 1000
        for at in range(0, len(data), step):
            await self.connection.write(data[at:at + step])
            await asyncio.sleep(pause)

    async def _stop_short(self):
        if self.do == "stall":
            await self._hang()
        elif self.rule.get("reset"):
            self.connection.reset()
        else:
            self.connection.cut()
