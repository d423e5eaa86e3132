"""A disk that is really full: nothing new is decided, it is said, readings are taken on, and afterwards all goes on."""
import json
import pathlib
import unittest

from small_disk import mount_or_skip
from support import Server, run, scratch, wait_for

GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,P1,,Hill Primary,52.1,-1.2,20000,primary,,
feeder,F1,P1,Mill Lane,52.1,-1.2,180,domestic,,
der,D1,F1,Battery at 3 Mill Lane,52.1,-1.2,5,battery,L1,10
"""
SIZE = "64m"  # a segment of the log and its reserve take 24


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.folder = scratch()
        self.addCleanup(self.folder.cleanup)
        path = pathlib.Path(self.folder.name)
        self.disk = mount_or_skip(self, path / "disk", SIZE)
        (path / "grid.csv").write_text(GRID)
        self.data = self.disk.path / "data"
        self.server = Server(self.data, "--grid", path / "grid.csv")
        self.addCleanup(self.server.kill)

    def status_of(self, path):
        return self.server.request("GET", path)[0]

    def decide(self, reason):
        """A decision of an operator, which has to be written into the log before it counts."""
        value = {"state": "abnormal", "held": False, "reason": reason}
        status, answer = self.server.post_json("/api/v1/feeders/F1/state", value)
        return status, answer

    def read(self, kw):
        now = self.server.get_json("/api/v1/status")[1]["now"]
        body = json.dumps({"feeder": "F1", "ts": now, "kw": kw, "phase": "L1"})
        status, _, answer = self.server.request("POST", "/api/v1/readings", body, {"Content-Type": "application/json"})
        return status, json.loads(answer)

    def test_decides_nothing_says_so_reads_on_and_goes_on(self):
        wait_for(lambda: self.status_of("/readyz") == 200, 20, "being ready")
        self.assertEqual(self.decide("before")[0], 200)

        self.disk.fill()
        # The log finds out with what it writes next; until then it has space that it had set aside.
        wait_for(lambda: self.decide("the disk is full")[0] == 503, 30, "a refused decision")
        wait_for(lambda: self.status_of("/readyz") == 503, 10, "saying so on /readyz")
        status, health = self.server.get_json("/health")
        self.assertEqual(status, 503)
        self.assertIn("nothing new is started", health["checks"]["audit"])

        status, counted = self.read(42.0)
        self.assertEqual((status, counted["accepted"]), (200, 1))
        status, feeder = self.server.get_json("/api/v1/feeders/F1")
        self.assertEqual(status, 200)

        self.disk.free()
        wait_for(lambda: self.status_of("/readyz") == 200, 20, "being ready again")
        self.assertEqual(self.status_of("/health"), 200)
        self.assertEqual(self.decide("after")[0], 200)
        self.assertEqual(self.server.stop(), 0)
        verified = run("audit", "verify", "--data-dir", self.data)
        self.assertEqual(verified.returncode, 0, verified.stderr)


if __name__ == "__main__":
    unittest.main()
