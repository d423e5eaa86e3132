"""The grid file read again while the room runs: a feeder appears, changes rating, disappears; by the API and by SIGHUP."""
import json
import pathlib
import signal
import unittest

from support import Server, run, scratch, wait_for

HEADER = "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
P1 = "substation,P1,,Hill Primary,52.1,-1.2,20000,primary,,\n"
F1 = "feeder,F1,P1,Mill Lane,52.1,-1.2,{},domestic,,\n"
F2 = "feeder,F2,P1,High Street,52.1,-1.2,90,mixed,,\n"


class Reloading(unittest.TestCase):
    def setUp(self):
        self.folder = scratch()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.grid = self.path / "grid.csv"
        self.write(F1.format(180))
        self.server = Server(self.path / "data", "--grid", self.grid)
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 30, "the start")

    def write(self, *rows):
        self.grid.write_text(HEADER + P1 + "".join(rows))

    def reload(self, reason="a test", query=""):
        return self.server.post_json("/api/v1/grid/reload" + query, {"reason": reason})

    def read(self, feeder, kw):
        now = self.server.get_json("/api/v1/status")[1]["now"]
        status, answer = self.server.post_json("/api/v1/readings", {"feeder": feeder, "ts": now, "kw": kw})
        self.assertEqual(status, 200)
        return answer

    def changes(self):
        status, answer = self.server.get_json("/api/v1/audit/entries?limit=1000")
        self.assertEqual(status, 200)
        return [entry for entry in answer["entries"] if entry["type"] == "config.change"]

    def feeders(self):
        return {one["feeder_id"]: one for one in self.server.get_json("/api/v1/feeders")[1]["feeders"]}

    def test_a_feeder_appears_changes_rating_and_disappears(self):
        self.assertEqual(self.read("F1", 60)["accepted"], 1)
        self.assertEqual(self.read("F2", 30)["quarantined"], {"unknown_point": 1})

        self.write(F1.format(240), F2)
        status, change = self.reload(query="?dry_run=true")
        self.assertEqual((status, change["applied"], change["added"], change["changed"]), (200, False, ["F2"], ["F1"]))
        self.assertNotIn("F2", self.feeders())

        status, change = self.reload("the transformer was changed")
        self.assertEqual((status, change["applied"], change["added"], change["limits_changed"]), (200, True, ["F2"], ["F1"]))
        self.assertEqual(self.read("F2", 30)["accepted"], 1)
        feeders = self.feeders()
        self.assertEqual(feeders["F1"]["load_kw"], 60)  # what was known stays
        self.assertEqual(feeders["F1"]["limit_kw"], 240)
        self.assertEqual(feeders["F2"]["load_kw"], 30)

        self.write(F2)
        self.assertEqual(self.reload()[1]["removed"], ["F1"])
        self.assertEqual(list(self.feeders()), ["F2"])
        self.assertEqual(self.read("F1", 61)["quarantined"], {"unknown_point": 1})

        self.write(F1.format(100), F2)
        self.assertEqual(self.reload()[1]["added"], ["F1"])
        self.assertEqual(self.read("F1", 62)["accepted"], 1)
        self.assertEqual((self.feeders()["F1"]["load_kw"], self.feeders()["F1"]["limit_kw"]), (62, 100))

    def test_the_change_is_in_the_log_with_the_file_and_the_reason(self):
        self.write(F1.format(180), F2)
        self.assertEqual(self.reload("F2 was built")[0], 200)
        entry = self.changes()[-1]
        self.assertEqual(entry["body"]["reason"], "F2 was built")
        self.assertEqual(entry["body"]["added"], ["F2"])
        sha256 = entry["body"]["blob"]["sha256"]
        self.assertEqual((self.path / "data" / "blobs" / sha256[:2] / sha256).read_text(), self.grid.read_text())
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(run("audit", "verify", "--data-dir", self.path / "data").returncode, 0)

    def test_a_file_that_says_the_same_writes_nothing(self):
        status, change = self.reload()
        self.assertEqual((status, change["added"], change["removed"], change["changed"]), (200, [], [], []))
        self.assertEqual(self.changes(), [])

    def test_a_file_with_faults_changes_nothing(self):
        self.grid.write_text(HEADER + P1 + "feeder,F1,P9,Mill Lane,52.1,-1.2,many,domestic,,\n")
        status, answer = self.reload()
        self.assertEqual(status, 422)
        self.assertIn("line 3", answer["detail"])
        self.grid.unlink()
        self.assertEqual(self.reload()[0], 503)
        self.assertEqual(list(self.feeders()), ["F1"])

    def test_a_reason_is_needed(self):
        status, answer = self.server.post_json("/api/v1/grid/reload", {})
        self.assertEqual(status, 422)
        self.assertIn("/reason", json.dumps(answer))

    def test_hangup_reads_it_too(self):
        self.write(F1.format(180), F2)
        self.server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "F2" in self.feeders(), 20, "the feeder of the new file")
        self.grid.write_text("nothing of a grid")
        self.server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "was not taken over" in self.server.output(), 20, "the complaint")
        self.assertEqual(sorted(self.feeders()), ["F1", "F2"])


if __name__ == "__main__":
    unittest.main()
