"""Writes: idempotency keys, dry runs, faults with pointers; approval by a person."""
import hashlib
import json
import pathlib
import threading
import unittest

from support import Server, scratch, wait_for
from test_serve import GRID

ENVELOPE = {"id": "evenings", "power_max_kw": 100, "cost_max_gbp": 50, "from": "2027-01-01T00:00:00Z", "until": "2027-02-01T00:00:00Z", "reason": "agreed"}


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = scratch()
        self.path = pathlib.Path(self.folder.name)
        (self.path / "grid.csv").write_text(GRID)
        self.server = self.serve()

    def serve(self):
        return Server(self.path / "data", "--grid", self.path / "grid.csv")

    def tearDown(self):
        if self.server.process.poll() is None:
            self.assertEqual(self.server.stop(), 0)
        self.folder.cleanup()

    def write(self, path, value, key=None, method="POST"):
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        status, answered, body = self.server.request(method, path, value if isinstance(value, str) else json.dumps(value), headers)
        return status, json.loads(body), answered

    def size(self):
        return self.server.get_json("/api/v1/status")[1]["audit"]["size"]

    def test_a_repeat_under_a_key_gets_the_same_answer_and_has_no_effect(self):
        stop = {"area": "F1", "stopped": True, "reason": "drill"}
        first = self.write("/api/v1/stop", stop, "k-1")
        size = self.size()
        again = self.write("/api/v1/stop", stop, "k-1")
        self.assertEqual((again[0], again[1]), (first[0], first[1]))
        self.assertEqual(again[2]["idempotency-replayed"], "true")
        self.assertEqual(self.size(), size)
        self.server.kill()
        self.server = self.serve()
        size = self.size()
        after = self.write("/api/v1/stop", stop, "k-1")
        self.assertEqual((after[0], after[1]), (first[0], first[1]), "the answer survives a kill")
        self.assertEqual(self.size(), size)

    def test_another_request_under_a_used_key_is_refused(self):
        self.assertEqual(self.write("/api/v1/stop", {"area": "F1", "reason": "drill"}, "k-2")[0], 200)
        status, problem, _ = self.write("/api/v1/stop", {"area": "P1", "reason": "drill"}, "k-2")
        self.assertEqual((status, problem["errors"][0]["pointer"]), (422, "/Idempotency-Key"))
        status, problem, _ = self.write("/api/v1/stop", {"area": "F1", "reason": "drill"}, "k" * 129)
        self.assertEqual((status, problem["errors"][0]["pointer"]), (422, "/Idempotency-Key"))

    def test_a_refusal_is_kept_as_well(self):
        wrong = {"area": "F99", "reason": "drill"}
        self.assertEqual(self.write("/api/v1/stop", wrong, "k-3")[0], 404)
        again = self.write("/api/v1/stop", wrong, "k-3")
        self.assertEqual((again[0], again[2]["idempotency-replayed"]), (404, "true"))

    def test_concurrent_repeats_take_effect_once(self):
        before = self.size()
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.write("/api/v1/stop", {"area": "F1", "reason": "drill"}, "k-4")[0])) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertIn(200, answers)
        self.assertLessEqual(set(answers), {200, 409})
        self.assertEqual(self.size(), before + 1)

    def test_a_dry_run_changes_nothing(self):
        now = self.server.get_json("/api/v1/status")[1]["now"]
        before = self.size()
        writes = [("POST", "/api/v1/stop", {"area": "F1", "reason": "drill"}),
                  ("POST", "/api/v1/feeders/F1/state", {"state": "permit", "held": True, "reason": "work"}),
                  ("POST", "/api/v1/authority/envelopes", ENVELOPE),
                  ("POST", "/api/v1/readings", {"feeder": "F1", "ts": now, "kw": 9})]
        for method, path, body in writes:
            with self.subTest(path):
                status, answer, _ = self.write(path + "?dry_run=true", body, method=method)
                self.assertEqual((status, answer["dry_run"]), (200, True))
        status = self.server.get_json("/api/v1/status")[1]
        self.assertEqual((status["audit"]["size"], status["stopped_areas"], status["readings"]["accepted"]), (before, [], 0))
        self.assertEqual(self.server.get_json("/api/v1/feeders/F1")[1]["state"], "normal")
        self.assertEqual(self.server.get_json("/api/v1/authority")[1]["envelopes"], [])

    def test_bodies_that_do_not_fit_name_every_member(self):
        status, problem, _ = self.write("/api/v1/stop", '{"area":')
        self.assertEqual(status, 400)
        status, problem, _ = self.write("/api/v1/authority/envelopes", {"id": "x", "power_max_kw": -1, "until": "yesterday", "colour": "red"})
        self.assertEqual(status, 422)
        self.assertEqual({error["pointer"] for error in problem["errors"]}, {"/power_max_kw", "/cost_max_gbp", "/from", "/until", "/reason", "/colour"})
        status, problem, _ = self.write("/api/v1/authority/envelopes", {**ENVELOPE, "asset": "F99"})
        self.assertEqual((status, problem["errors"][0]["pointer"]), (422, "/asset"))
        self.assertEqual(self.write("/api/v1/stop?dry_run=maybe", {"reason": "drill"})[0], 422)

    def test_authority_is_granted_and_taken_back(self):
        status, envelope, _ = self.write("/api/v1/authority/envelopes", ENVELOPE)
        self.assertEqual((status, envelope["envelope_id"], envelope["cost_max_gbp"]), (201, "evenings", 50))
        status, problem, _ = self.write("/api/v1/authority/envelopes/evenings", {}, method="DELETE")
        self.assertEqual((status, problem["errors"][0]["pointer"]), (422, "/reason"))
        self.assertEqual(self.write("/api/v1/authority/envelopes/evenings?dry_run=true", {"reason": "over"}, method="DELETE")[0], 200)
        self.assertFalse(self.server.get_json("/api/v1/authority")[1]["envelopes"][0]["revoked"])
        self.assertEqual(self.write("/api/v1/authority/envelopes/evenings", {"reason": "over"}, method="DELETE")[0], 200)
        self.assertTrue(self.server.get_json("/api/v1/authority")[1]["envelopes"][0]["revoked"])
        self.assertEqual(self.write("/api/v1/authority/envelopes/none", {"reason": "over"}, method="DELETE")[0], 404)

    def test_the_log_is_read_and_proven(self):
        self.write("/api/v1/stop", {"area": "F1", "reason": "drill"})
        checkpoint = self.server.get_json("/api/v1/audit/checkpoint")[1]
        self.assertIn(str(checkpoint["size"]), checkpoint["note"].split("\n"))
        entries, cursor = [], ""
        while cursor is not None:
            page = self.server.get_json(f"/api/v1/audit/entries?limit=2&cursor={cursor}")[1]
            entries += page["entries"]
            cursor = page["next_cursor"]
        self.assertEqual([entry["seq"] for entry in entries], list(range(len(entries))))
        self.assertEqual(self.server.get_json("/api/v1/audit/entries?from=1&limit=1")[1]["entries"][0]["seq"], 1)
        size = checkpoint["size"]
        proof = self.server.get_json(f"/api/v1/audit/proof/inclusion?index=0&size={size}")[1]
        self.assertEqual(self.root_of(proof), checkpoint["root"])
        leaf = json.dumps(entries[0], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        self.assertEqual(hashlib.sha256(b"\x00" + leaf).hexdigest(), proof["leaf_hash"])
        self.assertEqual(self.server.get_json(f"/api/v1/audit/proof/consistency?from=1&to={size}")[0], 200)
        self.assertEqual(self.server.get_json("/api/v1/audit/proof/inclusion?index=0&size=1000000")[0], 404)
        self.assertEqual(self.server.get_json("/api/v1/audit/proof/inclusion")[0], 422)

    @staticmethod
    def root_of(proof):
        """RFC 9162 §2.1.3.2."""
        number, last = proof["index"], proof["size"] - 1
        node = bytes.fromhex(proof["leaf_hash"])
        for text in proof["hashes"]:
            other = bytes.fromhex(text)
            if number & 1 or number == last:
                node = hashlib.sha256(b"\x01" + other + node).digest()
                while not number & 1 and number:
                    number >>= 1
                    last >>= 1
            else:
                node = hashlib.sha256(b"\x01" + node + other).digest()
            number >>= 1
            last >>= 1
        return node.hex()

    def test_sources_and_metrics(self):
        now = self.server.get_json("/api/v1/status")[1]["now"]
        self.write("/api/v1/readings", [{"feeder": "F1", "ts": now, "kw": 9}, {"feeder": "F1", "ts": now, "kw": 9}])
        source = self.server.get_json("/api/v1/sources")[1]["sources"][0]
        self.assertEqual((source["state"], source["accepted"], source["duplicates"], source["simulated"]), ("ok", 1, 1, False))
        for accept, kind in (("*/*", "text/plain"), ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text")):
            status, headers, body = self.server.request("GET", "/metrics", headers={"Accept": accept})
            self.assertEqual((status, headers["content-type"].split(";")[0]), (200, kind))
            self.check_metrics(body.decode(), kind == "application/openmetrics-text")

    def check_metrics(self, text, is_openmetrics):
        """What `promtool check metrics` looks for: help and type once, before the samples; names; no double."""
        lines = text.split("\n")
        self.assertEqual(lines.pop(), "")
        if is_openmetrics:
            self.assertEqual(lines.pop(), "# EOF")
        families, samples, current = {}, set(), None
        for line in lines:
            if line.startswith("# HELP "):
                current = line.split(" ")[2]
                self.assertNotIn(current, families)
                self.assertTrue(line.split(" ", 3)[3])
                families[current] = None
            elif line.startswith("# TYPE "):
                self.assertEqual(line.split(" ")[2], current)
                families[current] = line.split(" ")[3]
            else:
                name = line.split("{")[0].split(" ")[0]
                self.assertRegex(name, r"^[a-z][a-z0-9_]*$")
                kind = families[current]
                suffixes = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",) if is_openmetrics else ("",), "gauge": ("",)}[kind]
                self.assertIn(name, [current + suffix for suffix in suffixes], line)
                if kind == "counter" and not is_openmetrics:
                    self.assertTrue(name.endswith("_total"), line)
                if kind == "gauge":
                    self.assertFalse(name.endswith("_total"), line)
                key, value = line.rsplit(" ", 1)
                self.assertNotIn(key, samples)
                samples.add(key)
                float(value)
        self.assertIn("headroom_build_info", families)
        self.assertIn("process_resident_memory_bytes", families)

    def test_health_says_why(self):
        answers = []

        def is_ready():
            answers.append(self.server.get_json("/readyz"))
            return answers[-1][0] == 200
        wait_for(is_ready, 30, "readiness")
        self.assertEqual(answers[-1][1], {"status": "ready", "reasons": []})
        for status, answer in answers[:-1]:
            self.assertEqual((status, answer["status"], len(answer["reasons"])), (503, "not ready", 1))
        agents = self.server.get_json("/agents/status")[1]["agents"]
        self.assertEqual(set(agents), {"grid_monitoring", "flex_orchestration", "market", "dispatch", "audit_settlement", "contingency"})


if __name__ == "__main__":
    unittest.main()
