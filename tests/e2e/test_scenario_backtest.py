"""The scenario engine's projection against the daily peaks that came, on the shared data sets where they lie beside the project."""
import json
import unittest

from support import SHARED, run, scratch

DATA = SHARED / "data"


class ScenarioBacktest(unittest.TestCase):
    def test_a_folder_without_data_sets_is_not_found(self):
        with scratch() as folder:
            finished = run("scenario", "backtest", "--data", folder)
            self.assertNotEqual(finished.returncode, 0)
            self.assertIn("stentaway", finished.stderr)

    @unittest.skipUnless((DATA / "stentaway").exists(), "the shared data sets are not beside the project")
    def test_peaks_of_hot_and_cold_days_are_within_ten_percent_and_better_than_the_season(self):
        finished = run("scenario", "backtest", "--data", DATA, "--json")
        self.assertEqual(finished.returncode, 0, finished.stdout + finished.stderr)
        answer = json.loads(finished.stdout)
        self.assertTrue(answer["good"])
        self.assertLess(answer["error_percent"], 10.0)
        self.assertLess(answer["error_percent"], answer["season_mean_error_percent"])
        strict = [report for report in answer["reports"] if report["split"].startswith("learnt before")]
        self.assertEqual([report["name"] for report in strict], ["stentaway", "nl_feeders pid_287", "nl_feeders pid_307"])
        for report in strict:
            self.assertEqual(len(report["days"]), 20)
            self.assertLess(report["error_percent"], report["season_mean_error_percent"], report["name"])
        self.assertLess(strict[0]["error_percent"], 6.0)
        self.assertLess(strict[1]["error_percent"], 6.0)


if __name__ == "__main__":
    unittest.main()
