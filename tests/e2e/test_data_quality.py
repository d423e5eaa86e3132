"""Data quality as the API tells it: feeders that nobody knows, feeders that fall silent, clocks that are off, readings sent twice."""
import csv
import datetime
import io
import pathlib
import unittest

from support import Server, run, scratch, wait_for

GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,SS-1,,South,51.5,-0.1,500,secondary,,
feeder,F-1,SS-1,One,51.5,-0.1,300,domestic,,
feeder,F-2,SS-1,Two,51.5,-0.1,300,domestic,,
"""


def ago(seconds):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class DataQuality(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "grid.csv").write_text(GRID)
        self.server = Server(self.folder / "data", "--grid", self.folder / "grid.csv")
        self.addCleanup(self.server.__exit__)

    def send(self, *readings):
        status, receipt = self.server.post_json("/api/v1/readings", list(readings))
        self.assertEqual(status, 200)
        return receipt

    def quality(self):
        return self.server.get_json("/api/v1/data-quality")[1]

    def source(self, name):
        return next(source for source in self.quality()["sources"] if source["source"] == name)

    def findings(self, query=""):
        status, answer = self.server.get_json("/api/v1/data-quality/findings" + query)
        self.assertEqual(status, 200)
        return answer["findings"]

    def test_a_feeder_that_appears_is_counted_as_unknown_and_shown(self):
        receipt = self.send({"feeder": "F-77", "ts": ago(1), "kw": 1.0}, {"feeder": "F-1", "ts": ago(1), "kw": 1.0})
        self.assertEqual(receipt["quarantined"], {"unknown_point": 1})
        source = self.source("http")
        self.assertEqual(source["quarantined"], {"unknown_point": 1})
        self.assertIn('"F-77"', source["examples"][0]["detail"])
        metrics = self.server.request("GET", "/metrics")[2].decode()
        self.assertIn('headroom_ingest_rejected_total{reason="unknown_point",source="http"} 1', metrics.replace(
            'source="http",reason="unknown_point"', 'reason="unknown_point",source="http"'))

    def test_a_feeder_that_disappears_is_told_with_its_age(self):
        self.send({"feeder": "F-1", "ts": ago(3000), "kw": 5.0}, {"feeder": "F-2", "ts": ago(1), "kw": 5.0})
        found = wait_for(lambda: self.findings("?kind=stale&open=true"), 20, "the finding")
        self.assertEqual([finding["point_id"] for finding in found], ["F-1"])
        self.assertIn("no reading since", found[0]["detail"])
        coverage = wait_for(lambda: self.quality()["coverage"]["as_of"] and self.quality()["coverage"], 20, "a look at all feeders")
        self.assertEqual((coverage["feeders"], coverage["fresh"], coverage["stale"]), (2, 1, 1))
        self.send({"feeder": "F-1", "ts": ago(0), "kw": 6.0})
        wait_for(lambda: not self.findings("?kind=stale&open=true"), 20, "its return")
        self.assertEqual(len(self.findings("?kind=stale")), 1)

    def test_a_clock_ten_minutes_ahead_is_told_although_nothing_of_it_is_taken(self):
        receipt = self.send(*({"feeder": "F-1", "ts": ago(-600 - i), "kw": float(i)} for i in range(12)))
        self.assertEqual(receipt["quarantined"], {"future": 12})
        clock = self.source("http")["clock"]
        self.assertEqual(clock["verdict"], "ahead")
        self.assertIn("10 min ahead", clock["detail"])
        self.assertLess(clock["median_s"], -590)

    def test_readings_sent_twice_are_told_by_feeder_and_exported(self):
        reading = {"feeder": "F-1", "ts": ago(1), "kw": 5.0, "phase": "L1", "source": "meters"}
        self.assertEqual(self.send(reading)["accepted"], 1)
        self.assertEqual(self.send(reading)["duplicates"], 1)
        found = self.findings("?feeder=F-1&source=meters&kind=duplicate&sort=count")
        self.assertEqual((found[0]["phase"], found[0]["count"], found[0]["open"]), ("L1", 1, False))
        status, headers, body = self.server.request("GET", "/api/v1/data-quality/findings", headers={"Accept": "text/csv"})
        self.assertEqual((status, headers["content-type"]), (200, "text/csv; charset=utf-8"))
        rows = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
        self.assertIn(("F-1", "duplicate"), [(row["point_id"], row["kind"]) for row in rows])
        status, _, body = self.server.request("GET", "/api/v1/data-quality", headers={"Accept": "text/csv"})
        self.assertTrue(body.startswith(b"source,state,"))

    def test_busbars_are_held_against_their_feeders(self):
        for i in range(3):
            at = ago(9 - 3 * i)
            self.send({"point_id": "SS-1", "quantity": "p_kw", "value": 50.0 + i, "interval_start": at},
                      *({"feeder": feeder, "ts": at, "kw": kw + i} for feeder, kw in (("F-1", 10.0), ("F-2", 20.0))))
            wait_for(lambda: any(row["phase"] == "sum" and row["compared"] > i for row in self.quality()["balances"]), 20, "a comparison")
        row = next(row for row in self.quality()["balances"] if row["phase"] == "sum")
        self.assertEqual((row["state"], row["feeders_seen"], row["off"]), ("off", 2, 3))

    def test_wrong_questions_are_answered_with_what_is_wrong(self):
        for query in ("kind=odd", "open=perhaps", "sort=size", "cursor=x"):
            self.assertEqual(self.server.get_json("/api/v1/data-quality/findings?" + query)[0], 422, query)

    def test_the_command_line_tells_the_same(self):
        self.send({"feeder": "F-1", "ts": ago(1), "kw": 5.0})
        done = run("quality", "--data-dir", self.folder / "data")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("source      http: ok, 1 accepted", done.stdout)
        done = run("quality", "--server", "http://127.0.0.1:1")
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
