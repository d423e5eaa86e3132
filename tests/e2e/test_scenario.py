"""Scenarios over the real binary: the contract's POST /scenario/run, runs with progress, two side by side, the command line, weather from a
service that answers, answers nothing, or is not there, assets and scenarios of one's own."""
import datetime
import json
import pathlib
import unittest

from feed_services import Service
from support import Server, run, scratch, wait_for

GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,SS-1,,South,51.5,-0.1,500,secondary,,
feeder,F-1,SS-1,One,51.5,-0.1,300,commercial,,
der,BAT-1,F-1,Battery,51.5,-0.1,6,battery,L1,13
"""
ASK = {"location": "London", "event_type": "heatwave", "start_date": "2027-07-13T00:00:00Z", "duration_hours": 72,
       "weather": {"max_temp_celsius": 38, "min_temp_celsius": 22, "total_rainfall_mm": 0, "max_rainfall_per_hour_mm": 0}}
LEVELS = ["CRITICAL", "HIGH", "MEDIUM", "LOW"]
NOBODY = "feeds.open_meteo_url=http://127.0.0.1:9"
JSON = {"Content-Type": "application/json"}


def ask(**change):
    return {name: value for name, value in {**ASK, **change}.items() if value is not None}


class Scenarios(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "grid.csv").write_text(GRID)

    def serve(self, *settings):
        sets = [part for one in (settings or (NOBODY,)) for part in ("--set", one)]
        server = Server(self.folder / "data", "--grid", self.folder / "grid.csv", *sets)
        self.addCleanup(server.__exit__)
        return server

    def post(self, server, path, body, status=200, method="POST"):
        text = body if isinstance(body, str) else json.dumps(body)
        code, headers, answer = server.request(method, path, text, JSON)
        self.assertEqual(code, status, answer)
        return json.loads(answer), headers

    def pointers(self, server, body, status=422):
        answer, headers = self.post(server, "/scenario/run", body, status)
        self.assertEqual(headers["content-type"], "application/problem+json")
        return [one["pointer"] for one in answer.get("errors", [])]

    def test_a_london_heatwave_is_ranked_whenever_it_is_asked_for(self):
        server = self.serve()
        peaks = set()
        for month, is_hypothetical in (("01", True), ("04", None), ("07", False), ("11", True)):
            answer, _ = self.post(server, "/scenario/run", ask(start_date=f"2027-{month}-13T00:00:00+00:00", weather=None))
            self.assertGreater(len(answer["risks"]), 0, month)
            ranks = [LEVELS.index(risk["risk_level"]) for risk in answer["risks"]]
            self.assertEqual(ranks, sorted(ranks))
            if is_hypothetical is not None:
                self.assertEqual(answer["hypothetical"], is_hypothetical, month)
            known = {asset["id"] for asset in answer["assets"]}
            self.assertTrue({risk["asset_id"] for risk in answer["risks"]} <= known)
            peaks.add(tuple(round(risk["loading_percent"], 3) for risk in answer["risks"][:5]))
        self.assertEqual(len(peaks), 4, "other dates give other numbers")

    def test_shapes_are_those_of_the_contract(self):
        server = self.serve()
        answer, _ = self.post(server, "/scenario/run", ASK)
        scenario = answer["scenario"]
        self.assertEqual((scenario["location"], scenario["event_type"], scenario["duration_hours"]), ("London", "heatwave", 72))
        self.assertAlmostEqual(scenario["weather"]["max_temp_celsius"], 38, delta=0.2)
        self.assertGreaterEqual(len(answer["assets"]), 60)
        types = {asset["type"] for asset in answer["assets"]}
        self.assertTrue({"substation", "feeder", "ev_hub", "solar_farm", "battery"} <= types)
        for asset in answer["assets"]:
            self.assertTrue({"id", "name", "type", "lat", "lon", "capacity_kw", "criticality"} <= set(asset))
            self.assertIn(asset["criticality"], ("low", "medium", "high"))
            self.assertTrue(asset["illustrative"])
        bounds = {"CRITICAL": (120, 1e9), "HIGH": (105, 120), "MEDIUM": (95, 105), "LOW": (0, 95)}
        for risk in answer["risks"]:
            self.assertTrue({"asset_id", "risk_level", "reason", "expected_impact", "projected_peak_kw", "loading_percent", "peak_time",
                             "headroom_kw", "data_sources"} <= set(risk))
            low, high = bounds[risk["risk_level"]]
            self.assertTrue(low <= risk["loading_percent"] <= high, risk)
            self.assertTrue(risk["peak_time"].endswith("Z"))
        self.assertIn(answer["risks"][0]["risk_level"], LEVELS[:3], "something is at risk at 38 °C")
        self.assertTrue(any("climatology" in one for one in answer["data_sources"]), answer["data_sources"])
        self.assertEqual(answer["weather_sources"][0]["source"], "climatology")
        self.assertNotEqual(answer["weather_sources"][0]["why"], "")

        cooler, _ = self.post(server, "/scenario/run", ask(weather={"max_temp_celsius": 31, "min_temp_celsius": 17}))
        hot = {risk["asset_id"]: risk["loading_percent"] for risk in answer["risks"]}
        mild = {risk["asset_id"]: risk["loading_percent"] for risk in cooler["risks"]}
        self.assertTrue(all(hot[asset] >= mild[asset] - 1e-6 for asset in mild if asset in hot and not asset.startswith("PV-")))

        flood, _ = self.post(server, "/scenario/run", ask(event_type="flood", duration_hours=24, weather={"total_rainfall_mm": 130,
                                                                                                    "max_rainfall_per_hour_mm": 60}))
        self.assertGreater(max(risk["outage_probability"] for risk in flood["risks"]), 0)
        # What was answered is what /agent/mitigate takes, once the start is over.
        wait_for(lambda: server.get_json("/readyz")[0] == 200, 30, "the start")
        self.post(server, "/agent/mitigate", {name: answer[name] for name in ("scenario", "risks", "assets")})

    def test_what_does_not_fit_is_named(self):
        server = self.serve()
        self.assertEqual(sorted(self.pointers(server, "{}")), ["/duration_hours", "/event_type", "/location", "/start_date"])
        for change, pointer in (({"start_date": "2027-07-13T00:00:00"}, "/start_date"), ({"start_date": "soon"}, "/start_date"),
                                ({"duration_hours": 0}, "/duration_hours"), ({"duration_hours": 241}, "/duration_hours"),
                                ({"duration_hours": "72"}, "/duration_hours"), ({"event_type": "earthquake"}, "/event_type"),
                                ({"location": ""}, "/location"), ({"weather": {"max_temp_celsius": "hot"}}, "/weather/max_temp_celsius"),
                                ({"weather": {"max_temp_celsius": 20, "min_temp_celsius": 30}}, "/weather/min_temp_celsius")):
            self.assertEqual(self.pointers(server, ask(**change)), [pointer], change)
        self.post(server, "/scenario/run", "{not json", 400)
        self.assertEqual(server.request("POST", "/scenario/run", "a=1", {"Content-Type": "text/plain"})[0], 415)
        answer, _ = self.post(server, "/scenario/run", ask(location="Atlantis"), 404)
        self.assertIn("Atlantis", answer["detail"])
        self.post(server, "/scenario/run", ask(event_type="loss_of_feeder", lost_elements=["F-NONE"]), 404)
        for hours in (1, 240):
            self.post(server, "/scenario/run", ask(duration_hours=hours))
        self.assertEqual(server.request("GET", "/scenario/run")[0], 405)

    def finished(self, server, where):
        def answer():
            status, _, body = server.request("GET", where)
            self.assertEqual(status, 200, body)
            told = json.loads(body)
            return told if told["run"]["state"] not in ("waiting", "running") else None
        return wait_for(answer, 30, "the run's end")

    def test_runs_are_started_watched_compared_and_let_go_of(self):
        server = self.serve()
        status, listed = server.get_json("/api/v1/scenarios")
        self.assertEqual(status, 200)
        ids = {one["id"] for one in listed["scenarios"]}
        self.assertTrue({"london_heatwave_3d", "london_heatwave_5d", "london_flood_24h"} <= ids)
        self.assertIn("network", {one["place"] for one in listed["places"]})

        started, headers = self.post(server, "/api/v1/scenarios/runs", {"scenario_id": "london_heatwave_3d", "seed": 7}, 202)
        self.assertEqual(headers["location"], f"/api/v1/scenarios/runs/{started['run_id']}")
        first = self.finished(server, headers["location"])
        self.assertEqual(first["run"]["state"], "done", first["run"])
        self.assertEqual(len(first["curves"]), min(20, len(first["risks"])))
        curve = first["curves"][0]
        self.assertEqual((len(curve["load_kw"]), curve["asset_id"]), (144, first["risks"][0]["asset_id"]))
        loading = max(100 * load / rating for load, rating in zip(curve["load_kw"], curve["rating_kw"]))
        self.assertAlmostEqual(loading, first["risks"][0]["loading_percent"], delta=0.5)
        one = server.get_json(headers["location"] + "?assets=P-BANKSIDE,F-SOHO")[1]["curves"]
        self.assertEqual([line["asset_id"] for line in one], ["P-BANKSIDE", "F-SOHO"])
        self.assertEqual(server.get_json(headers["location"] + "?assets=NONE")[0], 404)

        own = {"scenario": ask(weather={"max_temp_celsius": 41}), "seed": 7}
        started, headers = self.post(server, "/api/v1/scenarios/runs", own, 202)
        second = self.finished(server, headers["location"])["run"]
        status, diff = server.get_json(f"/api/v1/scenarios/runs/{first['run']['run_id']}/diff/{second['run_id']}")
        self.assertEqual(status, 200)
        self.assertGreater(diff["other_sums"]["temperature_max_c"], diff["sums"]["temperature_max_c"])
        changes = [abs(line["change_percent"]) for line in diff["assets"]]
        self.assertEqual(changes, sorted(changes, reverse=True))

        self.post(server, "/api/v1/scenarios/runs", {"scenario_id": "no_such"}, 404)
        self.post(server, "/api/v1/scenarios/runs", {}, 422)
        faults, _ = self.post(server, "/api/v1/scenarios/runs", {"scenario": ask(duration_hours=0)}, 422)
        self.assertEqual(faults["errors"][0]["pointer"], "/scenario/duration_hours")
        lost, headers = self.post(server, "/api/v1/scenarios/runs", {"scenario_id": "london_bankside_lost"}, 202)
        result = self.finished(server, headers["location"])
        self.assertIn("P-BANKSIDE", {one["asset_id"] for one in result["alternatives"]})

        self.assertEqual(len(server.get_json("/api/v1/scenarios/runs")[1]["runs"]), 3)
        self.post(server, f"/api/v1/scenarios/runs/{lost['run_id']}", "", method="DELETE")
        self.assertEqual(server.get_json(f"/api/v1/scenarios/runs/{lost['run_id']}")[0], 404)
        self.post(server, "/api/v1/scenarios/runs", {"scenario_id": "london_flood_24h", "start": "2027-11-01T00:00:00Z"}, 202)

        def written():
            _, answer = server.get_json("/api/v1/audit/entries?limit=1000")
            return [entry["body"] for entry in answer["entries"] if entry["type"] == "scenario.run"]
        bodies = wait_for(lambda: len(written()) >= 3 and written(), 10, "the runs' entries")
        self.assertIn("london_heatwave_3d", {body["scenario"] for body in bodies})
        self.assertTrue(all(len(body["input_sha256"]) == 64 for body in bodies))

    def test_the_own_network_is_a_place(self):
        server = self.serve()
        answer, _ = self.post(server, "/scenario/run", ask(location="network"))
        self.assertEqual({asset["id"] for asset in answer["assets"]}, {"SS-1", "F-1", "F-1.batteries"})
        self.assertFalse(any(asset["illustrative"] for asset in answer["assets"]))

    def test_weather_is_the_services_and_nobody_waits_for_one_that_is_down(self):
        service = Service()
        self.addCleanup(service.close)
        tomorrow = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=1)
        hours = [f"{tomorrow}T{hour:02}:00" for hour in range(24)]
        service.answers["/v1/forecast"] = (200, {}, {"utc_offset_seconds": 0, "hourly": {
            "time": hours, "temperature_2m": [9.5] * 24, "shortwave_radiation": [0.0] * 24, "precipitation": [0.1] * 24}})
        server = self.serve(f"feeds.open_meteo_url={service.url}")
        question = ask(event_type="normal", start_date=f"{tomorrow}T02:00:00Z", duration_hours=12, weather=None)
        answer, _ = self.post(server, "/scenario/run", question)
        source = answer["weather_sources"][0]
        self.assertEqual((source["source"], source["hours"]), ("open_meteo", 13), answer["weather_sources"])
        self.assertIn(service.url, source["url"])
        self.assertTrue(any("open_meteo" in one for one in answer["data_sources"]), answer["data_sources"])
        self.assertAlmostEqual(answer["scenario"]["weather"]["max_temp_celsius"], 9.5, delta=0.05)
        self.assertEqual(len(service.asked), 1)

        service.answers["/v1/forecast"] = (503, {}, {"error": True, "reason": "maintenance"})
        later = ask(event_type="normal", start_date=f"{tomorrow + datetime.timedelta(days=3)}T02:00:00Z", duration_hours=12, weather=None)
        answer, _ = self.post(server, "/scenario/run", later)
        self.assertEqual(answer["weather_sources"][0]["source"], "climatology")
        self.assertIn("maintenance", answer["weather_sources"][0]["why"])
        self.assertEqual(server.get_json("/livez")[0], 200)

    def test_assets_and_scenarios_of_ones_own(self):
        (self.folder / "leeds_assets.json").write_text(json.dumps([
            {"id": "sub 1", "name": "Headingley Primary", "type": "substation", "lat": 53.82, "lon": -1.58, "capacity_kw": 30000,
             "criticality": "high", "feeds": ["ev_1"], "flood_zone": "3a", "installed": 1971},
            {"id": "ev_1", "name": "Hub", "type": "ev_hub", "lat": 53.8, "lon": -1.55, "criticality": "low", "num_charging_stations": 20},
            {"id": "pv", "name": "Roof", "type": "solar_farm", "lat": 53.8, "lon": -1.5, "surface_area_m2": 4000, "criticality": "low"}]))
        scenarios = self.folder / "scenarios"
        scenarios.mkdir()
        (scenarios / "leeds_flood.toml").write_text(
            'title = "Leeds flood"\nplace = "Leeds"\nevent = "flood"\nstart = "2027-12-26T00:00:00Z"\nhours = 24\n')
        (scenarios / "big.json").write_text(json.dumps({"name": "Big", "location": "Leeds", "event_type": "heatwave",
                                                        "start_date": "2027-07-01T00:00:00Z", "duration_hours": 48, "severity": "extreme"}))
        (scenarios / "broken.toml").write_text('place = "Leeds"\nevent = "flod"\nstart = "2027-12-26T00:00:00Z"\n')
        server = self.serve(NOBODY, f"scenario.assets_file={self.folder / 'leeds_assets.json'}", f"scenario.dir={scenarios}")
        _, listed = server.get_json("/api/v1/scenarios")
        own = {one["id"] for one in listed["scenarios"] if not one["built_in"]}
        self.assertEqual(own, {"leeds_flood", "big"})
        self.assertIn("broken.toml:2", listed["faults"][0])
        answer, _ = self.post(server, "/scenario/run", ask(location="Leeds"))
        self.assertEqual([(asset["id"], asset["flood_zone"]) for asset in answer["assets"]], [("sub-1", 3), ("ev_1", 0), ("pv", 0)])
        self.post(server, "/scenario/run", ASK, 404)

        sets = ["--set", f"scenario.assets_file={self.folder / 'leeds_assets.json'}"]
        done = run("scenario", "run", scenarios / "leeds_flood.toml", "--json", *sets)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = run("scenario", "run", scenarios / "broken.toml", *sets)
        self.assertEqual(done.returncode, 2)
        self.assertIn("broken.toml:2:", done.stderr)
        self.assertIn("event must be", done.stderr)
        done = run("scenario", "run", "london_heatwave_3d", *sets)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no assets at 'London'; there are at leeds", done.stderr)

    def test_the_command_line_repeats_itself_and_compares(self):
        listed = json.loads(run("scenario", "list", "--json").stdout)
        self.assertIn("london_cold_snap_4d", {one["id"] for one in listed["scenarios"]})

        def result(*arguments):
            done = run("scenario", "run", *arguments, "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            answer = json.loads(done.stdout)
            for one in (answer, answer.get("run", {}), answer.get("other", {}), answer.get("diff", {})):
                for told in (one.get("run"), one.get("other")):
                    if isinstance(told, dict):
                        told.pop("elapsed_ms", None)
            return answer
        first = result("london_heatwave_3d", "--seed", "7")
        self.assertEqual(first, result("london_heatwave_3d", "--seed", "7"))
        self.assertGreater(len(first["risks"]), 0)
        self.assertNotEqual(first["risks"], result("london_heatwave_3d", "--seed", "7", "--start", "2027-08-20T00:00:00Z")["risks"])

        text = run("scenario", "run", "london_heatwave_3d", "--lines", "5").stdout
        self.assertIn("London heatwave, three days", text)
        self.assertRegex(text, "[▁▂▃▄▅▆▇█]{6}")
        text = run("scenario", "run", "london_heatwave_3d", "--against", "london_heatwave_5d").stdout
        self.assertIn("B-A", text)
        done = run("scenario", "run", "london_heatwave")
        self.assertEqual(done.returncode, 1)
        self.assertIn("london_heatwave_3d", done.stderr)

    def test_a_stored_run_is_made_again_to_the_bit(self):
        server = self.serve()
        started, headers = self.post(server, "/api/v1/scenarios/runs", {"scenario_id": "london_flood_24h", "seed": 5}, 202)
        told = self.finished(server, headers["location"])["run"]
        recompute = lambda name, *more: run("scenario", "recompute", name, "--data-dir", self.folder / "data", *more)
        done = wait_for(lambda: (again := recompute(started["run_id"], "--json")).returncode != 1 and again, 20, "the entry of the run")
        self.assertEqual(done.returncode, 0, done.stderr)
        again = json.loads(done.stdout)
        self.assertEqual((again["same"], again["recomputed_sha256"], again["input_sha256"]),
                         (True, again["recorded_sha256"], told["input_sha256"]))
        self.assertEqual(again["result"]["risks"], self.finished(server, headers["location"])["risks"])
        self.assertEqual(server.stop(), 0)
        by_digits = recompute(told["input_sha256"][:10])
        self.assertEqual(by_digits.returncode, 0, by_digits.stderr)
        self.assertIn("same run-1", by_digits.stdout)
        nobody = recompute("run-99")
        self.assertEqual((nobody.returncode, "run-1 (London, flood)" in nobody.stderr), (1, True), nobody.stderr)
        blob = next((self.folder / "data" / "blobs").rglob(told["input_sha256"]))
        blob.chmod(0o600)
        blob.write_bytes(blob.read_bytes().replace(b'"seed":5', b'"seed":6'))
        self.assertEqual(recompute("run-1").returncode, 65)
        self.assertEqual(run("scenario", "recompute", "run-1", "--data-dir", self.folder / "none").returncode, 1)

    def test_ukpn_sites_become_assets(self):
        service = Service()
        self.addCleanup(service.close)
        service.answers["/catalog/datasets/grid-and-primary-sites/records"] = (200, {}, {"total_count": 2, "results": [
            {"sitefunctionallocation": "LPN-S1", "sitename": "Bankside", "sitetype": "Primary Substation", "transratingsummer": 40,
             "transratingwinter": 48, "maxdemandwinter": 33.1, "spatial_coordinates": {"lat": 51.5, "lon": -0.1}},
            {"sitefunctionallocation": "LPN-S2", "sitename": "Nowhere", "transratingsummer": 40}]})
        out = self.folder / "ukpn.json"
        done = run("scenario", "assets", "--ukpn", "--out", out, "--data-dir", self.folder / "d", "--set", f"feeds.ukpn_url={service.url}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Nowhere has no place", done.stderr)
        read = run("scenario", "assets", "--assets", out)
        self.assertIn("UK Power Networks open data", read.stdout)
        asset = json.loads(out.read_text())["assets"][0]
        self.assertEqual((asset["id"], asset["ratings"]["summer_kw"], asset["peak_kw"]), ("LPN-S1", 38800.0, 33100.0))


if __name__ == "__main__":
    unittest.main()
