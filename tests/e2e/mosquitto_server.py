"""A real mosquitto on loopback that keeps its sessions and what waits in them over a restart."""
import pathlib
import signal
import socket
import subprocess

from kafka_server import free_ports
from support import wait_for


class Mosquitto:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        folder.mkdir()
        self.port, = free_ports(1)
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.settings = folder / "mosquitto.conf"
        self.settings.write_text(f"user root\nlistener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {folder}/\n"
                                 "autosave_on_changes true\nautosave_interval 1\nmax_queued_messages 0\n", encoding="utf-8")
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(self.settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._listens, 30, "mosquitto's start")

    def _listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f"mosquitto ended with {self.process.returncode}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
