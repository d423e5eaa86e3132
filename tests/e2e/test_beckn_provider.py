"""`headroom beckn serve-bpp` and the verbs that talk to it, over real sockets; captures of every dialect against the
conformance checker, where that lies beside this repository."""
import base64
import http.client
import http.server
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import unittest
import urllib.request

from support import BINARY, SHARED, Server, scratch, wait_for
from test_serve import GRID

CHECKER = SHARED / "checks" / "beckn_conformance"
SPECS = SHARED / "specs" / "beckn"
DIALECTS = ("0.9.3", "1.1", "2.0-rc1", "2.0")


class Providers:
    """A simulator on a port of the kernel's choice."""

    def __init__(self, *arguments, port=0):
        self.process = subprocess.Popen([BINARY, "beckn", "serve-bpp", "--json", "--port", str(port), *map(str, arguments)],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.stderr.read())
        self.said = json.loads(line)

    def url(self, provider):
        return next(entry["url"] for entry in self.said["providers"] if entry["id"] == provider)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self._end()

    def _end(self):
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        if not self.process.stdout.closed:
            self._end()


class Shell:
    """The verbs in a folder of their own: one buyer with one order."""

    def __init__(self, folder, name="order"):
        self.folder = pathlib.Path(folder)
        self.name = name

    def __call__(self, verb, *arguments, code=0):
        done = subprocess.run([BINARY, "beckn", verb, "--json", "--state", self.folder / f"{self.name}.json",
                               "--key-file", self.folder / "buyer.key", *map(str, arguments)],
                              capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != code:
            raise AssertionError(f"{verb} ended with {done.returncode}, not {code}: {done.stdout} {done.stderr}")
        self.stderr = done.stderr
        return json.loads(done.stdout) if done.stdout else None

    def order(self, provider, feeder, kw, *arguments):
        self("discover", "--provider", provider, "--feeder", feeder, "--from", "2030-01-14T17:30:00Z", "--kw", kw, *arguments)
        self("select")
        self("init")
        return self("confirm")["order"]


class SimulatedProviders(unittest.TestCase):
    def setUp(self):
        self.scratch = scratch()
        self.folder = self.scratch.name
        self.addCleanup(self.scratch.cleanup)

    def test_named_providers_and_windows(self):
        with Providers("--open") as providers:
            self.assertTrue(providers.said["simulated"])
            self.assertEqual([entry["name"] for entry in providers.said["providers"]],
                             ["Tesla Virtual Power Plant", "ChargePoint Network", "Honeywell Smart Grid Solutions",
                              "Mobile Generation Pool", "GB Compute Energy Windows"])
            with urllib.request.urlopen(providers.said["url"] + "/providers", timeout=10) as answer:
                listed = json.load(answer)
            self.assertEqual(listed["providers"], providers.said["providers"])
            shell = Shell(self.folder)
            found = shell("discover", "--provider", providers.url("grid-windows"), "--dialect", "2.0-rc1")
            self.assertEqual(len(found["windows"]), 8)
            self.assertEqual(len({window["grid_zone"] for window in found["windows"]}), 8)
            for window in found["windows"]:
                self.assertGreater(window["capacity_mw"], 0)
                self.assertGreaterEqual(window["renewable_percent"], 0)

    def test_a_sandbox_that_answers_at_once_is_read_and_not_trusted(self):
        capture = pathlib.Path(self.folder) / "flow.jsonl"
        subprocess.run([BINARY, "beckn", "capture", "--dialect", "2.0-rc1", "--flow", "order", "--out", capture],
                       check=True, capture_output=True, timeout=60)
        lines = [json.loads(line) for line in capture.read_text(encoding="utf-8").splitlines()]
        told = next(line["body"] for line in lines if line["action"] == "on_discover")

        class Sandbox(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                # As the sandbox of 2025 did it: the catalogs under the action of the question, unsigned.
                body = json.dumps({"context": {**told["context"], **{key: asked["context"][key] for key in ("action", "transaction_id", "message_id", "timestamp")}},
                                   "message": told["message"]}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sandbox) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            shell = Shell(self.folder)
            found = shell("discover", "--provider", f"http://127.0.0.1:{server.server_port}", "--provider-id", told["context"]["bpp_id"],
                          "--provider-key", base64.b64encode(b"k" * 32).decode(), "--dialect", "2.0-rc1", "--wait", "20", "--kw", "5",
                          "--from", "2030-01-14T17:30:00Z", code=1)
            server.shutdown()
        self.assertTrue(found["answered"])
        self.assertFalse(found["trusted"])
        self.assertGreater(len(found["offers"]), 0)

    def test_discover_may_come_by_get_with_a_body(self):
        with Providers("--open") as providers:
            address = providers.url("tesla-vpp").split("/", 3)
            connection = http.client.HTTPConnection(address[2], timeout=10)
            connection.request("GET", "/" + address[3] + "/discover", body="{}")
            refused = connection.getresponse()
            self.assertEqual(refused.status, 200)
            self.assertIn("expected context; got nothing", refused.read().decode())
            connection.close()

    def test_an_order_from_the_shell_in_every_dialect(self):
        with Providers("--open") as providers:
            for number, dialect in enumerate(DIALECTS):
                shell = Shell(self.folder, f"order-{number}")
                order = shell.order(providers.url("tesla-vpp"), f"F-010{number + 1}", "20,10", "--dialect", dialect)
                self.assertEqual(order["status"], "ACTIVE", dialect)
                self.assertEqual(order["lines"][0]["kw"], [20.0, 10.0], dialect)
                fired = shell("update", "--kw", "15,10")["order"]
                self.assertEqual(fired["fulfilment"], "active", dialect)
                self.assertEqual(fired["lines"][0]["kw"], [15.0, 10.0], dialect)
                self.assertIn("/orders/", shell("track")["url"], dialect)
                self.assertTrue(shell("support", "--phone", "+44 20 0000 0000")["answered"], dialect)
                self.assertEqual(shell("rating", "--value", "4.5")["rating"], "taken", dialect)
                self.assertEqual(shell("cancel", "--reason", "over")["order"]["status"], "CANCELLED", dialect)

    def test_power_is_sold_once_and_orders_survive_a_kill(self):
        data = pathlib.Path(self.folder) / "bpp"
        with Providers("--open", "--data-dir", data) as providers:
            first = Shell(self.folder, "first")
            order = first.order(providers.url("tesla-vpp"), "F-0101", "100")  # of 120 kW
            port = int(providers.said["url"].split(":")[2].split("/")[0])
            providers.kill()
        with Providers("--open", "--data-dir", data, port=port) as providers:
            self.assertEqual(first("status")["order"]["id"], order["id"])
            second = Shell(self.folder, "second")
            offers = second("discover", "--provider", providers.url("tesla-vpp"), "--feeder", "F-0101",
                            "--from", "2030-01-14T17:30:00Z", "--kw", "30")["offers"]
            self.assertEqual([offer["power_w"] for offer in offers], [20_000])
            self.assertIn("QUANTITY", second("select", code=1)["error"])
            first("cancel")
            second("select")
            second("init")
            self.assertEqual(second("confirm")["order"]["status"], "ACTIVE")

    def test_only_known_buyers_are_heard(self):
        with Providers() as providers:
            shell = Shell(self.folder)
            shell("discover", "--provider", providers.url("tesla-vpp"), code=1)
            buyer = shell.stderr.split("--buyer '")[1].split("'")[0]
        with Providers("--buyer", buyer) as providers:
            self.assertTrue(shell("discover", "--provider", providers.url("tesla-vpp"))["trusted"])

    def test_faults_meet_the_message_that_they_are_set_for(self):
        with Providers("--open", "--fault", "confirm:drop") as providers:
            shell = Shell(self.folder)
            shell("discover", "--provider", providers.url("tesla-vpp"), "--kw", "10")
            shell("select")
            shell("init")
            self.assertFalse(shell("confirm", "--wait", "1", code=2)["answered"])
            self.assertEqual(shell("status")["order"]["status"], "ACTIVE", "the order stands, only its answer was lost")

    def test_a_crash_between_confirm_and_its_answer_kills_the_process_but_not_the_order(self):
        data = pathlib.Path(self.folder) / "bpp"
        with Providers("--open", "--data-dir", data, "--fault", "crash", "--die") as providers:
            shell = Shell(self.folder)
            shell("discover", "--provider", providers.url("tesla-vpp"), "--kw", "10")
            shell("select")
            shell("init")
            port = int(providers.said["url"].split(":")[2].split("/")[0])
            # The ACK may or may not have left before the process died.
            subprocess.run([BINARY, "beckn", "confirm", "--wait", "1", "--state", pathlib.Path(self.folder) / "order.json",
                            "--key-file", pathlib.Path(self.folder) / "buyer.key"], capture_output=True, timeout=60, check=False)
            wait_for(lambda: providers.process.poll() is not None, 10, "the crash")
        with Providers("--open", "--data-dir", data, port=port) as providers:
            self.assertEqual(shell("status")["order"]["status"], "ACTIVE")

    def test_files_that_are_wrong_are_told_with_their_line(self):
        catalogue = pathlib.Path(self.folder) / "list.toml"
        catalogue.write_text('[[provider]]\nid = "a"\nname = "A"\n[[provider.der]]\nid = "d"\nkind = "bottery"\nfeeder = "F-1"\n'
                             'capacity_kw = 1\nprice_gbp_per_kwh = 0.1\n', encoding="utf-8")
        done = subprocess.run([BINARY, "beckn", "serve-bpp", "--catalogue", catalogue], capture_output=True, text=True, timeout=30, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("list.toml:6", done.stderr)
        shown = subprocess.run([BINARY, "beckn", "serve-bpp", "--print-catalogue"], capture_output=True, text=True, timeout=30, check=True)
        catalogue.write_text(shown.stdout, encoding="utf-8")
        with Providers("--open", "--catalogue", catalogue) as providers:
            self.assertEqual(len(providers.said["providers"]), 5)

    def test_a_demo_has_them_at_mock_bpp(self):
        with Server(pathlib.Path(self.folder) / "data", "--demo", "--seed", "7", "--feeders", "6") as server:
            status, listed = server.get_json("/mock-bpp/providers")
            self.assertEqual(status, 200)
            self.assertTrue(listed["simulated"])
            self.assertIn("Tesla Virtual Power Plant", [entry["name"] for entry in listed["providers"]])
            status, _, _ = server.request("POST", "/mock-bpp/tesla-vpp/search", "{}")
            self.assertEqual(status, 401, "a stranger is refused")

    def test_a_real_room_has_them_only_when_asked(self):
        grid = pathlib.Path(self.folder) / "grid.csv"
        grid.write_text(GRID, encoding="utf-8")
        for flags, expected in ((["--mock-bpp"], 200), ([], 404)):
            with Server(pathlib.Path(self.folder) / f"data-{expected}", "--grid", grid, *flags) as server:
                status, _, body = server.request("GET", "/mock-bpp/providers")
                self.assertEqual(status, expected)
                if flags:
                    self.assertTrue(json.loads(body)["simulated"])
                self.assertEqual(server.stop(), 0)


class Captures(unittest.TestCase):
    def capture(self, dialect, folder):
        out = pathlib.Path(folder) / f"{dialect}.jsonl"
        done = subprocess.run([BINARY, "beckn", "capture", "--dialect", dialect, "--flow", "full", "--out", out],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, f"{dialect}: {done.stderr}")
        return out

    def test_a_full_flow_has_every_action_of_both_sides(self):
        words = {"search", "select", "init", "confirm", "status", "update", "track", "support", "rating", "cancel"}
        modern = (words - {"search", "rating"}) | {"discover", "rate"}
        expected = {"0.9.3": words, "1.1": words, "2.0-rc1": (words - {"search"}) | {"discover"}, "2.0": modern}
        with scratch() as folder:
            for dialect in DIALECTS:
                lines = [json.loads(line) for line in self.capture(dialect, folder).read_text(encoding="utf-8").splitlines()]
                published = {line["action"] for line in lines if line["action"].startswith("catalog/")}
                self.assertEqual(published, {"catalog/publish", "catalog/on_publish"} if dialect == "2.0" else set(), dialect)
                lines = [line for line in lines if line["action"] not in published]
                requests = {line["action"] for line in lines if not line["action"].startswith("on_")}
                answers = {line["action"][3:] for line in lines if line["action"].startswith("on_")}
                self.assertEqual(requests, expected[dialect], dialect)
                self.assertEqual(answers, expected[dialect], dialect)
                for line in lines:
                    self.assertEqual(json.loads(line["raw"]), line["body"])
                    self.assertIn("authorization", line["headers"])

    def test_the_checker_passes_them(self):
        if not CHECKER.is_dir() or shutil.which("npm") is None:
            self.skipTest("no conformance checker beside this repository")
        with scratch() as folder:
            checker = pathlib.Path(folder) / "checker"
            shutil.copytree(CHECKER, checker, ignore=shutil.ignore_patterns("node_modules"))
            for path in checker.rglob("*"):
                path.chmod(0o755 if path.is_dir() else 0o644)
            ready = subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=checker, capture_output=True, text=True, check=False)
            if ready.returncode != 0:
                self.skipTest(f"the checker's packages cannot be installed: {ready.stderr[:300]}")
            for dialect in DIALECTS:
                done = subprocess.run(["node", checker / "validate.mjs", "--specs", SPECS, "--strict", self.capture(dialect, folder)],
                                      capture_output=True, text=True, timeout=120, check=False, env=dict(os.environ))
                self.assertEqual(done.returncode, 0, f"{dialect}: {done.stdout[-3000:]} {done.stderr[-500:]}")


if __name__ == "__main__":
    unittest.main()
