#!/usr/bin/env python3
"""Run a command on a terminal that answers, and print what it was sent.

    answering.py ANSWERS COMMAND [ARG...]

ANSWERS is JSON: question -> answer, looked for in what the command writes to its
terminal, in order; questions without an answer stay unanswered; a number instead of an
answer is a signal to whoever is in the foreground. The terminal has
80 x 24 characters and no size in pixels. The exit status is the command's.
"""

import fcntl
import json
import os
import pty
import struct
import sys
import termios


def main():
    answers = json.loads(sys.argv[1])
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.execvp(sys.argv[2], sys.argv[2:])
    out, seen = b"", 0
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
        found = True
        while found:
            found = False
            here = [(out.find(q.encode(), seen), q) for q in answers]
            here = sorted((at, q) for at, q in here if at >= 0)
            if here:
                at, question = here[0]
                seen = at + len(question.encode())
                answer = answers[question]
                if isinstance(answer, int):
                    os.killpg(os.tcgetpgrp(terminal), answer)
                else:
                    os.write(terminal, answer.encode())
                found = True
    _, status = os.waitpid(child, 0)
    sys.stdout.buffer.write(out)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
