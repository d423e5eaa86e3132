"""train, forecast and backtest on a small made-up week, and what they say when their files are wrong."""
import csv
import datetime
import json
import math
import pathlib
import unittest

from support import Server, run, scratch

START = datetime.datetime(2024, 1, 1)


def readings(first_day, last_day):
    """Hourly loads of two feeders: a daily wave and a little that no calendar knows."""
    rows = ["series,timestamp,value"]
    for series in range(2):
        for hour in range(24 * first_day, 24 * last_day):
            load = 60 + 20 * math.sin(2 * math.pi * (hour % 24 - 9) / 24) + (hour * 7919 + series * 31) % 17 / 4
            rows.append(f"F{series},{(START + datetime.timedelta(hours=hour)).isoformat()}Z,{load:.3f}")
    return "\n".join(rows) + "\n"


class Forecast(unittest.TestCase):
    def test_a_backtest_foretells_each_truth_from_before_it(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "h.csv").write_text(readings(0, 20))
            (path / "t.csv").write_text(readings(20, 22))
            for lead, hours in (("day-ahead", range(18, 42)), ("60min", range(1, 2))):
                finished = run("backtest", "--history", path / "h.csv", "--truth", path / "t.csv", "--lead", lead, "--out", path / "f.csv", "--json")
                self.assertEqual(finished.returncode, 0, finished.stderr)
                self.assertEqual(json.loads(finished.stdout)["rows"], 96)
                rows = list(csv.DictReader((path / "f.csv").read_text().splitlines()))
                self.assertEqual(len(rows), 96)
                for row in rows:
                    gap = datetime.datetime.fromisoformat(row["timestamp"][:-1]) - datetime.datetime.fromisoformat(row["origin"][:-1])
                    self.assertIn(gap.total_seconds() / 3600, hours)
                    loads = [float(row[name]) for name in ("q0.05", "q0.1", "q0.25", "q0.5", "q0.75", "q0.9", "q0.95")]
                    self.assertEqual(loads, sorted(loads))

    def test_a_model_is_the_same_for_the_same_seed_and_draws_a_fan(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "h.csv").write_text(readings(0, 20))
            for name in ("one", "two"):
                finished = run("train", "--history", path / "h.csv", "--out", path / name, "--json")
                self.assertEqual(finished.returncode, 0, finished.stderr)
                self.assertEqual([lead["lead_s"] for lead in json.loads(finished.stdout)["leads"]], [3600, 14400, 43200, 86400, 172800])
            self.assertEqual((path / "one").read_bytes(), (path / "two").read_bytes())
            finished = run("forecast", "--model", path / "one", "--history", path / "h.csv", "--hours", "24", "--json")
            self.assertEqual(finished.returncode, 0, finished.stderr)
            self.assertEqual([len(series["steps"]) for series in json.loads(finished.stdout)], [24, 24])
            finished = run("forecast", "--model", path / "one", "--history", path / "h.csv", "--series", "F1", "--plot")
            self.assertEqual(finished.stdout.count("●"), 48)
            (path / "one").write_bytes((path / "one").read_bytes()[:-100])
            finished = run("forecast", "--model", path / "one", "--history", path / "h.csv")
            self.assertEqual(finished.returncode, 65)
            self.assertIn("checksum", finished.stderr)

    def test_alarms_and_substations_stand_beside_the_forecasts(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "h.csv").write_text(readings(0, 20))
            (path / "t.csv").write_text(readings(20, 22))
            (path / "g.csv").write_text("substation,feeder\nS,F0\nS,F1\n")
            finished = run("backtest", "--history", path / "h.csv", "--truth", path / "t.csv", "--lead", "60min", "--out", path / "f.csv",
                           "--alarms", path / "a.csv", "--cost-ratio", "9", "--hierarchy", path / "g.csv", "--json")
            self.assertEqual(finished.returncode, 0, finished.stderr)
            told = json.loads(finished.stdout)
            self.assertAlmostEqual(told["alarms"]["quantile"], 0.9)
            self.assertEqual(told["coherent"], {"instants": 48, "left_as_is": 0})
            alarms = list(csv.DictReader((path / "a.csv").read_text().splitlines()))
            self.assertEqual(len(alarms), 96)
            for row in alarms:
                self.assertEqual(row["alarm"] == "1", float(row["mean"]) >= float(row["limit"]))
            medians = {}
            for row in csv.DictReader((path / "f.csv").read_text().splitlines()):
                medians[(row["series"], row["timestamp"])] = float(row["q0.5"])
            self.assertEqual(len(medians), 144)
            for (series, time), load in medians.items():
                if series == "S":
                    self.assertAlmostEqual(load, medians[("F0", time)] + medians[("F1", time)], delta=0.001)
            finished = run("backtest", "--history", path / "h.csv", "--truth", path / "t.csv", "--lead", "15min", "--out", path / "f.csv")
            self.assertEqual(finished.returncode, 2)
            self.assertIn("readings are 3600 s apart, which allows no lead of 900 s", finished.stderr)

    def test_an_explanation_sums_to_the_forecast(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "h.csv").write_text(readings(0, 20))
            self.assertEqual(run("train", "--history", path / "h.csv", "--out", path / "m").returncode, 0)
            finished = run("forecast", "--model", path / "m", "--history", path / "h.csv", "--series", "F1", "--hours", "4", "--json")
            median = json.loads(finished.stdout)[0]["steps"][3]["load"][3]
            finished = run("explain", "forecast", "F1", "--model", path / "m", "--readings", path / "h.csv", "--hours", "4", "--json")
            self.assertEqual(finished.returncode, 0, finished.stderr)
            why = json.loads(finished.stdout)
            self.assertEqual(why["median"], median)
            parts = why["base"] + why["usual_change"] + why["correction"] + why["rounding"] + sum(c["load"] for c in why["columns"])
            self.assertAlmostEqual(parts, median, places=9)
            finished = run("explain", "forecast", "F1", "--model", path / "m", "--readings", path / "h.csv", "--hours", "4")
            self.assertIn("base: the load that the forecast is a change from", finished.stdout)
            finished = run("explain", "forecast", "F7", "--model", path / "m", "--readings", path / "h.csv")
            self.assertNotEqual(finished.returncode, 0)
            self.assertIn("no series is named F7", finished.stderr)

    def test_ramps_need_readings_that_are_fine_enough(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "h.csv").write_text(readings(0, 20))
            finished = run("backtest", "--history", path / "h.csv", "--truth", path / "h.csv", "--lead", "ramp", "--out", path / "m")
            self.assertEqual(finished.returncode, 2)
            self.assertIn("readings that divide half an hour, these are 3600 s apart", finished.stderr)
            fine = ["series,timestamp,value"]
            for i in range(96 * 10):
                fine.append(f"F,{(START + datetime.timedelta(minutes=15 * i)).isoformat()}Z,{50 + 20 * math.sin(i / 4) + (i * 7919) % 13 / 10:.3f}")
            (path / "h.csv").write_text("\n".join(fine[:800]) + "\n")
            (path / "t.csv").write_text("\n".join(fine[:1] + fine[800:]) + "\n")
            finished = run("backtest", "--history", path / "h.csv", "--truth", path / "t.csv", "--lead", "ramp", "--out", path / "m", "--json")
            self.assertEqual(finished.returncode, 0, finished.stderr)
            leads = json.loads(finished.stdout)["ramp"]
            self.assertEqual([lead["lead_s"] for lead in leads], [900, 1800, 3600])
            self.assertLess(leads[-1]["ratio_mean"], 0.6)
            self.assertTrue((path / "m").read_text().startswith("headroom-ramp-model 1 "))

    def test_ramps_are_served_from_the_newest_reading_or_it_is_said_why_not(self):
        def load(at):
            """A wave of six hours, so that what comes next is certain."""
            return 60 + 20 * math.sin(at.timestamp() / 21600 * 2 * math.pi) + (int(at.timestamp()) // 900 * 7919) % 13 / 20

        grid = "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\nsubstation,P1,,Hill,52,-1,20000,primary,,\nfeeder,F1,P1,Lane,52,-1,180,domestic,,\nfeeder,F2,P1,Street,52,-1,180,domestic,,\n"
        quarter = datetime.timedelta(minutes=15)
        now = datetime.datetime.now(datetime.timezone.utc)
        newest = now - datetime.timedelta(seconds=now.timestamp() % 900)
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "grid.csv").write_text(grid)
            past = [newest - quarter * i for i in range(96 * 12, 0, -1)]
            (path / "h.csv").write_text("series,timestamp,value\n" + "".join(f"F,{at:%Y-%m-%dT%H:%M:%S}Z,{load(at):.3f}\n" for at in past))
            with Server(path / "data", "--grid", path / "grid.csv") as server:
                readings = [{"feeder": "F1", "ts": f"{at:%Y-%m-%dT%H:%M:%SZ}", "kw": load(at)} for at in past[-60:]]
                self.assertEqual(server.post_json("/api/v1/readings", readings)[1]["accepted"], 60)
                ramp = server.get_json("/api/v1/feeders/F1/forecast")[1]["ramp"]
                self.assertEqual((ramp["leads"], ramp["origin"], ramp["reason"], ramp["cadence_s"]), ([], None, "no ramp model has been trained", 900))
                self.assertEqual(server.stop(), 0)
            finished = run("train", "--history", path / "h.csv", "--out", path / "m", "--ramp", path / "data" / "models" / "quarter-hours.ramp", "--json")
            self.assertEqual(finished.returncode, 0, finished.stderr)
            with Server(path / "data", "--grid", path / "grid.csv") as server:
                self.assertEqual(server.get_json("/api/v1/feeders/F2/forecast")[1]["ramp"]["reason"], "too few readings have come")
                now = datetime.datetime.now(datetime.timezone.utc)
                minute = now - datetime.timedelta(seconds=now.timestamp() % 60)
                minutes = [{"feeder": "F2", "ts": f"{minute - datetime.timedelta(minutes=i):%Y-%m-%dT%H:%M:%SZ}", "kw": 50 + i % 7} for i in range(60, 0, -1)]
                self.assertEqual(server.post_json("/api/v1/readings", minutes)[1]["accepted"], 60)
                self.assertEqual(server.get_json("/api/v1/feeders/F2/forecast")[1]["ramp"]["reason"], "readings come every 60 s, ramps were learnt from 900 s")
                answer = server.get_json("/api/v1/feeders/F1/forecast")[1]  # its readings are kept over the restart
                ramp = answer["ramp"]
                self.assertEqual([lead["lead_s"] for lead in ramp["leads"]], [900, 1800, 3600], ramp)
                self.assertEqual(ramp["reason"], "")
                for lead in ramp["leads"]:
                    band = lead["mw_per_min"]
                    self.assertEqual(len(band), len(answer["quantiles"]))
                    self.assertEqual(band, sorted(band))
                    begin = past[-1]
                    truth = (load(begin + datetime.timedelta(seconds=lead["lead_s"])) - load(begin)) / 1000 / (lead["lead_s"] / 60)
                    self.assertAlmostEqual(band[3], truth, delta=0.0003)
                    self.assertLess(band[5] - band[1], 0.001, "MW a minute: the wave is certain")

    def test_the_week_ahead_is_foretold_from_the_weeks_before(self):
        def half_hours(first_day, last_day):
            rows = ["series,timestamp,value"]
            for half_hour in range(48 * first_day, 48 * last_day):
                load = 60 + 20 * math.sin(2 * math.pi * half_hour / 48) + half_hour * 7919 % 17 / 4
                rows.append(f"F,{(START + datetime.timedelta(minutes=30 * half_hour)).isoformat()}Z,{load:.3f}")
            return "\n".join(rows) + "\n"

        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "h.csv").write_text(half_hours(0, 28))
            (path / "t.csv").write_text(half_hours(28, 35))
            asked = ("backtest", "--history", path / "h.csv", "--truth", path / "t.csv", "--lead", "week-ahead", "--out", path / "f.csv")
            finished = run(*asked, "--json")
            self.assertEqual(finished.returncode, 0, finished.stderr)
            said = json.loads(finished.stdout)
            self.assertEqual([lead["days"] for lead in said["leads"]], [2, 3, 4, 5, 6, 7])
            rows = list(csv.DictReader((path / "f.csv").read_text().splitlines()))
            self.assertEqual(len(rows), said["rows"])
            for row in rows:
                gap = datetime.datetime.fromisoformat(row["timestamp"][:-1]) - datetime.datetime.fromisoformat(row["origin"][:-1])
                self.assertTrue(datetime.timedelta(days=2) <= gap < datetime.timedelta(days=8), row)

            (path / "h.csv").write_text(half_hours(27, 28))
            self.assertIn("the week ahead needs 14 days of readings", run(*asked).stdout)

    def test_a_fault_names_file_line_and_column(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "h.csv").write_text(readings(0, 2) + "F0,2024-01-05T00:00:00Z,much\n")
            finished = run("train", "--history", path / "h.csv", "--out", path / "m")
            self.assertEqual(finished.returncode, 2)
            self.assertIn('h.csv, line 98: column value: "much" is not a number', finished.stderr)
            self.assertFalse((path / "m").exists())


if __name__ == "__main__":
    unittest.main()
