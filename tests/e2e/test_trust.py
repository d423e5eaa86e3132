"""Readings that cannot be believed: a meter with reversed CTs is told, corrected by a person, stays corrected over a restart and goes back."""
import datetime
import json
import math
import pathlib
import unittest

from support import Server, run, scratch, wait_for

GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,SS-1,,South,51.5,-0.1,500,secondary,,
feeder,F-1,SS-1,One,51.5,-0.1,300,domestic,,
feeder,F-2,SS-1,Two,51.5,-0.1,300,domestic,,
feeder,F-3,SS-1,Three,51.5,-0.1,300,domestic,,
"""
HOURS = 48


class Trust(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "grid.csv").write_text(GRID)
        self.start()
        now = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
        self.next = now - datetime.timedelta(hours=HOURS)

    def start(self):
        self.server = Server(self.folder / "data", "--grid", self.folder / "grid.csv")
        self.addCleanup(self.server.__exit__)

    def get(self, path):
        status, answer = self.server.get_json(path)
        self.assertEqual(status, 200, answer)
        return answer

    def place(self):
        return self.get("/api/v1/trust/places")["places"][0]

    def send_hour(self):
        """All meters of one hour; F-2 has its CTs the wrong way round. Waits until the layers have looked."""
        self.next += datetime.timedelta(hours=1)
        hour = self.next.hour
        load = {f"F-{n}": 40.0 * n + 15.0 * math.sin(hour / 24 * 2 * math.pi) + (hour * 7 * n) % 5 for n in (1, 2, 3)}
        ts = self.next.strftime("%Y-%m-%dT%H:%M:%SZ")
        meters = {"SS-1": sum(load.values()), **load, "F-2": -load["F-2"]}
        status, receipt = self.server.post_json("/api/v1/readings", [{"feeder": meter, "ts": ts, "kw": kw} for meter, kw in meters.items()])
        self.assertEqual((status, receipt["accepted"]), (200, 4), receipt)
        before = self.get("/agents/status")["timestamp"]

        def is_looked_at():
            place = self.place()
            # Until the distance of the readings is known, a look leaves no trace but the passing of a tick.
            return (place["last_slot_at"] or "")[:19] == ts[:19] if place["slot_min"] else self.seconds_since(before) > 1.2

        wait_for(is_looked_at, 20, f"a look at {ts}")

    def seconds_since(self, before):
        parse = datetime.datetime.fromisoformat
        return (parse(self.get("/agents/status")["timestamp"].replace("Z", "+00:00")) - parse(before.replace("Z", "+00:00"))).total_seconds()

    def load_of(self, feeder):
        answer = self.get(f"/api/v1/feeders/{feeder}")
        return next(point["load_kw"] for point in answer["points"] if point["phase"] == "sum")

    def test_a_reversed_meter_from_the_first_reading_to_the_correction_and_back(self):
        while not self.get("/api/v1/trust")["incidents"]:
            self.send_hour()
        answer = self.get("/api/v1/trust?open=true&kind=commissioning&place=SS-1")
        incident = answer["incidents"][0]
        self.assertEqual((incident["meter"], incident["layer"], incident["open"]), ("F-2", "balance", True))
        self.assertIn("F-2: turn the sign", incident["evidence"])
        self.assertEqual(incident["proposal"]["factor"], [-1.0, -1.0, -1.0])
        self.assertLess(self.load_of("F-2"), 0.0, "nothing is corrected by itself")
        self.assertEqual(self.get(f"/api/v1/trust/incidents/{incident['incident_id']}"), incident)

        reported = run("trust", "report", "--data-dir", self.server.data_dir)
        self.assertEqual(reported.returncode, 1, reported.stderr)
        self.assertIn("commissioning at SS-1: F-2", reported.stdout)
        as_json = json.loads(run("trust", "report", "--json", "--data-dir", self.server.data_dir).stdout)
        self.assertEqual(as_json["incidents"], [incident])

        status, would_be = self.server.post_json("/api/v1/trust/corrections?dry_run=true", {"incident_id": incident["incident_id"], "reason": "a look"})
        self.assertEqual((status, would_be["correction_id"]), (200, ""))
        self.assertEqual(self.get("/api/v1/trust/corrections")["corrections"], [])

        applied = run("trust", "corrections", "apply", "--incident", incident["incident_id"], "--reason", "seen on site", "--data-dir", self.server.data_dir)
        self.assertEqual(applied.returncode, 0, applied.stderr)
        correction = self.get("/api/v1/trust/corrections")["corrections"][0]
        self.assertEqual((correction["meter"], correction["reason"]), ("F-2", "seen on site"))
        self.send_hour()
        self.assertGreater(self.load_of("F-2"), 0.0)
        self.assertFalse(self.get(f"/api/v1/trust/incidents/{incident['incident_id']}")["open"])
        again = run("trust", "corrections", "apply", "--meter", "F-2", "--kind", "unit", "--factor", "1000", "1000", "1000", "--reason", "twice", "--data-dir", self.server.data_dir)
        self.assertEqual(again.returncode, 1, again.stdout)
        self.assertIn("revert it", again.stderr)

        self.server.kill()
        self.start()
        self.send_hour()
        self.assertGreater(self.load_of("F-2"), 0.0, "after a restart too")
        listed = run("trust", "corrections", "list", "--data-dir", self.server.data_dir)
        self.assertIn(correction["correction_id"], listed.stdout)

        reverted = run("trust", "corrections", "revert", correction["correction_id"], "--reason", "turned round", "--data-dir", self.server.data_dir)
        self.assertEqual(reverted.returncode, 0, reverted.stderr)
        self.send_hour()
        self.assertLess(self.load_of("F-2"), 0.0)
        types = [entry["type"] for entry in self.get("/api/v1/audit/entries?limit=1000")["entries"]]
        for one in ("trust.incident.opened", "trust.incident.closed", "trust.correction.applied", "trust.correction.reverted"):
            self.assertIn(one, types)

    def test_what_cannot_be_done_is_refused_with_the_field(self):
        for body, status, field in (
                ({"reason": "x"}, 422, "/meter"),
                ({"meter": "F-9", "kind": "reversed", "factor": [-1, -1, -1], "reason": "x"}, 404, "/meter"),
                ({"meter": "F-1", "kind": "reversed", "factor": [1, 1, 1], "reason": "x"}, 422, "/factor"),
                ({"meter": "F-1", "kind": "reversed", "factor": [0, 1, 1], "reason": "x"}, 422, "/factor"),
                ({"meter": "F-1", "kind": "phase_order", "order": [1, 1, 3], "reason": "x"}, 422, "/order"),
                ({"meter": "F-1", "kind": "odd", "reason": "x"}, 422, "/kind"),
                ({"incident_id": "T-none", "reason": "x"}, 404, "/incident"),
                ({"meter": "F-1", "kind": "reversed", "factor": [-1, -1, -1]}, 422, "/reason")):
            answered, problem = self.server.post_json("/api/v1/trust/corrections", body)
            self.assertEqual(answered, status, (body, problem))
            self.assertIn(field, json.dumps(problem), body)
        self.assertEqual(self.server.get_json("/api/v1/trust?kind=odd")[0], 422)
        self.assertEqual(self.server.get_json("/api/v1/trust/incidents/T-none")[0], 404)
        self.assertEqual(self.server.post_json("/api/v1/trust/incidents/T-none/dismiss", {"reason": "x"})[0], 404)
        self.assertEqual(run("trust", "report", "--data-dir", self.server.data_dir).returncode, 0)


if __name__ == "__main__":
    unittest.main()
