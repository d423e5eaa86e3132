"""Plans that are handed in: POST /api/v1/plans over a socket and headroom plan, the same request the same bytes, faults with pointers, the operator's rules."""
import copy
import json
import pathlib
import unittest

from support import Server, run, scratch, wait_for

REQUEST = {
    "dry_run": True, "seed": 7, "now": "2026-11-20T15:00:00Z",
    "need": {"feeder_id": "F-1", "start": "2026-11-20T17:00:00Z", "step_minutes": 30, "required_kw": [10, 20]},
    "ders": [
        {"der_id": "BAT-1", "provider": "tesla-vpp", "kind": "battery", "max_kw": 12, "energy_kwh": 20, "notice_minutes": 5, "max_activations": 2,
         "activation_gbp": 0.1, "price_gbp_per_kwh": 0.21, "reliability": 1, "available": [{"from": "2026-11-20T16:00:00Z", "to": "2026-11-20T20:00:00Z"}]},
        {"der_id": "EV-1", "provider": "chargepoint", "kind": "ev_charger", "max_kw": 12, "energy_kwh": 20, "notice_minutes": 5, "max_activations": 2,
         "activation_gbp": 0.1, "price_gbp_per_kwh": 0.35, "reliability": 1, "available": [{"from": "2026-11-20T16:00:00Z", "to": "2026-11-20T20:00:00Z"}]},
        {"der_id": "LATE-1", "provider": "chargepoint", "kind": "ev_charger", "max_kw": 12, "notice_minutes": 600, "price_gbp_per_kwh": 0.01,
         "available": [{"from": "2026-11-20T16:00:00Z", "to": "2026-11-20T20:00:00Z"}]}],
    "shortfall_gbp_per_kwh": 6}
GRID = "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\nsubstation,SS-1,,South,51.5,-0.1,500,secondary,,\nfeeder,F-1,SS-1,One,51.5,-0.1,300,domestic,,\n"


class Plans(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        (self.path / "grid.csv").write_text(GRID)

    def start(self, *arguments):
        server = Server(self.path / "data", "--grid", self.path / "grid.csv", *arguments)
        self.addCleanup(server.__exit__)
        wait_for(lambda: server.get_json("/readyz")[0] == 200, 30, "readiness")
        return server

    def test_a_plan_of_what_is_handed_in(self):
        server = self.start()
        status, plan = server.post_json("/api/v1/plans", REQUEST)
        self.assertEqual(status, 200, plan)
        self.assertIn(plan["status"], ("optimal", "feasible"))
        self.assertEqual(plan["shortfall_kw"], [0, 0])
        given = [sum(action["kw"][slot] for action in plan["actions"]) for slot in (0, 1)]
        self.assertTrue(given[0] >= 10 and given[1] >= 20, given)
        self.assertEqual({refused["der_id"] for refused in plan["refused"]}, {"LATE-1"})
        self.assertGreaterEqual(len({one["name"] for one in plan["alternatives"]}), 4)
        self.assertLessEqual(plan["bound_gbp"], plan["cost_gbp"] + 1e-9)
        self.assertEqual(server.post_json("/api/v1/plans", REQUEST)[1]["sha256"], plan["sha256"], "the same request, the same bytes")
        self.assertEqual(server.get_json(f"/api/v1/plans/{plan['plan_id']}")[1]["sha256"], plan["sha256"])
        (self.path / "request.json").write_text(json.dumps(REQUEST))
        done = run("plan", self.path / "request.json", "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["sha256"]), (0, plan["sha256"]), done.stderr)

    def test_too_little_gives_the_best_part_and_says_what_would_help(self):
        server = self.start()
        request = copy.deepcopy(REQUEST)
        request["need"]["required_kw"] = [10, 200]
        status, plan = server.post_json("/api/v1/plans", request)
        self.assertEqual((status, plan["status"]), (200, "partial"), plan)
        self.assertEqual(plan["shortfall_kw"][1], 176)
        self.assertTrue(plan["binding"])
        empty = {**request, "ders": []}
        status, plan = server.post_json("/api/v1/plans", empty)
        self.assertEqual((status, plan["status"], plan["actions"]), (200, "partial", []), plan)

    def test_bad_input_names_the_member(self):
        server = self.start()
        for change, pointer in ((lambda r: r["ders"][0].update(max_kw=-1), "/ders/0/max_kw"), (lambda r: r["need"].pop("start"), "/need/start"),
                                (lambda r: r["need"].update(start="2026-11-20T17:00:00"), "/need/start"), (lambda r: r.update(probability=2), "/probability")):
            request = copy.deepcopy(REQUEST)
            change(request)
            status, problem = server.post_json("/api/v1/plans", request)
            self.assertEqual((status, [error["pointer"] for error in problem["errors"]]), (422, [pointer]), problem)

    def test_the_operator_s_rules_stand_at_the_door(self):
        rules = self.path / "rules.toml"
        rules.write_text('id = "site"\nversion = 3\nprotected_ders = ["BAT-1"]\n')
        tested = run("rules", "test", rules)
        self.assertEqual(tested.returncode, 0, tested.stderr)
        server = self.start("--set", f"rules.file={rules}")
        status, plan = server.post_json("/api/v1/plans", REQUEST)
        self.assertEqual(status, 200, plan)
        self.assertEqual({refused["der_id"] for refused in plan["refused"]}, {"LATE-1", "BAT-1"})
        self.assertNotIn("BAT-1", [action["der_id"] for action in plan["actions"]])

        rules.write_text("id = 1\n")
        refused = run("serve", "--port", "0", "--data-dir", self.path / "other", "--grid", self.path / "grid.csv", "--set", f"rules.file={rules}")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("headroom rules test", refused.stderr)


if __name__ == "__main__":
    unittest.main()
