"""Every fault that an operator can meet at the start names its remedy."""
import os
import pathlib
import shutil
import socket
import subprocess
import unittest

from support import Server, run, scratch, wait_for

GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,P1,,Hill Primary,52.1,-1.2,20000,primary,,
feeder,F1,P1,Mill Lane,52.1,-1.2,180,domestic,,
"""


class Remedies(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.grid = self.folder / "grid.csv"
        self.grid.write_text(GRID)
        self.data = self.folder / "data"

    def refused(self, *arguments, code):
        finished = run(*arguments, timeout=60)
        self.assertEqual(finished.returncode, code, finished.stderr)
        return finished.stderr

    def serve(self, *arguments, code, grid=None):
        return self.refused("serve", "--port", 0, "--grid", grid or self.grid, "--data-dir", self.data, *arguments, code=code)

    def test_a_grid_file_with_faults(self):
        bad = self.folder / "bad.csv"
        bad.write_text(GRID.replace(",180,", ",many,"))
        said = self.serve(grid=bad, code=2)
        self.assertIn("bad.csv: line 3, column rating_kw: 'many' is not a number", said)
        self.assertIn("Remedy: mend", said)

    def test_a_newer_format(self):
        self.data.mkdir()
        (self.data / "FORMAT").write_text("99\n")
        said = self.serve(code=2)
        self.assertIn("has format 99", said)
        self.assertIn("Remedy: run the newer Headroom that wrote it", said)

    def test_a_data_folder_in_use_names_its_holder(self):
        with Server(self.data, "--grid", self.grid) as server:
            said = self.serve(code=74)
            self.assertIn(f"in use by process {server.process.pid}", said)
            self.assertIn("--data-dir", said)

    def test_a_file_in_the_place_of_the_data_folder(self):
        self.data.write_text("")
        self.assertIn("Remedy: move it away", self.serve(code=2))

    def test_a_missing_broker_is_told_and_does_not_stop_the_start(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        with Server(self.data, "--grid", self.grid, "--set", f"mqtt.url=mqtt://127.0.0.1:{port}") as server:
            wait_for(lambda: "devices are not reached" in server.output(), 10, "the warning")
            said = server.output()
            self.assertIn(f"mqtt://127.0.0.1:{port}", said)
            self.assertIn("start the broker, or set mqtt.url", said)

    def test_a_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        if os.geteuid() != 0 or shutil.which("mount") is None:
            self.skipTest("needs root to make a small disk")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False, capture_output=True).returncode != 0:
            self.skipTest("this computer lets nobody make a small disk")
        self.addCleanup(subprocess.run, ["umount", disk], check=False)
        self.data = disk / "data"
        said = self.serve(code=74)
        self.assertIn("disk full", said)
        self.assertIn("Remedy: make room", said)

    def test_a_key_that_is_another_one(self):
        with Server(self.data, "--grid", self.grid) as server:
            self.assertEqual(server.stop(), 0)
        key = self.data / "keys" / "audit.key"
        key.unlink()
        self.assertIn("Remedy: put keys/audit.key back from a backup", self.serve(code=1))
        key.chmod(0o600)
        key.write_text("short\n")
        self.assertIn("Remedy: put it back from a backup", self.serve(code=2))

    def test_a_folder_without_a_log(self):
        for arguments in (("audit", "verify"), ("audit", "export"), ("audit", "checkpoint"), ("audit", "prove", "1"),
                          ("audit", "show", "ev-20270114-7K2M9QXA")):
            said = self.refused(*arguments, "--data-dir", self.data, code=5)
            self.assertIn("there is no audit log in", said)
            self.assertIn("--data-dir", said)
        said = self.refused("replay", "ev-20270114-7K2M9QXA", "--data-dir", self.data, code=1)
        self.assertIn("there is no audit log in", said)

    def test_an_address_that_is_none(self):
        self.assertIn("use 127.0.0.1 or 0.0.0.0", self.serve("--host", "nonsense", code=2))


if __name__ == "__main__":
    unittest.main()
