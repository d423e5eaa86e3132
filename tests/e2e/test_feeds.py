"""Feeds against a local service of the same shapes: fresh, kept, old, limited, poisoned, and nobody there."""
import datetime
import json
import pathlib
import unittest
import zoneinfo

from feed_services import Service
from support import Server, run, scratch, wait_for


def settlement_period(time):
    """Its settlement date and number, by the clock of London."""
    local = time.astimezone(zoneinfo.ZoneInfo("Europe/London"))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return local.strftime("%Y-%m-%d"), int((time - midnight.astimezone(datetime.timezone.utc)).total_seconds()) // 1800 + 1


def weather(celsius):
    day = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    return {"utc_offset_seconds": 0, "hourly": {"time": [f"{day}T00:00", f"{day}T01:00"], "temperature_2m": [celsius, None]}}


class Feeds(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.data = pathlib.Path(folder.name)
        self.service = Service()
        self.addCleanup(self.service.close)

    def fetch(self, what, *more, code=0):
        urls = ("open_meteo", "openweathermap", "carbon", "elexon", "octopus", "ukpn", "neso")
        sets = [part for name in urls for part in ("--set", f"feeds.{name}_url={self.service.url}")]
        done = run("feeds", "fetch", what, "--data-dir", self.data, "--json", *sets, *more)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout) if done.stdout else done.stderr

    def test_weather_from_the_service_from_the_cache_and_from_the_season(self):
        self.service.answers["/v1/forecast"] = (200, {}, weather(7.5))
        fresh = self.fetch("weather")
        self.assertEqual((fresh["source"], fresh["from_cache"], fresh["values"][0]["temperature_c"], fresh["values"][1]["temperature_c"]),
                         ("open_meteo", False, 7.5, None))
        kept = self.fetch("weather")
        self.assertTrue(kept["from_cache"])
        self.assertEqual(len(self.service.asked), 1)

        self.service.answers["/v1/forecast"] = (400, {}, {"error": True, "reason": "out of range"})
        old = self.fetch("weather", "--refresh", code=1)
        self.assertIn("out of range", old["stale_because"])
        self.assertEqual(old["values"][0]["temperature_c"], 7.5)

        typical = self.fetch("weather", "--set", "feeds.lat=55.0", code=1)
        self.assertEqual(typical["source"], "climatology")
        self.assertIn("open_meteo answered 400", typical["stale_because"])
        self.assertGreaterEqual(len(typical["values"]), 48)

    def test_the_second_weather_service_is_asked_when_the_first_is_down_and_has_a_key(self):
        self.service.answers["/v1/forecast"] = (400, {}, {"error": True, "reason": "out of order"})
        now = datetime.datetime.now(datetime.timezone.utc)
        self.service.answers["/data/2.5/forecast"] = (200, {}, {"cod": "200", "list": [{"dt": int(now.timestamp()), "main": {"temp": 9.5}, "wind": {"speed": 4}}]})
        other = self.fetch("weather", "--set", "feeds.openweathermap_api_key=s3cret")
        self.assertEqual((other["source"], other["values"][0]["temperature_c"], other["stale_because"]), ("openweathermap", 9.5, ""))
        self.assertIn("appid=s3cret", self.service.asked[-1])
        self.assertNotIn("s3cret", json.dumps(other))

    def test_a_key_is_sent_and_never_shown_or_written(self):
        self.service.answers["/catalog/datasets/ukpn-live-faults/records"] = (403, {}, {"error_code": "ForbiddenAccess", "message": "no permission"})
        said = self.fetch("live_faults", "--set", "feeds.ukpn_api_key=s3cret", code=2)
        self.assertIn("no permission", said)
        self.assertIn("apikey=s3cret", self.service.asked[0])
        self.assertNotIn("s3cret", said)
        for file in self.data.rglob("*"):
            if file.is_file():
                self.assertNotIn(b"s3cret", file.read_bytes())

    def test_a_limit_is_kept_to_by_the_next_process_too(self):
        reset = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.service.answers["/catalog/datasets/grid-and-primary-sites/records"] = (429, {}, {"errorcode": 10002, "reset_time": reset, "error": "Too many requests"})
        self.assertIn("Too many requests", self.fetch("primary_sites", code=2))
        self.assertIn("not to be called before", self.fetch("primary_sites", code=2))
        self.assertEqual(len(self.service.asked), 1)
        status = json.loads(run("feeds", "status", "--data-dir", self.data, "--json").stdout)
        ukpn = next(feed for feed in status["feeds"] if feed["source"] == "ukpn")
        self.assertEqual((ukpn["state"], ukpn["not_before"][:19]), ("down", reset[:19]))

    def test_poisoned_values_are_told_and_absent(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        stamp = now.strftime("%Y-%m-%dT%H:%MZ")
        later = (now + datetime.timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%MZ")
        minute = 0 if now.minute < 30 else 30
        self.service.answers[f"/intensity/{now.strftime('%Y-%m-%dT%H')}:{minute:02}Z/fw48h"] = (
            200, {}, {"data": [{"from": stamp, "to": later, "intensity": {"forecast": 5000, "actual": 187, "index": "low"}}]})
        answer = self.fetch("carbon")
        self.assertEqual((answer["values"][0]["forecast_g_per_kwh"], answer["values"][0]["actual_g_per_kwh"]), (None, 187.0))
        self.assertEqual(answer["faults"][0]["pointer"], "/data/0/intensity/forecast")

    def test_pages_are_followed_to_the_end(self):
        def site(n):
            return {"sitefunctionallocation": f"EPN-{n}", "sitename": f"Site {n}", "transratingsummer": 24, "transratingwinter": "31"}

        pages = iter([{"total_count": 3, "results": [site(1), site(2)]}, {"total_count": 3, "results": [site(3)]}])
        service = self.service

        class Pages(dict):
            def get(self, path, default=None):
                return (200, {}, next(pages)) if "primary-sites" in path else default

        service.answers = Pages()
        answer = self.fetch("primary_sites")
        self.assertEqual([value["id"] for value in answer["values"]], ["EPN-1", "EPN-2", "EPN-3"])
        self.assertEqual(answer["values"][0]["rating_winter_mva"], 31.0)
        self.assertIn("offset=2", service.asked[1])

    def test_an_answer_of_another_shape_is_not_kept(self):
        self.service.answers["/forecast/demand/day-ahead"] = (200, {}, "<html>sorry</html>")
        self.assertIn("no JSON", self.fetch("demand", code=2))
        self.assertFalse(list((self.data / "feeds" / "elexon").glob("*.answer")))


GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,P-1,,Lodge Road,51.5290,-0.1690,,primary,,
feeder,F-1,P-1,One,51.5290,-0.1690,300,domestic,,
"""


class InTheControlRoom(unittest.TestCase):
    def test_a_power_cut_makes_the_substation_abnormal(self):
        service = Service()
        self.addCleanup(service.close)
        fault = {"incidentreference": "INCD-1", "powercuttype": "Unplanned", "creationdatetime": "2026-11-29T05:00:00+00:00",
                 "nocustomeraffected": 120, "geopoint": {"lat": 51.5291, "lon": -0.1691}}
        service.answers["/catalog/datasets/ukpn-live-faults/records"] = (200, {}, {"total_count": 1, "results": [fault]})
        with scratch() as folder:
            data = pathlib.Path(folder)
            (data / "grid.csv").write_text(GRID)
            with Server(data / "data", "--grid", data / "grid.csv", "--set", f"feeds.ukpn_url={service.url}", "--set", "feeds.ukpn_api_key=k") as server:
                changes = lambda: [entry for entry in server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"] if entry["type"] == "state.change"]
                entries = wait_for(changes, 20, "the state of the substation")
                body = entries[0]["body"]
                self.assertEqual((body["element"], body["state"]), ("P-1", "abnormal"))
                self.assertIn("INCD-1", body["entry"]["source"])
                self.assertIn("120 customers", body["reason"])
            with Server(data / "data2", "--grid", data / "grid.csv", "--set", f"feeds.ukpn_url={service.url}") as server:
                self.assertEqual(server.get_json("/livez")[0], 200)
            self.assertTrue(all("apikey=k" in path for path in service.asked), "without a key nobody is asked")

    def test_flexibility_that_was_bought_is_added_back_to_the_history_of_a_scenario(self):
        service = Service()
        self.addCleanup(service.close)
        today = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        at = lambda time: time.strftime("%Y-%m-%dT%H:%M:%S+00:00")
        evenings = [today - datetime.timedelta(days=days, hours=-17) for days in range(1, 31)]
        bought = [{"fu_id": "EV-1", "zone": "LODGE ROAD", "product": "Day-Ahead", "dispatch_type": "demand_turn_down", "start_time_utc": at(start),
                   "end_time_utc": at(start + datetime.timedelta(hours=4)), "utilisation_mw_req": 0.3, "utilisation_mwh_req": 1.2,
                   "utilisation_price": 240} for start in evenings]
        poisoned = {**bought[0], "fu_id": "EV-2", "utilisation_mw_req": 9000, "utilisation_mwh_req": 36000}
        service.answers["/catalog/datasets/ukpn-flexibility-dispatches/records"] = (200, {}, {"total_count": 31, "results": [*bought, poisoned]})
        # As metered: 600 kW in the evening, of which 300 kW are turned down every day.
        rows = []
        for half_hour in range(30 * 48):
            start = today - datetime.timedelta(days=30) + half_hour * datetime.timedelta(minutes=30)
            kw = (600 if 17 <= start.hour < 21 else 300) + half_hour * 7 % 11
            rows.append({"point_id": "P-1", "quantity": "p_kw", "value": kw, "interval_start": at(start), "interval_end": at(start + datetime.timedelta(minutes=30))})
        grid = GRID.replace("0.1690,,primary", "0.1690,1000,primary")
        ask = {"location": "network", "event_type": "normal", "start_date": f"{today:%Y-%m-%d}T18:00:00Z", "duration_hours": 1}

        def projected(folder, *sets):
            data = pathlib.Path(folder)
            (data / "grid.csv").write_text(grid)
            with Server(data / "data", "--grid", data / "grid.csv", "--set", "feeds.open_meteo_url=http://127.0.0.1:9", *sets) as server:
                status, _, body = server.request("POST", "/api/v1/readings", "".join(json.dumps(row) + "\n" for row in rows), {"Content-Type": "application/x-ndjson"})
                self.assertEqual((status, json.loads(body)["accepted"]), (200, len(rows)), body)
                standing = lambda: [feed for feed in server.get_json("/api/v1/feeds")[1]["feeds"] if feed["id"] == "ukpn_dispatches" and feed["state"] in ("ok", "off")]
                feed = wait_for(standing, 30, "the dispatches")[0]
                status, run = server.post_json("/api/v1/scenarios/runs", {"scenario": ask})
                self.assertEqual(status, 202, run)
                result = lambda: server.get_json(f"/api/v1/scenarios/runs/{run['run_id']}")[1]
                told = wait_for(lambda: (said := result())["run"]["state"] == "done" and said, 30, "the run")
                return feed, next(one["peak_kw"] for one in told["outcomes"] if one["asset_id"] == "P-1"), json.dumps(told)

        with scratch() as folder:
            feed, natural, told = projected(folder, "--set", f"feeds.ukpn_url={service.url}", "--set", "feeds.ukpn_api_key=k")
            self.assertEqual((feed["records"], feed["effects"], feed["quarantined"], feed["licence"]), (31, 240, 1, "CC BY 4.0"))
            self.assertIn("more than P-1 carries", feed["not_believed"][0]["why"])
            self.assertLess(feed["age_s"], 60)
        with scratch() as folder:
            off, metered, told_off = projected(folder)
            self.assertEqual(off["state"], "off")
        self.assertAlmostEqual(natural, 900, delta=40)
        self.assertAlmostEqual(metered, 600, delta=40)
        self.assertIn("240 of them added back", told)
        self.assertNotIn("added back", told_off)

    def carbon_of_a_live_event(self, server, now):
        rows = [{"feeder": "F-1", "ts": (now + (i - 12) * datetime.timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ"), "kw": 100 if i < 3 else 400 + i}
                for i in range(12)]
        status, _, body = server.request("POST", "/api/v1/readings", "".join(json.dumps(row) + "\n" for row in rows), {"Content-Type": "application/x-ndjson"})
        self.assertEqual(status, 200, body)
        of_events = lambda: [plan for plan in server.get_json("/api/v1/plans?limit=10")[1]["plans"] if plan["kind"] == "event"]
        plan = wait_for(of_events, 30, "the plan of the live event")[0]
        return server.get_json(f"/api/v1/plans/{plan['plan_id']}")[1]["carbon_source"][:21]

    def test_values_reach_the_door_and_plans_with_source_and_age(self):
        service = Service()
        self.addCleanup(service.close)
        now = datetime.datetime.now(datetime.timezone.utc)
        half_hour = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
        stamp = lambda time: time.strftime("%Y-%m-%dT%H:%MZ")
        step = datetime.timedelta(minutes=30)
        periods = [{"from": stamp(half_hour + i * step), "to": stamp(half_hour + (i + 1) * step),
                    "intensity": {"forecast": 5000 if i == 40 else 180, "index": "moderate"}} for i in range(48)]
        # Whatever half-hour the process asks from, and on whatever day.
        class Answers(dict):
            def get(self, path, default=None):
                if path.startswith("/regional/intensity/"):
                    return (200, {}, {"data": {"regionid": 13, "shortname": "London", "data": periods}})
                return super().get(path, default)

        service.answers = Answers()
        service.answers["/v1/forecast"] = (200, {}, weather(6.0))
        service.answers["/demand/outturn"] = (503, {}, "")
        day, period = settlement_period(half_hour)
        service.answers["/datastore_search"] = (200, {}, {"success": True, "result": {"fields": [], "records": [
            {"SETTLEMENT_DATE": f"{day}T00:00:00", "SETTLEMENT_PERIOD": period, "EMBEDDED_SOLAR_FORECAST": 1200, "EMBEDDED_WIND_FORECAST": None}]}})
        day, period = settlement_period(half_hour - 2 * step)
        service.answers["/balancing/pricing/market-index"] = (200, {}, {"data": [
            {"startTime": (half_hour - 2 * step).strftime("%Y-%m-%dT%H:%M:%SZ"), "settlementDate": day, "settlementPeriod": period,
             "dataProvider": "APXMIDP", "price": -12.5, "volume": 300}]})
        service.answers[f"/balancing/settlement/system-prices/{day}"] = (200, {}, {"data": [
            {"settlementDate": day, "settlementPeriod": period, "startTime": (half_hour - 2 * step).strftime("%Y-%m-%dT%H:%M:%SZ"),
             "systemSellPrice": 131.25, "systemBuyPrice": 131.25, "netImbalanceVolume": 210.5}]})
        urls = ("open_meteo", "carbon", "elexon", "octopus", "neso")
        sets = [part for name in urls for part in ("--set", f"feeds.{name}_url={service.url}")]
        with scratch() as folder:
            data = pathlib.Path(folder)
            (data / "grid.csv").write_text(GRID)
            with Server(data / "data", "--grid", data / "grid.csv", "--set", "feeds.live=true", *sets) as server:
                def all_told():
                    answer = server.get_json("/api/v1/feeds")[1]
                    return {"carbon_g_per_kwh", "embedded_solar_mw"} <= {value["name"] for value in answer["values"]} and answer
                answer = wait_for(all_told, 60, "what the feeds say")
                values = {value["name"]: value for value in answer["values"]}
                value = values["carbon_g_per_kwh"]
                self.assertEqual((values["embedded_solar_mw"]["value"], values["embedded_solar_mw"]["source"]), (1200.0, "neso_portal"))
                price = values["market_price_gbp_per_mwh"]
                self.assertEqual((price["value"], price["source"], price["half_hour"][:16]), (-12.5, "elexon", stamp(half_hour - 2 * step)[:16]))
                price = values["system_price_gbp_per_mwh"]
                self.assertEqual((price["value"], price["source"], price["half_hour"][:16]), (131.25, "elexon", stamp(half_hour - 2 * step)[:16]))
                self.assertNotIn("embedded_wind_mw", values, "unknown is not zero")
                self.assertEqual((value["value"], value["source"], value["licence"]), (180.0, "carbon_intensity", "CC BY 4.0"))
                self.assertLess(value["age_s"], 60)
                feeds = {feed["id"]: feed for feed in answer["feeds"]}
                self.assertEqual((feeds["carbon_intensity"]["state"], feeds["carbon_intensity"]["quarantined"]), ("ok", 1))
                self.assertEqual(feeds["carbon_intensity"]["not_believed"][0]["pointer"], "/data/data/40/intensity/forecast")
                self.assertEqual(feeds["national_demand"]["state"], "down")
                self.assertIn("503", feeds["national_demand"]["fault"])
                self.assertEqual(feeds["ukpn_live_faults"]["state"], "off")
                need = {"feeder_id": "F-1", "start": (half_hour + 2 * step).strftime("%Y-%m-%dT%H:%M:%SZ"), "required_kw": [10, 10]}
                ders = [{"der_id": "GEN", "max_kw": 20, "price_gbp_per_kwh": 0.20, "carbon_g_per_kwh": 700},
                        {"der_id": "BAT", "max_kw": 20, "price_gbp_per_kwh": 0.21}]
                status, plan = server.post_json("/api/v1/plans", {"need": need, "ders": ders, "shortfall_gbp_per_kwh": 6})
                self.assertEqual(status, 200, plan)
                self.assertIn("180 g/kWh", plan["carbon_source"])
                self.assertAlmostEqual(plan["carbon_kg"], 7.0)
                clean = next(choice for choice in plan["alternatives"] if choice["name"] == "lowest_carbon")
                self.assertAlmostEqual(clean["carbon_kg"], 1.8)
                # Zero is a figure of its own, not a missing one.
                sunny = [{**ders[1], "carbon_g_per_kwh": 0}]
                _, plan = server.post_json("/api/v1/plans", {"need": need, "ders": sunny, "shortfall_gbp_per_kwh": 6})
                self.assertEqual((plan["carbon_kg"], plan["carbon_source"]), (0.0, ""))
                self.assertEqual(self.carbon_of_a_live_event(server, now), "180 g/kWh of the grid")
            with Server(data / "data2", "--grid", data / "grid.csv", *sets) as server:
                asked = len(service.asked)
                answer = server.get_json("/api/v1/feeds")[1]
                self.assertFalse(answer["live"])
                self.assertIn("feeds.live", answer["why_not"])
                self.assertEqual(len(service.asked), asked, "nobody is asked whom the operator did not name")


if __name__ == "__main__":
    unittest.main()
