"""The series store is away for five minutes under full load: thousands of feeders, posted as fast as the server takes them. Every reading is
counted, no overload is missed or raised twice, and each minute of each feeder arrives when the store is back, or was counted as dropped."""
import datetime
import json
import pathlib
import sqlite3
import unittest

from influx_server import FakeInflux, RealInflux
from support import Server, scratch, wait_for
from test_store_faults import NDJSON, log_of, metric

FEEDERS = 2_500
LIMIT_KW = 300
STEPS = 6  # readings of a feeder in a minute
BEFORE, AWAY, AFTER = 2, 5, 2  # minutes of event time
MINUTES = BEFORE + AWAY + AFTER
STAYS_OVER = range(0, FEEDERS, 100)  # from the second minute away on
COMES_BACK = range(50, FEEDERS, 100)  # over in the second, third and fourth minute away
OVER = [*STAYS_OVER, *COMES_BACK]  # each a line of its own in the store
QUEUE_MIN = 10_000  # the smallest queue that may be set
MINUTE_POINTS = 4 * (FEEDERS + 1)


def load_kw(feeder, minute, step):
    away = minute - BEFORE
    if (feeder in STAYS_OVER and away >= 1) or (feeder in COMES_BACK and 1 <= away < 4):
        return LIMIT_KW + 30.0 + step / 8
    return 250.0 + (feeder + minute) % 7 + step / 8  # no step is a third of the limit, so none is doubted; eighths have exact means


class Flood:
    """Bodies of one minute of event time each, made before the first is sent. The last one ends now."""

    def __init__(self):
        now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
        self.start = now - datetime.timedelta(minutes=MINUTES)
        self.bodies = [self._body(minute) for minute in range(MINUTES)]
        self.sent = self.accepted = self.duplicates = self.quarantined = self.next = 0

    def _time(self, minute, step):
        return self.start + datetime.timedelta(minutes=minute, seconds=step * 60 // STEPS)

    def _body(self, minute):
        lines = []
        for step in range(STEPS):
            ts = self._time(minute, step).strftime("%Y-%m-%dT%H:%M:%SZ")
            lines += [f'{{"feeder":"F-{i}","ts":"{ts}","kw":{load_kw(i, minute, step)}}}\n' for i in range(FEEDERS)]
            lines += [f'{{"feeder":"F-{FEEDERS}","ts":"{ts}","kw":1.0}}\n', '{"feeder":7}\n', lines[-1]]  # unknown, malformed, a repeat
        return "".join(lines).encode()

    def half_hour_ended(self):
        """Whether the feeders' half-hours are stored beside their minutes, again with each minute that comes later for them."""
        now = datetime.datetime.now(datetime.timezone.utc)
        return now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0) > self.start

    def send(self, server, minutes):
        for body in self.bodies[self.next:self.next + minutes]:
            status, _, answer = server.request("POST", "/api/v1/readings", body, NDJSON)
            if status != 200:
                raise AssertionError(f"{status}: {answer}")
            receipt = json.loads(answer)
            self.sent += body.count(b"\n")
            self.accepted += receipt["accepted"]
            self.duplicates += receipt["duplicates"]
            self.quarantined += sum(receipt["quarantined"].values())
        self.next += minutes

    def means(self, minutes):
        """{(feeder, time in ms): mean} of these minutes."""
        return {(f"F-{i}", int(self._time(minute, 0).timestamp() * 1000)): sum(load_kw(i, minute, step) for step in range(STEPS)) / STEPS
                for minute in minutes for i in range(FEEDERS)}


class StoreFlood(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        grid = "".join(f"feeder,F-{i},S-1,Feeder {i},,,{LIMIT_KW},domestic,,\n" for i in range(FEEDERS))
        (self.path / "grid.csv").write_text("type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\nsubstation,S-1,,S-1,,,9000000,secondary,,\n" +
                                            grid)
        self.data = self.path / "data"
        self.flood = Flood()

    def serve(self, *more):
        server = Server(self.data, "--grid", self.path / "grid.csv", "--set", f"series.minute_points={MINUTE_POINTS}", *more)
        self.addCleanup(lambda: server.process.poll() is None and server.kill())
        return server

    def values(self, server, store, result):
        return int(metric(server, "headroom_series_values_total", store=store, result=result) or 0)

    def wait_until_taken(self, server, store):
        wait_for(lambda: self.values(server, store, "written") >= FEEDERS, 180, "the first minute in the store")

    def wait_until_back(self, server, store):
        wait_for(lambda: metric(server, "headroom_series_up", store=store) == 1.0 and
                 metric(server, "headroom_series_queued_values", store=store) == 0.0, 240, "writing what waited")

    def wait_until_closed(self, server, missing):
        """All minutes but the last are over; the store has them when `missing` answers nothing."""
        wait_for(lambda: not missing(), 180, "the last minute that is over")

    def check_readings(self, server):
        flood, extra = self.flood, MINUTES * STEPS
        self.assertEqual(flood.sent, MINUTES * STEPS * (FEEDERS + 3))
        self.assertEqual((flood.accepted, flood.duplicates, flood.quarantined), (FEEDERS * extra, extra, 2 * extra))
        self.assertEqual(server.get_json("/api/v1/status")[1]["readings"]["accepted"], flood.accepted)

    def check_minutes(self, taken, expected):
        wrong = [(key, taken.get(key), expected.get(key)) for key in taken.keys() | expected.keys() if taken.get(key) != expected.get(key)]
        self.assertEqual((len(wrong), wrong[:3]), (0, []), "minutes that are not what was sent: (feeder, time), taken, sent")

    def check_overloads(self):
        raised = [entry["body"]["overload"]["feeder"] for entry in log_of(self.data) if entry["type"] == "constraint.raised"]
        self.assertEqual(sorted(raised), sorted(f"F-{i}" for i in OVER))

    def test_an_influxdb_is_away_in_every_way(self):
        influx = FakeInflux()
        self.addCleanup(influx.leave)
        server = self.serve("--set", f"influx.url=http://127.0.0.1:{influx.port}")
        self.flood.send(server, BEFORE)
        self.wait_until_taken(server, "influx")
        influx.leave()
        self.flood.send(server, 1)
        wait_for(lambda: metric(server, "headroom_series_refusals_total", store="influx"), 180, "a refused connection")
        for mode in ("busy", "closes", "forgets to answer"):
            influx.mode = mode
            if mode == "busy":
                influx.come_back()
            self.flood.send(server, 1)
            wait_for(lambda mode=mode: influx.refused.get(mode), 180, f"a try at a server that {mode}")
        influx.leave()
        self.flood.send(server, AWAY - 4)
        self.assertEqual(metric(server, "headroom_series_up", store="influx"), 0.0)
        influx.mode = "here"
        influx.come_back()
        self.flood.send(server, AFTER)
        expected = self.flood.means(range(MINUTES - 1))
        self.wait_until_closed(server, lambda: expected.keys() - influx.minutes().keys())
        self.wait_until_back(server, "influx")
        self.check_minutes(influx.minutes(), expected)
        self.assertGreater(influx.repeated, 0, "what had been kept without an answer came again")
        self.assertEqual([self.values(server, "influx", result) for result in ("dropped", "rejected")], [0, 0])
        self.check_readings(server)
        self.assertEqual(server.stop(), 0)
        self.check_overloads()

    def check_count(self, counted, minutes):
        more = counted - minutes - len(OVER)
        self.assertIn(more, range(0, 4 * FEEDERS + 1, FEEDERS) if self.flood.half_hour_ended() else (0,))

    def test_what_a_small_queue_has_no_room_for_is_counted(self):
        influx = FakeInflux()
        self.addCleanup(influx.leave)
        server = self.serve("--set", f"influx.url=http://127.0.0.1:{influx.port}", "--set", f"influx.queued_lines_max={QUEUE_MIN}")
        self.flood.send(server, BEFORE)
        self.wait_until_taken(server, "influx")
        influx.mode = "busy"
        self.flood.send(server, AWAY)
        wait_for(lambda: self.values(server, "influx", "dropped") >= FEEDERS, 180, "dropping what has no room")
        influx.mode = "here"
        self.flood.send(server, AFTER)
        expected = self.flood.means(range(MINUTES - 1))
        newest = self.flood.means([MINUTES - 2])
        self.wait_until_closed(server, lambda: newest.keys() - influx.minutes().keys())
        self.wait_until_back(server, "influx")
        taken = influx.minutes()
        self.check_minutes(taken, {key: mean for key, mean in expected.items() if key in taken})
        written, dropped, rejected = (self.values(server, "influx", result) for result in ("written", "dropped", "rejected"))
        # A busy server keeps nothing; what came again is a half-hour that a later minute belongs to.
        self.assertEqual((written, rejected), (len(influx.taken) + influx.repeated, 0))
        self.assertTrue(influx.repeated == 0 or self.flood.half_hour_ended(), influx.repeated)
        self.check_count(written + dropped, len(expected))
        # The store that is not away has them all.
        self.wait_until_back(server, "sqlite")
        self.assertEqual(self.values(server, "sqlite", "dropped"), 0)
        self.check_readings(server)
        self.assertEqual(server.stop(), 0)
        self.check_overloads()

    @unittest.skipUnless(RealInflux.is_installed(), "influxd is not installed (scripts/install_packages tests)")
    def test_a_real_influxdb_is_killed_and_started_again(self):
        influx = RealInflux(self.path / "influx")
        self.addCleanup(influx.leave)
        server = self.serve("--set", f"influx.url=http://127.0.0.1:{influx.port}")
        self.flood.send(server, BEFORE)
        self.wait_until_taken(server, "influx")
        influx.leave()
        self.flood.send(server, AWAY)
        wait_for(lambda: metric(server, "headroom_series_up", store="influx") == 0.0, 180, "saying that it is away")
        influx.come_back()
        self.flood.send(server, AFTER)
        expected = self.flood.means(range(MINUTES - 1))
        self.wait_until_back(server, "influx")
        self.wait_until_closed(server, lambda: expected.keys() - influx.minutes().keys())
        self.check_minutes(influx.minutes(), expected)
        self.assertEqual([self.values(server, "influx", result) for result in ("dropped", "rejected")], [0, 0])
        self.check_readings(server)
        self.assertEqual(server.stop(), 0)
        self.check_overloads()

    def test_the_embedded_store_is_locked_away(self):
        server = self.serve("--set", f"series.queued_max={QUEUE_MIN}")
        self.flood.send(server, BEFORE)
        self.wait_until_taken(server, "sqlite")
        lock = sqlite3.connect(self.data / "series.db", isolation_level=None, timeout=60)
        self.addCleanup(lock.close)
        lock.execute("BEGIN EXCLUSIVE")
        self.flood.send(server, AWAY)
        wait_for(lambda: metric(server, "headroom_series_up", store="sqlite") == 0.0, 180, "saying that it is away")
        wait_for(lambda: self.values(server, "sqlite", "dropped") >= FEEDERS, 180, "dropping what has no room")
        lock.execute("ROLLBACK")
        self.flood.send(server, AFTER)
        self.wait_until_back(server, "sqlite")
        given = FEEDERS * (MINUTES - 1)

        def is_whole():
            counted = sum(self.values(server, "sqlite", result) for result in ("written", "dropped"))
            return counted >= given and (counted - len(OVER)) % FEEDERS == 0

        wait_for(is_whole, 180, "the last minute that is over")
        written, dropped = (self.values(server, "sqlite", result) for result in ("written", "dropped"))
        self.check_readings(server)
        self.assertEqual(server.stop(), 0)
        self.check_overloads()
        self.check_count(written + dropped, given)
        self.assertGreater(dropped, 0)


if __name__ == "__main__":
    unittest.main()
