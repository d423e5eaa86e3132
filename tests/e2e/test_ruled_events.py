"""Live events of a real control room under a rules file, with a provider over real sockets: order, ceiling, budget and bans in the plan; a co-pilot's
proposal that keeps to them is approved in the plan's stead, one that does not is refused; a switch told by IEC 60870-5-104 uses the shelf."""
import datetime
import json
import pathlib
import threading
import time
import unittest

from iec104_station import Station, double_point
from scripted_model import ScriptedModel
from support import Server, run, scratch, wait_for
from test_beckn_provider import Providers
from websocket import WebSocket

HALF_HOUR = datetime.timedelta(minutes=30)
GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,S-1,,North,51.5,-0.1,800,secondary,,
feeder,F-1,S-1,Mill Lane,51.5,-0.1,150,domestic,,
der,OWN-1,F-1,,,,12,battery,L1,
der,BAT-2,F-1,,,,12,battery,L1,
der,BAT-3,F-1,,,,12,battery,L1,
der,DEAR-4,F-1,,,,12,battery,L1,
der,CLINIC-5,F-1,,,,12,battery,L1,
"""
RULES = """id = "site"
version = 7
[[rules]]
id = "OWN-FIRST"
action = "prefer"
ders = ["OWN-1"]
rank = 1
reason = "our own battery"
[[rules]]
id = "CEILING"
action = "price_ceiling"
zones = ["S-1"]
gbp_per_kwh = 0.6
reason = "what the zone may cost"
[[rules]]
id = "CLINIC"
action = "never_ask"
ders = ["CLINIC-5"]
reason = "the clinic's own supply"
[[rules]]
id = "YEAR"
action = "budget"
gbp = 40.0
per = "year"
reason = "the year's money"
"""


def hour_of(moment):
    return moment.strftime("%H:%M")


def catalogue(start):
    """OWN-1 has the energy of one half-hour; BAT-2 is there in the first, BAT-3, dearer, in the second."""
    middle, end = start + HALF_HOUR, start + 2 * HALF_HOUR
    ders = [("OWN-1", 0.4, 'energy_kwh = 5.25'),
            ("BAT-2", 0.1, f'from = "{hour_of(start)}"\nuntil = "{hour_of(middle)}"'),
            ("BAT-3", 0.5, f'from = "{hour_of(middle)}"\nuntil = "{hour_of(end)}"'),
            ("DEAR-4", 0.9, ""), ("CLINIC-5", 0.05, "")]
    text = '[[provider]]\nid = "pool"\nname = "Pool"\n'
    for der, price, more in ders:
        text += f'[[provider.der]]\nid = "{der}"\nkind = "battery"\nfeeder = "F-1"\nphase = "L1"\ncapacity_kw = 12\nprice_gbp_per_kwh = {price}\n{more}\n'
    return text


def settings_for(providers):
    text = '[beckn]\nsubscriber_id = "headroom.example"\nkey_id = "k-1"\n'
    for one in providers.said["providers"]:
        text += (f'[[beckn.providers]]\nid = "{one["id"]}"\nurl = "{one["url"]}"\nsubscriber_id = "{one["subscriber_id"]}"\n'
                 f'key_id = "{one["key_id"]}"\npublic_key = "{one["public_key"]}"\n')
    return text


def data_of(question):
    return json.loads(question.split("<data>")[1].split("</data>")[0])


class RuledEvent(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        now = datetime.datetime.now(datetime.timezone.utc)
        floor = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
        self.start = floor + 3 * HALF_HOUR
        (self.path / "catalogue.toml").write_text(catalogue(self.start))
        (self.path / "grid.csv").write_text(GRID)
        (self.path / "rules.toml").write_text(RULES)
        self.providers = Providers("--open", "--catalogue", self.path / "catalogue.toml")
        self.addCleanup(self.providers.__exit__)
        (self.path / "headroom.toml").write_text(settings_for(self.providers))
        self.propose = self.keep_to_the_rules
        self.asked = []
        self.model = ScriptedModel(self.script, lambda question, results: "I would rather not.")
        self.addCleanup(self.model.stop)
        self.server = Server(self.path / "data", "--config", self.path / "headroom.toml", "--grid", self.path / "grid.csv", "--authority", "propose",
                             "--set", f"rules.file={self.path}/rules.toml", "--set", "llm.enabled=true", "--set", f"llm.url={self.model.url}",
                             "--set", "llm.model=sample", env={"OPENAI_API_KEY": "sk-e2e"})
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 60, "readiness")
        self.assertEqual(self.server.post_json("/api/v1/readings", {"feeder": "F-1", "ts": self.server.get_json("/api/v1/status")[1]["now"], "kw": 48, "phase": "L1"})[0], 200)

    def script(self, question, results):
        data = data_of(question)
        self.asked.append(data)
        if len(self.by_price(data)) < 3:  # a later round, for what is left
            return []
        return [("propose_plan", {"event": data["event"], "actions": self.propose(data), "summary": "", "justification": ""})]

    def by_price(self, data):
        return {offer["price_gbp_per_mwh"]: offer["offer"] for offer in data["offers"]}

    def keep_to_the_rules(self, data):
        """The preferred battery gives as much as in the plan, in the half-hour in which nobody else is cheap."""
        offers = self.by_price(data)
        return [{"offer": offers[400.0], "slot": 2, "power_kw": 10.5}, {"offer": offers[100.0], "slot": 1, "power_kw": 10.5}]

    def without_the_preferred(self, data):
        offers = self.by_price(data)
        return [{"offer": offers[100.0], "slot": 1, "power_kw": 10.5}, {"offer": offers[500.0], "slot": 2, "power_kw": 10.5}]

    def order(self):
        action = {"asset_id": "F-1", "action_type": "dispatch_battery_discharge", "required_kw": 10, "half_hours": 2, "justification": "works on the cable",
                  "target_time": self.start.strftime("%Y-%m-%dT%H:%M:%SZ")}
        status, answer = self.server.post_json("/beckn/execute", {"actions": [action]})
        self.assertEqual(status, 200, answer)
        listed = wait_for(lambda: self.server.get_json("/api/v1/plans?state=proposed")[1]["plans"], 60, "a plan that waits")
        return self.heard(listed[0]["plan_id"])

    def heard(self, plan_id):
        return wait_for(lambda: (one := self.server.get_json(f"/api/v1/plans/{plan_id}")[1])["copilot"] and one, 60, "the verdict")

    def test_rules_bind_the_plan_and_an_accepted_proposal_is_approved_and_bought(self):
        plan = self.order()
        self.assertEqual(plan["rule_set"], "site@7")
        self.assertEqual({action["der_id"] for action in plan["actions"]}, {"OWN-1", "BAT-3"}, plan["actions"])
        reasons = {refused["der_id"]: refused["reason"] for refused in plan["refused"]}
        self.assertIn("rule CEILING", reasons["DEAR-4"])
        self.assertIn("rule CLINIC", reasons["CLINIC-5"])
        self.assertEqual({use["rule"] for use in plan["rules"]}, {"OWN-FIRST", "CEILING", "CLINIC", "YEAR"}, plan["rules"])
        self.assertIn("40.00 of 40.00 GBP a year are left", next(use["detail"] for use in plan["rules"] if use["rule"] == "YEAR"))
        # The model was shown what the rules leave, in turns, and not a word that the operator wrote.
        asked = json.dumps(self.asked)
        for secret in ("OWN-FIRST", "our own battery", "the year's money", "CLINIC"):
            self.assertNotIn(secret, asked)
        self.assertEqual(len(self.asked[0]["offers"]), 3)
        self.assertEqual({offer["turn"] for offer in self.asked[0]["offers"]}, {1, 2})

        said = plan["copilot"]
        self.assertEqual((said["verdict"], said["may_be_approved"]), ("accepted", True), said)
        self.assertLess(said["proposal_cost_gbp"], plan["cost_gbp"])
        self.assertEqual({action["der_id"] for action in said["proposal_actions"]}, {"OWN-1", "BAT-2"})
        path = f"/api/v1/plans/{plan['plan_id']}/approve"
        status, answer = self.server.post_json(path, {"sha256": said["proposal_sha256"], "reason": "cheaper, and as sure"})
        self.assertEqual(status, 200, answer)
        event = wait_for(lambda: (one := self.server.get_json(f"/api/v1/events/{plan['event_id']}")[1])["state"] == "armed" and one, 60, "the contracts")
        orders = self.server.get_json(f"/api/v1/orders?event={plan['event_id']}")[1]["orders"]
        self.assertEqual({line["der_id"] for order in orders for line in order["lines"]}, {"OWN-1", "BAT-2"}, orders)
        newest = self.server.get_json(f"/api/v1/plans?event={plan['event_id']}")[1]["plans"][0]
        self.assertEqual((newest["planner"], newest["sha256"]), ("llm+optimiser", said["proposal_sha256"]))
        self.assertAlmostEqual(event["cost_gbp"], said["proposal_cost_gbp"], places=2)

        # What the event costs counts for plans that are handed in, for what is recommended, and after a restart.
        left = f"{40 - said['proposal_cost_gbp']:.2f} of 40.00 GBP a year are left"
        self.assertIn(left, self.budget_of_a_plan())
        self.assertEqual(self.server.stop(), 0)
        self.server = Server(self.path / "data", "--config", self.path / "headroom.toml", "--grid", self.path / "grid.csv", "--set", f"rules.file={self.path}/rules.toml")
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 60, "readiness")
        self.assertIn(left, wait_for(self.budget_of_a_plan, 30, "the budget"))
        self.assertEqual(self.server.stop(), 0)
        replayed = run("replay", plan["event_id"], "--data-dir", self.path / "data", "--json")
        self.assertEqual(replayed.returncode, 0, replayed.stdout + replayed.stderr)
        self.assertIn("copilot.plan", replayed.stdout)

    def budget_of_a_plan(self):
        request = {"need": {"feeder_id": "F-1", "start": self.start.strftime("%Y-%m-%dT%H:%M:%SZ"), "required_kw": [1]}, "shortfall_gbp_per_kwh": 6,
                   "ders": [{"der_id": "BAT-2", "kind": "battery", "max_kw": 5, "price_gbp_per_kwh": 0.1}]}
        status, plan = self.server.post_json("/api/v1/plans", request)
        self.assertEqual(status, 200, plan)
        risk = {"scenario": "a cold evening", "risks": [{"asset_id": "F-1", "risk_level": "HIGH", "projected_peak_kw": 150, "peak_time": request["need"]["start"]}],
                "assets": [{"id": "F-1", "name": "Mill Lane", "type": "feeder", "lat": 51.5, "lon": -0.1, "capacity_kw": 150}]}
        status, advice = self.server.post_json("/agent/mitigate", risk)
        self.assertEqual(status, 200, advice)
        text = next(use["detail"] for use in advice["rules"] if use["rule"] == "YEAR")
        self.assertEqual(plan["budget"], text, "counted by one function")
        return text

    def test_a_proposal_that_breaks_a_rule_is_refused_naming_it(self):
        self.propose = self.without_the_preferred
        plan = self.order()
        self.assertEqual((plan["copilot"]["verdict"], plan["copilot"]["guard"], plan["copilot"]["may_be_approved"]), ("llm_infeasible", "rules", False), plan["copilot"])
        entries = self.server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"]
        body = next(entry["body"] for entry in entries if entry["type"] == "ai.rejected")
        self.assertEqual(body["rules_broken"][0]["rule"], "OWN-FIRST")


class LossBySwitch(unittest.TestCase):
    """A breaker that a station reports as open: the shelf's order is begun, bought and sent to its device."""

    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        (self.path / "grid.csv").write_text("type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
                                            "substation,S-1,,North,51.5,-0.1,800,secondary,,\nsubstation,S-2,,South,51.5,-0.1,800,secondary,,\n"
                                            "feeder,F-1,S-1,Mill Lane,51.5,-0.1,150,domestic,,\nfeeder,F-2,S-2,High Street,51.5,-0.1,150,domestic,,\n"
                                            "der,D-1,F-2,,,,40,battery,L1,\ntie,T-1,F-1|F-2,,,,100,remote:1,,\n")
        (self.path / "map.csv").write_text("station,common_address,object_address,point_id,quantity,phase,scale,offset,deadband_class\n"
                                           "north,1,11,F-1,p_kw,L1,1,0,\nnorth,1,12,F-1,p_kw,L2,1,0,\nnorth,1,13,F-1,p_kw,L3,1,0,\n"
                                           "north,1,21,F-2,p_kw,L1,1,0,\nnorth,1,22,F-2,p_kw,L2,1,0,\nnorth,1,23,F-2,p_kw,L3,1,0,\n"
                                           "north,1,31,D-1,p_kw,sum,1,0,\nnorth,1,100,F-1,breaker,,,,\n")
        (self.path / "catalogue.toml").write_text('[[provider]]\nid = "pool"\nname = "Pool"\n[[provider.der]]\nid = "D-1"\nkind = "battery"\nfeeder = "F-2"\n'
                                                  'phase = "L1"\ncapacity_kw = 40\nprice_gbp_per_kwh = 0.2\n')
        self.station = Station([(11, 30.0, 0), (12, 10.0, 0), (13, 10.0, 0), (21, 40.0, 0), (22, 10.0, 0), (23, 10.0, 0), (31, 0.0, 0)])
        self.addCleanup(self.station.close)
        self.providers = Providers("--open", "--catalogue", self.path / "catalogue.toml")
        self.addCleanup(self.providers.__exit__)
        (self.path / "headroom.toml").write_text(
            f'[iec104]\nmapping_file = "{self.path}/map.csv"\nt1_s = 2\nt2_s = 1\nt3_s = 2\nw = 2\n'
            f'[[iec104.stations]]\nid = "north"\nhost = "127.0.0.1"\nport = {self.station.port}\nuntimed_quality = "measured"\n' + settings_for(self.providers))
        self.server = Server(self.path / "data", "--config", self.path / "headroom.toml", "--grid", self.path / "grid.csv", "--authority", "act")
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 60, "readiness")
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
        envelope = {"id": "losses", "power_max_kw": 100, "cost_max_gbp": 500, "from": "2026-01-01T00:00:00Z", "until": until.strftime("%Y-%m-%dT00:00:00Z"), "reason": "agreed"}
        self.assertIn(self.server.post_json("/api/v1/authority/envelopes", envelope)[0], (200, 201))
        self.orders = []
        self.gateway = WebSocket(self.server.port, "/devices/v1", timeout=120)
        self.gateway._send(1, json.dumps({"type": "hello", "ders": ["D-1"]}).encode())
        threading.Thread(target=self.answer, daemon=True).start()
        self.addCleanup(self.gateway.close)

    def answer(self):
        """The device takes every order."""
        try:
            while (message := self.gateway.read_json()) is not None:
                if message["type"] == "order":
                    self.orders.append((time.monotonic(), message["order"]))
                    ack = {"order_id": message["order"]["order_id"], "result": "accepted", "ts": message["order"]["start"], "v": 1}
                    self.gateway._send(1, json.dumps({"type": "ack", "der": message["der"], "ack": ack}).encode())
        except (ConnectionError, OSError):
            pass

    def plan(self):
        return self.server.get_json("/api/v1/contingencies/F-1")[1]

    def test_a_breaker_that_opens_sends_the_first_command(self):
        wait_for(lambda: [order for order in self.plan().get("orders", []) if order["peak_kw"] > 10 and order["authority"] == "act" and order["guard"] == "pass"], 60, "a plan with orders that may be carried out")
        agents = self.server.get_json("/agents/status")[1]["agents"]
        self.assertEqual(agents["contingency"]["status"], "active", agents)
        opened = time.monotonic()
        self.assertTrue(self.station.send(double_point([(100, 1, 0)])))
        used = wait_for(lambda: self.plan()["used"], 20, "the use")
        self.assertEqual((used["state"], used["carried_out"]), ("outage", "act"), used)
        self.assertIn("north", used["source"])
        at, order = wait_for(lambda: self.orders and self.orders[0], 30, "the first command")
        self.assertEqual(order["event_id"], used["event_ids"][0])
        self.assertLess(order["value_w"], 0)
        self.assertLess(at - opened, 20)
        first = wait_for(lambda: [entry for entry in self.server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"] if entry["type"] == "shelf.first_command"], 20,
                         "the entry")[0]["body"]
        self.assertGreater(first["first_command_us"], 0)
        self.assertEqual(self.server.stop(), 0)
        replayed = run("replay", order["event_id"], "--data-dir", self.path / "data", "--json")
        self.assertEqual(replayed.returncode, 0, replayed.stdout + replayed.stderr)
        for decision in ("shelf.order", "shelf.plan", "flex.plan"):
            self.assertIn(decision, replayed.stdout)


if __name__ == "__main__":
    unittest.main()
