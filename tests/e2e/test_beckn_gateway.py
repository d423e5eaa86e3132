"""A network whose buyer knows nobody but a gateway: registry and gateway in one process, providers in two others, the control room in a fourth."""
import json
import pathlib
import signal
import socket
import subprocess
import unittest

from support import BINARY, Server, run, scratch, wait_for
from test_beckn_provider import Providers
from test_serve import GRID

FEEDER = "X-FEEDER-1"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Registry:
    def __init__(self, folder, port):
        self.process = subprocess.Popen([BINARY, "beckn", "registry", "--json", "--data-dir", str(folder), "--port", str(port), "--gateway",
                                         "gateway.example"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.stderr.read())
        self.said = json.loads(line)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
        if not self.process.stdout.closed:
            self.process.stdout.close()
            self.process.stderr.close()


def catalogue(name, price):
    return (f'title = "One provider"\n[[provider]]\nid = "{name}"\nname = "Pool {name}"\nsubscriber_id = "{name}.example"\n'
            f'[[provider.der]]\nid = "BAT-{name}"\nkind = "battery"\nfeeder = "{FEEDER}"\ncapacity_kw = 40\nprice_gbp_per_kwh = {price}\n')


class ThroughAGateway(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"
        self.own = json.loads(run("beckn", "keygen", "--json", "--data-dir", self.data).stdout)
        self.port = free_port()
        first = Registry(self.folder / "registry", self.port)  # makes the gateway's key
        first.stop()
        self.gateway = first.said["gateway"]
        self.assertEqual(self.gateway["type"], "BG")
        key = f"gateway.example|{self.gateway['key_id']}|{self.gateway['signing_public_key']}"
        buyer = f"headroom.example|{self.own['key_id']}|{self.own['signing_public_key']}"
        self.providers = {}
        for name, price in (("north", 0.21), ("south", 0.24)):
            file = self.folder / f"{name}.toml"
            file.write_text(catalogue(name, price))
            made = Providers("--catalogue", file, "--buyer", buyer, "--gateway", key)
            self.addCleanup(made.__exit__)
            self.providers[name] = made.said["providers"][0]

    def start(self, *listed):
        """The registry lists the buyer and the named providers; then the control room starts."""
        book = [self.entry("headroom.example", self.own["key_id"], self.own["signing_public_key"], "BAP", "http://127.0.0.1:1/beckn")]
        for name in listed:
            one = self.providers[name]
            book.append(self.entry(one["subscriber_id"], one["key_id"], one["public_key"], "BPP", one["url"]))
        (self.folder / "registry" / "registry.json").write_text(json.dumps(book))
        registry = Registry(self.folder / "registry", self.port)
        self.addCleanup(registry.stop)
        self.assertEqual(registry.said["gateway"], self.gateway, "the key stays")
        (self.folder / "grid.csv").write_text(GRID)
        (self.folder / "headroom.toml").write_text(
            f'[beckn]\nsubscriber_id = "headroom.example"\nkey_id = "{self.own["key_id"]}"\nregistry_url = "{registry.said["url"]}"\n'
            f'[[beckn.providers]]\nid = "gateway"\nsubscriber_id = "gateway.example"\nurl = "{self.gateway["url"]}"\nsells = "search"\n'
            '[authority]\nlevel = "act"\n')
        self.serve()

    def serve(self):
        self.server = Server(self.data, "--grid", self.folder / "grid.csv", "--config", self.folder / "headroom.toml")
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 30, "the start")

    @staticmethod
    def entry(subscriber, key_id, key, kind, url):
        return {"subscriber_id": subscriber, "key_id": key_id, "signing_public_key": key, "encr_public_key": "", "type": kind, "url": url,
                "domain": "deg:flexibility", "status": "SUBSCRIBED"}

    def roles(self):
        return {one["id"]: one["role"] for one in self.server.get_json("/beckn/health")[1]["providers"]}

    def execute(self, kw):
        action = {"asset_id": FEEDER, "action_type": "dispatch_battery_discharge", "urgency": "high", "required_kw": kw}
        status, answer = self.server.post_json("/beckn/execute", {"actions": [action]})
        self.assertEqual(status, 200, answer)
        return answer["log"][0]

    def test_an_order_with_a_provider_that_nobody_configured(self):
        self.start("north", "south")
        entry = self.execute(20)
        self.assertEqual(entry["status"], "confirmed", entry)
        self.assertRegex(entry["order_id"], "^ORD-[0-9a-f]{8}$")
        self.assertEqual(self.roles(), {"gateway": "gateway", "north.example": "found", "south.example": "found"})
        self.server.stop()
        self.serve()  # who was found is known after a restart
        self.assertEqual(self.roles(), {"gateway": "gateway", "north.example": "found", "south.example": "found"})
        exported = [json.loads(line) for line in run("beckn", "export", "--data-dir", self.data).stdout.splitlines()]
        self.assertEqual({line["verdict"] for line in exported}, {"own", "good"})
        self.assertEqual(len([line for line in exported if line["action"] == "search"]), 1, "once, to the gateway")
        self.assertEqual(len([line for line in exported if line["action"] == "on_search"]), 2)

    def test_whom_the_registry_does_not_list_is_not_heard(self):
        self.start("south")
        self.execute(20)
        self.assertEqual(self.roles(), {"gateway": "gateway", "south.example": "found"})


if __name__ == "__main__":
    unittest.main()
