"""An answer from memory and nothing else, under the very server of `make serve`.

`BARE_ANSWERS` names a file: what the site answered, by path, written down by `answers_to_bytes`.
What the site reaches beside this is what it costs to find out which answer it is and whether it
still holds.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from imagine_site import serving


def answers_to_bytes(answers: dict[str, tuple[str, list[tuple[str, str]], bytes]]) -> bytes:
    """By path: status line, headers and body."""
    written = {
        path: [status, headers, body.hex()] for path, (status, headers, body) in answers.items()
    }
    return json.dumps(written).encode()


def application_from(data: bytes):
    answers = {
        path: (status, [tuple(pair) for pair in headers], bytes.fromhex(body))
        for path, (status, headers, body) in json.loads(data).items()
    }

    def application(environ, start_response):
        status, headers, body = answers[environ["PATH_INFO"]]
        start_response(status, headers)
        return [body]

    return application


def as_it_is(application, *_more):
    """In the place of what wraps the site's application: nothing."""
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    return application


if "BARE_ANSWERS" in os.environ:
    application = application_from(Path(os.environ["BARE_ANSWERS"]).read_bytes())

if __name__ == "__main__":
    serving.APPLICATION = "benchmarks.bare:application"
    serving.Courteous = as_it_is
    serving.main(sys.argv[1:])
