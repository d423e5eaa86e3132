"""Files of readings: our own format, a file nobody knows, and, where the shared data lies beside the project, each real data set."""
import glob
import json
import pathlib
import unittest

from support import SHARED, run, scratch

MEMBERS = {"format", "readings", "accepted", "quarantined", "feeders", "limits_from", "overloads", "data_quality", "seconds"}
OVERLOAD_MEMBERS = {"feeder_id", "phase", "start", "end", "peak_kw", "energy_kwh", "level"}


class ReplayReadings(unittest.TestCase):
    def replay(self, *arguments):
        finished = run("replay", "--json", "--readings", *arguments)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        answer = json.loads(finished.stdout)
        self.assertEqual(MEMBERS - answer.keys(), set())
        for overload in answer["overloads"]:
            self.assertEqual(OVERLOAD_MEMBERS - overload.keys(), set())
        return answer

    def test_our_own_format_against_a_grid_file(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            rows = [f"F1,2026-01-15T{hour:02d}:{minute:02d}:00Z,{90 if hour == 17 else 40},L1" for hour in range(24) for minute in (0, 30)]
            rows += ["F1,2026-01-15T12:00:00,40,L1", "F1,2026-01-15T12:30:00Z,nonsense,L1"]
            (path / "readings.csv").write_text("feeder_id,timestamp,kw,phase\n" + "\n".join(rows) + "\n")
            (path / "grid.csv").write_text("type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
                                           "substation,P1,,Hill,52,-1,9000,primary,,\nfeeder,F1,P1,Mill,52,-1,180,domestic,,\n")
            answer = self.replay(path / "readings.csv", "--grid", path / "grid.csv")
            self.assertEqual(len(answer["overloads"]), 1)
            self.assertEqual(answer["overloads"][0]["peak_kw"], 90)
            self.assertEqual(sum(answer["quarantined"].values()), 2)

    def test_an_unknown_header_says_what_was_expected(self):
        with scratch() as folder:
            path = pathlib.Path(folder) / "odd.csv"
            path.write_text("colour,shape\nred,round\n")
            finished = run("replay", "--json", "--readings", path)
            self.assertNotEqual(finished.returncode, 0)
            self.assertIn("feeder_id", finished.stderr)

    def test_a_file_that_is_no_csv_says_what_was_expected(self):
        with scratch() as folder:
            for name, text in (("holidays.json", '{\n  "days": ["2018-01-01"]\n}\n'), ("empty.csv", "")):
                path = pathlib.Path(folder) / name
                path.write_text(text)
                finished = run("replay", "--json", "--readings", path)
                self.assertEqual(finished.returncode, 2, finished.stderr)
                self.assertIn(name, finished.stderr)
                self.assertIn("expected one of: feeder_id,timestamp,kw[,phase]", finished.stderr)

    @unittest.skipUnless(SHARED.exists(), "the shared data sets are not beside the project")
    def test_each_real_data_set_is_recognised(self):
        files = [file for name in ("lv_gb", "nged_scada", "nl_substations") for file in sorted(glob.glob(str(SHARED / "data" / name / "*.csv.gz")))]
        files.append(str(SHARED / "data/stentaway/demand_pv.csv.gz"))
        for file in files:
            with self.subTest(file):
                answer = self.replay(file)
                self.assertGreater(answer["accepted"], 0)
                self.assertIn("percentile 95", answer["limits_from"])


if __name__ == "__main__":
    unittest.main()
