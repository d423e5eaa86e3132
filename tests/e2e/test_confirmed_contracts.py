"""What becomes of a plan where its contracts are confirmed: two events on different branches do not pass one budget together, and what a provider
refuses is bought anew until the load stays within its limit as surely as the rules ask. A provider over real sockets."""
import concurrent.futures
import datetime
import pathlib
import unittest

from support import Server, run, scratch, wait_for
from test_beckn_provider import Providers
from test_ruled_events import settings_for

HALF_HOUR = datetime.timedelta(minutes=30)
GRID = "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"


def rule(rule_id, action, **more):
    text = f'[[rules]]\nid = "{rule_id}"\naction = "{action}"\nreason = "test"\n'
    return text + "".join(f"{key} = {value!r}\n".replace("'", '"') for key, value in more.items())


class World(unittest.TestCase):
    """Two substations, each with a feeder of its own; batteries of `pools`: provider → DER → (feeder, GBP/kWh, reliability)."""

    def open(self, pools, rules, authority, faults=""):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        grid = GRID + "substation,S-1,,North,51.5,-0.1,800,secondary,,\nsubstation,S-2,,South,51.4,-0.1,800,secondary,,\n"
        grid += "feeder,F-1,S-1,Mill Lane,51.5,-0.1,150,domestic,,\nfeeder,F-2,S-2,High Street,51.4,-0.1,150,domestic,,\n"
        catalogue = ""
        for pool, ders in pools.items():
            catalogue += f'[[provider]]\nid = "{pool}"\nname = "{pool}"\n'
            for der, (feeder, price, reliability) in ders.items():
                grid += f"der,{der},{feeder},,,,12,battery,L1,\n"
                catalogue += (f'[[provider.der]]\nid = "{der}"\nkind = "battery"\nfeeder = "{feeder}"\nphase = "L1"\ncapacity_kw = 12\n'
                              f"price_gbp_per_kwh = {price}\nreliability = {reliability}\n")
        (self.path / "grid.csv").write_text(grid)
        (self.path / "catalogue.toml").write_text(catalogue)
        (self.path / "faults.toml").write_text(faults)
        (self.path / "rules.toml").write_text('id = "site"\nversion = 1\n' + rules)
        more = ["--faults", self.path / "faults.toml"] if faults else []
        self.providers = Providers("--open", "--catalogue", self.path / "catalogue.toml", *more)
        self.addCleanup(self.providers.__exit__)
        (self.path / "headroom.toml").write_text(settings_for(self.providers))
        self.server = Server(self.path / "data", "--config", self.path / "headroom.toml", "--grid", self.path / "grid.csv", "--authority", authority,
                             "--set", f"rules.file={self.path}/rules.toml")
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 60, "readiness")
        now = datetime.datetime.now(datetime.timezone.utc)
        self.start = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0) + 3 * HALF_HOUR
        for feeder in ("F-1", "F-2"):
            reading = {"feeder": feeder, "ts": self.server.get_json("/api/v1/status")[1]["now"], "kw": 48, "phase": "L1"}
            self.assertEqual(self.server.post_json("/api/v1/readings", reading)[0], 200)

    def order(self, feeder, kilowatts):
        action = {"asset_id": feeder, "action_type": "dispatch_battery_discharge", "required_kw": kilowatts, "half_hours": 1, "justification": "works",
                  "target_time": self.start.strftime("%Y-%m-%dT%H:%M:%SZ")}
        status, answer = self.server.post_json("/beckn/execute", {"actions": [action]})
        self.assertEqual(status, 200, answer)
        return answer["log"]

    def waiting(self, feeder):
        def listed():
            plans = self.server.get_json("/api/v1/plans?state=proposed")[1]["plans"]
            return next((plan for plan in plans if plan["feeder_id"] == feeder), None)
        return wait_for(listed, 60, "a plan that waits")

    def approve(self, plan):
        return self.server.post_json(f"/api/v1/plans/{plan['plan_id']}/approve", {"sha256": plan["sha256"], "reason": "works"})[0]

    def event(self, plan, states):
        return wait_for(lambda: (one := self.server.get_json(f"/api/v1/events/{plan['event_id']}")[1])["state"] in states and one, 60, f"one of {states}")

    def entries(self, kind, event=None):
        found = self.server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"]
        return [entry for entry in found if entry["type"] == kind and event in (None, entry.get("corr"))]

    def bought(self, event):
        """DERs of the contracts that stand."""
        orders = self.server.get_json(f"/api/v1/orders?event={event}")[1]["orders"]
        return {line["der_id"] for order in orders if order["state"] in ("active", "activated") for line in order["lines"]}

    def replays(self, *events):
        self.assertEqual(self.server.stop(), 0)
        for event in events:
            replayed = run("replay", event, "--data-dir", self.path / "data", "--json")
            self.assertEqual(replayed.returncode, 0, replayed.stdout + replayed.stderr)
            self.assertIn("rules.commit", replayed.stdout)


class OneBudget(World):
    """Both plans are made with the whole of the money and wait for a person. Then both are approved."""

    POOLS = {"pool": {"BAT-1": ("F-1", 1.0, 1), "BAT-2": ("F-2", 0.2, 1), "BAT-3": ("F-2", 1.0, 1)}}

    def both_planned(self, gbp):
        self.open(self.POOLS, rule("YEAR", "budget", gbp=gbp, per="year"), "propose")
        for feeder, kilowatts in (("F-1", 8), ("F-2", 16)):
            self.order(feeder, kilowatts)
        first, second = self.waiting("F-1"), self.waiting("F-2")
        self.assertLess(max(first["cost_gbp"], second["cost_gbp"]), gbp, "each alone is within the budget")
        self.assertGreater(first["cost_gbp"] + second["cost_gbp"], gbp, "both together are not")
        return first, second

    def test_the_second_is_cut_to_what_the_first_left(self):
        first, second = self.both_planned(5.5)
        self.assertEqual(self.approve(first), 200)
        whole = self.event(first, ("armed",))
        self.assertEqual(self.approve(second), 200)
        cut = self.event(second, ("armed", "failed"))
        self.assertEqual(cut["state"], "armed", "what the money pays is bought")
        self.assertEqual(self.bought(second["event_id"]), {"BAT-2"}, "the dearer one is not")
        self.assertLessEqual(whole["cost_gbp"] + cut["cost_gbp"], 5.5)
        judged = self.entries("order.judged", second["event_id"])
        self.assertEqual([entry["outcome"] for entry in judged], ["denied"], judged)
        self.assertEqual([(each["der"], each["rule"]) for each in judged[0]["body"]["refused"]], [("BAT-3", "YEAR")])
        self.assertEqual([entry["outcome"] for entry in self.entries("order.judged", first["event_id"])], ["ok"])
        self.assertGreater(cut["shortfall_kw"], 3, "and what is short is said")
        alarm = next(entry["body"] for entry in self.entries("alarm.raised", second["event_id"]) if entry["body"]["kind"] == "shortfall")
        self.assertIn("rule YEAR", alarm["detail"])
        more = [entry["body"]["why"] for entry in self.entries("dispatch.plan", second["event_id"])]
        self.assertTrue(any("others bought first: rule YEAR" in why for why in more), more)
        self.replays(first["event_id"], second["event_id"])

    def test_of_two_at_the_same_time_both_are_never_bought(self):
        first, second = self.both_planned(4.1)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            self.assertEqual(list(pool.map(self.approve, (first, second))), [200, 200])
        def decided(plan):
            """Armed, given up, or what is left of the money is put before a person again."""
            event = self.server.get_json(f"/api/v1/events/{plan['event_id']}")[1]
            is_asked_again = event["waits_for_approval"] and event["plan_sha256"] != plan["sha256"]
            return (event["state"] in ("armed", "failed") or is_asked_again) and event
        events = [wait_for(lambda plan=plan: decided(plan), 60, "a decision") for plan in (first, second)]
        spent = sum(event["cost_gbp"] for event in events)
        self.assertLessEqual(spent, 4.1)
        self.assertGreater(spent, 0.5, "who asked first has it")
        self.assertTrue([entry for entry in self.entries("order.judged") if entry["outcome"] == "denied"])
        for event in events:
            if event["state"] == "failed":
                self.assertIn("rule YEAR", event["note"])
            elif event["state"] == "proposed":
                self.assertEqual(event["cost_gbp"], 0)
                told = [entry["body"].get("why", "") for entry in self.entries("event.state", event["event_id"])]
                self.assertTrue(any("rule YEAR" in why for why in told), told)


class RefusedByItsProvider(World):
    """Two batteries that each deliver in four of five events are surer than nine in ten; one alone is not, although its power is enough."""

    def test_certainty_is_bought_anew(self):
        pools = {"near": {"BAT-1": ("F-1", 0.1, 0.8)}, "far": {f"BAT-{i}": ("F-1", 0.2 + i / 100, 0.8) for i in (2, 3, 4)}}
        self.open(pools, "probability = 0.9\n", "act", '[[fault]]\nkind = "nack"\nprovider = "near"\naction = "confirm"\n')
        until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)).strftime("%Y-%m-%dT00:00:00Z")
        envelope = {"id": "works", "power_max_kw": 200, "cost_max_gbp": 500, "from": "2026-01-01T00:00:00Z", "until": until, "reason": "agreed"}
        self.assertIn(self.server.post_json("/api/v1/authority/envelopes", envelope)[0], (200, 201))
        log = self.order("F-1", 8)
        event = {"event_id": next(entry["event_id"] for entry in log if entry.get("event_id"))}
        armed = self.event(event, ("armed",))
        plans = sorted(self.entries("dispatch.plan", event["event_id"]), key=lambda entry: entry["body"]["round"])
        self.assertGreaterEqual(len(plans), 2, "what was refused is bought anew")
        self.assertEqual(plans[1]["body"]["why"], "providers committed less than planned")
        chance = plans[-1]["body"]["notes"]["chance"]
        self.assertGreaterEqual(chance["reached_ppm"], 896_000, chance)
        self.assertLess(chance["before_ppm"], 890_000, "with what stood alone it was less sure than asked")
        bought = self.bought(event["event_id"])
        self.assertNotIn("BAT-1", bought)
        self.assertGreaterEqual(len(bought), 2, bought)
        self.assertEqual(armed["shortfall_kw"], 0)


class AuthorityOfTheRules(World):
    """What Headroom may do by itself stands in the rules file; a person can take it back, and a restart does not give it again."""

    ENVELOPE = ('[[envelopes]]\nid = "works"\nasset = "S-1"\nproduct = "armed"\npower_max_kw = 200\ncost_max_gbp = 500\n'
                'from = "2026-01-01T00:00:00Z"\nuntil = "2099-01-01T00:00:00Z"\nreason = "agreed"\n')

    def start_again(self):
        self.assertEqual(self.server.stop(), 0)
        self.server = Server(self.path / "data", "--config", self.path / "headroom.toml", "--grid", self.path / "grid.csv", "--authority", "act",
                             "--set", f"rules.file={self.path}/rules.toml")
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 60, "readiness")

    def envelopes(self):
        return {one["envelope_id"]: one["revoked"] for one in self.server.get_json("/api/v1/authority")[1]["envelopes"]}

    def test_it_is_granted_taken_back_and_granted_by_another_version_only(self):
        self.open({"pool": {"BAT-1": ("F-1", 0.1, 1)}}, self.ENVELOPE, "act")
        granted = self.entries("authority.grant")
        self.assertEqual([entry["actor"]["id"] for entry in granted], ["rules site@1"], granted)
        log = self.order("F-1", 8)
        event = {"event_id": next(entry["event_id"] for entry in log if entry.get("event_id"))}
        self.assertEqual(self.event(event, ("armed",))["authority"], "act")
        status, _, body = self.server.request("DELETE", "/api/v1/authority/envelopes/works?reason=ended")
        self.assertEqual(status, 200, body)
        self.start_again()
        self.assertEqual(self.envelopes(), {"works": True}, "what a person took back stays so")
        (self.path / "rules.toml").write_text('id = "site"\nversion = 2\n' + self.ENVELOPE)
        self.start_again()
        self.assertEqual(self.envelopes(), {"works": False})
        (self.path / "rules.toml").write_text('id = "site"\nversion = 3\n')
        self.start_again()
        self.assertEqual(self.envelopes(), {"works": True}, "the file grants it no more")

    def test_an_asset_that_the_grid_does_not_have_refuses_the_start(self):
        self.open({"pool": {"BAT-1": ("F-1", 0.1, 1)}}, self.ENVELOPE, "act")
        self.assertEqual(self.server.stop(), 0)
        (self.path / "rules.toml").write_text('id = "site"\nversion = 2\n' + self.ENVELOPE.replace("S-1", "S-9"))
        refused = run("serve", "--port", "0", "--data-dir", self.path / "data", "--config", self.path / "headroom.toml", "--grid", self.path / "grid.csv",
                      "--set", f"rules.file={self.path}/rules.toml")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("envelope works: no feeder or substation S-9", refused.stdout + refused.stderr)


class AWeekAhead(World):
    def test_what_is_ordered_for_next_week_is_armed_and_says_what_waiting_is_worth(self):
        self.open({"pool": {"BAT-1": ("F-1", 0.1, 1)}}, "[arming]\nis_on = true\n", "propose")
        self.start += datetime.timedelta(days=7)
        self.order("F-1", 8)
        waiting = self.waiting("F-1")
        plan = self.server.get_json(f"/api/v1/plans/{waiting['plan_id']}")[1]
        self.assertEqual(plan["arming"]["choice"], "arm", plan["arming"])
        self.assertIsNone(plan["arming"]["review_at"])
        self.assertAlmostEqual(plan["arming"]["value_of_waiting_gbp"], plan["arming"]["cost_now_gbp"] - plan["arming"]["cost_later_gbp"], places=4)
        self.assertEqual(self.approve(waiting), 200)
        armed = self.event(waiting, ("armed",))
        self.assertEqual(self.bought(armed["event_id"]), {"BAT-1"})
        orders = self.server.get_json(f"/api/v1/orders?event={armed['event_id']}")[1]["orders"]
        self.assertEqual({order["kind"] for order in orders}, {"availability"}, orders)


if __name__ == "__main__":
    unittest.main()
