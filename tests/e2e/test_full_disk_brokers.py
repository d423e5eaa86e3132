"""The disk is full while readings come from a broker: they are taken on, nothing is committed behind the last good checkpoint, and when
there is room again, or after the process was killed meanwhile, every reading counts once and no overload is missed or raised twice."""
import pathlib
import unittest

import kafka_server
from mosquitto_server import Mosquitto
from small_disk import mount_or_skip
from support import Server, scratch, wait_for
from test_brokers import FEEDERS, GRID, Produce, csv, figures, raised, raised_feeders, readings

ROWS = 200
FIRST_OVER = 60  # a row that comes while the disk is full
SIZE = "96m"  # the log, its reserve and the records


class FullDisk:
    """What both brokers share."""

    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        self.disk = mount_or_skip(self, self.path / "disk", SIZE)
        self.data = self.disk.path / "data"
        (self.path / "grid.csv").write_text(GRID)
        (self.path / "rows.csv").write_text(csv(ROWS, first_over=FIRST_OVER))

    def serve(self, *more):
        server = Server(self.data, "--grid", self.path / "grid.csv", "--set", "snapshots.every_s=1", *more)
        self.addCleanup(lambda: server.process.poll() is None and server.kill())
        return server

    def snapshots(self, server, result):
        return figures(server, "headroom_snapshots_total").get(result, 0)

    def fill(self, server):
        """Until the full disk is noticed; answers how many readings had been taken then."""
        wait_for(lambda: self.snapshots(server, "written") >= 2 and readings(server).get("accepted", 0) > FEEDERS, 60, "snapshots while readings come")
        self.assertLess(readings(server)["accepted"], FIRST_OVER * FEEDERS, "the disk is full before the first feeder is over")
        self.disk.fill()
        wait_for(lambda: self.snapshots(server, "failed") >= 2, 60, "a snapshot that has no room")
        return readings(server)["accepted"]

    def read_on(self, server):
        """Well into the overloads, whose entries find no room either."""
        wait_for(lambda: readings(server)["accepted"] > (FIRST_OVER + 40) * FEEDERS, 60, "reading on with a full disk")
        wait_for(lambda: server.request("GET", "/readyz")[0] == 503, 30, "saying so on /readyz")

    def check(self, server, sent):
        self.assertEqual(sent, ROWS * FEEDERS)
        wait_for(lambda: sum(readings(server).values()) >= sent, 60, "the last reading")
        self.assertEqual(readings(server), {"accepted": sent, "duplicate": 0, "conflict": 0, "quarantined": 0})
        wait_for(lambda: server.request("GET", "/readyz")[0] == 200, 30, "being ready again")
        before = self.snapshots(server, "written")
        wait_for(lambda: self.snapshots(server, "written") > before, 30, "a snapshot")

    def check_overloads(self):
        self.assertEqual(len(raised(self.data)), len(set(raised(self.data))), "an overload was raised twice")
        self.assertEqual(raised_feeders(self.data), ["F-0", "F-2", "F-4"])


@unittest.skipIf(kafka_server.jars() is None, "Apache Kafka is not there (scripts/fetch_kafka)")
class FullDiskFromKafka(FullDisk, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.kafka = kafka_server.Kafka(pathlib.Path(cls.folder.name) / "kafka")

    @classmethod
    def tearDownClass(cls):
        cls.kafka.stop()
        cls.folder.cleanup()

    def serve_from(self, topic):
        return self.serve("--set", f"kafka.brokers={self.kafka.brokers}", "--set", f'kafka.topics=["{topic}"]', "--set", f"kafka.group=rooms-{topic}",
                          "--set", 'kafka.options=["session.timeout.ms=6000"]')

    def committed(self, topic):
        return {partition: place for partition, (place, _) in self.kafka.committed(f"rooms-{topic}").items()}

    def begin(self, topic):
        """Reads with a full disk, with nothing committed meanwhile."""
        server = self.serve_from(topic)
        sending = Produce(self.path / "rows.csv", f"kafka://{self.kafka.brokers}/{topic}", "--every", "100ms")
        self.fill(server)
        last_good = self.committed(topic)
        self.read_on(server)
        self.assertGreaterEqual(self.snapshots(server, "failed"), 4)
        self.assertEqual(self.committed(topic), last_good, "committed behind the last good checkpoint")
        return server, sending

    def finish(self, server, sending, topic):
        self.check(server, sending.finish()["readings"])
        wait_for(lambda: all(place == end for place, end in self.kafka.committed(f"rooms-{topic}").values() if end), 60, "a commit of everything")
        self.assertEqual(server.stop(), 0)
        self.check_overloads()

    def test_room_comes_back(self):
        server, sending = self.begin("room")
        self.disk.free()
        self.finish(server, sending, "room")

    def test_killed_while_the_disk_is_full(self):
        server, sending = self.begin("killed")
        server.kill()
        self.disk.free()
        self.finish(self.serve_from("killed"), sending, "killed")


class FullDiskFromMqtt(FullDisk, unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.broker = Mosquitto(self.path / "mosquitto")
        self.addCleanup(self.broker.stop)

    def serve_from(self):
        return self.serve("--set", f"mqtt_readings.url={self.broker.url}", "--set", 'mqtt_readings.topics=["readings/{feeder}"]',
                          "--set", "mqtt_readings.client_id=room")

    def test_room_comes_back(self):
        server = self.serve_from()
        wait_for(lambda: figures(server, "headroom_source_connected").get("mqtt"), 30, "the connection")
        sending = Produce(self.path / "rows.csv", f"{self.broker.url}/readings/{{feeder}}", "--every", "60ms")
        self.fill(server)
        self.read_on(server)
        self.disk.free()
        sent = sending.finish()["readings"]
        self.check(server, sent)
        self.assertEqual(figures(server, "headroom_source_missing"), {"mqtt": 0.0})
        self.assertEqual(server.stop(), 0)
        # What was counted is in the snapshot: nothing comes again.
        with self.serve_from() as again:
            wait_for(lambda: figures(again, "headroom_source_connected").get("mqtt"), 30, "the connection")
            self.assertEqual(readings(again), {"accepted": sent, "duplicate": 0, "conflict": 0, "quarantined": 0})
            self.assertEqual(again.stop(), 0)
        self.check_overloads()


if __name__ == "__main__":
    unittest.main()
