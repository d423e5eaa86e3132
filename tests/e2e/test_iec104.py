"""Readings from SCADA: the built binary against a station of IEC 60870-5-104 that speaks right, falls silent, lies and comes back."""
import datetime
import json
import pathlib
import unittest

from iec104_station import Station, double_point, measured_float, utc_now
from support import Server, run, scratch, wait_for

GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,SS-1,,South,51.5,-0.1,500,secondary,,
feeder,F-1,SS-1,One,51.5,-0.1,300,domestic,,
feeder,F-2,SS-1,Two,51.5,-0.1,300,domestic,,
"""
MAPPING = """station,common_address,object_address,point_id,quantity,phase,scale,offset,deadband_class
north,1,11,F-1,p_kw,L1,1,0,
north,1,12,F-1,p_kw,L2,1,0,
north,1,13,F-1,p_kw,L3,1,0,
north,1,21,F-2,p_kw,sum,-1000,0,change
north,1,100,F-1,breaker,,,,
north,1,101,F-1,tie,,,,
"""
STATE = [(11, 10.0, 0), (12, 11.0, 0), (13, 12.0, 0)]


class Iec104(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.station = Station(list(STATE))
        self.addCleanup(self.station.close)
        (self.folder / "grid.csv").write_text(GRID)
        (self.folder / "map.csv").write_text(MAPPING)
        (self.folder / "headroom.toml").write_text(
            f'[iec104]\nmapping_file = "{self.folder}/map.csv"\nt1_s = 2\nt2_s = 1\nt3_s = 2\nw = 2\n'
            f'[[iec104.stations]]\nid = "north"\nhost = "127.0.0.1"\nport = {self.station.port}\nuntimed_quality = "measured"\n')
        self.server = Server(self.folder / "data", "--config", self.folder / "headroom.toml", "--grid", self.folder / "grid.csv")
        self.addCleanup(self.server.__exit__)

    def quality(self):
        status, answer = self.server.get_json("/api/v1/data-quality")
        self.assertEqual(status, 200)
        return answer

    def source(self):
        return next((source for source in self.quality()["sources"] if source["source"] == "north"), None)

    def link(self):
        return self.quality()["links"][0]

    def load(self, feeder, phase):
        points = self.server.get_json(f"/api/v1/points?feeder={feeder}")[1]["points"]
        return next(point["load_kw"] for point in points if point["feeder_id"] == feeder and point["phase"] == phase)

    def accepted(self, count):
        return wait_for(lambda: (self.source() or {}).get("accepted", 0) >= count and self.source(), 20, f"{count} readings")

    def wait_until_running(self, connections=1):
        wait_for(lambda: self.link()["running"] and self.link()["connections"] >= connections, 30, "the transfer")

    def test_values_quality_time_and_counts(self):
        self.accepted(3)  # of the interrogation
        self.assertEqual(self.load("F-1", "L2"), 11.0)
        self.assertTrue(self.station.send(measured_float([(21, -0.05, 0)], time=utc_now())))
        self.assertTrue(self.station.send(measured_float([(11, 99.0, 0x80), (999, 1.0, 0)])))
        source = self.accepted(4)
        self.assertEqual(self.load("F-2", "sum"), 50.0)  # −0.05 MW of feed-in, turned round
        wait_for(lambda: self.source()["quarantined_total"] == 2, 20, "the quarantine")
        source = self.source()
        self.assertEqual(source["quarantined"], {"bad_quality": 1, "unknown_point": 1})
        self.assertIn("common address 1, object 999 is not in the mapping", [example["detail"] for example in source["examples"]])
        self.assertEqual(self.load("F-1", "L1"), 10.0)
        self.assertEqual(source["clock"]["verdict"], "unknown")
        wait_for(lambda: self.station.acknowledged >= 5, 20, "acknowledgements")
        totals = self.server.get_json("/api/v1/status")[1]["readings"]
        self.assertEqual((totals["accepted"], totals["quarantined"]), (4, 2))
        code = self.server.stop()
        self.assertEqual(code, 0)
        self.assertEqual(self.station.stops, 1)

    def state(self, feeder):
        return self.server.get_json(f"/api/v1/feeders/{feeder}")[1]["state"]

    def test_switches_set_the_state_of_their_feeder_unless_an_engineer_holds_it(self):
        self.wait_until_running()
        self.assertEqual(self.state("F-1"), "normal")
        for address, position, state in ((101, 2, "abnormal"), (100, 1, "outage"), (100, 2, "abnormal"), (101, 1, "normal")):
            self.assertTrue(self.station.send(double_point([(address, position, 0)])))
            wait_for(lambda: self.state("F-1") == state, 20, f"{state} after {address} said {position}")
        # Between two positions, and out of date: neither says anything. The tie behind them does.
        self.assertTrue(self.station.send(double_point([(100, 0, 0), (100, 1, 0x40), (101, 2, 0)])))
        wait_for(lambda: self.state("F-1") == "abnormal", 20, "the tie's state alone")
        self.assertTrue(self.station.send(double_point([(101, 1, 0)])))
        wait_for(lambda: self.state("F-1") == "normal", 20, "normal")
        status, _ = self.server.post_json("/api/v1/feeders/F-1/state", {"state": "permit", "held": True, "reason": "work on the cable"})
        self.assertEqual(status, 200)
        asdus = self.link()["messages"]
        self.assertTrue(self.station.send(double_point([(100, 1, 0)])))
        wait_for(lambda: self.link()["messages"] > asdus, 20, "the report")
        self.assertEqual(self.state("F-1"), "permit")
        self.assertEqual(self.server.stop(), 0)
        exported = run("audit", "export", "--data-dir", self.folder / "data")
        entries = [json.loads(line) for line in exported.stdout.splitlines()]
        changes = [(entry["body"]["element"], entry["body"]["state"]) for entry in entries if entry["type"] == "state.change"]
        self.assertEqual(changes, [("F-1", state) for state in ("abnormal", "outage", "abnormal", "normal", "abnormal", "normal")])

    def test_comes_back_after_every_fault_of_the_station(self):
        self.wait_until_running()
        for number, fault in enumerate([lambda: self.station.hang_up(), lambda: self.station.send_raw(b"GET / HTTP/1.1\r\n\r\n"),
                                        lambda: self.station.send(measured_float(STATE), number=77)], start=2):
            fault()
            wait_for(lambda: self.station.connections >= number, 30, "another connection")
            self.wait_until_running(number)
        wait_for(lambda: self.station.interrogations == 4, 20, "the interrogation of the fourth connection")
        self.station.fault = "deaf"
        tests = self.station.tests
        wait_for(lambda: self.station.tests > tests, 30, "a test of the silent link")
        wait_for(lambda: self.station.connections >= 5, 30, "another connection")
        self.station.fault = "no_startdt"
        self.station.hang_up()
        wait_for(lambda: "STARTDT act was not confirmed" in self.link()["why"], 30, "the reason")
        self.station.fault = None
        wait_for(lambda: self.link()["running"], 60, "the transfer")

    def test_a_clock_ten_minutes_off_is_told(self):
        self.wait_until_running()
        for i in range(80):  # so many that the three of the interrogation are the odd ones
            at = utc_now() - datetime.timedelta(minutes=10) + datetime.timedelta(milliseconds=i)
            self.station.send(measured_float([(21, -0.01 - i / 1000, 0)], time=at))
        clock = wait_for(lambda: (self.source() or {}).get("clock", {}).get("verdict") == "behind" and self.source()["clock"], 20,
                         "the verdict on the clock")
        self.assertIn("10 min behind", clock["detail"])
        done = run("quality", "--data-dir", self.folder / "data")
        self.assertEqual(done.returncode, 1)
        self.assertIn("north: its clock is 10 min behind ours", done.stderr)

    def test_a_mapping_that_is_wrong_starts_nothing(self):
        (self.folder / "map.csv").write_text(MAPPING.replace("F-2", "F-9"))
        done = run("serve", "--port", "0", "--data-dir", self.folder / "other", "--config", self.folder / "headroom.toml",
                   "--grid", self.folder / "grid.csv")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('map.csv: line 5, column point_id: "F-9" is not in the grid', done.stderr)


if __name__ == "__main__":
    unittest.main()
