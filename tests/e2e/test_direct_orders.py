"""Orders that a person gives: POST /agent/mitigate, /beckn/execute at a feeder of the simulated grid and at an asset that providers know, /beckn/execute-journey."""
import concurrent.futures
import json
import pathlib
import unittest

from support import Server, scratch, wait_for

MITIGATE = {"scenario": {"location": "London", "event_type": "heatwave"},
            "risks": [{"asset_id": "P-LODGE", "risk_level": "CRITICAL", "projected_peak_kw": 10600, "peak_time": "2027-01-14T17:30:00Z"},
                      {"asset_id": "P-FAR", "risk_level": "LOW", "projected_peak_kw": 10}],
            "assets": [{"id": "P-LODGE", "name": "Lodge Road", "type": "substation", "lat": 51.5262, "lon": -0.1716, "capacity_kw": 10000},
                       {"id": "P-FAR", "name": "Far", "type": "substation", "lat": 57.0, "lon": -4.0, "capacity_kw": 100}]}


class DirectOrders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.server = Server(pathlib.Path(cls.folder.name) / "data", "--demo", "--websocket", "--feeders", "60", "--speed", "60")
        wait_for(lambda: cls.server.get_json("/readyz")[0] == 200, 60, "readiness")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        cls.folder.cleanup()

    def feeder_with(self, der_class):
        """A low-voltage feeder whose most loaded phase has such a resource, so that it can help."""
        for feeder in self.server.get_json("/api/v1/feeders?limit=500")[1]["feeders"]:
            detail = self.server.get_json(f"/api/v1/feeders/{feeder['feeder_id']}")[1]
            if any(der["class"] == der_class and der["phase"] == "sum" for der in detail["ders"]):
                return feeder["feeder_id"]
        self.skipTest(f"no feeder of this world has a three-phase {der_class}")

    def test_an_action_at_a_feeder_is_an_event_with_everything_that_belongs_to_one(self):
        feeder = wait_for(lambda: self.feeder_with("battery"), 30, "the world's feeders")
        action = {"asset_id": feeder, "action_type": "dispatch_battery_discharge", "urgency": "high", "justification": "for the test",
                  "required_kw": 1, "expected_relief_kw": 1}
        status, answer = self.server.post_json("/beckn/execute", {"actions": [action]})
        self.assertEqual(status, 200, answer)
        entry = answer["log"][0]
        self.assertEqual((entry["asset_id"], entry["status"], entry.get("order_state")), (feeder, "confirmed", "Created"), entry)
        self.assertRegex(entry["order_id"], "^ORD-[0-9a-f]{8}$")
        self.assertGreater(entry["quote"]["price_gbp_per_kwh"], 0)
        self.assertIn("on_confirm", [step["action"] for step in entry["timeline"]])
        event = self.server.get_json(f"/api/v1/events/{entry['event_id']}")[1]
        self.assertEqual(event["cause"], "person")
        self.assertEqual(event["required_kw"], 1)
        classes = {line["der_class"] for plan in event["plans"] for line in plan["actions"]}
        self.assertEqual(classes, {"battery"}, "nobody else is asked")

        again = self.server.post_json("/beckn/execute", {"actions": [action]})[1]["log"][0]
        if again["event_id"] == entry["event_id"]:  # the same half-hour
            self.assertEqual(again["order_id"], entry["order_id"], "the same order, not a second one")

    def test_a_scenario_s_asset_is_planned_for_and_then_bought(self):
        status, plan = self.server.post_json("/agent/mitigate", MITIGATE)
        self.assertEqual(status, 200, plan)
        self.assertEqual(plan["planner"], "optimiser")
        self.assertAlmostEqual(plan["required_kw"], 1100)
        actions = plan["mitigation_actions"]
        self.assertEqual({action["asset_id"] for action in actions}, {"P-LODGE"}, "only what is at risk")
        offered = [action for action in actions if action["is_offered"]]
        self.assertTrue(offered, plan)
        self.assertTrue(all(action["urgency"] == "high" and action["cost_gbp"] > 0 for action in offered))
        self.assertLessEqual(plan["expected_relief_kw"], sum(action["required_kw"] for action in offered))

        status, answer = self.server.post_json("/beckn/execute", {"actions": offered[:1]})
        self.assertEqual(status, 200, answer)
        entry = answer["log"][0]
        self.assertEqual((entry["asset_id"], entry["status"]), ("P-LODGE", "confirmed"), entry)
        self.assertRegex(entry["order_id"], "^ORD-[0-9a-f]{8}$")
        self.assertNotIn("event_id", entry, "the provider delivers by itself")
        known = lambda: entry["transaction_id"] in [order["transaction_id"] for order in self.server.get_json("/api/v1/orders?limit=1000")[1]["orders"]]
        wait_for(known, 10, "the order among the others")

    def test_a_window_of_computing_power_is_booked(self):
        status, _, body = self.server.request("POST", "/beckn/execute-journey?carbon_threshold=200&renewable_min=70&workload_energy_kwh=150")
        self.assertEqual(status, 200, body)
        answer = json.loads(body)
        self.assertEqual(answer["status"], "success")
        self.assertLessEqual(answer["window"]["carbon_intensity_gco2_kwh"], 200)
        self.assertGreaterEqual(answer["window"]["renewable_percentage"], 70)
        self.assertTrue(answer["order_id"])
        self.assertEqual([step["action"] for step in answer["steps"] if step["action"].startswith("on_")],
                         ["on_search", "on_select", "on_init", "on_confirm"])

        status, _, body = self.server.request("POST", "/beckn/execute-journey?carbon_threshold=1")
        self.assertEqual(status, 404, body)
        self.assertEqual(json.loads(body)["status"], 404)
        self.assertEqual(self.server.request("POST", "/beckn/execute-journey?renewable_min=101")[0], 422)

    def test_bad_input_names_the_member(self):
        for body, pointer in (({}, "/actions"), ({"actions": [{}]}, "/actions/0/asset_id"),
                              ({"actions": [{"asset_id": "X", "action_type": "open_the_breaker"}]}, "/actions/0/action_type"),
                              ({"actions": [{"asset_id": "X", "action_type": "reduce_ev_load", "target_time": "2027-01-14T17:30:00"}]}, "/actions/0/target_time"),
                              ({"actions": [{"asset_id": "X", "action_type": "reduce_ev_load", "required_kw": -1}]}, "/actions/0/required_kw")):
            status, problem = self.server.post_json("/beckn/execute", body)
            self.assertEqual((status, problem["errors"][0]["pointer"]), (422, pointer), problem)
        for change, pointer in (({"risks": [{"asset_id": "nobody", "risk_level": "HIGH"}]}, "/risks/0/asset_id"),
                                ({"risks": [{"asset_id": "P-LODGE", "risk_level": "SEVERE"}]}, "/risks/0/risk_level"),
                                ({"assets": [{"id": "P-LODGE"}]}, "/assets/0/capacity_kw"),
                                ({"assets": None}, "/assets")):
            status, problem = self.server.post_json("/agent/mitigate", {**MITIGATE, **change})
            self.assertEqual((status, problem["errors"][0]["pointer"]), (422, pointer), problem)

    def test_what_cannot_be_bought_says_why(self):
        status, answer = self.server.post_json("/beckn/execute", {"actions": [{"asset_id": "NOWHERE-1", "action_type": "dispatch_battery_discharge"}]})
        self.assertEqual((status, answer["log"][0]["status"]), (200, "searched"), answer)
        self.assertIn("no provider offers", answer["log"][0]["detail"])


class Budget(unittest.TestCase):
    """What was bought counts for what is bought next, at every door."""

    def test_purchases_end_where_the_year_s_budget_ends(self):
        with scratch() as folder:
            data = pathlib.Path(folder)
            (data / "rules.toml").write_text('id = "site"\nversion = 1\n[[rules]]\nid = "YEAR"\naction = "budget"\ngbp = 1.0\nper = "year"\nfeeders = ["P-LODGE"]\nreason = "the year\'s money"\n')
            with Server(data / "data", "--demo", "--websocket", "--feeders", "60", "--speed", "60", "--set", f"rules.file={data}/rules.toml") as server:
                wait_for(lambda: server.get_json("/readyz")[0] == 200, 60, "readiness")
                action = {"asset_id": "P-LODGE", "action_type": "dispatch_battery_discharge", "required_kw": 500, "justification": "for the test"}
                first = server.post_json("/beckn/execute", {"actions": [action]})[1]["log"]
                confirmed = [entry for entry in first if entry["status"] == "confirmed"]
                self.assertTrue(confirmed, first)
                spent = sum(entry["price_gbp"] for entry in confirmed)
                self.assertGreater(spent, 0.9, "as much as the money pays")
                self.assertLessEqual(spent, 1.0)
                # A need far above the money is planned in steps of its own size: what they left over may buy a little once more, then nothing.
                for _ in range(3):
                    last = server.post_json("/beckn/execute", {"actions": [action]})[1]["log"]
                    spent += sum(entry["price_gbp"] for entry in last if entry["status"] == "confirmed")
                    self.assertLessEqual(spent, 1.0)
                    if [entry["status"] for entry in last] == ["searched"]:
                        break
                self.assertEqual([entry["status"] for entry in last], ["searched"], last)
                self.assertIn("rule YEAR", last[0]["detail"])
                self.assertIn("of 1.00 GBP a year are left", last[0]["detail"])
                # Advice is under the same budget: nothing is offered for money that is not there.
                advice = server.post_json("/agent/mitigate", MITIGATE)[1]
                self.assertLess(advice["cost_gbp"], 0.1, advice)
                self.assertIn("YEAR", {use["rule"] for use in advice["rules"]})

    def at_the_same_time(self, *kilowatts):
        """What orders cost that are given at once under a budget of a pound."""
        with scratch() as folder:
            data = pathlib.Path(folder)
            (data / "rules.toml").write_text('id = "site"\nversion = 1\n[[rules]]\nid = "YEAR"\naction = "budget"\ngbp = 1.0\nper = "year"\nreason = "the year\'s money"\n')
            with Server(data / "data", "--demo", "--websocket", "--feeders", "60", "--speed", "60", "--set", f"rules.file={data}/rules.toml") as server:
                wait_for(lambda: server.get_json("/readyz")[0] == 200, 60, "readiness")

                def order(power):
                    action = {"asset_id": "P-LODGE", "action_type": "dispatch_battery_discharge", "required_kw": power, "justification": "for the test"}
                    return server.post_json("/beckn/execute", {"actions": [action]})[1]["log"]

                with concurrent.futures.ThreadPoolExecutor(4) as pool:
                    entries = [entry for log in pool.map(order, kilowatts) for entry in log]
                judged = [entry for entry in server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"] if entry["type"] == "order.judged"]
                self.assertTrue(judged, "each is judged where it is confirmed")
                return sum(entry["price_gbp"] for entry in entries if entry["status"] == "confirmed"), entries

    def test_orders_at_the_same_time_do_not_pass_one_budget_together(self):
        spent, entries = self.at_the_same_time(500, 501, 502, 503)
        self.assertGreater(spent, 0.5, entries)
        self.assertLessEqual(spent, 1.0, "each was judged by what those before it had spent")
        self.assertTrue(any("rule YEAR" in entry.get("detail", "") for entry in entries), entries)

    def test_each_plans_with_what_those_before_it_left(self):
        # About 74 p each: the second plans once the first has bought, and takes less, instead of finding at its confirm that all of it is too dear.
        spent, entries = self.at_the_same_time(6, 6.1)
        self.assertGreater(spent, 0.95, entries)
        self.assertLessEqual(spent, 1.0, entries)


class Shadow(unittest.TestCase):
    def test_in_shadow_nothing_is_bought(self):
        with scratch() as folder:
            data = pathlib.Path(folder)
            (data / "grid.csv").write_text("type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
                                           "substation,SS-1,,South,51.5,-0.1,500,secondary,,\nfeeder,F-1,SS-1,One,51.5,-0.1,300,domestic,,\n"
                                           "der,BAT-1,F-1,Battery,51.5,-0.1,6,battery,sum,13\n")
            with Server(data / "data", "--grid", data / "grid.csv") as server:
                wait_for(lambda: server.get_json("/readyz")[0] == 200, 60, "readiness")
                for asset, word in (("F-1", ""), ("P-LODGE", "shadow")):
                    status, answer = server.post_json("/beckn/execute", {"actions": [{"asset_id": asset, "action_type": "dispatch_battery_discharge"}]})
                    self.assertEqual((status, answer["log"][0]["status"]), (200, "failed"), answer)
                    self.assertIn(word, answer["log"][0]["detail"])
                self.assertIn(server.request("POST", "/beckn/execute-journey")[0], (403, 404))


if __name__ == "__main__":
    unittest.main()
