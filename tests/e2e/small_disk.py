"""A disk that can be really full: a file system of its own in memory, which only root may mount."""
import contextlib
import os
import subprocess
import sys


class SmallDisk:
    """Mounted at a folder that it makes; `refused` says why not, where it may not be mounted."""

    def __init__(self, path, size):
        self.path = path
        path.mkdir()
        self.refused = None
        if os.geteuid() != 0:
            self.refused = "only root may mount a file system"
            return
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(path)], capture_output=True, text=True,
                                 check=False)
        if mounted.returncode != 0:
            self.refused = f"mount refused: {mounted.stderr.strip()}"

    def fill(self):
        with open(self.path / "filler", "wb", buffering=0) as filler:
            for size in (1 << 20, 1 << 16, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while True:
                        filler.write(b"x" * size)

    def free(self):
        (self.path / "filler").unlink()

    def unmount(self):
        subprocess.run(["umount", "-l", str(self.path)], check=False)


def mount_or_skip(test, path, size):
    """The disk, gone with the test; without one the test is skipped, and says so."""
    disk = SmallDisk(path, size)
    if disk.refused:
        print(f"SKIPPED, a full disk was not tested: {disk.refused}", file=sys.stderr)
        test.skipTest(disk.refused)
    test.addCleanup(disk.unmount)
    return disk
