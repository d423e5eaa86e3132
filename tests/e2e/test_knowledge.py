"""headroom knowledge over a data folder: add, list, search, remove."""
import json
import os
import subprocess
import tempfile
import unittest

BINARY = os.environ["HEADROOM_BINARY"]
MANUAL = """# Operating manual

## 4 Ratings

No low-voltage feeder may exceed its continuous thermal rating for longer than a half-hour.

## 5 Flexibility

Before flexibility is dispatched, providers get the notice period of their offer.
"""


class Knowledge(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.manual = os.path.join(self.folder.name, "manual.md")
        with open(self.manual, "w", encoding="utf-8") as file:
            file.write(MANUAL)

    def run_headroom(self, *words):
        command = [BINARY, "knowledge", *words, "--data-dir", os.path.join(self.folder.name, "data")]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def test_what_was_added_is_found_with_its_place(self):
        added = self.run_headroom("add", self.manual, "--json")
        self.assertEqual(added.returncode, 0, added.stderr)
        self.assertEqual(json.loads(added.stdout)["documents"][0]["title"], "Operating manual")
        found = self.run_headroom("search", "continuous rating of a feeder", "--json")
        self.assertEqual(found.returncode, 0, found.stderr)
        passage = json.loads(found.stdout)["passages"][0]
        self.assertEqual((passage["document"], passage["line"]), ("manual", 5))
        self.assertIn(passage["quote"], MANUAL)
        for word in passage["words"]:
            self.assertIn(word, MANUAL)

    def test_nothing_is_found_for_what_nobody_wrote(self):
        self.run_headroom("add", self.manual)
        self.assertEqual(self.run_headroom("search", "tariffs on Sundays").returncode, 1)

    def test_removed_documents_are_gone(self):
        self.run_headroom("add", self.manual, "--name", "rules")
        self.assertEqual(self.run_headroom("remove", "rules").returncode, 0)
        self.assertEqual(json.loads(self.run_headroom("list", "--json").stdout), {"documents": []})
        self.assertEqual(self.run_headroom("remove", "rules").returncode, 1)

    def test_an_unknown_kind_of_file_names_those_that_are_known(self):
        path = os.path.join(self.folder.name, "rules.docx")
        with open(path, "w", encoding="utf-8") as file:
            file.write("words")
        refused = self.run_headroom("add", path)
        self.assertEqual(refused.returncode, 2)
        self.assertIn(".pdf, .html", refused.stderr)


if __name__ == "__main__":
    unittest.main()
