"""How a test speaks to the cloud: /_control/... Its requests are not recorded.

    POST fault             rules, one JSON object a line
    POST calm              forget the rules
    GET  faults            the rules, with how often each was seen and played
    POST set               {"option": value}: change options of the running server
    POST reset             forget everything
    GET  ledger            all of it, as JSON
    GET  requests          the requests, one JSON object a line
    GET  counts            all counts, as JSON
    GET  count/NAME        one of them, as text
    GET  wait/NAME/N       answers when that count has reached N; ?seconds=S
    GET  instagram         containers and posts; POST {"state": S, "error": N}: change
                           all that are not published, "gone" forgets them
    GET  idle              answers when all connections are closed; ?seconds=S
    GET  violations        as text, one a line
    GET  paid              what was paid for, one JSON object a request a line
    GET  asset?public_id=  what is known of it, as JSON; also ?type=
"""

import asyncio
import json

from faults import json_answer
from instagram import control_state
from wire import Answer

FIXED = {"dir", "port", "key", "secret", "openai_key", "ig_token", "seed"}


class Control:
    hidden = True

    def __init__(self, server, assets, openai, instagram):
        self.server = server
        self.assets = assets
        self.openai = openai
        self.instagram = instagram

    def owns(self, request):
        return request.segments()[0] == "_control"

    def reset(self):
        pass

    def counts(self):
        return {}

    async def answer(self, request):
        _, *rest = request.segments()
        call = (request.head.method, rest[0] if rest else "")
        handler = {
            ("POST", "fault"): self._fault, ("GET", "faults"): self._faults,
            ("POST", "calm"): self._calm,
            ("POST", "set"): self._set, ("POST", "reset"): self._reset,
            ("GET", "ledger"): self._ledger, ("GET", "requests"): self._requests,
            ("GET", "counts"): self._counts, ("GET", "count"): self._count,
            ("GET", "wait"): self._wait, ("GET", "idle"): self._idle,
            ("GET", "violations"): self._violations,
            ("GET", "paid"): self._paid, ("GET", "asset"): self._asset,
            ("GET", "instagram"): self._instagram,
            ("POST", "instagram"): self._set_instagram}.get(call)
        if handler is None:
            return Answer(404, "no such control\n")
        try:
            return await handler(request, rest[1:])
        except ValueError as error:
            return Answer(400, f"{error}\n")

    async def _fault(self, request, rest):
        self.server.faults.add(request.raw.decode())
        return Answer(200, "")

    async def _calm(self, request, rest):
        self.server.faults.reset()
        return Answer(200, "")

    async def _faults(self, request, rest):
        return json_answer(200, [rule.state() for rule in self.server.faults.rules])

    async def _set(self, request, rest):
        options = vars(self.server.options)
        for name, value in json.loads(request.raw).items():
            if name in FIXED or name not in options:
                raise ValueError(f"no option to change: {name}")
            if isinstance(options[name], str):
                value = str(value)
            elif not isinstance(value, (int, float)):
                raise ValueError(f"{name} is a number")
            options[name] = value
        return Answer(200, "")

    async def _reset(self, request, rest):
        self.server.reset()
        return Answer(200, "")

    async def _ledger(self, request, rest):
        return json_answer(200, self.server.ledger.document()
                           | {"counts": self.server.counts(),
                              "paid": self.openai.paid,
                              "assets": [self.assets.described(a) for a in self.assets]})

    async def _requests(self, request, rest):
        lines = [json.dumps(entry) + "\n" for entry in self.server.ledger.requests]
        return Answer(200, "".join(lines))

    async def _counts(self, request, rest):
        return json_answer(200, self.server.counts())

    def _value(self, name):
        counts = self.server.counts()
        if name not in counts:
            raise ValueError(f"no count {name}; there are {' '.join(sorted(counts))}")
        return counts[name]

    async def _count(self, request, rest):
        return Answer(200, f"{self._value(''.join(rest))}\n")

    async def _wait(self, request, rest):
        name, least = rest[0], int(rest[1])
        try:
            async with asyncio.timeout(float(request.query("seconds", "30"))):
                while self._value(name) < least:
                    await self.server.ledger.changed.wait()
        except TimeoutError:
            return Answer(408, f"{name} is {self._value(name)}, not yet {least}\n")
        return Answer(200, f"{self._value(name)}\n")

    async def _idle(self, request, rest):
        try:
            async with asyncio.timeout(float(request.query("seconds", "30"))):
                while self.server.live:
                    await self.server.ledger.changed.wait()
        except TimeoutError:
            return Answer(408, f"{len(self.server.live)} connections are still open\n")
        return Answer(200, "")

    async def _violations(self, request, rest):
        return Answer(200, "".join(f"{v['method']} {v['path']}: {v['text']}\n"
                                   for v in self.server.ledger.violations))

    async def _paid(self, request, rest):
        return Answer(200, "".join(json.dumps(entry) + "\n" for entry in self.openai.paid))

    async def _instagram(self, request, rest):
        return json_answer(200, self.instagram.described())

    async def _set_instagram(self, request, rest):
        return control_state(self.instagram, request.raw.decode())

    async def _asset(self, request, rest):
        asset = self.assets.get(request.query("type", "upload"),
                                request.query("public_id", ""))
        if asset is None:
            return Answer(404, "no such asset\n")
        return json_answer(200, self.assets.described(asset))
