"""Plans: handed in by POST /api/v1/plans and headroom plan, and of events, looked at and judged over the API and the command line, with the co-pilot beside them."""
import copy
import json
import pathlib
import unittest

from scripted_model import ScriptedModel
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

    def test_a_plan_that_was_handed_in_is_looked_at_in_the_words_of_all_plans(self):
        server = self.start()
        given = server.post_json("/api/v1/plans", REQUEST)[1]
        status, plan = server.get_json(f"/api/v1/plans/{given['plan_id']}")
        self.assertEqual(status, 200, plan)
        self.assertEqual((plan["kind"], plan["state"], plan["feeder_id"], plan["sha256"]), ("asked", "dry_run", "F-1", given["sha256"]))
        self.assertEqual([action["der_id"] for action in plan["actions"]], [action["der_id"] for action in given["actions"]])
        self.assertTrue(all(action["reason"] and action["price_gbp_per_mwh"] > 0 for action in plan["actions"]), plan["actions"])
        self.assertEqual([(refused["der_id"], bool(refused["reason"])) for refused in plan["refused"]], [("LATE-1", True)])
        self.assertEqual(plan["constraints"][0]["covered_share"], 1)
        self.assertEqual(plan["residual"]["certainty"], given["certainty"])
        self.assertEqual((plan["binding"], plan["reserve"], plan["fan"], plan["copilot"]), (given["binding"], given["reserve"], None, None))

        listed = server.get_json("/api/v1/plans?kind=asked&feeder=F-1")[1]["plans"]
        self.assertEqual([one["plan_id"] for one in listed], [given["plan_id"]])
        self.assertEqual(server.get_json("/api/v1/plans?feeder=F-2")[1]["plans"], [])
        self.assertEqual(server.get_json("/api/v1/plans?since=2100-01-01T00:00:00Z")[1]["plans"], [])
        self.assertEqual(server.get_json("/api/v1/plans?kind=event")[1]["plans"], [])
        for query, member in (("state=nothing", "/state"), ("kind=nothing", "/kind"), ("since=yesterday", "since"), ("cursor=x", "cursor")):
            status, problem = server.get_json("/api/v1/plans?" + query)
            self.assertEqual(status, 422, problem)
            self.assertIn(member.strip("/"), json.dumps(problem))
        self.assertEqual(server.get_json("/api/v1/plans/P-0000000000000000")[0], 404)
        status, problem = server.post_json(f"/api/v1/plans/{given['plan_id']}/approve", {"sha256": given["sha256"], "reason": "no"})
        self.assertEqual(status, 409, problem)
        self.assertIn("handed in", problem["detail"])

    def test_the_command_line_explains_and_compares_by_id(self):
        server = self.start()
        one = server.post_json("/api/v1/plans", REQUEST)[1]
        request = copy.deepcopy(REQUEST)
        request["need"]["required_kw"] = [10, 200]
        two = server.post_json("/api/v1/plans", request)[1]
        at = ("--data-dir", server.data_dir)
        listed = run("plan", "list", *at, "--json")
        self.assertEqual({plan["plan_id"] for plan in json.loads(listed.stdout)["plans"]}, {one["plan_id"], two["plan_id"]}, listed.stderr)
        self.assertIn(one["plan_id"], run("plan", "list", *at, "--kind", "asked").stdout)
        for command in (("explain", f"plan/{one['plan_id']}"), ("explain", "plan", f"plan/{one['plan_id']}"), ("plan", "show", one["plan_id"])):
            said = run(*command, *at)
            self.assertEqual(said.returncode, 0, said.stderr)
            for word in ("BAT-1", "Why", "Refused", "LATE-1", "Other ways", "do_nothing", one["sha256"]):
                self.assertIn(word, said.stdout, command)
        differs = run("diff", f"plan/{one['plan_id']}", f"plan/{two['plan_id']}", *at, "--json")
        self.assertEqual(differs.returncode, 1, differs.stderr)
        answer = json.loads(differs.stdout)
        self.assertFalse(answer["same"])
        self.assertTrue(answer["changes"])
        same = run("diff", "plan", f"plan/{one['plan_id']}", f"plan/{one['plan_id']}", "--server", f"http://127.0.0.1:{server.port}")
        self.assertEqual(same.returncode, 0, same.stdout + same.stderr)
        (self.path / "request.json").write_text(json.dumps(REQUEST))
        mixed = run("diff", "plan", self.path / "request.json", f"plan/{one['plan_id']}", *at)
        self.assertEqual(mixed.returncode, 0, mixed.stdout + mixed.stderr)
        for command, words in ((("explain", "plan/P-none", *at), "headroom plan list"), (("explain", "plan", "nothing.json", *at), "is no file, and no plan's id"),
                               (("diff", f"plan/{one['plan_id']}", *at), "two plans are needed"), (("plan",), "FILE is missing"),
                               (("plan", "approve", one["plan_id"], *at), "--reason"), (("plan", "approve", one["plan_id"], "--reason", "x", *at), "--sha256")):
            failed = run(*command)
            self.assertNotEqual(failed.returncode, 0, command)
            self.assertIn(words, failed.stderr)


MANUAL = """# Operating manual

## 4 Ratings

No feeder may exceed its continuous thermal rating for longer than a half-hour. Dispatch of flexibility is approved by the duty engineer.
"""


class EventPlans(unittest.TestCase):
    """Plans that wait for a person, in a simulated evening, with a model on loopback beside them."""

    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        path = pathlib.Path(cls.folder.name)
        cls.model = ScriptedModel(lambda question, results: [], lambda question, results: "I would rather not.")
        (path / "manual.md").write_text(MANUAL)
        added = run("knowledge", "add", path / "manual.md", "--data-dir", path / "data")
        assert added.returncode == 0, added.stderr
        cls.server = Server(path / "data", "--demo", "--speed", "1200", "--authority", "propose", "--set", "llm.enabled=true",
                            "--set", f"llm.url={cls.model.url}", "--set", "llm.model=sample", env={"OPENAI_API_KEY": "sk-e2e"})
        cls.plans = wait_for(lambda: cls.waiting(), 90, "two plans that wait")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        cls.model.stop()
        cls.folder.cleanup()

    @classmethod
    def waiting(cls):
        status, answer = cls.server.get_json("/api/v1/plans?state=proposed")
        return answer["plans"] if status == 200 and len(answer["plans"]) == 2 else None

    def test_1_one_plan_says_what_it_is_for_who_is_asked_and_what_stays_open(self):
        listed = self.plans[0]
        plan = self.server.get_json(f"/api/v1/plans/{listed['plan_id']}")[1]
        for member, value in listed.items():
            if member not in ("copilot", "rule_refs"):  # these come a little later
                self.assertEqual(plan[member], value, member)
        self.assertEqual((plan["kind"], plan["state"], plan["planner"]), ("event", "proposed", "optimiser"))
        constraint = plan["constraints"][0]
        self.assertEqual(constraint["limit"]["value"] > 0 and constraint["feeder_id"], plan["feeder_id"])
        self.assertGreater(constraint["peak_over_kw"], 0)
        self.assertTrue(plan["actions"])
        for action in plan["actions"]:
            self.assertTrue(action["reason"] and action["price_gbp_per_mwh"] > 0, action)
        self.assertAlmostEqual(sum(action["cost_gbp"] for action in plan["actions"]), plan["cost_gbp"], places=4)
        self.assertTrue(plan["binding"])
        self.assertGreaterEqual(len(plan["alternatives"]), 3)
        fan, residual = plan["fan"], plan["residual"]
        self.assertEqual(len(fan["without_kw"]), len(fan["with_kw"]))
        self.assertLess(residual["probability_with"], residual["probability_without"])
        self.assertLess(residual["expected_over_with_kwh"], residual["expected_over_without_kwh"])
        for before, after in zip(fan["without_kw"], fan["with_kw"]):
            self.assertEqual(len(before), len(fan["quantiles"]))
            self.assertEqual(after, sorted(after))
            self.assertLessEqual(after[-1], before[-1] + 0.01)
        narrowed = self.server.get_json(f"/api/v1/plans?feeder={plan['feeder_id']}&state=proposed&since={plan['planned_at']}")[1]["plans"]
        self.assertEqual([one["plan_id"] for one in narrowed], [plan["plan_id"]])

    def test_2_the_co_pilot_is_asked_beside_the_plan_and_its_verdict_is_shown(self):
        for listed in self.plans:
            heard = wait_for(lambda name=listed["plan_id"]: (one := self.server.get_json(f"/api/v1/plans/{name}")[1])["copilot"] and one, 60, "the verdict")
            self.assertEqual(heard["sha256"], listed["sha256"], "the plan stands")
            self.assertEqual(heard["copilot"]["verdict"], "llm_schema")
            self.assertFalse(heard["copilot"]["may_be_approved"])
            self.assertTrue(heard["copilot"]["exchanges"])
            entry = self.server.get_json(f"/api/v1/events/{heard['event_id']}")[1]["audit"]
            self.assertIn("ai.rejected", [line["type"] for line in entry])

    def test_3_the_rulebook_is_cited_word_for_word(self):
        plan = wait_for(lambda: (one := self.server.get_json(f"/api/v1/plans/{self.plans[0]['plan_id']}")[1])["rule_refs"] and one, 60, "citations")
        for ref in plan["rule_refs"]:
            self.assertIn(ref["quote"].split("…")[0].strip()[:20], MANUAL)
            self.assertEqual(ref["document"], "manual")
        said = run("explain", f"plan/{plan['plan_id']}", "--data-dir", self.server.data_dir)
        self.assertIn("Rulebooks", said.stdout, said.stderr)
        self.assertIn("co-pilot", said.stdout)

    def test_4_a_judgement_is_bound_to_the_plan_that_was_looked_at(self):
        plan = self.plans[0]
        path = f"/api/v1/plans/{plan['plan_id']}/approve"
        status, problem = self.server.post_json(path, {"sha256": "0" * 64, "reason": "covers it"})
        self.assertEqual((status, problem["errors"][0]["pointer"] if "errors" in problem else "/sha256"), (409, "/sha256"), problem)
        self.assertEqual(self.server.post_json(path, {"sha256": plan["sha256"]})[0], 422)
        status, answer = self.server.post_json(path + "?dry_run=true", {"sha256": plan["sha256"], "reason": "covers it"})
        self.assertEqual((status, answer.get("dry_run")), (200, True), answer)
        at = ("--data-dir", self.server.data_dir)
        wrong = run("plan", "approve", plan["plan_id"], "--reason", "x", "--sha256", "0" * 64, *at)
        self.assertEqual(wrong.returncode, 1, wrong.stdout)
        self.assertIn("headroom plan show", wrong.stderr)
        nothing = run("plan", "approve", plan["plan_id"], "--reason", "x", "--proposal", "--yes", *at)
        self.assertEqual(nothing.returncode, 1)
        self.assertIn("--proposal", nothing.stderr)
        dry = run("plan", "approve", plan["plan_id"], "--reason", "covers it", "--yes", "--dry-run", *at)
        self.assertEqual(dry.returncode, 0, dry.stderr)
        self.assertEqual(self.server.get_json(f"/api/v1/plans/{plan['plan_id']}")[1]["state"], "proposed")

        done = run("plan", "approve", "plan/" + plan["plan_id"], "--reason", "covers the peak", "--sha256", plan["sha256"], *at, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["status"], "approved")
        now = wait_for(lambda: (one := self.server.get_json(f"/api/v1/plans/{plan['plan_id']}")[1])["state"] == "approved" and one, 30, "the approval")
        self.assertEqual(now["decision_reason"], "covers the peak")
        again = run("plan", "approve", plan["plan_id"], "--reason", "again", "--yes", *at)
        self.assertEqual(again.returncode, 1, again.stdout)

        other = self.plans[1]
        rejected = run("plan", "reject", other["plan_id"], "--reason", "the street is dug up", "--yes", *at)
        self.assertEqual(rejected.returncode, 0, rejected.stderr)
        self.assertIn(other["sha256"], rejected.stdout)
        wait_for(lambda: self.server.get_json(f"/api/v1/plans/{other['plan_id']}")[1]["state"] == "rejected", 30, "the rejection")


if __name__ == "__main__":
    unittest.main()
