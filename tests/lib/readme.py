#!/usr/bin/env python3
"""Run the README's examples and compare what they print.

    readme.py README.md PICTURES [--update]

Every ```console block is a session: lines with "$ " are commands, the rest is what
they print on a terminal 96 columns wide. All blocks run in order, in one home and one
folder that begin empty but for the pictures in outbox/. With --update the outputs in
the README are replaced by what was printed.
"""

import difflib
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile

COLUMNS = 96


def run(command, home, folder):
    """What COMMAND prints on a terminal, standard error included."""
    leader, follower = pty.openpty()
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "dumb", "LC_ALL": "C.UTF-8",
           "COLUMNS": str(COLUMNS), "TZ": "UTC"}
    child = subprocess.Popen(["bash", "-c", command], cwd=folder, env=env, stdin=follower,
                             stdout=follower, stderr=follower, close_fds=True,
                             start_new_session=True)
    os.close(follower)
    out = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    os.close(leader)
    child.wait()
    return out.decode("utf-8", "replace").replace("\r\n", "\n")


def settle(text, home):
    """TEXT without what differs from run to run."""
    text = text.replace(str(home), "/home/me")
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "2026-11-22T07:30:11.402Z", text)
    text = re.sub(r"\b\d+ (second|minute)s? ago", "now", text)
    # doctor: one day the prices are old, which is no fault of the README.
    text = re.sub(r"note(  prices .*)\n +hint: .*", r"ok  \1", text)
    return re.sub(r"[ \t]+$", "", text, flags=re.M)


def main():
    readme = pathlib.Path(sys.argv[1])
    pictures = pathlib.Path(sys.argv[2])
    text = readme.read_text()
    base = pathlib.Path(tempfile.mkdtemp(prefix="readme."))
    home, folder = base / "home", base / "work"
    home.mkdir()
    shutil.copytree(pictures, folder / "outbox")
    commands = 0

    def play(match):
        nonlocal commands
        lines = []
        for line in match.group(1).splitlines():
            if line.startswith("$ "):
                commands += 1
                lines += [line, *settle(run(line[2:], home, folder), home).splitlines()]
        return "```console\n" + "\n".join(lines) + "\n```"

    got = re.sub(r"```console\n(.*?)\n```", play, text, flags=re.S)
    shutil.rmtree(base)
    if "--update" in sys.argv:
        readme.write_text(got)
    elif got != text:
        sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), got.splitlines(True),
                                                   "README.md", "what was printed"))
        return 1
    print(f"{commands} commands")
    return 0 if commands else 1


if __name__ == "__main__":
    sys.exit(main())
