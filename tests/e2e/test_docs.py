"""The documents that are made from the binary are what it says now, and every link leads somewhere."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support import BINARY, ROOT


def script(name, *arguments, cwd=ROOT):
    environment = dict(os.environ, HEADROOM_BINARY=str(pathlib.Path(BINARY).resolve()))
    return subprocess.run([pathlib.Path(cwd) / "scripts" / name, *arguments], capture_output=True, text=True, timeout=60, env=environment,
                          check=False)


class Documents(unittest.TestCase):
    def test_cli_and_settings_are_not_stale(self):
        finished = script("make_docs", "--check")
        self.assertEqual(finished.returncode, 0, finished.stderr)

    def test_links_lead_somewhere(self):
        finished = script("check_links")
        self.assertEqual(finished.returncode, 0, finished.stdout)

    def test_troubleshooting_quotes_messages_that_exist(self):
        """Of each message in a table's first column, three words in a row at least must stand so in the sources."""
        files = sorted((ROOT / "src").rglob("*.cpp")) + sorted((ROOT / "web" / "src").rglob("*.ts*"))
        sources = " ".join(path.read_text(encoding="utf-8") for path in files)
        sources = re.sub(r'"\s*\n?\s*"', "", sources).replace('\\"', '"')
        text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
        text = text.partition("## At the start")[2]
        checked = 0
        for row in re.findall(r"^\| (.*?) \|", text, re.MULTILINE):
            for message in re.findall(r"`([^`]{12,})`", row):
                runs = [run.strip(" ,;:?)(").split() for run in re.split(r"…|['\"=]|\S*[\d./:_]\S*", message)]
                parts = [" ".join(run[i:i + 3]) for run in runs for i in range(len(run) - 2)]
                if parts:
                    checked += 1
                    self.assertTrue(any(part in sources for part in parts), f"nothing in the sources says: {message}")
        self.assertGreater(checked, 25)

    def test_the_link_checker_finds_what_is_wrong(self):
        with tempfile.TemporaryDirectory(prefix="headroom-test-") as folder:
            root = pathlib.Path(folder)
            (root / "scripts").mkdir()
            (root / "scripts" / "check_links").write_bytes((ROOT / "scripts" / "check_links").read_bytes())
            (root / "scripts" / "check_links").chmod(0o755)
            subprocess.run(["git", "init", "-q", folder], check=True, timeout=60)
            (root / "a.md").write_text("# One two\n[ok](b.md#x-y) [self](#one-two) [web](https://none.example)\n"
                                       "`[code](none.md)`\n[gone](none.md)\n[bad](b.md#z)\n[out](../../x.md)\n")
            (root / "b.md").write_text("## X y\n```\n[code](none.md)\n```\n")
            finished = script("check_links", cwd=root)
            self.assertEqual(finished.returncode, 1)
            self.assertEqual(finished.stdout.splitlines(), ["a.md:4: none.md is not there", "a.md:5: b.md#z has no heading #z",
                                                            "a.md:6: ../../x.md leaves the repository"])


if __name__ == "__main__":
    unittest.main()
