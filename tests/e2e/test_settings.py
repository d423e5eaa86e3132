"""Settings as a user meets them: which source wins, what is masked, what a fault says, what `init` writes."""
import json
import os
import pathlib
import subprocess
import unittest

from support import BINARY, scratch


class Settings(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.home = self.folder / "home"
        (self.home / ".config" / "headroom").mkdir(parents=True)

    def headroom(self, *arguments, **variables):
        """Runs the binary in the scratch folder with nothing of this computer's environment but what is given."""
        environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], **variables}
        return subprocess.run([pathlib.Path(BINARY).resolve(), *map(str, arguments)], capture_output=True, text=True, timeout=60,
                              env=environment, cwd=self.folder, check=False)

    def shown(self, *arguments, **variables):
        finished = self.headroom("config", "show", "--json", *arguments, **variables)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        return {row["key"]: row for row in json.loads(finished.stdout)["settings"]}

    def port(self, *arguments, **variables):
        row = self.shown(*arguments, **variables)["server.port"]
        return row["value"], row["origin"]

    def test_the_strongest_source_wins(self):
        self.assertEqual(self.port(), (8000, "default"))
        user_file = self.home / ".config" / "headroom" / "config.toml"
        user_file.write_text("[server]\nport = 8101\n")
        self.assertEqual(self.port(), (8101, f"{user_file}:2:1"))
        given = self.folder / "site.toml"
        given.write_text("[server]\nport = 8102\n")
        arguments = ["--config", given]
        self.assertEqual(self.port(*arguments), (8102, f"{given}:2:1"))
        (self.folder / ".env").write_text("# mine\nPORT=8103\n")
        self.assertEqual(self.port(*arguments), (8103, ".env:2"))
        self.assertEqual(self.port(*arguments, PORT="8104"), (8104, "environment PORT"))
        self.assertEqual(self.port(*arguments, PORT="8104", HEADROOM_SERVER__PORT="8105"), (8105, "environment HEADROOM_SERVER__PORT"))
        self.assertEqual(self.port(*arguments, "--set", "server.port=8106", PORT="8104"), (8106, "flag server.port"))

    def test_a_secret_is_never_shown(self):
        key_file = self.folder / "key"
        key_file.write_text("hunter2\n")
        variables = {"GOOGLE_API_KEY": "hunter2", "HEADROOM_LLM__OPENAI_API_KEY_FILE": str(key_file)}
        for arguments in (("show",), ("show", "--origin"), ("show", "--json"), ("check",), ("check", "--json")):
            finished = self.headroom("config", *arguments, **variables)
            self.assertEqual(finished.returncode, 0, finished.stderr)
            self.assertNotIn("hunter2", finished.stdout + finished.stderr)
        rows = self.shown(**variables)
        self.assertEqual(rows["llm.openai_api_key"]["value"], "********")
        self.assertIn(str(key_file), rows["llm.openai_api_key"]["origin"])

    def test_check_says_what_is_not_used(self):
        finished = self.headroom("config", "check", CARBON_API_KEY="x")
        self.assertEqual(finished.returncode, 0)
        self.assertIn("feeds.carbon_api_key (environment CARBON_API_KEY) is accepted, not used yet", finished.stdout)

    def test_a_database_that_is_not_supported_stops_the_start(self):
        for command in (("config", "check"), ("config", "show"), ("serve", "--demo", "--port", "0")):
            finished = self.headroom(*command, DATABASE_URL="postgresql://u:hunter2@h/db")
            self.assertIn(finished.returncode, (1, 2))
            self.assertIn("scheme postgresql", finished.stderr)
            self.assertIn("Remedy", finished.stderr)
            self.assertNotIn("hunter2", finished.stderr)

    def test_faults_in_an_env_file_name_the_line(self):
        (self.folder / "bad.env").write_text("A=1\nB='open\n")
        finished = self.headroom("config", "check", "--env-file", "bad.env")
        self.assertEqual(finished.returncode, 1)
        self.assertEqual(finished.stderr, "bad.env:2:8: has no closing '; a value ends on its line\n")
        self.assertIn("none.env: is not there", self.headroom("config", "check", "--env-file", "none.env").stderr)

    def test_init_writes_a_file_that_is_valid_and_overwrites_nothing(self):
        first = self.headroom("init")
        self.assertEqual(first.returncode, 0, first.stderr)
        path = self.folder / "headroom.toml"
        written = path.read_text()
        self.assertEqual(self.headroom("config", "check", "--config", path).returncode, 0)
        second = self.headroom("init")
        self.assertEqual(second.returncode, 1)
        self.assertIn("is there already", second.stderr)
        self.assertEqual(path.read_text(), written)
        self.assertIn("Remedy", self.headroom("init", "no/such/folder.toml").stderr)

    def test_the_schema_is_json_with_every_section(self):
        schema = json.loads(self.headroom("config", "schema").stdout)
        self.assertEqual(schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
        self.assertIn("port", schema["properties"]["server"]["properties"])


if __name__ == "__main__":
    unittest.main()
