"""The series store is away, or its disk is full, while readings come as fast as they are taken: every reading is counted, no overload is
missed or raised twice, the alarm is in the log, and what waited is written when the store is back."""
import datetime
import json
import pathlib
import re
import shutil
import sqlite3
import unittest

from influx_server import FakeInflux
from small_disk import mount_or_skip
from support import Server, run, scratch, wait_for

FEEDERS = 300
OVER = 7  # every seventh feeder goes over its 300 kW
MINUTES_AWAY = 5
STEP_S = 10
NDJSON = {"Content-Type": "application/x-ndjson"}


def grid_file(folder):
    path = pathlib.Path(folder) / "grid.csv"
    rows = "".join(f"feeder,F-{i},S-1,Feeder {i},,,300,domestic,,\n" for i in range(FEEDERS))
    path.write_text("type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\nsubstation,S-1,,S-1,,,90000,secondary,,\n" + rows)
    return path


class Stream:
    """All feeders, a reading each ten seconds of event time, the last one now; posted as fast as the server takes them."""

    def __init__(self, server, minutes):
        self.server, self.sent, self.accepted, self.other = server, 0, 0, 0
        self.time = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(minutes=minutes)
        self.step = 0

    def run(self, minutes, over_from=None):
        """So many minutes; some feeders are over their limit from step `over_from` of this run on."""
        for step in range(minutes * 60 // STEP_S):
            is_over = over_from is not None and step >= over_from
            ts = self.time.strftime("%Y-%m-%dT%H:%M:%SZ")
            body = "".join(
                f'{{"feeder":"F-{i}","ts":"{ts}","kw":{(345 if is_over and i % OVER == 0 else 150) + (self.step + i) % 9 / 10}}}\n'
                for i in range(FEEDERS))
            status, _, answer = self.server.request("POST", "/api/v1/readings", body, NDJSON)
            if status != 200:
                raise AssertionError(f"{status}: {answer}")
            receipt = json.loads(answer)
            self.sent += FEEDERS
            self.accepted += receipt["accepted"]
            self.other += receipt["duplicates"] + receipt["conflicts"] + sum(receipt["quarantined"].values())
            self.time += datetime.timedelta(seconds=STEP_S)
            self.step += 1


def metric(server, name, **labels):
    _, _, body = server.request("GET", "/metrics")
    for line in body.decode().splitlines():
        match = re.match(rf"{name}\{{(.*)\}} (\S+)$", line)
        if match and labels.items() <= dict(re.findall(r'(\w+)="([^"]*)"', match.group(1))).items():
            return float(match.group(2))
    return None


def log_of(data_dir):
    exported = run("audit", "export", "--data-dir", data_dir)
    return [json.loads(line) for line in exported.stdout.splitlines()]


class StoreFaults(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        self.grid = grid_file(self.path)
        self.data = self.path / "data"

    def serve(self, *more):
        server = Server(self.data, "--grid", self.grid, *more)
        self.addCleanup(lambda: server.process.poll() is None and server.kill())
        return server

    def check_stream(self, server, stream):
        self.assertEqual((stream.accepted, stream.other), (stream.sent, 0))
        self.assertEqual(server.get_json("/api/v1/status")[1]["readings"]["accepted"], stream.sent)

    def check_overloads(self, entries):
        raised = [entry["body"]["overload"]["feeder"] for entry in entries if entry["type"] == "constraint.raised"]
        self.assertEqual(sorted(raised), sorted(f"F-{i}" for i in range(0, FEEDERS, OVER)))

    def check_alarm(self, entries):
        alarms = [entry["body"] for entry in entries if entry["type"] == "alarm.raised" and entry["body"]["kind"] == "series_store"]
        self.assertEqual(len(alarms), 1, "one alarm while the series are not stored")
        self.assertIn("they wait", alarms[0]["detail"])

    def wait_until_away(self, server, store):
        wait_for(lambda: metric(server, "headroom_series_up", store=store) == 0.0, 60, "saying that the store is away")

    def wait_until_back(self, server, store):
        wait_for(lambda: metric(server, "headroom_series_up", store=store) == 1.0 and
                 metric(server, "headroom_series_queued_values", store=store) == 0.0, 90, "writing what waited")

    def test_the_store_is_locked_away_for_five_minutes_of_readings(self):
        server = self.serve()
        stream = Stream(server, minutes=MINUTES_AWAY + 4)
        stream.run(2)
        lock = sqlite3.connect(self.data / "series.db", isolation_level=None, timeout=60)
        self.addCleanup(lock.close)
        lock.execute("BEGIN EXCLUSIVE")
        stream.run(MINUTES_AWAY, over_from=6)
        self.wait_until_away(server, "sqlite")
        waiting = metric(server, "headroom_series_queued_values", store="sqlite")
        self.assertGreaterEqual(waiting, FEEDERS, "minutes of readings wait")
        lock.execute("ROLLBACK")
        stream.run(1, over_from=0)
        self.wait_until_back(server, "sqlite")
        self.assertEqual(metric(server, "headroom_series_values_total", store="sqlite", result="dropped") or 0.0, 0.0)
        self.check_stream(server, stream)
        self.assertEqual(server.stop(), 0)
        entries = log_of(self.data)
        self.check_overloads(entries)
        self.check_alarm(entries)

    def test_an_influxdb_is_away_for_five_minutes_of_readings(self):
        influx = FakeInflux()
        self.addCleanup(influx.leave)
        server = self.serve("--set", f"influx.url=http://127.0.0.1:{influx.port}")
        stream = Stream(server, minutes=MINUTES_AWAY + 4)
        stream.run(2)
        influx.mode = "busy"
        stream.run(MINUTES_AWAY, over_from=6)
        self.wait_until_away(server, "influx")
        influx.mode = "here"
        stream.run(1, over_from=0)
        self.wait_until_back(server, "influx")
        self.check_stream(server, stream)
        self.assertEqual(metric(server, "headroom_series_values_total", store="influx", result="dropped") or 0.0, 0.0)
        self.assertEqual(server.stop(), 0)
        # Each closed minute of each feeder once, whatever was sent again.
        minutes = [time for feeder, time in influx.minutes() if feeder == "F-0"]
        self.assertGreaterEqual(len(minutes), MINUTES_AWAY)
        self.check_overloads(log_of(self.data))

    def test_the_disk_of_the_series_is_full(self):
        disk = mount_or_skip(self, self.path / "small", "2m")
        self.assertEqual(self.serve().stop(), 0)  # makes the folder
        shutil.move(self.data / "series.db", disk.path / "series.db")
        for beside in self.data.glob("series.db-*"):
            beside.unlink()
        (self.data / "series.db").symlink_to(disk.path / "series.db")
        server = self.serve()
        stream = Stream(server, minutes=MINUTES_AWAY + 4)
        stream.run(2)
        disk.fill()
        stream.run(MINUTES_AWAY, over_from=6)
        self.wait_until_away(server, "sqlite")
        disk.free()
        stream.run(1, over_from=0)
        self.wait_until_back(server, "sqlite")
        self.assertEqual(metric(server, "headroom_series_values_total", store="sqlite", result="dropped") or 0.0, 0.0)
        self.check_stream(server, stream)
        self.assertEqual(server.stop(), 0)
        entries = log_of(self.data)
        self.check_overloads(entries)
        self.check_alarm(entries)


if __name__ == "__main__":
    unittest.main()
