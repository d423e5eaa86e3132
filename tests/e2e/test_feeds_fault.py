"""No feed can stop the loop: every service hangs, or answers nonsense, and readings become overloads and decisions as before."""
import datetime
import json
import pathlib
import unittest

from feed_services import Hangs, TalksNonsense
from support import Server, scratch, wait_for

SERVICES = ("open_meteo", "openweathermap", "carbon", "elexon", "octopus", "ukpn", "neso")
GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,P-1,,Lodge Road,51.5290,-0.1690,9000,primary,,
feeder,F-1,P-1,One,51.5290,-0.1690,100,domestic,,
"""


class NoFeedStopsTheLoop(unittest.TestCase):
    def loop_goes_on(self, service, asked_least):
        self.addCleanup(service.close)
        sets = [part for name in SERVICES for part in ("--set", f"feeds.{name}_url={service.url}")]
        for setting in ("feeds.live=true", "feeds.ukpn_api_key=k", "feeds.openweathermap_api_key=k"):
            sets += ["--set", setting]
        with scratch() as folder:
            data = pathlib.Path(folder)
            (data / "grid.csv").write_text(GRID)
            with Server(data / "data", "--grid", data / "grid.csv", *sets) as server:
                wait_for(lambda: service.asked_times() >= asked_least, 60, "a question to the feeds")
                start = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(minutes=12)
                minute = datetime.timedelta(minutes=1)
                rows = [{"feeder": "F-1", "ts": (start + i * minute).strftime("%Y-%m-%dT%H:%M:%SZ"), "kw": 60 if i < 3 else 160 + i} for i in range(12)]
                status, _, body = server.request("POST", "/api/v1/readings", "".join(json.dumps(row) + "\n" for row in rows),
                                                 {"Content-Type": "application/x-ndjson"})
                self.assertEqual(status, 200, body)
                self.assertEqual(json.loads(body)["accepted"], 12, body)
                entries = lambda kind: [entry for entry in server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"] if entry["type"] == kind]
                raised = wait_for(lambda: entries("constraint.raised"), 30, "the overload")
                self.assertEqual(raised[0]["body"]["overload"]["feeder"], "F-1")
                wait_for(lambda: entries("dispatch.plan"), 30, "the decision about it")
                self.assertEqual(server.get_json("/livez")[0], 200)
                # A scenario goes on by the season, and says so.
                status, answer = server.post_json("/scenario/run", {"location": "London", "event_type": "heatwave", "start_date": "2027-07-01T00:00:00Z", "duration_hours": 24})
                self.assertEqual(status, 200, answer)
                self.assertIn("climatology", json.dumps(answer["risks"][0]["data_sources"]))
                feeds = wait_for(lambda: self.all_told(server), 120, "what became of the feeds")
                for feed in feeds:
                    self.assertNotEqual(feed["state"], "ok", feed)
                self.assertEqual(server.get_json("/api/v1/feeds")[1]["values"], [])
                self.assertEqual(entries("state.change"), [], "nonsense is no power cut")
                self.assertEqual(server.stop(), 0, "it stops, whatever its feeds do")

    @staticmethod
    def all_told(server):
        """Every feed that is asked, once the first has been found to be down."""
        feeds = [feed for feed in server.get_json("/api/v1/feeds")[1]["feeds"] if feed["state"] != "off"]
        return feeds if any(feed["state"] == "down" for feed in feeds) else None

    def test_services_that_never_answer(self):
        self.loop_goes_on(Hangs(), 1)

    def test_services_that_talk_nonsense(self):
        self.loop_goes_on(TalksNonsense(), 5)


if __name__ == "__main__":
    unittest.main()
