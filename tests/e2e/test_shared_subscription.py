"""Two rooms share the messages of one subscription out (MQTT 5, `$share/GROUP/…`): every reading is counted once by the two together, and
when one of them is killed or stopped the other takes its share over, or it gets what waited for it when it is back."""
import pathlib
import unittest

from mosquitto_server import Mosquitto
from support import Server, scratch, wait_for
from test_brokers import FEEDERS, GRID, Produce, csv, figures, raised_feeders, readings

ROWS = 100
SENT = ROWS * FEEDERS


class SharedSubscription(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        self.broker = Mosquitto(self.path / "mosquitto")
        self.addCleanup(self.broker.stop)
        (self.path / "grid.csv").write_text(GRID)
        (self.path / "rows.csv").write_text(csv(ROWS, first_over=40))

    def serve(self, name, *more):
        server = Server(self.path / name, "--grid", self.path / "grid.csv", "--set", f"mqtt_readings.url={self.broker.url}",
                        "--set", 'mqtt_readings.topics=["readings/{feeder}"]', "--set", f"mqtt_readings.client_id={name}",
                        "--set", "mqtt_readings.share_group=rooms", "--set", "snapshots.every_s=1", *more)
        self.addCleanup(lambda: server.process.poll() is None and server.kill())
        wait_for(lambda: figures(server, "headroom_source_connected").get("mqtt"), 30, "the connection")
        return server

    def produce(self, every):
        return Produce(self.path / "rows.csv", f"{self.broker.url}/readings/{{feeder}}", "--every", every)

    def wait_for_all(self, servers, sent):
        """Every reading was accepted by one of them, and no other."""
        wait_for(lambda: sum(readings(server).get("accepted", 0) for server in servers) >= sent, 60, "the last reading")
        counts = [readings(server) for server in servers]
        self.assertEqual(sum(count["accepted"] for count in counts), sent, counts)
        self.assertEqual([(count["conflict"], count["quarantined"]) for count in counts], [(0, 0)] * len(servers))
        return counts

    def wait_for_snapshot(self, server):
        before = figures(server, "headroom_snapshots_total").get("written", 0)
        wait_for(lambda: figures(server, "headroom_snapshots_total").get("written", 0) >= before + 2, 30, "a snapshot")

    def check_overloads(self, *names):
        raised = [feeder for name in names for feeder in raised_feeders(self.path / name)]
        self.assertEqual(set(raised), {"F-0", "F-2", "F-4"})

    def test_a_killed_member_whose_session_ends_is_followed_by_the_other(self):
        first, second = self.serve("first"), self.serve("second", "--set", "mqtt_readings.session_expiry_s=0")
        self.assertEqual(self.produce("5ms").finish()["readings"], SENT)
        counts = self.wait_for_all([first, second], SENT)
        self.assertTrue(all(count["accepted"] > 0 and count["duplicate"] == 0 for count in counts), counts)
        taken = counts[1]["accepted"]
        second.kill()
        self.assertEqual(self.produce("5ms").finish()["readings"], SENT)
        self.wait_for_all([first], 2 * SENT - taken)
        self.assertEqual(first.stop(), 0)
        self.check_overloads("first", "second")

    def test_a_killed_member_whose_session_is_kept_gets_its_share_when_it_is_back(self):
        first, second = self.serve("first"), self.serve("second")
        self.assertEqual(self.produce("5ms").finish()["readings"], SENT)
        self.wait_for_all([first, second], SENT)
        self.wait_for_snapshot(second)
        second.kill()
        self.assertEqual(self.produce("5ms").finish()["readings"], SENT)
        second = self.serve("second")
        counts = self.wait_for_all([first, second], 2 * SENT)
        self.assertEqual([count["duplicate"] for count in counts], [0, 0])
        self.assertEqual([first.stop(), second.stop()], [0, 0])
        self.check_overloads("first", "second")

    def test_a_member_leaves_and_returns_while_readings_come(self):
        first, second = self.serve("first"), self.serve("second")
        sending = self.produce("40ms")
        wait_for(lambda: readings(second).get("accepted", 0) > 60, 30, "readings")
        self.assertEqual(second.stop(), 0)
        before = readings(first)["accepted"]
        wait_for(lambda: readings(first)["accepted"] > before + 30, 30, "readings for the one that stays")
        second = self.serve("second")
        self.assertEqual(sending.finish()["readings"], SENT)
        self.wait_for_all([first, second], SENT)
        self.assertEqual([first.stop(), second.stop()], [0, 0])
        self.check_overloads("first", "second")

    def test_a_member_killed_while_readings_come_loses_what_came_since_its_snapshot_at_most(self):
        first, second = self.serve("first"), self.serve("second")
        sending = self.produce("40ms")
        wait_for(lambda: readings(second).get("accepted", 0) > 60, 30, "readings")
        self.wait_for_snapshot(second)
        taken = readings(second)["accepted"]  # about two seconds' share of it is younger than the last snapshot, at most
        second.kill()
        second = self.serve("second")
        self.assertEqual(sending.finish()["readings"], SENT)
        wait_for(lambda: sum(readings(server)["accepted"] for server in (first, second)) >= SENT - taken, 60, "the last reading")
        self.wait_until_still([first, second])
        accepted = sum(readings(server)["accepted"] for server in (first, second))
        self.assertLessEqual(accepted, SENT, "a reading was counted by both")
        self.assertGreaterEqual(accepted, SENT - 2.5 * FEEDERS / 0.04)
        self.assertEqual([first.stop(), second.stop()], [0, 0])
        self.check_overloads("first", "second")

    def wait_until_still(self, servers):
        seen = []

        def is_still():
            seen.append([readings(server) for server in servers])
            return len(seen) > 20 and seen[-1] == seen[-20]

        wait_for(is_still, 60, "rest")


if __name__ == "__main__":
    unittest.main()
