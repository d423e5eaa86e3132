"""Readings from real brokers into the built binary, and what may go wrong on the way: brokers restarted, the reader killed, partitions
that change hands while overloads are open, garbage. After each, every reading that was sent is counted once."""
import datetime
import json
import pathlib
import re
import subprocess
import threading
import unittest

import kafka_server
from mosquitto_server import Mosquitto
from support import BINARY, Server, run, scratch, wait_for

FEEDERS = 6
GRID = "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\nsubstation,S-1,,S-1,,,500,secondary,,\n" + "".join(
    f"feeder,F-{i},S-1,Feeder {i},,,300,domestic,,\n" for i in range(FEEDERS))


def csv(rows, first_over=None):
    """A row for each feeder and minute; even feeders are over their 300 kW from `first_over` on."""
    lines = ["feeder_id,timestamp,kw"]
    for row in range(rows):
        for feeder in range(FEEDERS):
            is_over = first_over is not None and row >= first_over and feeder % 2 == 0
            lines.append(f"F-{feeder},2026-11-20T{row // 60:02d}:{row % 60:02d}:00Z,{(340 if is_over else 150) + row % 7 + feeder / 10}")
    return "\n".join(lines) + "\n"


def figures(server, name):
    """{label value or '': number} of a metric."""
    _, _, body = server.request("GET", "/metrics")
    found = {}
    for line in body.decode().splitlines():
        match = re.match(rf"{name}(?:\{{(.*)\}})? (\S+)$", line)
        if match:
            labels = dict(re.findall(r'(\w+)="([^"]*)"', match.group(1) or ""))
            found[labels.get("result", labels.get("source", labels.get("reason", "")))] = float(match.group(2))
    return found


def readings(server):
    return figures(server, "headroom_broker_readings_total")


def raised(data_dir):
    """The ids of the overloads that were raised, as the log has them."""
    exported = run("audit", "export", "--data-dir", data_dir)
    entries = [json.loads(line) for line in exported.stdout.splitlines()]
    return [entry["corr"] for entry in entries if entry["type"] == "constraint.raised"]


def raised_feeders(data_dir):
    exported = run("audit", "export", "--data-dir", data_dir)
    entries = [json.loads(line) for line in exported.stdout.splitlines()]
    return sorted(entry["body"]["overload"]["feeder"] for entry in entries if entry["type"] == "constraint.raised")


class Produce:
    """`headroom produce` beside the test."""

    def __init__(self, file, to, *arguments):
        self.process = subprocess.Popen([BINARY, "produce", str(file), "--to", to, "--json", *map(str, arguments)],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self):
        out, err = self.process.communicate(timeout=120)
        if self.process.returncode != 0:
            raise AssertionError(f"produce ended with {self.process.returncode}: {err}")
        return json.loads(out)


@unittest.skipIf(kafka_server.jars() is None, "Apache Kafka is not there (scripts/fetch_kafka)")
class FromKafka(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.path = pathlib.Path(cls.folder.name)
        cls.kafka = kafka_server.Kafka(cls.path / "kafka")
        (cls.path / "grid.csv").write_text(GRID)

    @classmethod
    def tearDownClass(cls):
        cls.kafka.stop()
        cls.folder.cleanup()

    def serve(self, name, topic, *more):
        return Server(self.path / name, "--grid", self.path / "grid.csv", "--set", f"kafka.brokers={self.kafka.brokers}",
                      "--set", f'kafka.topics=["{topic}"]', "--set", f"kafka.group=rooms-{topic}", "--set", "snapshots.every_s=1",
                      "--set", 'kafka.options=["session.timeout.ms=6000"]', *more)

    def produce(self, topic, text, *arguments):
        file = self.path / f"{topic}.csv"
        file.write_text(text)
        return Produce(file, f"kafka://{self.kafka.brokers}/{topic}", *arguments)

    def test_a_reader_killed_between_processing_and_commit_counts_each_reading_once(self):
        rows = 120
        name = "killed"
        first = self.serve(name, "killed")
        sending = self.produce("killed", csv(rows, first_over=30), "--every", "80ms")
        wait_for(lambda: figures(first, "headroom_snapshots_total").get("written", 0) >= 2 and readings(first).get("accepted", 0) > 240,
                 60, "snapshots while readings come")
        first.kill()
        with self.serve(name, "killed") as second:
            wait_for(lambda: readings(second).get("accepted", 0) > 400, 60, "reading on after the restart")
            second.kill()
        with self.serve(name, "killed") as third:
            sent = sending.finish()["readings"]
            self.assertEqual(sent, rows * FEEDERS)
            wait_for(lambda: sum(readings(third).values()) >= sent, 60, "the last reading")
            self.assertEqual(readings(third), {"accepted": sent, "duplicate": 0, "conflict": 0, "quarantined": 0})
            self.assertEqual(third.stop(), 0)
        self.assertEqual(len(raised(self.path / name)), len(set(raised(self.path / name))), "an overload was raised twice")
        self.assertEqual(raised_feeders(self.path / name), ["F-0", "F-2", "F-4"])

    def test_partitions_that_change_hands_while_overloads_are_open(self):
        rows = 150
        sending = self.produce("shared", csv(rows, first_over=20), "--every", "80ms")
        with self.serve("shared-1", "shared") as first:
            wait_for(lambda: readings(first).get("accepted", 0) > 200, 60, "readings and open overloads")
            with self.serve("shared-2", "shared") as second:
                wait_for(lambda: figures(second, "headroom_kafka_partitions").get("", 0) > 0, 60, "partitions for the second room")
                sent = sending.finish()["readings"]
                both = lambda: [sum(readings(room).values()) for room in (first, second)]
                wait_for(lambda: sum(both()) >= sent, 60, "the last reading")
                self.assertEqual(sum(both()), sent)
                for room in (first, second):
                    counts = readings(room)
                    self.assertEqual(counts["accepted"], sum(counts.values()))
                self.assertGreater(readings(second)["accepted"], 0)
                self.assertEqual(second.stop(), 0)
            self.assertEqual(first.stop(), 0)
        feeders = set(raised_feeders(self.path / "shared-1")) | set(raised_feeders(self.path / "shared-2"))
        self.assertEqual(feeders, {"F-0", "F-2", "F-4"})
        for name in ("shared-1", "shared-2"):
            self.assertEqual(len(raised(self.path / name)), len(set(raised(self.path / name))))

    def test_four_members_come_and_go_and_each_reading_counts_once(self):
        rows = 600
        topic = "members"
        names = [f"member-{number}" for number in range(4)]
        running = {}

        def begin(name):
            running[name] = self.serve(name, topic)
            self.addCleanup(lambda server=running[name]: server.process.poll() is None and server.kill())

        def held():
            return [figures(server, "headroom_kafka_partitions").get("", 0) for server in running.values()]

        def dealt_out():
            wait_for(lambda: sum(held()) == 4 and min(held()) >= 1, 60, f"a partition for each of {len(running)}")

        def total(result):
            return sum(readings(server).get(result, 0) for server in running.values())

        sending = self.produce(topic, csv(rows, first_over=20), "--every", "60ms")
        for name in names[:3]:
            begin(name)
        dealt_out()
        wait_for(lambda: total("accepted") > 60, 60, "readings")
        # Each step is a rebalance of members that commit every second, while overloads are open.
        begin(names[3])
        dealt_out()
        for name in (names[1], names[0]):
            self.assertEqual(running.pop(name).stop(), 0)
            dealt_out()
            begin(name)  # goes on with its own state and its own counts
            dealt_out()
        sent = sending.finish()["readings"]
        self.assertEqual(sent, rows * FEEDERS)
        wait_for(lambda: sum(total(result) for result in ("accepted", "duplicate", "conflict", "quarantined")) >= sent, 90, "the last reading")
        self.assertEqual({result: total(result) for result in ("accepted", "duplicate", "conflict", "quarantined")},
                         {"accepted": sent, "duplicate": 0, "conflict": 0, "quarantined": 0})
        for server in running.values():
            self.assertEqual(server.stop(), 0)
        logs = "".join((self.path / f"{name}.log").read_text() for name in names)
        self.assertNotIn("Kafka took no commit", logs)
        self.assertEqual({feeder for name in names for feeder in raised_feeders(self.path / name)}, {"F-0", "F-2", "F-4"})

    def test_garbage_repeats_disorder_and_a_clock_ten_minutes_off(self):
        now = datetime.datetime.now(datetime.timezone.utc)

        def line(feeder, kw, seconds, seq):
            at = (now + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            return json.dumps({"feeder": f"F-{feeder}", "ts": at, "kw": kw, "source": "station", "seq": seq})

        good = [line(1, 150 + second, second - 60, second + 1) for second in range(10)]
        garbage = ["", "{", "\x00\xff no JSON", "[1,", '{"feeder":7}']
        with self.serve("garbage", "garbage") as server:
            # In order, again, behind newer ones; then a source ahead of the clock, and one that is behind it.
            self.kafka.send("garbage", [*good[5:], *garbage, *good[:5], *good, line(3, 340, 600, 1), line(0, 160, -600, 1), line(0, 161, -599, 2)])
            wait_for(lambda: sum(readings(server).values()) >= 28, 60, "the last reading")
            counts = readings(server)
            self.assertEqual(counts, {"accepted": 12, "duplicate": 10, "conflict": 0, "quarantined": 6})
            self.assertEqual(server.stop(), 0)
        self.assertEqual(raised(self.path / "garbage"), [], "a reading from the future raised an overload")

    def test_the_broker_restarted_mid_stream(self):
        rows = 100
        with self.serve("restarted", "restarted") as server:
            sending = self.produce("restarted", csv(rows, first_over=30), "--every", "80ms")
            wait_for(lambda: readings(server).get("accepted", 0) > 100, 60, "readings")
            self.kafka.restart()
            sent = sending.finish()["readings"]
            wait_for(lambda: sum(readings(server).values()) >= sent, 90, "the last reading")
            self.assertEqual(readings(server), {"accepted": sent, "duplicate": 0, "conflict": 0, "quarantined": 0})
            self.assertEqual(server.stop(), 0)
        self.assertEqual(raised_feeders(self.path / "restarted"), ["F-0", "F-2", "F-4"])


class FromMqtt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.path = pathlib.Path(cls.folder.name)
        (cls.path / "grid.csv").write_text(GRID)
        cls.broker = Mosquitto(cls.path / "mosquitto")

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        cls.folder.cleanup()

    def serve(self, name, topic):
        return Server(self.path / name, "--grid", self.path / "grid.csv", "--set", f"mqtt_readings.url={self.broker.url}",
                      "--set", f'mqtt_readings.topics=["{topic}"]', "--set", f"mqtt_readings.client_id={name}")

    def test_live_pulses_by_feeder_and_phase(self):
        (self.path / "rows.csv").write_text(csv(40, first_over=10))
        with self.serve("room", "readings/{feeder}/{phase}") as server:
            wait_for(lambda: figures(server, "headroom_source_connected").get("mqtt"), 30, "the connection")
            sent = Produce(self.path / "rows.csv", f"{self.broker.url}/readings/{{feeder}}/{{phase}}", "--every", "20ms").finish()
            self.assertEqual(sent["readings"], 40 * FEEDERS)
            self.assertEqual(sent["delivered"], sent["messages"])
            wait_for(lambda: sum(readings(server).values()) >= sent["readings"], 30, "the last reading")
            self.assertEqual(readings(server), {"accepted": sent["readings"], "duplicate": 0, "conflict": 0, "quarantined": 0})
            self.assertEqual(figures(server, "headroom_source_missing"), {"mqtt": 0.0})
            self.assertEqual(server.stop(), 0)
        self.assertEqual(raised_feeders(self.path / "room"), ["F-0", "F-2", "F-4"])

    def test_compact_batches(self):
        (self.path / "compact.csv").write_text(csv(40, first_over=10))
        with self.serve("compact", "compact/#") as server:
            wait_for(lambda: figures(server, "headroom_source_connected").get("mqtt"), 30, "the connection")
            sent = Produce(self.path / "compact.csv", f"{self.broker.url}/compact/all", "--every", "20ms", "--batch", "100", "--format",
                           "binary").finish()
            self.assertEqual((sent["readings"], sent["messages"]), (40 * FEEDERS, 40))
            wait_for(lambda: sum(readings(server).values()) >= sent["readings"], 30, "the last reading")
            self.assertEqual(readings(server), {"accepted": sent["readings"], "duplicate": 0, "conflict": 0, "quarantined": 0})
            self.assertEqual(figures(server, "headroom_source_missing"), {"mqtt": 0.0})
            self.assertEqual(server.stop(), 0)
        self.assertEqual(raised_feeders(self.path / "compact"), ["F-0", "F-2", "F-4"])

    def test_a_broker_restarted_mid_stream(self):
        (self.path / "long.csv").write_text(csv(100, first_over=20))
        with self.serve("restarted", "batches/#") as server:
            wait_for(lambda: figures(server, "headroom_source_connected").get("mqtt"), 30, "the connection")
            sending = Produce(self.path / "long.csv", f"{self.broker.url}/batches/all", "--every", "50ms", "--batch", "100")
            wait_for(lambda: readings(server).get("accepted", 0) > 120, 30, "readings")
            self.broker.stop()
            threading.Event().wait(0.3)  # the stream goes on without it
            self.broker.start()
            sent = sending.finish()["readings"]
            wait_for(lambda: readings(server).get("accepted", 0) >= sent, 60, "the last reading")
            counts = readings(server)
            self.assertEqual(counts["accepted"], sent)
            self.assertEqual((counts["conflict"], counts["quarantined"]), (0, 0))
            self.assertEqual(figures(server, "headroom_source_missing"), {"mqtt": 0.0})
            self.assertEqual(server.stop(), 0)
        self.assertEqual(raised_feeders(self.path / "restarted"), ["F-0", "F-2", "F-4"])


if __name__ == "__main__":
    unittest.main()
