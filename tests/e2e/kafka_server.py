"""A real Apache Kafka in KRaft mode, one node on loopback, for tests and benches.

As a program: kafka_server.py COMMAND…, with {brokers} in the command's words replaced; runs the command beside a broker and ends both.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = "3.7.2"
CLUSTER = "aGVhZHJvb20tdGVzdHMxMQ"  # any 16 bytes in base64


def jars():
    """The folder of the jars that scripts/fetch_kafka has fetched; nothing when there is none, or no java."""
    cache = pathlib.Path(os.environ.get("HEADROOM_CACHE", pathlib.Path.home() / ".cache" / "headroom"))
    folder = cache / "kafka" / f"kafka_2.13-{VERSION}"
    return folder if (folder / ".complete").exists() and shutil.which("java") else None


def free_ports(count):
    """Ports that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Kafka:
    """The broker; `brokers` is what clients are told."""

    def __init__(self, folder, is_fast_start=True):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.jars = jars()
        if self.jars is None:
            raise FileNotFoundError("no Kafka: scripts/fetch_kafka fetches it")
        self.port, controller = free_ports(2)
        self.brokers = f"127.0.0.1:{self.port}"
        self.process = None
        self.is_fast_start = is_fast_start
        (self.folder / "server.properties").write_text(f"""
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}
controller.listener.names=CONTROLLER
log.dirs={self.folder}/log
num.partitions=4
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.segment.bytes=268435456
log.retention.bytes=2147483648
""", encoding="utf-8")
        self._java("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", self.folder / "server.properties").wait(60)
        self.start()

    def _java(self, *arguments, stdin=None):
        log = open(self.folder / "kafka.log", "a", encoding="utf-8")
        options = ["-Xmx1g", "-Xms256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
        if self.is_fast_start:
            options.append("-XX:TieredStopAtLevel=1")
        try:
            return subprocess.Popen(["java", *options, "-cp", f"{self.jars}/*", *map(str, arguments)], stdin=stdin, stdout=log, stderr=log)
        finally:
            log.close()

    def start(self):
        self.process = self._java("kafka.Kafka", self.folder / "server.properties")
        deadline = time.monotonic() + 150  # a busy machine takes its time
        while True:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("Kafka did not start: " + (self.folder / "kafka.log").read_text(encoding="utf-8")[-2000:])
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)

    def stop(self, how=signal.SIGTERM):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def send(self, topic, lines):
        """Publishes each line as a message without a key, through Kafka's own producer."""
        process = self._java("kafka.tools.ConsoleProducer", "--bootstrap-server", self.brokers, "--topic", topic, stdin=subprocess.PIPE)
        process.communicate("".join(line + "\n" for line in lines).encode(), timeout=60)
        if process.returncode != 0:
            raise RuntimeError(f"Kafka's producer ended with {process.returncode}")

    def committed(self, group):
        """{partition: (committed offset or None, end)} of a group, as Kafka's own tool tells it."""
        done = subprocess.run(["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{self.jars}/*", "kafka.admin.ConsumerGroupCommand",
                               "--bootstrap-server", self.brokers, "--describe", "--group", group],
                              capture_output=True, text=True, timeout=120, check=False)
        found = {}
        for line in done.stdout.splitlines():
            words = line.split()
            if words[:1] == [group] and words[2].isdigit():
                found[int(words[2])] = (int(words[3]) if words[3].isdigit() else None, int(words[4]))
        if done.returncode != 0 or not found:
            raise RuntimeError(f"Kafka does not tell what {group} has committed: {done.stdout}{done.stderr}")
        return found

    def restart(self):
        """As after a crash: killed without warning, then started on the same port and log."""
        self.stop(signal.SIGKILL)
        self.start()


def main():
    with tempfile.TemporaryDirectory(prefix="headroom-kafka-") as folder:
        kafka = Kafka(folder, is_fast_start=False)
        try:
            words = [word.replace("{brokers}", kafka.brokers) for word in sys.argv[1:]]
            return subprocess.run(words, check=False).returncode
        finally:
            kafka.stop()


if __name__ == "__main__":
    sys.exit(main())
