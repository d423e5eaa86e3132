"""rehearse on six weeks of a made-up feeder: the report, the JSON answer, and what it says of wrong files."""
import datetime
import json
import math
import pathlib
import unittest

from support import run, scratch

START = datetime.datetime(2026, 1, 5)
GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,S-1,,Mill Lane,51.5,-0.1,,secondary,,
feeder,F-1,S-1,North,51.5,-0.1,300,domestic,,
feeder,F-2,S-1,South,51.5,-0.1,300,domestic,,
feeder,F-3,S-1,East,51.5,-0.1,300,domestic,,
"""
DERS = """der_id,feeder_id,kind,kw,energy_kwh,notice_minutes,utilisation_gbp_per_mwh,reliability
bat-1,F-1,battery,40,80,5,180,1
ev-1,F-1,ev_charger,60,,10,240,0.95
slow-1,F-1,generator,500,,300,90,1
"""


def readings(days):
    """Half-hourly sums of two feeders; F-1 goes over 300 kW every third evening."""
    rows = ["feeder_id,timestamp,kw"]
    for slot in range(48 * days):
        time = (START + datetime.timedelta(minutes=30 * slot)).isoformat() + "Z"
        shape = math.exp(-(((slot % 48) - 36) / 5) ** 2)
        peak = 330 if slot // 48 % 3 == 0 else 250
        rows.append(f"F-1,{time},{120 + (peak - 120) * shape + 3 * math.sin(slot * 0.7):.2f}")
        rows.append(f"F-2,{time},{100 + 60 * shape + 3 * math.sin(slot * 0.9):.2f}")
    return "\n".join(rows) + "\n"


class Rehearse(unittest.TestCase):
    def test_a_season_becomes_a_report(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "readings.csv").write_text(readings(42))
            (path / "grid.csv").write_text(GRID)
            (path / "ders.csv").write_text(DERS)
            finished = run("rehearse", "--readings", path / "readings.csv", "--grid", path / "grid.csv", "--ders", path / "ders.csv",
                           "--out", path / "report.html", "--json")
            self.assertEqual(finished.returncode, 0, finished.stderr)
            answer = json.loads(finished.stdout)
            # Behind a quarter of the readings, every third evening of F-1.
            self.assertEqual(answer["overloads"], len(answer["overload_list"]))
            self.assertIn(answer["overloads"], (10, 11))
            self.assertEqual({each["feeder_id"] for each in answer["overload_list"]}, {"F-1"})
            self.assertEqual(answer["hit"] + answer["late"] + answer["missed"], answer["overloads"])
            self.assertGreaterEqual(answer["hit"], answer["overloads"] // 2)
            self.assertEqual(answer["walked"]["limits_from"], "grid file grid.csv")
            self.assertEqual([each["feeder_id"] for each in answer["unmonitored"]], ["F-3"])
            bought = [alarm for alarm in answer["alarm_list"] if alarm["purchase"]["bought_kwh"] > 0]
            self.assertTrue(bought)
            for alarm in bought:
                purchase = alarm["purchase"]
                self.assertFalse(purchase["is_price_assumed"])
                self.assertGreaterEqual(purchase["cost_gbp"], 0.18 * purchase["bought_kwh"] - 1e-6)
                self.assertTrue(any("slow-1" in why and "notice of 300 min" in why for why in purchase["refused"]))
            html = (path / "report.html").read_text()
            self.assertIn("Fit for: " + answer["fit"], html)
            self.assertNotIn("<script", html)
            again = run("rehearse", "--readings", path / "readings.csv", "--grid", path / "grid.csv", "--ders", path / "ders.csv",
                        "--out", path / "again.html")
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertIn("fit for: " + answer["fit"] + ", because", again.stdout)
            self.assertEqual((path / "again.html").read_bytes(), (path / "report.html").read_bytes())

    def test_without_a_grid_nothing_is_fit_to_act(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "readings.csv").write_text(readings(21))
            finished = run("rehearse", "--readings", path / "readings.csv", "--rating-percentile", "98", "--json")
            self.assertEqual(finished.returncode, 0, finished.stderr)
            answer = json.loads(finished.stdout)
            self.assertIn("98 % quantile of these readings (unverified)", answer["walked"]["limits_from"])
            self.assertNotIn("act", [answer["fit"]] + [feeder["fit"] for feeder in answer["feeders"]])

    def test_faults_name_what_is_wrong(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "readings.csv").write_text(readings(2))
            (path / "grid.csv").write_text(GRID)
            (path / "ders.csv").write_text(DERS.replace("bat-1,F-1,battery,40", "bat-1,F-1,battery,much"))
            finished = run("rehearse", "--readings", path / "readings.csv")
            self.assertEqual(finished.returncode, 2)
            self.assertIn("four days of readings", finished.stderr)
            finished = run("rehearse", "--readings", path / "readings.csv", "--grid", path / "grid.csv", "--ders", path / "ders.csv")
            self.assertEqual(finished.returncode, 2)
            self.assertIn('ders.csv, line 2: column kw: "much" is not a number from 0.001 to 100000', finished.stderr)


if __name__ == "__main__":
    unittest.main()
