#!/usr/bin/env python3
"""A cloud on loopback for tests: speaks the services' protocols, checks every request,
keeps a ledger and plays faults. See README.md.

Prints its port on one line when it is ready. Ends by itself on SIGTERM, when its
standard input (if that is a pipe) is closed, and when its parent is gone.
"""

import argparse
import asyncio
import os
import pathlib
import signal
import stat
import sys

sys.dont_write_bytecode = True

from area import Area                 # noqa: E402
from cloudinary import Cloudinary     # noqa: E402
from control import Control           # noqa: E402
from instagram import Instagram       # noqa: E402
from openai import OpenAI             # noqa: E402
from server import Server             # noqa: E402

# The dummy account of the reference's signature vectors.
KEY = "123456789012345"
SECRET = "abcdefghijklmnopqrstuvwxyz1"
OPENAI_KEY = "sk-cloud-for-testing"
IG_TOKEN = "IGtests0123456789abcdefghijklmnopqrstuvwxyz"


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    add = parser.add_argument
    add("--dir", required=True, help="where stored pictures go")
    add("--files", default="", help="folder served under /files/")
    add("--port", type=int, default=0, help="0: any free one")
    add("--cloud", default="demo", help="cloud name")
    add("--signature-algorithm", choices=("any", "sha1", "sha256"), default="any")
    add("--signature-version", choices=("any", "1", "2"), default="any")
    add("--upload-auth", choices=("any", "signature"), default="any",
        help="signature: the Upload API refuses Basic authentication")
    add("--size-limit", type=int, default=10485760, help="bytes of a picture")
    add("--chunk-minimum", type=int, default=5 << 20,
        help="every chunk but the last must be larger")
    add("--hourly-limit", type=int, default=500, help="Admin calls")
    add("--folder-mode", choices=("dynamic", "fixed"), default="dynamic")
    add("--public-url", default="", help="base of the links in replies")
    add("--clock", type=int, default=0, help="seconds by which its clock is ahead")
    add("--stale-status", type=int, default=400, help="of \"Stale request\"")
    add("--delay", type=float, default=0, metavar="MS",
        help="latency of every answer, from the last byte of the body on")
    add("--connect-delay", type=float, default=0, metavar="MS",
        help="of the first request of every connection")
    add("--openai-noise", type=int, default=0, metavar="0|1",
        help="pictures that cannot be compressed")
    add("--seed", type=int, default=1, help="of faults with a chance")
    add("--ig-polls", type=int, default=0,
        help="how often an Instagram container is not ready when asked")
    add("--ig-used", type=int, default=0, help="posts of today, made by others")
    add("--ig-quota", type=int, default=100, help="posts a day")
    given = parser.parse_args()
    given.key = os.environ.get("CLOUD_KEY", KEY)
    given.secret = os.environ.get("CLOUD_SECRET", SECRET)
    given.openai_key = os.environ.get("CLOUD_OPENAI_KEY", OPENAI_KEY)
    given.ig_token = os.environ.get("CLOUD_IG_TOKEN", IG_TOKEN)
    return given


def stdin_is_a_leash():
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def end_signal():
    """An event: SIGTERM, SIGINT, SIGHUP, or the end of standard input."""
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, end.set)
    if stdin_is_a_leash():
        loop.add_reader(0, lambda: os.read(0, 4096) or end.set())
    return end


async def run(given):
    parent, end = os.getppid(), end_signal()
    server = Server(given, pathlib.Path(given.dir).resolve())
    cloudinary = Cloudinary(server)
    openai = OpenAI(server)
    instagram = Instagram(server, cloudinary)
    server.vendors = [Control(server, cloudinary.assets, openai, instagram), Area(server),
                      openai, cloudinary, instagram]
    server.log = sys.stderr
    await server.start()
    print(server.port, flush=True)
    while not end.is_set() and os.getppid() == parent:
        try:
            async with asyncio.timeout(0.5):
                await end.wait()
        except TimeoutError:
            pass


if __name__ == "__main__":
    asyncio.run(run(options()))
