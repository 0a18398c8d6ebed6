"""A payment application in one file, for tests of targets. MODE says what is wrong with it.

It pushes nothing: payments stand as it likes.
"""

import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MODE = os.environ.get("MODE", "")
ANSWERS = {
    "": (200, '{"state": "waiting"}'),
    "forks": (200, '{"state": "waiting"}'),
    "html": (200, "<b>waiting</b>"),
    "word": (200, '{"state": "waitin"}'),
    "empty": (200, "{}"),
    "broken": (500, "oh no"),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if MODE == "hangs":
            time.sleep(60)
        self.say(*ANSWERS[MODE])

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        if MODE == "refuses":
            self.say(402, "no money today")
        elif MODE == "dies":
            sys.stderr.write("out of memory\n")
            os._exit(9)
        else:
            self.say(200, '{"payment": {"id": 7}}')

    def say(self, status, body):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_args):
        """Say nothing."""


if MODE == "crashes":
    sys.stderr.write("the database is not there\n")
    sys.exit(3)
if MODE == "sleeps":
    sys.stdout.write("warming up\n")
    sys.stdout.flush()
    time.sleep(60)
if MODE == "forks":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(os.environ["CHILD"]).write_text(str(child.pid))
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
