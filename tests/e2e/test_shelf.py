"""The shelf: a plan for every loss, used when it happens; over the API, the command line and files."""
import json
import pathlib
import unittest

from support import Server, run, scratch, wait_for

GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,S-1,,North,,,800,secondary,,
substation,S-2,,South,,,800,secondary,,
feeder,F-1,S-1,Mill Lane,,,150,domestic,,
feeder,F-2,S-2,High Street,,,150,domestic,,
feeder,F-3,S-1,Quarry Bank,,,150,domestic,,
der,D-1,F-2,,,,40,battery,L1,
tie,T-1,F-1|F-2,Link box,,,100,remote:1,,
"""
LOADS = "element_id,phase,load_kw\nF-1,L1,30\nF-1,L2,10\nF-1,L3,10\nF-2,L1,40\nF-2,L2,10\nF-2,L3,10\nF-3,sum,20\n"


class Study(unittest.TestCase):
    """Without a server: a grid file and loads."""

    def setUp(self):
        self.folder = scratch()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        (self.path / "grid.csv").write_text(GRID)
        (self.path / "loads.csv").write_text(LOADS)

    def shelf(self, *arguments):
        return run("shelf", *arguments, "--grid", self.path / "grid.csv", "--loads", self.path / "loads.csv", "--now", "2027-01-14T17:00:00Z")

    def test_the_uncovered_come_first_and_the_same_files_give_the_same_bytes(self):
        finished = self.shelf("list", "--json")
        self.assertEqual(finished.returncode, 0, finished.stderr)
        plans = json.loads(finished.stdout)["contingencies"]
        self.assertEqual([(plan["element_id"], plan["cover"]) for plan in plans],
                         [("F-3", "uncovered"), ("F-2", "partly"), ("S-2", "partly"), ("S-1", "partly"), ("F-1", "covered")], plans)
        self.assertEqual(self.shelf("list", "--json").stdout, finished.stdout)
        self.assertIn("no tie leads from it", plans[0]["reason"])
        only = json.loads(self.shelf("list", "--cover", "covered", "--json").stdout)["contingencies"]
        self.assertEqual([plan["element_id"] for plan in only], ["F-1"])

    def test_a_plan_tells_switching_receivers_and_orders(self):
        plan = json.loads(self.shelf("show", "F-1", "--json").stdout)
        self.assertEqual([(one["tie_id"], one["from"], one["to"]) for one in plan["switching"]], [("T-1", "F-1", "F-2")])
        receiver = plan["receivers"][0]
        self.assertEqual((receiver["element_id"], receiver["phase"], receiver["limit_kw"]), ("F-2", "L1", 50))
        self.assertEqual(receiver["time_to_limit_minutes"], 1)
        self.assertAlmostEqual(max(receiver["after_kw"]), 70, delta=0.1)
        order = plan["orders"][0]
        self.assertEqual((order["feeder_id"], order["phase"], order["guard"], order["authority"]), ("F-2", "L1", "pass", "shadow"))
        self.assertAlmostEqual(order["peak_kw"], 20, delta=0.1)
        text = self.shelf("show", "F-1").stdout
        self.assertIn("close   T-1: remote from F-1 to F-2", text)

    def test_faults_name_file_line_and_column(self):
        (self.path / "loads.csv").write_text("element_id,phase,load_kw\nF-9,L1,30\n")
        finished = self.shelf("list")
        self.assertEqual(finished.returncode, 1)
        self.assertIn("loads.csv: line 2, column element_id: there is no 'F-9'", finished.stderr)
        (self.path / "loads.csv").write_text("element_id,phase,load_kw\nF-1,L9,30\n")
        self.assertIn("line 2, column phase", self.shelf("list").stderr)
        self.assertEqual(run("shelf", "list", "--grid", self.path / "grid.csv").returncode, 2)


class ControlRoom(unittest.TestCase):
    """A real grid file behind a server that only watches."""

    def setUp(self):
        self.folder = scratch()
        self.addCleanup(self.folder.cleanup)
        path = pathlib.Path(self.folder.name)
        (path / "grid.csv").write_text(GRID)
        self.server = Server(path / "data", "--grid", path / "grid.csv")
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 30, "the start")
        now = self.server.get_json("/api/v1/status")[1]["now"]
        for feeder, loads in (("F-1", (30, 10, 10)), ("F-2", (40, 10, 10)), ("F-3", (7, 7, 6))):
            for phase, kw in zip(("L1", "L2", "L3"), loads):
                self.assertEqual(self.server.post_json("/api/v1/readings", {"feeder": feeder, "ts": now, "kw": kw, "phase": phase})[0], 200)
        wait_for(lambda: self.plan("F-1").get("interrupted_kw", [0])[0] > 0, 30, "a plan with loads")

    def plan(self, element):
        return self.server.get_json(f"/api/v1/contingencies/{element}")[1]

    def entries(self, kind):
        return [entry for entry in self.server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"] if entry["type"] == kind]

    def test_the_list_is_ranked_filtered_and_paged(self):
        status, answer = self.server.get_json("/api/v1/contingencies?limit=2")
        self.assertEqual((status, len(answer["contingencies"]), answer["contingencies"][0]["rank"]), (200, 2, 1))
        self.assertTrue(answer["next_cursor"])
        everything = self.server.get_json("/api/v1/contingencies")[1]["contingencies"]
        self.assertEqual(len(everything), 5)
        self.assertEqual(everything[0]["cover"], "uncovered")
        feeders = self.server.get_json("/api/v1/contingencies?kind=feeder&q=mill")[1]["contingencies"]
        self.assertEqual([plan["element_id"] for plan in feeders], ["F-1"])
        self.assertEqual(self.server.get_json("/api/v1/contingencies?cover=some")[0], 422)
        self.assertEqual(self.server.get_json("/api/v1/contingencies/F-99")[0], 404)
        self.assertEqual(self.server.request("GET", "/contingencies", headers={"Accept": "text/html"})[0], 200)
        listed = run("shelf", "list", "--server", f"http://127.0.0.1:{self.server.port}", "--json")
        self.assertEqual(len(json.loads(listed.stdout)["contingencies"]), 5)

    def test_a_loss_is_written_down_with_its_plan_and_nothing_is_sent_in_shadow(self):
        ready = self.plan("F-1")
        status, answer = self.server.post_json("/api/v1/feeders/F-1/state", {"state": "outage", "reason": "it tripped"})
        self.assertEqual(status, 200, answer)
        used = wait_for(lambda: self.plan("F-1")["used"], 10, "the use")
        self.assertEqual((used["state"], used["carried_out"], used["event_ids"]), ("outage", "shadow", []))
        self.assertEqual(used["plan_sha256"], ready["plan_sha256"])
        entry = wait_for(lambda: self.entries("shelf.used"), 10, "the entry")[0]
        self.assertEqual(entry["body"]["element"], "F-1")
        self.assertEqual(entry["body"]["plan"]["switching"][0]["tie"], "T-1")
        self.assertEqual(self.server.get_json("/api/v1/events")[1]["events"], [])
        again = self.server.post_json("/api/v1/contingencies/F-1/carry-out", {"reason": "go"})
        self.assertEqual(again[0], 409)
        self.assertTrue(self.entries("shelf.plan"))
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(run("audit", "verify", "--data-dir", self.server.data_dir).returncode, 0)


class Evening(unittest.TestCase):
    """The simulated evening with its providers: the orders of a plan become events. The way to the device: headroom bench shelf."""

    def test_a_loss_begins_the_events_of_its_plan(self):
        with scratch() as folder, Server(pathlib.Path(folder) / "data", "--demo", "--websocket", "--feeders", "120", "--speed", "60") as server:
            wait_for(lambda: server.get_json("/readyz")[0] == 200, 60, "readiness")

            def worth_losing():
                status, answer = server.get_json("/api/v1/contingencies?kind=feeder&limit=1000")
                plans = answer["contingencies"] if status == 200 else []
                return next((plan for plan in plans if plan["orders_kw"] > 2 and plan["mode"] == "act"), None)

            element = wait_for(worth_losing, 120, "a plan with orders")["element_id"]
            self.assertEqual(server.post_json(f"/api/v1/feeders/{element}/state", {"state": "outage", "reason": "it tripped"})[0], 200)
            used = wait_for(lambda: server.get_json(f"/api/v1/contingencies/{element}")[1]["used"], 10, "the use")
            self.assertEqual(used["carried_out"], "act", used)
            begun = wait_for(lambda: server.get_json(f"/api/v1/contingencies/{element}")[1]["used"]["event_ids"], 20, "its events")
            for event in begun:
                self.assertEqual(server.get_json(f"/api/v1/events/{event}")[0], 200)


if __name__ == "__main__":
    unittest.main()
