"""Keys, registry and messages of a Beckn network from the command line."""
import base64
import json
import pathlib
import stat
import unittest

from support import run, scratch


class Keygen(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def keygen(self, *arguments):
        finished = run("beckn", "keygen", "--json", *arguments)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        return json.loads(finished.stdout)

    def test_makes_keys_that_only_their_owner_may_read_and_keeps_them(self):
        made = self.keygen("--data-dir", self.folder / "data")
        self.assertTrue(made["created"])
        self.assertEqual(pathlib.Path(made["signing_key_file"]), self.folder / "data" / "keys" / "beckn.key")
        for name in ("signing_key_file", "encryption_key_file"):
            mode = pathlib.Path(made[name]).stat().st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o600, name)
        for name in ("signing_public_key", "encr_public_key"):
            self.assertEqual(len(base64.b64decode(made[name], validate=True)), 32, name)
        again = self.keygen("--data-dir", self.folder / "data")
        self.assertFalse(again.pop("created"))
        made.pop("created")
        self.assertEqual(again, made)

    def test_a_key_id_that_would_break_headers_is_refused(self):
        finished = run("beckn", "keygen", "--out", self.folder / "a.key", "--key-id", "a|b")
        self.assertEqual(finished.returncode, 2)
        self.assertFalse((self.folder / "a.key").exists())
        self.assertEqual(self.keygen("--out", self.folder / "a.key", "--key-id", "k1")["key_id"], "k1")


if __name__ == "__main__":
    unittest.main()
