"""Beckn against the official files, which are not part of this repository: every dialect's messages of ours pass the
conformance checker with --strict, and every official example is read or refused by the pointer of its own fault."""
import json
import os
import pathlib
import shutil
import subprocess
import unittest

from support import BINARY, SHARED, run, scratch

CHECKER = SHARED / "checks" / "beckn_conformance"
SPECS = SHARED / "specs" / "beckn"
# The unit tests of the room write the messages and read the examples.
ROOM_TESTS = pathlib.Path(BINARY).absolute().parent / "tests" / "test_beckn"
# Takes every message and answer out of the examples of an OpenAPI file, in the order in which they stand.
EXTRACT = """
import fs from 'node:fs';
import path from 'node:path';
import { Specs } from './lib/specs.mjs';
const [folder, out] = process.argv.slice(2);
const specs = new Specs(folder);
let count = 0;
const keep = (name, value) => fs.writeFileSync(path.join(out, `${String(count++).padStart(3, '0')}-${name}.json`), JSON.stringify(value));
const isMessage = (v) => v && typeof v === 'object' && v.context && typeof v.context === 'object' && 'action' in v.context;
const isAnswer = (v) => v && typeof v === 'object' && ('ack_status' in v || v.message?.ack || v.status === 'ACK' || v.status === 'NACK');
function walk(name, node) {
  if (Array.isArray(node)) return node.forEach((n) => walk(name, n));
  if (!node || typeof node !== 'object') return;
  if (isMessage(node) || isAnswer(node)) return keep(name, node);
  for (const [key, value] of Object.entries(node)) if (key !== 'properties') walk(key === 'value' || key === 'example' ? name : key.replace(/[^A-Za-z0-9]+/g, '_'), value);
}
for (const file of fs.readdirSync(folder, { recursive: true }).sort()) {
  const name = path.basename(path.dirname(file)).replace(/[^A-Za-z0-9.]+/g, '_');
  if (/\\.ya?ml$/.test(file)) { walk(name, specs.load(file).components?.examples); walk(name, specs.load(file).paths); }
  else if (/\\.json$/.test(file) && !/schema\\.json$/.test(file)) walk(name, JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8')));
}
"""


def missing():
    """What the tests need and is not there, or nothing."""
    if not CHECKER.is_dir() or not SPECS.is_dir():
        return "no conformance checker beside this repository"
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node is not installed"
    if not ROOM_TESTS.exists():
        return f"{ROOM_TESTS} is not built"
    return None


@unittest.skipIf(missing(), missing())
class BecknConformance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.checker = pathlib.Path(cls.folder.name) / "checker"
        shutil.copytree(CHECKER, cls.checker, ignore=shutil.ignore_patterns("node_modules"))
        for path in cls.checker.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        done = subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=cls.checker, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise unittest.SkipTest(f"the checker's packages cannot be installed: {done.stderr[:300]}")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def room_tests(self, name, **environment):
        done = subprocess.run([ROOM_TESTS, f"--gtest_filter={name}"], env={**os.environ, **environment},
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-4000:])
        self.assertNotIn("SKIPPED", done.stdout, done.stdout)
        return done.stdout

    def checked(self, *arguments):
        return subprocess.run(["node", self.checker / "validate.mjs", "--specs", SPECS, *arguments],
                              capture_output=True, text=True, timeout=120, check=False)

    def test_our_messages_pass_the_checker(self):
        with scratch() as folder:
            self.room_tests("DialectSamples.*", HEADROOM_BECKN_SAMPLES=folder)
            captures = sorted(pathlib.Path(folder).glob("*.jsonl"))
            self.assertGreaterEqual(len(captures), 3)
            for capture in captures:
                with self.subTest(dialect=capture.stem):
                    done = self.checked("--strict", capture)
                    count = len(capture.read_text().splitlines())
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                    self.assertIn(f"{count} passed, 0 failed", done.stdout)

    def test_a_whole_flow_of_both_roles_passes_in_every_dialect(self):
        with scratch() as folder:
            for dialect in ("0.9.3", "1.1", "2.0-rc1", "2.0"):
                with self.subTest(dialect=dialect):
                    capture = pathlib.Path(folder) / f"{dialect}.jsonl"
                    done = run("beckn", "capture", "--dialect", dialect, "--flow", "full", "--out", capture)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    count = len(capture.read_text().splitlines())
                    self.assertGreaterEqual(count, 20)
                    checked = self.checked("--strict", capture)
                    self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
                    self.assertIn(f"{count} passed, 0 failed", checked.stdout)

    def test_the_flow_of_a_buyer_who_publishes_needs_passes(self):
        market = ROOM_TESTS.parent / "test_agents"
        if not market.exists():
            self.skipTest(f"{market} is not built")
        with scratch() as folder:
            done = subprocess.run([market, "--gtest_filter=NeedMarket.WritesAWholeFlowForTheChecker"],
                                  env={**os.environ, "HEADROOM_BECKN_SAMPLES": folder}, capture_output=True, text=True, timeout=120, check=False)
            self.assertEqual(done.returncode, 0, done.stdout[-4000:])
            # Messages that nobody asked for are allowed, and a warning: they stand in the second only.
            for name, options in (("need-asked.jsonl", ["--strict"]), ("need-all.jsonl", [])):
                with self.subTest(capture=name):
                    capture = pathlib.Path(folder) / name
                    count = len(capture.read_text().splitlines())
                    self.assertGreaterEqual(count, 28)
                    checked = self.checked(*options, capture)
                    self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
                    self.assertIn(f"{count} passed, 0 failed", checked.stdout)

    def test_the_checker_finds_a_message_that_is_spoilt(self):
        with scratch() as folder:
            self.room_tests("DialectSamples.*", HEADROOM_BECKN_SAMPLES=folder)
            for capture in sorted(pathlib.Path(folder).glob("*.jsonl")):
                with self.subTest(dialect=capture.stem):
                    lines = [json.loads(line) for line in capture.read_text().splitlines()]
                    lines[3]["body"]["context"].pop("timestamp")
                    capture.write_text("".join(json.dumps(line) + "\n" for line in lines))
                    self.assertEqual(self.checked("--strict", capture).returncode, 1)

    def test_official_examples_are_read_or_refused_by_pointer(self):
        script = self.checker / "extract.mjs"
        script.write_text(EXTRACT)
        with scratch() as folder:
            subprocess.run(["node", script, SPECS, folder], check=True, timeout=120)
            examples = list(pathlib.Path(folder).glob("*.json"))
            self.assertGreater(len(examples), 10, "the official files have examples")
            output = self.room_tests("OfficialExamples.*", HEADROOM_BECKN_EXAMPLES=folder)
            self.assertIn(": read", output)


if __name__ == "__main__":
    unittest.main()
