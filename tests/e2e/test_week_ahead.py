"""A week ahead on a real control room: an outlook of five weeks of readings shows overloads days ahead; they are weighed and armed, or put before a
person, outlive a killed process, and the log makes every decision again to the same bytes. A provider over real sockets."""
import datetime
import math
import pathlib
import unittest

from support import Server, run, scratch, wait_for
from test_beckn_provider import Providers
from test_ruled_events import settings_for

HALF_HOUR = datetime.timedelta(minutes=30)
DAY = datetime.timedelta(days=1)


def utc(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class WeekAhead(unittest.TestCase):
    def open(self, rules, days=35, availability_gbp_per_mw_h=20):
        """F-1 has carried 55 kW on L1, 5 above its limit, for two hours of every day, eight to ten hours from the present time of day."""
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        (self.path / "grid.csv").write_text(
            "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\nsubstation,S-1,,North,51.5,-0.1,800,secondary,,\n"
            "feeder,F-1,S-1,Mill Lane,51.5,-0.1,150,domestic,,\nfeeder,F-2,S-1,High Street,51.5,-0.1,150,domestic,,\n"
            "der,BAT-1,F-1,,,,12,battery,L1,\nder,BAT-2,F-1,,,,12,battery,L1,\n")
        catalogue = '[[provider]]\nid = "pool"\nname = "Pool"\n'
        for der in ("BAT-1", "BAT-2"):
            catalogue += (f'[[provider.der]]\nid = "{der}"\nkind = "battery"\nfeeder = "F-1"\nphase = "L1"\ncapacity_kw = 12\nprice_gbp_per_kwh = 0.3\n'
                          f"availability_gbp_per_mw_h = {availability_gbp_per_mw_h}\n")
        (self.path / "catalogue.toml").write_text(catalogue)
        (self.path / "rules.toml").write_text('id = "site"\nversion = 1\n[arming]\nis_on = true\n[week_ahead]\nis_on = true\nreview_minutes = 1\n' + rules)
        self.providers = Providers("--open", "--catalogue", self.path / "catalogue.toml")
        self.addCleanup(self.providers.__exit__)
        (self.path / "headroom.toml").write_text(settings_for(self.providers))
        self.start()
        now = datetime.datetime.now(datetime.timezone.utc)
        newest = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
        peak = newest + 16 * HALF_HOUR
        readings = []
        at = newest - days * DAY
        while at <= newest:
            hours = ((at - peak) % DAY).total_seconds() / 3600
            load = 55 if hours < 2 else {2.0: 46, 2.5: 38, 23.0: 38, 23.5: 46}.get(hours, 30)
            readings.append({"feeder": "F-1", "ts": utc(at), "kw": round(load + 0.4 * math.sin(at.timestamp() / 7000), 3), "phase": "L1"})
            at += HALF_HOUR
        for first in range(0, len(readings), 400):
            status, answer = self.server.post_json("/api/v1/readings", readings[first:first + 400])
            self.assertEqual((status, answer["accepted"]), (200, len(readings[first:first + 400])), answer)
        reading = {"feeder": "F-1", "ts": self.server.get_json("/api/v1/status")[1]["now"], "kw": 30, "phase": "L1"}
        self.assertEqual(self.server.post_json("/api/v1/readings", reading)[0], 200)

    def start(self):
        self.server = Server(self.path / "data", "--config", self.path / "headroom.toml", "--grid", self.path / "grid.csv", "--authority", "act",
                             "--set", f"rules.file={self.path}/rules.toml")
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 60, "readiness")

    def seen_ahead(self):
        """Events that an outlook showed, by their window."""
        found = self.server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"]
        ids = {entry["corr"] for entry in found if entry["type"] == "constraint.raised" and entry["body"].get("horizon") == "week_ahead"}
        events = [event for event in self.server.get_json("/api/v1/events")[1]["events"] if event["event_id"] in ids]
        return sorted(events, key=lambda event: event["start"])

    def replays(self, events):
        self.assertEqual(self.server.stop(), 0)
        for event in events:
            replayed = run("replay", event["event_id"], "--data-dir", self.path / "data", "--json")
            self.assertEqual(replayed.returncode, 0, replayed.stdout + replayed.stderr)
            self.assertIn("risk.raise", replayed.stdout)

    def test_what_the_weeks_before_show_is_armed_for_and_outlives_a_killed_process(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        envelope = (f'[[envelopes]]\nid = "ahead"\nproduct = "week_ahead"\npower_max_kw = 100\ncost_max_gbp = 100\nfrom = "{utc(now - DAY)}"\n'
                    f'until = "{utc(now + 30 * DAY)}"\nreason = "agreed"\n')
        self.open(envelope)
        events = wait_for(lambda: len(found := self.seen_ahead()) >= 4 and all(one["state"] == "armed" for one in found) and found, 120, "armed events")
        self.assertEqual(len({event["start"][:10] for event in events}), len(events), "one a day")
        for event in events:
            self.assertEqual((event["feeder_id"], event["phase"], event["cause"]), ("F-1", "L1", "forecast"))
            self.assertEqual((event["seen_week_ahead"], event["review_at"]), (True, None))
            start = datetime.datetime.fromisoformat(event["start"].replace("Z", "+00:00"))
            self.assertGreater(start - now, 2 * DAY - HALF_HOUR)
            self.assertLess(start - now, 7 * DAY + HALF_HOUR)
            self.assertGreaterEqual(event["contracted_kw"], event["required_kw"] - 0.1)
            self.assertIn("armed for at most", event["note"])
        plan = self.server.get_json(f"/api/v1/plans?event={events[0]['event_id']}")[1]["plans"][0]
        arming = self.server.get_json(f"/api/v1/plans/{plan['plan_id']}")[1]["arming"]
        self.assertEqual(arming["choice"], "arm")
        self.assertIn("value_of_waiting_gbp", arming)

        outlook = self.server.get_json("/api/v1/feeders/F-1/outlook?phase=L1")[1]
        self.assertTrue(outlook["is_watched"])
        self.assertGreaterEqual(outlook["days_known"], 34)
        self.assertGreater(max(row[3] for row in outlook["load_kw"]), 53)
        self.assertEqual(self.server.get_json("/api/v1/feeders/F-2/outlook?phase=L1")[1]["reason"], "no half-hours of it are stored")
        self.assertEqual(self.server.get_json("/api/v1/feeders/nowhere/outlook")[0], 404)
        self.assertEqual(self.server.get_json("/api/v1/feeders/F-1/outlook?phase=L9")[0], 422)

        self.server.kill()
        self.start()
        again = self.seen_ahead()
        self.assertEqual([(one["event_id"], one["state"]) for one in again], [(one["event_id"], "armed") for one in events], "raised once, and still armed")
        self.assertFalse([entry for entry in self.server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"]
                          if entry["type"] == "dispatch.order.intent"], "nobody is told anything days ahead")
        self.replays(events)

    def test_without_an_envelope_that_names_it_a_person_is_asked(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        envelope = (f'[[envelopes]]\nid = "near"\npower_max_kw = 100\ncost_max_gbp = 100\nfrom = "{utc(now - DAY)}"\n'
                    f'until = "{utc(now + 30 * DAY)}"\nreason = "agreed"\n')
        self.open(envelope)
        def all_wait():
            found = self.seen_ahead()
            return len(found) >= 4 and all(one["waits_for_approval"] for one in found) and found
        first = wait_for(all_wait, 120, "plans that wait")[0]
        self.assertEqual((first["state"], first["authority"]), ("proposed", "propose"))
        plan = self.server.get_json(f"/api/v1/plans?event={first['event_id']}")[1]["plans"][0]
        self.assertEqual(self.server.post_json(f"/api/v1/plans/{plan['plan_id']}/approve", {"sha256": plan["sha256"], "reason": "agreed"})[0], 200)
        wait_for(lambda: self.server.get_json(f"/api/v1/events/{first['event_id']}")[1]["state"] == "armed", 60, "the contract")
        self.replays([first])

    def test_what_is_dearer_than_it_is_worth_is_put_off_and_the_list_says_until_when(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        self.open(f'[[envelopes]]\nid = "ahead"\nproduct = "week_ahead"\npower_max_kw = 100\ncost_max_gbp = 100\nfrom = "{utc(now - DAY)}"\n'
                  f'until = "{utc(now + 30 * DAY)}"\nreason = "agreed"\n', availability_gbp_per_mw_h=100_000)
        events = wait_for(lambda: len(found := self.seen_ahead()) >= 4 and all(one["review_at"] for one in found) and found, 120, "events that are put off")
        for event in events:
            self.assertEqual((event["state"], event["contracted_kw"], event["seen_week_ahead"]), ("proposed", 0, True))
            self.assertLess(event["detected_at"], event["review_at"])
            self.assertLess(event["review_at"], event["start"])
        self.replays(events)

    def test_a_week_of_readings_is_no_outlook(self):
        self.open("", days=6)
        outlook = self.server.get_json("/api/v1/feeders/F-1/outlook?phase=L1")[1]
        self.assertEqual(outlook["load_kw"], [])
        self.assertIn("the week ahead needs 14 days of readings", outlook["reason"])
        self.assertEqual(self.seen_ahead(), [])


if __name__ == "__main__":
    unittest.main()
