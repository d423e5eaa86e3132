"""A provider commits less than it was asked, and what would make up for it costs more than the envelope allows: the event goes on with what it has,
a person is asked beside it, also after a killed process, and what was approved is bought. Providers over real sockets."""
import datetime
import pathlib
import unittest

from support import Server, run, scratch, wait_for
from test_beckn_provider import Providers
from test_ruled_events import settings_for

CATALOGUE = "".join(
    f'[[provider]]\nid = "{provider}"\nname = "{provider}"\n[[provider.der]]\nid = "{der}"\nkind = "battery"\nfeeder = "F-1"\nphase = "L1"\n'
    f"capacity_kw = 24\nprice_gbp_per_kwh = {price}\n" for provider, der, price in (("cheap", "BAT-1", 0.1), ("dear", "BAT-2", 4.0)))


class MoreApproval(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        (self.path / "grid.csv").write_text(
            "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\nsubstation,S-1,,North,51.5,-0.1,800,secondary,,\n"
            "feeder,F-1,S-1,Mill Lane,51.5,-0.1,150,domestic,,\nder,BAT-1,F-1,,,,24,battery,L1,\nder,BAT-2,F-1,,,,24,battery,L1,\n")
        (self.path / "catalogue.toml").write_text(CATALOGUE)
        (self.path / "faults.toml").write_text('[sizes]\ncommit_share_min = 0.3\ncommit_share_max = 0.3\n[[fault]]\nkind = "partial_commitment"\n'
                                               'provider = "cheap"\n')
        self.providers = Providers("--open", "--catalogue", self.path / "catalogue.toml", "--faults", self.path / "faults.toml")
        self.addCleanup(self.providers.__exit__)
        (self.path / "headroom.toml").write_text(settings_for(self.providers))
        self.start()
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
        envelope = {"id": "evenings", "power_max_kw": 100, "cost_max_gbp": 5, "from": "2026-01-01T00:00:00Z", "until": until.strftime("%Y-%m-%dT00:00:00Z"),
                    "reason": "agreed"}
        self.assertIn(self.server.post_json("/api/v1/authority/envelopes", envelope)[0], (200, 201))
        reading = {"feeder": "F-1", "ts": self.server.get_json("/api/v1/status")[1]["now"], "kw": 66, "phase": "L1"}
        self.assertEqual(self.server.post_json("/api/v1/readings", reading)[0], 200)
        self.asked = wait_for(self.event_that_waits, 60, "a plan that waits")

    def start(self):
        self.server = Server(self.path / "data", "--config", self.path / "headroom.toml", "--grid", self.path / "grid.csv", "--authority", "act")
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 60, "readiness")

    def event_that_waits(self):
        return next((event for event in self.server.get_json("/api/v1/events")[1]["events"] if event["waits_for_approval"]), None)

    def detail(self):
        return self.server.get_json(f"/api/v1/events/{self.asked['event_id']}")[1]

    def waiting_plan(self):
        plans = self.server.get_json("/api/v1/plans?state=proposed")[1]["plans"]
        self.assertEqual([plan["event_id"] for plan in plans], [self.asked["event_id"]])
        return plans[0]

    def sellers(self):
        return {contract["provider"] for contract in self.detail()["contracts"] if contract["state"] == "active"}

    def judge(self, verb, plan):
        return self.server.post_json(f"/api/v1/plans/{plan['plan_id']}/{verb}", {"sha256": plan["sha256"], "reason": "looked at"})

    def test_it_is_bought_once_a_person_has_said_yes_also_after_a_killed_process(self):
        before = self.detail()
        self.assertIn(before["state"], ("notified", "active"))
        self.assertGreater(before["contracted_kw"], 0)
        self.assertGreater(before["shortfall_kw"], 5)
        plan = self.waiting_plan()
        self.assertEqual(([action["provider"] for action in plan["actions"]], plan["authority"]), (["dear"], "propose"))
        self.assertIsNotNone(plan["expires_at"])
        alarms = [entry["body"]["detail"] for entry in self.server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"] if entry["type"] == "alarm.raised"]
        self.assertTrue(any("waits for approval" in detail for detail in alarms), alarms)

        self.server.kill()
        self.start()
        self.assertTrue(self.detail()["waits_for_approval"])
        self.assertEqual(self.waiting_plan()["sha256"], plan["sha256"])
        self.assertEqual(self.sellers(), {"cheap"})
        self.assertEqual(self.judge("approve", plan)[0], 200)
        after = wait_for(lambda: (found := self.detail())["contracted_kw"] > before["contracted_kw"] and found, 60, "the second contract")
        self.assertFalse(after["waits_for_approval"])
        self.assertEqual(self.sellers(), {"cheap", "dear"})
        self.assertEqual(self.judge("approve", plan)[0], 409, "said once")
        self.assertEqual(self.server.stop(), 0)
        replayed = run("replay", self.asked["event_id"], "--data-dir", self.path / "data", "--json")
        self.assertEqual(replayed.returncode, 0, replayed.stdout + replayed.stderr)
        verified = run("audit", "verify", "--data-dir", self.path / "data")
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def test_what_is_bought_stands_when_a_person_says_no(self):
        plan = self.waiting_plan()
        self.assertEqual(self.judge("reject", plan)[0], 200)
        after = wait_for(lambda: (found := self.detail())["plans"][-1]["state"] == "rejected" and found, 60, "the answer")
        self.assertFalse(after["waits_for_approval"])
        self.assertIn(after["state"], ("notified", "active"))
        self.assertEqual(self.sellers(), {"cheap"})
        self.assertEqual(self.server.get_json("/api/v1/plans?state=proposed")[1]["plans"], [])


if __name__ == "__main__":
    unittest.main()
