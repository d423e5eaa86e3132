"""The command line: help with an example everywhere, errors that name the remedy, settings that are checked."""
import json
import pathlib
import unittest

from support import run, scratch

COMMANDS = [("serve",), ("demo",), ("replay",), ("audit", "verify"), ("audit", "prove"), ("audit", "show"), ("audit", "checkpoint"),
            ("audit", "export"), ("bench",), ("config",), ("config", "check"), ("config", "show"), ("config", "schema"), ("init",)]


class CommandLine(unittest.TestCase):
    def test_every_command_has_help_with_an_example(self):
        for command in COMMANDS:
            with self.subTest(command):
                finished = run(*command, "--help")
                self.assertEqual(finished.returncode, 0)
                self.assertIn("Example:", finished.stdout)

    def test_wrong_usage_is_exit_2(self):
        for arguments in ((), ("nonsense",), ("demo", "--once", "--seed", "many"), ("replay",), ("bench", "nothing")):
            with self.subTest(arguments):
                self.assertEqual(run(*arguments).returncode, 2)

    def test_serve_without_a_grid_says_what_to_do(self):
        with scratch() as folder:
            finished = run("serve", "--port", "0", "--data-dir", pathlib.Path(folder) / "data")
            self.assertNotEqual(finished.returncode, 0)
            self.assertIn("--grid", finished.stderr)
            self.assertIn("--demo", finished.stderr)

    def test_settings_faults_name_line_and_suggestion(self):
        with scratch() as folder:
            path = pathlib.Path(folder) / "headroom.toml"
            path.write_text('[server]\nprot = 8000\n')
            finished = run("config", "check", "--config", path, "--json")
            self.assertEqual(finished.returncode, 1)
            faults = json.loads(finished.stdout)["faults"]
            self.assertIn(":2", faults[0]["where"])
            self.assertIn("port", faults[0]["message"])
            self.assertEqual(run("config", "check", env={"HEADROOM_SERVER__PORT": "99999"}).returncode, 1)
            self.assertEqual(run("config", "check", env={"HEADROOM_SERVER__PORT": "9000"}).returncode, 0)

    def test_verify_says_what_is_missing(self):
        with scratch() as folder:
            self.assertEqual(run("audit", "verify", "--data-dir", folder).returncode, 5)


if __name__ == "__main__":
    unittest.main()
