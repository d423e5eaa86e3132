"""Live events of a real control room choose otherwise because of rotation, the price of carbon, and what comes back after release; the log makes
every such plan again to the same bytes. A provider over real sockets; its resources are on one phase of one feeder."""
import datetime
import json
import pathlib
import unittest

from support import Server, run, scratch, wait_for
from test_beckn_provider import Providers
from test_ruled_events import settings_for

HALF_HOUR = datetime.timedelta(minutes=30)
KINDS = {"BAT-1": "battery", "BAT-2": "battery", "PUMP-3": "heat_pump", "GEN-4": "generator"}


def rule(action, **more):
    text = f'[[rules]]\nid = "R-{action}"\naction = "{action}"\nreason = "test"\n'
    return text + "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())


class WeighedEvent(unittest.TestCase):
    def open(self, prices, rules):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        grid = "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\nsubstation,S-1,,North,51.5,-0.1,800,secondary,,\n"
        grid += "feeder,F-1,S-1,Mill Lane,51.5,-0.1,150,domestic,,\n"
        catalogue = '[[provider]]\nid = "pool"\nname = "Pool"\n'
        for der, price in prices.items():
            grid += f"der,{der},F-1,,,,12,{KINDS[der]},L1,\n"
            catalogue += (f'[[provider.der]]\nid = "{der}"\nkind = "{KINDS[der]}"\nfeeder = "F-1"\nphase = "L1"\ncapacity_kw = 12\n'
                          f"price_gbp_per_kwh = {price}\n")
        (self.path / "grid.csv").write_text(grid)
        (self.path / "catalogue.toml").write_text(catalogue)
        (self.path / "rules.toml").write_text('id = "site"\nversion = 1\n' + rules)
        self.providers = Providers("--open", "--catalogue", self.path / "catalogue.toml")
        self.addCleanup(self.providers.__exit__)
        (self.path / "headroom.toml").write_text(settings_for(self.providers))
        self.server = Server(self.path / "data", "--config", self.path / "headroom.toml", "--grid", self.path / "grid.csv", "--authority", "propose",
                             "--set", f"rules.file={self.path}/rules.toml")
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 60, "readiness")

    def read(self, kw):
        body = {"feeder": "F-1", "ts": self.server.get_json("/api/v1/status")[1]["now"], "kw": kw, "phase": "L1"}
        self.assertEqual(self.server.post_json("/api/v1/readings", body)[0], 200)

    def overload(self, kw=56):
        """The feeder carries 50 kW on a phase: a live event by what is measured."""
        def waiting():
            self.read(kw)
            return self.server.get_json("/api/v1/plans?state=proposed")[1]["plans"]
        return self.server.get_json(f"/api/v1/plans/{wait_for(waiting, 60, 'a plan that waits')[0]['plan_id']}")[1]

    def order(self, when):
        action = {"asset_id": "F-1", "action_type": "dispatch_battery_discharge", "required_kw": 8, "half_hours": 1, "justification": "works on the cable",
                  "target_time": when.strftime("%Y-%m-%dT%H:%M:%SZ")}
        self.assertEqual(self.server.post_json("/beckn/execute", {"actions": [action]})[0], 200)
        listed = wait_for(lambda: self.server.get_json("/api/v1/plans?state=proposed")[1]["plans"], 60, "a plan that waits")
        return self.server.get_json(f"/api/v1/plans/{listed[0]['plan_id']}")[1]

    def asked(self, plan):
        return sorted({action["der_id"] for action in plan["actions"]})

    def replays(self, *events):
        self.assertEqual(self.server.stop(), 0)
        for event in events:
            replayed = run("replay", event, "--data-dir", self.path / "data", "--json")
            self.assertEqual(replayed.returncode, 0, replayed.stdout + replayed.stderr)
            self.assertIn("flex.plan", replayed.stdout)

    def notes(self):
        entries = self.server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"]
        return [entry["body"]["notes"] for entry in entries if entry["type"] == "dispatch.plan" and "notes" in entry["body"]]

    def test_rotation_hands_the_next_event_to_another(self):
        self.open({"BAT-1": 0.2, "BAT-2": 0.25}, rule("rotate", gbp_per_kwh=0.1))
        self.read(48)
        now = datetime.datetime.now(datetime.timezone.utc)
        first_hour = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0) + 3 * HALF_HOUR
        first = self.order(first_hour)
        self.assertEqual(self.asked(first), ["BAT-1"], "the cheaper one")
        self.assertEqual(self.server.post_json(f"/api/v1/plans/{first['plan_id']}/approve", {"sha256": first["sha256"], "reason": "works"})[0], 200)
        wait_for(lambda: self.server.get_json(f"/api/v1/events/{first['event_id']}")[1]["state"] == "armed", 60, "the contract")
        second = self.order(first_hour + 2 * HALF_HOUR)
        self.assertEqual(self.asked(second), ["BAT-2"], "whose turn it is")
        use = next(use for use in second["rules"] if use["rule"] == "R-rotate")
        self.assertIn("asked 1 times of late", use["detail"])
        weights = [weight for notes in self.notes() for weight in notes["weights"]]
        self.assertIn(("BAT-1", 100000), [(weight["der_id"], weight["rotation_micro_gbp_per_kwh"]) for weight in weights])
        self.replays(first["event_id"], second["event_id"])

    def test_the_price_of_carbon_asks_the_cleaner_one(self):
        self.open({"GEN-4": 0.2, "BAT-1": 0.22},
                  'carbon_gbp_per_tonne = 100.0\n[[carbon]]\nkind = "generator"\ng_per_kwh = 700.0\n[[carbon]]\nkind = "battery"\ng_per_kwh = 50.0\n'
                  # Both in one turn: a generator that stands there is no mobile one.
                  '[[ladder]]\nrung = 4\nname = "spot"\nlegal_basis = "contract"\nminutes = 1\nis_sent = true\n')
        plan = self.overload()
        self.assertEqual(self.asked(plan), ["BAT-1"], plan["actions"])
        self.assertIn("carbon_gbp_per_tonne", {use["rule"] for use in plan["rules"]})
        self.replays(plan["event_id"])

    def test_what_comes_back_must_not_make_the_next_overload(self):
        rebound = '[[rebound]]\nkind = "heat_pump"\nshare = 0.8\nminutes = 60\nreason = "field trial"\n'
        self.open({"PUMP-3": 0.1, "BAT-1": 0.3}, "")
        free = self.overload()
        self.assertEqual(self.asked(free), ["PUMP-3"], "nothing is known to come back")
        self.replays(free["event_id"])
        self.open({"PUMP-3": 0.1, "BAT-1": 0.3}, rebound)
        plan = self.overload()
        self.assertIn("BAT-1", self.asked(plan), plan["actions"])
        self.assertIn("come back after release", next(use["detail"] for use in plan["rules"] if use["rule"] == "rebound"))
        self.replays(plan["event_id"])


if __name__ == "__main__":
    unittest.main()
