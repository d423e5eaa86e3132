"""Keys, registry and messages of a Beckn network from the command line."""
import base64
import json
import pathlib
import signal
import socket
import stat
import subprocess
import unittest
import urllib.request

from support import BINARY, Server, run, scratch, wait_for
from test_serve import GRID


class Scratch(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def keygen(self, *arguments):
        finished = run("beckn", "keygen", "--json", *arguments)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        return json.loads(finished.stdout)


class Keygen(Scratch):
    def test_makes_keys_that_only_their_owner_may_read_and_keeps_them(self):
        made = self.keygen("--data-dir", self.folder / "data")
        self.assertTrue(made["created"])
        self.assertEqual(pathlib.Path(made["signing_key_file"]), self.folder / "data" / "keys" / "beckn.key")
        for name in ("signing_key_file", "encryption_key_file"):
            mode = pathlib.Path(made[name]).stat().st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o600, name)
        for name in ("signing_public_key", "encr_public_key"):
            self.assertEqual(len(base64.b64decode(made[name], validate=True)), 32, name)
        again = self.keygen("--data-dir", self.folder / "data")
        self.assertFalse(again.pop("created"))
        made.pop("created")
        self.assertEqual(again, made)

    def test_a_secret_of_seed_and_public_key_is_taken_and_replaces_none(self):
        seed = bytes(range(32))
        public = base64.b64decode("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=")
        (self.folder / "given").write_bytes(base64.b64encode(seed + public) + b"\n")
        made = self.keygen("--out", self.folder / "a.key", "--import", self.folder / "given")
        self.assertEqual(base64.b64decode(made["signing_public_key"]), public)
        self.assertEqual((self.folder / "a.key").read_text(), seed.hex() + "\n")
        (self.folder / "other").write_bytes(base64.b64encode(bytes(32)))
        finished = run("beckn", "keygen", "--out", self.folder / "a.key", "--import", self.folder / "other")
        self.assertEqual(finished.returncode, 1)
        self.assertEqual((self.folder / "a.key").read_text(), seed.hex() + "\n")

    def test_a_key_id_that_would_break_headers_is_refused(self):
        finished = run("beckn", "keygen", "--out", self.folder / "a.key", "--key-id", "a|b")
        self.assertEqual(finished.returncode, 2)
        self.assertFalse((self.folder / "a.key").exists())
        self.assertEqual(self.keygen("--out", self.folder / "a.key", "--key-id", "k1")["key_id"], "k1")


BODY = json.dumps({"context": {"domain": "deg:flexibility", "action": "status", "version": "1.1.0", "bap_id": "headroom.example",
                               "bap_uri": "http://127.0.0.1:1/beckn", "bpp_id": "bpp.example", "bpp_uri": "http://127.0.0.1:1/bpp",
                               "location": {"country": {"code": "GBR"}, "city": {"code": "std:020"}},
                               "transaction_id": "6d2c0c52-3a43-4b66-9a57-0a1b8f6f5a01", "message_id": "6d2c0c52-3a43-4b66-9a57-0a1b8f6f5a02",
                               "timestamp": "2026-11-20T12:00:00.000Z", "ttl": "PT30S"}, "message": {"order_id": "ORD-1"}}, indent=2)


class Doctor(Scratch):
    def setUp(self):
        super().setUp()
        self.body = self.folder / "body.json"
        self.body.write_text(BODY)
        self.key = self.keygen("--out", self.folder / "own.key", "--key-id", "k1")

    def sign(self, body):
        finished = run("beckn", "doctor", "--sign", "--json", "--body", body, "--key-file", self.folder / "own.key", "--subscriber",
                       "headroom.example", "--key-id", "k1", "--at", "message")
        self.assertEqual(finished.returncode, 0, finished.stderr)
        return json.loads(finished.stdout)["authorization"]

    def examine(self, header, at="message"):
        finished = run("beckn", "doctor", "--json", "--body", self.body, "--authorization", header, "--key",
                       self.key["signing_public_key"], "--at", at)
        self.assertIn(finished.returncode, (0, 1), finished.stderr)
        report = json.loads(finished.stdout)
        self.assertEqual(finished.returncode == 0, report["good"])
        return report

    def test_what_it_signs_it_finds_good(self):
        report = self.examine(self.sign(self.body))
        self.assertTrue(report["good"], report)
        self.assertEqual(report["dialect"], "1.1")

    def test_reserialised_json_is_named(self):
        other = self.folder / "compact.json"
        other.write_text(json.dumps(json.loads(BODY), separators=(",", ":")))
        report = self.examine(self.sign(other))
        self.assertEqual(report["rule"], "signature")
        self.assertTrue(any("re-serialised JSON (compact)" in finding["what"] for finding in report["findings"]), report)

    def test_an_expired_signature_is_told_by_how_much(self):
        report = self.examine(self.sign(self.body), "2026-11-20T12:01:00Z")
        self.assertEqual(report["rule"], "expired")
        self.assertIn("expired 30 s before", report["findings"][0]["remedy"])

    def test_evidence_is_examined_line_by_line(self):
        lines = [{"raw": BODY, "headers": {"authorization": self.sign(self.body)}, "received_at": 1795176001,
                  "public_key": self.key["signing_public_key"]}]
        lines.append(dict(lines[0], raw=BODY + "\n"))
        capture = self.folder / "capture.jsonl"
        capture.write_text("".join(json.dumps(line) + "\n" for line in lines))
        finished = run("beckn", "doctor", "--json", "--capture", capture)
        self.assertEqual(finished.returncode, 1)
        reports = [json.loads(line) for line in finished.stdout.splitlines()]
        self.assertEqual([report["good"] for report in reports], [True, False])


class EmptyValues(Scratch):
    """A variable of a script that was not set must not start a server without a name."""

    def test_an_empty_value_is_refused_by_its_option(self):
        where = ("--data-dir", self.folder / "data")
        for command in (("registry", "--gateway", "", *where), ("registry", "--discovery", "", *where), ("registry", "--subscriber", " ", *where),
                        ("registry", "--allow", "", *where), ("registry", "--data-dir", ""), ("serve-bpp", "--buyer", ""),
                        ("serve-bpp", "--publish", ""), ("serve-bpp", "--public-url", ""), ("keygen", "--key-id", "", *where),
                        ("discover", "--provider", ""), ("export", "--data-dir", ""), ("publish", "--service", ""),
                        ("bid", "--buyer", "", "--buyer-id", "dso.example", "--buyer-key", "x"), ("need", "withdraw", "need-1", "--reason", "")):
            with self.subTest(command=command[:2]):
                finished = run("beckn", *command, timeout=20)
                option = command[command.index("") - 1] if "" in command else "--subscriber"
                self.assertEqual(finished.returncode, 2, finished.stderr)
                self.assertIn(option, finished.stderr)
                self.assertIn("must not be empty", finished.stderr)
        self.assertFalse((self.folder / "data").exists(), "nothing was begun")

    def test_one_id_is_one_participant(self):
        finished = run("beckn", "registry", "--gateway", "one.example", "--discovery", "one.example", "--data-dir", self.folder / "data", timeout=20)
        self.assertEqual(finished.returncode, 2, finished.stderr)
        self.assertIn("--gateway and --discovery", finished.stderr)


class Network(Scratch):
    """A whole offline network: its registry in one process, a participant in another."""

    def setUp(self):
        super().setUp()
        self.process = None
        self.addCleanup(self.stop)
        self.start()

    def start(self):
        self.process = subprocess.Popen([BINARY, "beckn", "registry", "--json", "--data-dir", str(self.folder / "registry")],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.registry = json.loads(self.process.stdout.readline())

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.assertEqual(self.process.wait(timeout=30), 0)
        if self.process:
            self.process.stdout.close()

    def subscribe(self, *arguments):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        return run("beckn", "subscribe", "--json", "--registry", self.registry["url"], "--subscriber", "headroom.example",
                   "--url", f"http://127.0.0.1:{port}/beckn", *arguments)

    def look_up(self, **wanted):
        request = urllib.request.Request(self.registry["url"] + "/lookup", json.dumps(wanted).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def test_subscribe_rotate_and_restart(self):
        first = self.keygen("--out", self.folder / "first.key")
        finished = self.subscribe("--key-file", self.folder / "first.key")
        self.assertEqual(finished.returncode, 0, finished.stderr)
        listed = self.look_up(subscriber_id="headroom.example")
        self.assertEqual([(one["key_id"], one["signing_public_key"], one["status"]) for one in listed],
                         [(first["key_id"], first["signing_public_key"], "SUBSCRIBED")])
        second = self.keygen("--out", self.folder / "second.key")
        self.assertEqual(self.subscribe("--key-file", self.folder / "second.key").returncode, 1)
        finished = self.subscribe("--key-file", self.folder / "second.key", "--signed-by", self.folder / "first.key")
        self.assertEqual(finished.returncode, 0, finished.stderr)
        self.stop()
        self.start()  # the book is kept, and so are the registry's own keys
        keys = {one["key_id"]: one for one in self.look_up(subscriber_id="headroom.example")}
        self.assertEqual(set(keys), {first["key_id"], second["key_id"]})
        self.assertIn("valid_until", keys[first["key_id"]])
        self.assertNotIn("valid_until", keys[second["key_id"]])

    def test_a_server_answers_the_challenge_that_the_shell_asked_for(self):
        data = self.folder / "data"
        own = self.keygen("--data-dir", data)
        (self.folder / "grid.csv").write_text(GRID)
        server = Server(data, "--grid", self.folder / "grid.csv", "--set", "beckn.subscriber_id=headroom.example", "--set",
                        f"beckn.key_id={own['key_id']}", "--set", f"beckn.registry_url={self.registry['url']}")
        self.addCleanup(server.__exit__)
        wait_for(lambda: server.get_json("/readyz")[0] == 200, 30, "the start")
        finished = run("beckn", "subscribe", "--json", "--registry", self.registry["url"], "--subscriber", "headroom.example", "--url",
                       f"http://127.0.0.1:{server.port}/beckn", "--key-file", data / "keys" / "beckn.key", "--no-listen")
        self.assertEqual(finished.returncode, 0, finished.stderr)
        listed = self.look_up(subscriber_id="headroom.example")
        self.assertEqual([(one["key_id"], one["signing_public_key"], one["status"]) for one in listed],
                         [(own["key_id"], own["signing_public_key"], "SUBSCRIBED")])


if __name__ == "__main__":
    unittest.main()
