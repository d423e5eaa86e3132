"""A 2.0 network whose buyer knows nobody but a discovery service: registry and service in one process, providers that publish to it in another,
the control room in a third; and an aggregator who finds the control room's need there. Every message of the service passes the conformance checker."""
import json
import pathlib
import re
import shutil
import subprocess
import unittest

from support import BINARY, Server, run, scratch, wait_for
from test_beckn_conformance import CHECKER, SPECS
from test_beckn_gateway import catalogue, free_port
from test_beckn_need import half_hour_in
from test_beckn_provider import Providers
from test_serve import GRID

FEEDER = "X-FEEDER-1"
DOMAIN = "deg:flexibility"


class Network:
    """Registry and discovery service."""

    def __init__(self, folder, port, capture):
        self.process = subprocess.Popen([BINARY, "beckn", "registry", "--json", "--data-dir", str(folder), "--port", str(port), "--discovery",
                                         "discovery.example", "--capture", str(capture)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.stderr.read())
        self.said = json.loads(line)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)
        if not self.process.stdout.closed:
            self.process.stdout.close()
            self.process.stderr.close()


class ThroughADiscoveryService(unittest.TestCase):
    dialect = "2.0"

    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"
        self.capture = self.folder / "service.jsonl"
        self.own = json.loads(run("beckn", "keygen", "--json", "--data-dir", self.data).stdout)
        self.port = free_port()
        first = Network(self.folder / "registry", self.port, self.capture)  # makes the service's key
        first.stop()
        self.service = first.said["discovery"]
        self.book = []

    @staticmethod
    def entry(subscriber, key_id, key, kind, url):
        return {"subscriber_id": subscriber, "key_id": key_id, "signing_public_key": key, "encr_public_key": "", "type": kind, "url": url,
                "domain": DOMAIN, "status": "SUBSCRIBED"}

    def open_network(self):
        (self.folder / "registry" / "registry.json").write_text(json.dumps(self.book))
        network = Network(self.folder / "registry", self.port, self.capture)
        self.addCleanup(network.stop)
        self.assertEqual(network.said["discovery"], self.service, "the key stays")

    def service_key(self):
        return f"discovery.example|{self.service['key_id']}|{self.service['signing_public_key']}|{self.service['url']}"

    def provider(self, name, price):
        """Listed first, then started: it publishes as soon as it runs."""
        file = self.folder / f"{name}.toml"
        file.write_text(catalogue(name, price))
        buyer = f"headroom.example|{self.own['key_id']}|{self.own['signing_public_key']}"
        port = free_port()
        arguments = ("--catalogue", file, "--buyer", buyer, "--dialect", self.dialect, "--publish", self.service_key())
        with Providers(*arguments, port=port) as once:  # tells its key
            said = once.said["providers"][0]
        self.book.append(self.entry(said["subscriber_id"], said["key_id"], said["public_key"], "BPP", said["url"]))
        return lambda: self.addCleanup(Providers(*arguments, port=port).__exit__)

    def serve(self):
        (self.folder / "grid.csv").write_text(GRID)
        (self.folder / "headroom.toml").write_text(
            f'[beckn]\nsubscriber_id = "headroom.example"\nkey_id = "{self.own["key_id"]}"\n'
            f'registry_url = "http://127.0.0.1:{self.port}"\n[[beckn.providers]]\nid = "discovery"\nsubscriber_id = "discovery.example"\n'
            f'url = "{self.service["url"]}"\nsells = "search"\ndialect = "{self.dialect}"\n[authority]\nlevel = "act"\n')
        self.server = Server(self.data, "--grid", self.folder / "grid.csv", "--config", self.folder / "headroom.toml")
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 30, "the start")
        self.book.append(self.entry("headroom.example", self.own["key_id"], self.own["signing_public_key"], "BAP",
                                    f"http://127.0.0.1:{self.server.port}/beckn"))

    def messages(self, action=None):
        lines = [json.loads(line) for line in self.capture.read_text().splitlines()]
        return [line for line in lines if action is None or line["body"]["context"]["action"] == action]

    def published(self, count):
        wait_for(lambda: len([line for line in self.messages() if "results" in line["body"]["message"]]) >= count, 30, "publications")

    def execute(self, kw):
        action = {"asset_id": FEEDER, "action_type": "dispatch_battery_discharge", "urgency": "high", "required_kw": kw}
        status, answer = self.server.post_json("/beckn/execute", {"actions": [action]})
        self.assertEqual(status, 200, answer)
        return answer["log"][0]

    def check(self, path, *options):
        if not CHECKER.is_dir() or shutil.which("npm") is None:
            self.skipTest("no conformance checker beside this repository")
        copy = self.folder / "checker"
        if not copy.exists():
            shutil.copytree(CHECKER, copy, ignore=shutil.ignore_patterns("node_modules"))
            for one in copy.rglob("*"):
                one.chmod(0o755 if one.is_dir() else 0o644)
            subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=copy, check=True, capture_output=True)
        done = subprocess.run(["node", copy / "validate.mjs", "--specs", SPECS, *options, path], capture_output=True, text=True, timeout=120, check=False)
        return done

    def assert_conforming(self):
        # Addresses of this machine are plain http, which is a warning: said so, they are read as https.
        path = self.folder / "checked.jsonl"
        lines = []
        for line in self.messages():
            kept = {"action": self.endpoint(line["body"]["context"]["action"]),
                    "body": json.loads(re.sub(r"http://127\.0\.0\.1", "https://127.0.0.1", json.dumps(line["body"])))}
            lines.append(json.dumps(kept))
        path.write_text("\n".join(lines) + "\n")
        done = self.check(path, "--strict")
        wanted = self.allowed(done.stdout)
        self.assertEqual(wanted, [], done.stdout + done.stderr)
        signed = self.check(self.capture)  # raw bytes and signatures
        self.assertEqual(self.allowed(signed.stdout), [], signed.stdout + signed.stderr)

    @staticmethod
    def endpoint(action):
        return action

    @staticmethod
    def allowed(output):
        return [line for line in output.splitlines() if re.search(r": (SCHEMA|FORMAT|PACK\(\w+\)|RULE|SPEC|ACTION|VERSION|JSON|IO|SIGNATURE) ", line)
                or (": WARN" in line and "is not https" not in line)]

    def test_an_order_with_a_provider_that_was_discovered(self):
        starts = [self.provider("north", 0.21), self.provider("south", 0.24)]
        self.serve()
        self.open_network()
        for start in starts:
            start()
        self.published(2)
        entry = self.execute(20)
        self.assertEqual(entry["status"], "confirmed", entry)
        roles = {one["id"]: one["role"] for one in self.server.get_json("/beckn/health")[1]["providers"]}
        self.assertEqual(roles, {"discovery": "discovery", "north.example": "found", "south.example": "found"})
        # The order changed what is left: the provider has told so.
        self.published(3)
        last = [line for line in self.messages() if "catalogs" in line["body"]["message"] and "publish" in line["body"]["context"]["action"]][-1]
        self.assertIn("north", json.dumps(last["body"]["message"]))
        self.assertGreaterEqual(len(self.messages("discover")), 1)
        self.assert_conforming()

    def test_who_is_not_registered_is_not_asked(self):
        starts = [self.provider("north", 0.21), self.provider("south", 0.24)]
        self.book.pop(0)  # north
        self.serve()
        self.open_network()
        for start in starts:
            start()
        self.published(1)
        self.execute(20)
        roles = {one["id"]: one["role"] for one in self.server.get_json("/beckn/health")[1]["providers"]}
        self.assertEqual(roles, {"discovery": "discovery", "south.example": "found"})

    def test_a_catalogue_is_published_and_taken_back_from_the_shell(self):
        seller = json.loads(run("beckn", "keygen", "--json", "--out", self.folder / "seller.key", "--key-id", "k1").stdout)
        port = free_port()
        self.book.append(self.entry("seller.example", "k1", seller["signing_public_key"], "BPP", f"http://127.0.0.1:{port}/beckn"))
        self.open_network()

        def publish(*more, key="seller.key", subscriber="seller.example"):
            return run("beckn", "publish", "--json", "--service", self.service_key(), "--subscriber", subscriber, "--key-id", "k1",
                       "--key-file", self.folder / key, "--listen-port", port, "--dialect", self.dialect, *more)

        done = publish()
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)["catalogues"][0]
        self.assertEqual(told["status"], "accepted", told)
        self.assertGreater(told["items"], 0)
        taken_back = publish("--withdraw")
        self.assertEqual(taken_back.returncode, 0, taken_back.stderr)
        self.assertEqual(json.loads(taken_back.stdout)["catalogues"][0]["items"], 0)
        stranger = publish(subscriber="other.example")
        self.assertEqual(stranger.returncode, 1, stranger.stdout)
        self.assertIn("the registry has to list other.example", stranger.stderr)
        self.assert_conforming()


class ThroughADiscoveryServiceOfRc1(ThroughADiscoveryService):
    dialect = "2.0-rc1"

    @staticmethod
    def endpoint(action):
        # The dialect's paths and its words differ for these two; the checker compares the two.
        return {"catalog_publish": "catalog/publish", "on_catalog_publish": "catalog/on_publish"}.get(action, action)

    @staticmethod
    def allowed(output):
        return [line for line in ThroughADiscoveryService.allowed(output)
                if not re.search(r'RULE /context/action: is "(on_)?catalog_publish" but the endpoint is "catalog/(on_)?publish"', line)
                and not re.search(r'ACTION /context/action: version 2.0-rc1 has no action "(on_)?catalog_publish"', line)]


class NeedsAtADiscoveryService(ThroughADiscoveryService):
    """What the operator needs stands at the service, and an aggregator finds it there."""

    test_an_order_with_a_provider_that_was_discovered = None
    test_who_is_not_registered_is_not_asked = None
    test_a_catalogue_is_published_and_taken_back_from_the_shell = None

    def test_a_need_is_published_found_and_taken_back(self):
        seller = json.loads(run("beckn", "keygen", "--json", "--out", self.folder / "seller.key", "--key-id", "k1").stdout)
        port = free_port()
        self.book.append(self.entry("aggregator.example", "k1", seller["signing_public_key"], "BAP", f"http://127.0.0.1:{port}/beckn"))
        self.serve()
        self.open_network()
        wait_for(lambda: self.server.get_json("/api/v1/needs")[0] == 200, 30, "the needs of a former run")
        feeder = self.server.get_json("/api/v1/feeders")[1]["feeders"][0]["feeder_id"]
        terms = {"feeder_id": feeder, "rule": "fixed_price", "start": half_hour_in(30), "requested_kw": [60, 40], "prices_gbp_per_kwh": [0.3],
                 "shortfall_gbp_per_kwh": [0.1], "gate": half_hour_in(20), "reason": "the evening peak"}
        status, need = self.server.post_json("/api/v1/needs", terms)
        self.assertEqual(status, 201, need)
        self.published(1)
        wait_for(lambda: self.server.get_json("/api/v1/publications")[1]["publications"][0]["is_answered"], 30, "the result")
        told = self.server.get_json("/api/v1/publications")[1]["publications"]
        self.assertEqual([(one["service"], one["is_taken"], one["catalogues"][0]["status"], one["catalogues"][0]["items"]) for one in told],
                         [("discovery.example", True, "accepted", 1)])

        def discover():
            done = run("beckn", "bid", "--buyer", self.service["url"], "--buyer-id", "discovery.example", "--buyer-key",
                       self.service["signing_public_key"], "--subscriber", "aggregator.example", "--key-id", "k1", "--key-file",
                       self.folder / "seller.key", "--listen-port", port, "--state", self.folder / "order.json", "--until", "discover", "--json")
            return done

        found = discover()
        self.assertEqual(found.returncode, 0, found.stderr)
        self.assertIn(need["need_id"], found.stdout)
        status, _ = self.server.send_json("DELETE", f"/api/v1/needs/{need['need_id']}", {"reason": "relieved by switching"})
        self.assertEqual(status, 200)
        self.published(2)
        gone = discover()
        self.assertNotIn(need["need_id"], gone.stdout)
        lines = [json.loads(line) for line in run("beckn", "export", "--data-dir", self.data).stdout.splitlines()]
        self.assertEqual({line["body"]["context"]["action"] for line in lines}, {"catalog/publish", "catalog/on_publish"})
        self.assertEqual({line["verdict"] for line in lines}, {"own", "good"})
        self.assert_conforming()


if __name__ == "__main__":
    unittest.main()
