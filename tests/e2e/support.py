"""What the scenario tests share: the binary, folders that go away, servers that are stopped by pid."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

BINARY = os.environ.get("HEADROOM_BINARY", "build/release/headroom")
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def run(*arguments, timeout=300, env=None):
    """Runs the binary to its end and answers the finished process."""
    environment = dict(os.environ)
    environment.update(env or {})
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, env=environment, check=False)


def scratch():
    """A folder that is removed with its object."""
    return tempfile.TemporaryDirectory(prefix="headroom-test-")


def wait_for(condition, seconds, what):
    """Waits until `condition` answers something, and answers that."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        threading.Event().wait(0.02)


class Server:
    """`headroom serve` on a port of the kernel's choice."""

    def __init__(self, data_dir, *arguments, env=None):
        self.data_dir = pathlib.Path(data_dir)
        environment = dict(os.environ)
        environment.update(env or {})
        self.log = open(self.data_dir.parent / (self.data_dir.name + ".log"), "w+", encoding="utf-8")
        endpoint = self.data_dir / "endpoint.json"
        if endpoint.exists():
            endpoint.unlink()
        self.process = subprocess.Popen([BINARY, "serve", "--port", "0", "--data-dir", str(self.data_dir), *map(str, arguments)],
                                        stdout=self.log, stderr=self.log, env=environment)
        self.endpoint = wait_for(self._endpoint, 60, "the server's start")

    def _endpoint(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}: {self.output()}")
        try:
            return json.loads((self.data_dir / "endpoint.json").read_text())
        except (OSError, ValueError):
            return None

    def output(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text(encoding="utf-8")

    @property
    def port(self):
        return self.endpoint["port"]

    def request(self, method, path, body=None, headers=None, timeout=30):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, dict((name.lower(), value) for name, value in response.getheaders()), response.read()
        finally:
            connection.close()

    def get_json(self, path):
        status, _, body = self.request("GET", path)
        return status, json.loads(body)

    def send_json(self, method, path, value):
        status, _, body = self.request(method, path, json.dumps(value), {"Content-Type": "application/json"})
        return status, json.loads(body)

    def post_json(self, path, value):
        return self.send_json("POST", path, value)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.log.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if not self.log.closed:
            self.log.close()
