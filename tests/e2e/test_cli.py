"""The command line: help with an example everywhere, errors that name the remedy, settings that are checked."""
import json
import pathlib
import shutil
import socket
import subprocess
import unittest

from support import BINARY, Server, run, scratch


def commands():
    """Every command, as the binary lists them itself."""
    lines = run("help", "--markdown").stdout.splitlines()
    return [line.split()[2:] for line in lines if line.startswith("## headroom")]


class CommandLine(unittest.TestCase):
    def test_every_command_has_help_with_an_example(self):
        self.assertGreater(len(commands()), 15)
        for command in commands():
            with self.subTest(command):
                finished = run(*command, "--help")
                self.assertEqual(finished.returncode, 0)
                _, _, example = finished.stdout.partition("Example:")
                self.assertIn(" ".join(["headroom", *command]), example)

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

    def test_usage_errors_name_the_flag_and_the_remedy(self):
        for arguments, sentence in ((("serve", "--prot", "1"), "'--prot' is not a flag here; did you mean --port?"),
                                    (("serve", "--port", "70000"), "--port must be from 0 to 65535, it is 70000"),
                                    (("serve", "--authority", "ack"), "--authority must be shadow, propose or act, it is 'ack'"),
                                    (("serve", "--grid", "no.csv"), "--grid: there is no file no.csv"),
                                    (("audit", "verfy"), "'verfy' is not a command here; did you mean verify?")):
            finished = run(*arguments)
            self.assertEqual(finished.returncode, 2)
            self.assertIn(sentence, finished.stderr)
            self.assertIn("--help", finished.stderr)

    def test_version_says_what_was_built(self):
        text = run("--version").stdout
        version = json.loads(run("version", "--json").stdout)
        self.assertEqual(text, f"headroom {version['version']}\n")
        self.assertIn("clang", version["compiler"])
        if version["commit"] is not None:
            self.assertRegex(version["commit"], "^[0-9a-f]{40}$")

    def test_a_taken_port_is_named_with_its_holder(self):
        with scratch() as folder, socket.create_server(("127.0.0.1", 0)) as holder:
            port = holder.getsockname()[1]
            finished = run("serve", "--demo", "--port", port, "--feeders", 3, "--websocket", "--data-dir", pathlib.Path(folder) / "data")
            self.assertNotEqual(finished.returncode, 0)
            self.assertIn(f"port {port} is taken by ", finished.stderr)
            self.assertIn("use --port N or --port 0", finished.stderr)
            self.assertRegex(finished.stderr, r"\(pid \d+\)")

    def test_status_tells_ok_from_down(self):
        with scratch() as folder:
            data = pathlib.Path(folder) / "data"
            self.assertEqual(run("status", "--data-dir", data, "--server", "http://127.0.0.1:1").returncode, 2)
            self.assertEqual(run("status", "--server", "nonsense").returncode, 2)
            with Server(data, "--demo", "--feeders", 3, "--websocket") as server:
                told = run("status", "--data-dir", data, "--json")
                self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
                status = json.loads(told.stdout)
                self.assertEqual(status["status"], "ok")
                self.assertEqual(status["server"], server.endpoint["url"])
                by_variable = run("status", env={"HEADROOM_SERVER": server.endpoint["url"]})
                self.assertEqual(by_variable.returncode, 0, by_variable.stderr)
                self.assertTrue(by_variable.stdout.startswith("ok  http://127.0.0.1:"))
                self.assertEqual(server.post_json("/api/v1/stop", {"area": "", "stopped": True, "reason": "test"})[0], 200)
                stopped = run("status", "--data-dir", data)
                self.assertEqual(stopped.returncode, 1, stopped.stdout + stopped.stderr)
                self.assertIn("stopped by an operator", stopped.stderr)
            self.assertEqual(run("status", "--server", server.endpoint["url"]).returncode, 2)

    def test_completion_offers_commands_flags_and_choices(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("audit", run("completion", shell).stdout)
        if shutil.which("bash") is None:
            self.skipTest("no bash here")

        def offered(*words):
            script = (f'source <("{BINARY}" completion bash); COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; '
                      '_headroom; printf "%s\\n" "${COMPREPLY[@]}"')
            finished = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)
            return finished.stdout.split()

        self.assertEqual(offered("headroom", "audit", "ver"), ["verify"])
        self.assertIn("--port", offered("headroom", "serve", "--p"))
        self.assertEqual(offered("headroom", "serve", "--authority", "p"), ["propose"])

    def test_help_prints_a_commands_help(self):
        self.assertEqual(run("help", "audit", "verify").stdout, run("audit", "verify", "--help").stdout)
        self.assertEqual(run("help", "nonsense").returncode, 2)

    def test_verify_says_what_is_missing(self):
        with scratch() as folder:
            self.assertEqual(run("audit", "verify", "--data-dir", folder).returncode, 5)


if __name__ == "__main__":
    unittest.main()
