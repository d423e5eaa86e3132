"""Servers of InfluxDB's write API that can be away: one of our own in each way a server can be, and Debian's influxd."""
import gzip
import http.client
import http.server
import json
import os
import pathlib
import socket
import subprocess
import threading
import urllib.parse

from kafka_server import free_ports
from support import wait_for

INFLUXD = pathlib.Path("/usr/bin/influxd")


class FakeInflux:
    """Takes lines as a 1.x does, and can be away.

    `mode`: "here"; "busy" answers 503; "closes" hangs up on a request that it has read; "forgets to answer" keeps the lines and hangs up then.
    `leave` ends it altogether: connections are refused until `come_back`. `taken`: {(series, time): fields} of every line; `repeated`: how many came again.
    """

    def __init__(self):
        self.mode = "here"
        self.taken = {}
        self.repeated = 0
        self.refused = {}  # how many requests were not answered as they should be, by mode
        self.lock = threading.Lock()
        self.sockets = set()
        self.server = None
        self.port = 0
        self.come_back()

    def come_back(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                with outer.lock:
                    outer.sockets.add(self.connection)

            def finish(self):
                super().finish()
                with outer.lock:
                    outer.sockets.discard(self.connection)

            def log_message(self, *_):
                pass

            def answer(self, status, body=b""):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                mode = outer.mode
                is_write = self.path.startswith("/write")
                if is_write and mode in ("here", "forgets to answer"):
                    outer.keep(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
                if mode != "here":
                    with outer.lock:
                        outer.refused[mode] = outer.refused.get(mode, 0) + 1
                if mode == "here":
                    self.answer(204 if is_write else 200, b"" if is_write else b'{"results":[{"statement_id":0}]}')
                elif mode == "busy":
                    self.answer(503, b'{"error":"away"}')
                else:
                    self.close_connection = True

            do_GET = do_POST

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def keep(self, text):
        with self.lock:
            for line in text.decode().splitlines():
                series, _, rest = line.partition(" ")
                fields, _, time = rest.rpartition(" ")
                self.repeated += (series, time) in self.taken
                self.taken[series, time] = fields

    def leave(self):
        """As a process that dies: nobody listens any more, and what was connected is not."""
        self.server.shutdown()
        self.server.server_close()
        with self.lock:
            for connection in self.sockets:
                connection.shutdown(socket.SHUT_RDWR)

    def minutes(self):
        """{(feeder, time in ms): mean} of the minutes that it has."""
        found = {}
        with self.lock:
            for (series, time), fields in self.taken.items():
                tags = dict(tag.split("=") for tag in series.split(",")[1:])
                if tags.get("window") == "minute":
                    found[tags["feeder"], int(time)] = float(dict(field.split("=") for field in fields.split(","))["value"])
        return found


class RealInflux:
    """Debian's InfluxDB 1.x on ports of this machine. `leave` is kill -9."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.port, rpc = free_ports(2)
        (self.folder / "influxdb.conf").write_text(
            f'reporting-disabled = true\nbind-address = "127.0.0.1:{rpc}"\n[meta]\ndir = "{folder}/meta"\n'
            f'[data]\ndir = "{folder}/data"\nwal-dir = "{folder}/wal"\n[monitor]\nstore-enabled = false\n'
            f'[http]\nbind-address = "127.0.0.1:{self.port}"\nlog-enabled = false\n'
            "[subscriber]\nenabled = false\n[continuous_queries]\nenabled = false\n", encoding="utf-8")
        self.process = None
        self.come_back()

    @staticmethod
    def is_installed():
        return os.access(INFLUXD, os.X_OK)

    def come_back(self):
        with open(self.folder / "log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([INFLUXD, "-config", str(self.folder / "influxdb.conf")], stdout=log, stderr=log)
        wait_for(self._answers, 60, "influxd's start")

    def _answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0 and self._get("/ping")[0] == 204

    def leave(self):
        self.process.kill()
        self.process.wait()

    def _get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def minutes(self):
        """{(feeder, time in ms): mean} of the minutes that it has."""
        query = urllib.parse.urlencode({"db": "headroom", "epoch": "ms", "q": "SELECT value FROM load WHERE \"window\" = 'minute' GROUP BY feeder"})
        status, body = self._get("/query?" + query)
        answer = json.loads(body)
        if status != 200 or "error" in answer["results"][0]:
            raise AssertionError(f"influxd answers {status}: {body[:300]}")
        return {(one["tags"]["feeder"], time): mean for one in answer["results"][0].get("series", []) for time, mean in one["values"]}
