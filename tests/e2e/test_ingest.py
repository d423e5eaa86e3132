"""Readings from outside: every form of body, bodies that are wrong, and files replayed by `headroom ingest`; counts add up each time."""
import datetime
import gzip
import json
import pathlib
import select
import socket
import struct
import threading
import unittest

from support import SHARED, Server, run, scratch

FEEDERS = 20
NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def text_of(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def grid_file(folder):
    path = pathlib.Path(folder) / "grid.csv"
    rows = "".join(f"feeder,F{i},P1,Feeder {i},52.1,-1.2,180,domestic,,\n" for i in range(FEEDERS))
    path.write_text("type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\nsubstation,P1,,Hill,52.1,-1.2,9000,primary,,\n" + rows)
    return path


def lines(start, count, feeders=FEEDERS):
    """Minutes of some feeders from `start` on."""
    rows = [{"feeder": f"F{i % feeders}", "ts": text_of(start + datetime.timedelta(minutes=i // feeders)), "kw": 40 + i % 7} for i in range(count)]
    return "".join(json.dumps(row) + "\n" for row in rows)


def total(receipt):
    return receipt["accepted"] + receipt["duplicates"] + receipt["conflicts"] + sum(receipt["quarantined"].values())


class LosesAnswers:
    """Stands between a client and a server and cuts the connection before the first answers get through."""

    def __init__(self, port, losses):
        self.server_port = port
        self.losses = losses
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.forward, args=(client,), daemon=True).start()

    def forward(self, client):
        with client, socket.create_connection(("127.0.0.1", self.server_port)) as server:
            while True:
                ready, _, _ = select.select([client, server], [], [])
                for source in ready:
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is client:
                        server.sendall(data)
                    elif self.losses > 0:
                        self.losses -= 1
                        return
                    else:
                        client.sendall(data)

    def close(self):
        self.listener.close()


class Ingest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.path = pathlib.Path(cls.folder.name)
        cls.server = Server(cls.path / "data", "--grid", grid_file(cls.path))
        cls.next = utc_now() - datetime.timedelta(hours=20)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.folder.cleanup()

    def fresh(self):
        """A stretch of time that no other test has sent."""
        type(self).next += datetime.timedelta(minutes=45)
        return self.next

    def post(self, body, headers, status=200):
        got, answer_headers, answer = self.server.request("POST", "/api/v1/readings", body, headers, timeout=60)
        self.assertEqual(got, status, answer[:500])
        return json.loads(answer) if status == 200 else answer_headers

    def totals(self):
        return self.server.get_json("/api/v1/status")[1]["readings"]

    def ingest(self, *arguments, code=0, url=None):
        finished = run("ingest", "--json", "--to", url or f"http://127.0.0.1:{self.server.port}", *arguments)
        self.assertEqual(finished.returncode, code, finished.stderr)
        return json.loads(finished.stdout) if finished.stdout else finished.stderr

    def own_file(self, name, start, count):
        rows = "".join(f"F{i % FEEDERS},{text_of(start + datetime.timedelta(minutes=i // FEEDERS))},{40 + i % 7}\n" for i in range(count))
        text = "feeder_id,timestamp,kw\n" + rows
        path = self.path / name
        if name.endswith(".gz"):
            path.write_bytes(gzip.compress(text.encode()))
        else:
            path.write_text(text)
        return path

    # Bodies.

    def test_lines_packed_and_plain(self):
        start = self.fresh()
        body = lines(start, 400)
        packed = dict(NDJSON, **{"Content-Encoding": "gzip"})
        self.assertEqual(self.post(gzip.compress(body.encode()), packed)["accepted"], 400)
        again = self.post(body, NDJSON)
        self.assertEqual((again["received"], total(again)), (400, 400))
        self.assertGreaterEqual(again["duplicates"], 380)

    def test_compact_batches_and_cbor(self):
        start = self.fresh()
        table = b"\x00\x04\x02F1" + b"\x00\x04\x02F2"
        rows = b"".join(struct.pack("<diIIBxxx", 41.5 + i, i * 60000, 0, i % 2, 0) for i in range(10))
        batch = b"HRB\x01" + struct.pack("<IIIqHBBI", 32 + len(table) + len(rows), 10, 2, int(start.timestamp() * 1000), 24, 0, 0, len(table)) + table + rows
        receipt = self.post(batch, {"Content-Type": "application/vnd.headroom.readings"})
        self.assertEqual((receipt["received"], receipt["accepted"]), (10, 10))
        self.post(batch[:-1], {"Content-Type": "application/vnd.headroom.readings"}, 400)
        moment = text_of(start + datetime.timedelta(minutes=30)).encode()
        reading = b"\xa3\x66feeder\x62F3\x62ts\x74" + moment + b"\x62kw\xf9\x3e\x00"
        receipt = self.post(b"\x9f" + reading + reading + b"\xff", {"Content-Type": "application/cbor"})
        self.assertEqual((receipt["received"], total(receipt)), (2, 2))
        self.post(b"\x9f" + reading, {"Content-Type": "application/cbor"}, 400)

    def test_garbage_is_refused_or_counted(self):
        before = self.totals()
        self.post(b"\x00\xffgarbage", JSON, 400)
        self.post(b"[1,2", JSON, 400)
        receipt = self.post(b"garbage\n\x00\x01\xfe\n{\"feeder\":\"F1\"}\n[]\n", NDJSON)
        self.assertEqual(receipt["received"], 4)
        self.assertEqual(receipt["quarantined"], {"malformed": 4})
        self.post(lines(self.fresh(), 10), {"Content-Type": "text/plain"}, 415)
        self.post(lines(self.fresh(), 10), dict(NDJSON, **{"Content-Encoding": "br"}), 415)
        self.assertEqual(self.totals()["accepted"], before["accepted"])

    def test_a_packed_body_that_is_cut_off_counts_what_it_gave(self):
        before = self.totals()
        packed = gzip.compress(lines(self.fresh(), 800).encode())
        headers = dict(NDJSON, **{"Content-Encoding": "gzip"})
        self.post(packed[: len(packed) // 2], headers, 400)
        taken = self.totals()["accepted"] - before["accepted"]
        self.assertGreater(taken, 0)
        self.assertLess(taken, 800)
        receipt = self.post(packed, headers)
        self.assertEqual(total(receipt), 800)
        self.assertEqual(self.totals()["accepted"] - before["accepted"], taken + receipt["accepted"])

    def test_a_bomb_is_stopped(self):
        bomb = gzip.compress(b" " * (64 << 20))
        for kind in (JSON, NDJSON):
            headers = dict(kind, **{"Content-Encoding": "gzip"})
            got, _, answer = self.server.request("POST", "/api/v1/readings", bomb, headers, timeout=60)
            self.assertIn(got, (400, 413), answer)

    def test_a_document_of_100_megabytes_is_refused(self):
        with socket.create_connection(("127.0.0.1", self.server.port)) as peer:
            size = 100 << 20
            peer.sendall(f"POST /api/v1/readings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n[".encode())
            block = b"{}," * 20000
            sent = 1
            while sent < size and not select.select([peer], [], [], 0)[0]:
                sent += peer.send(block)
            self.assertIn(b" 413 ", peer.recv(4096).split(b"\r\n")[0])
            self.assertLess(sent, size)

    def test_a_clock_that_is_ten_minutes_off(self):
        ahead = utc_now() + datetime.timedelta(minutes=10)
        body = "".join(json.dumps({"feeder": "F5", "ts": text_of(ahead + datetime.timedelta(seconds=i)), "kw": 1, "source": "off"}) + "\n" for i in range(50))
        receipt = self.post(body + lines(self.fresh(), 50), NDJSON)
        self.assertEqual((receipt["received"], total(receipt)), (100, 100))
        self.assertEqual(receipt["quarantined"], {"future": 50})
        self.assertIn("ahead of the clock", receipt["errors"][0]["detail"])

    def test_the_clock_goes_on_while_lines_come(self):
        # As far ahead as is let pass, seen from now; from the beginning of the body it would be too far.
        def chunk(feeder):
            ahead = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=119)
            line = json.dumps({"feeder": feeder, "ts": text_of(ahead), "kw": 1}).encode() + b"\n"
            return b"%x\r\n%s\r\n" % (len(line), line)

        with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as peer:
            peer.sendall(b"POST /api/v1/readings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
                         b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
            for i in range(4):
                peer.sendall(chunk(f"F{i}"))
                threading.Event().wait(1)  # the time that goes on is the test
            peer.sendall(b"0\r\n\r\n")
            answer = b"".join(iter(lambda: peer.recv(4096), b""))
        receipt = json.loads(answer.partition(b"\r\n\r\n")[2])
        self.assertEqual((receipt["accepted"], receipt["quarantined"]), (4, {}))

    def test_reordered_and_repeated_lines_add_up(self):
        rows = lines(self.fresh(), 600).splitlines(keepends=True)
        mixed = rows[::-1] + rows[::3] + rows[1::2]
        receipt = self.post("".join(mixed), NDJSON)
        self.assertEqual((receipt["received"], total(receipt)), (len(mixed), len(mixed)))
        self.assertEqual(receipt["quarantined"], {})

    def test_too_many_uploads_are_asked_to_come_again(self):
        head = b"POST /api/v1/readings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000\r\n\r\n\n"
        peers = []
        try:
            for _ in range(64):
                peers.append(socket.create_connection(("127.0.0.1", self.server.port)))
                peers[-1].sendall(head)
            for _ in range(200):  # until the server has seen them all
                got, headers, _ = self.server.request("POST", "/api/v1/readings?dry_run=true", b"\n", NDJSON)
                if got == 429:
                    break
            self.assertEqual(got, 429)
            self.assertGreaterEqual(int(headers["retry-after"]), 1)
        finally:
            for peer in peers:
                peer.close()
        for _ in range(200):
            got, _, _ = self.server.request("POST", "/api/v1/readings?dry_run=true", b"\n", NDJSON)
            if got == 200:
                break
        self.assertEqual(got, 200)

    # headroom ingest

    def test_a_file_is_accounted_for(self):
        start = self.fresh()
        path = self.own_file("plain.csv", start, 500)
        with path.open("a") as file:
            file.write("F1,nonsense,4\nnobody," + text_of(start) + ",4\nF1," + text_of(start).rstrip("Z") + ",4\n")
        summary = self.ingest(path)
        self.assertTrue(summary["reconciled"])
        self.assertEqual(summary["kept_back"], {"no_zone": 1, "bad_time": 1})
        self.assertEqual((summary["sent"], summary["accepted"]), (501, 500))
        self.assertEqual(summary["quarantined"], {"unknown_point": 1})
        again = self.ingest(path)
        self.assertEqual(again["sent"], again["accepted"] + again["duplicates"] + 1)

    def test_a_paced_replay_of_two_files(self):
        start = self.fresh()
        first = self.own_file("first.csv.gz", start, 100)
        second = self.own_file("second.csv", start + datetime.timedelta(minutes=5), 100)
        summary = self.ingest("--speed", "3600", first, second)
        self.assertEqual((summary["sent"], summary["reconciled"]), (200, True))
        self.assertEqual(summary["accepted"], 200)

    def test_lost_answers_lose_no_reading_and_count_none_twice(self):
        path = self.own_file("lost.csv", self.fresh(), 600)
        before = self.totals()["accepted"]
        between = LosesAnswers(self.server.port, 2)
        try:
            summary = self.ingest(path, url=f"http://127.0.0.1:{between.port}")
        finally:
            between.close()
        self.assertEqual((summary["sent"], summary["reconciled"]), (600, True))
        self.assertGreaterEqual(summary["repeats"], 2)
        self.assertEqual(self.totals()["accepted"] - before, 600)

    def test_clear_errors(self):
        path = self.own_file("errors.csv", self.fresh(), 10)
        odd = self.path / "odd.csv"
        odd.write_text("colour,shape\nred,round\n")
        self.ingest(odd, code=2)
        finished = run("ingest", "--to", "http://127.0.0.1:9", "--patience", "0", path)
        self.assertEqual(finished.returncode, 74, finished.stderr)
        self.assertIn("127.0.0.1", finished.stderr)
        self.assertEqual(run("ingest", "--speed", "fast", path).returncode, 2)
        self.assertEqual(run("ingest", self.path / "nothing.csv").returncode, 2)

    def test_real_files(self):
        files = sorted((SHARED / "data").glob("nl_substations/*.csv.gz"))[:2] + sorted((SHARED / "data").glob("stentaway/demand_pv.csv.gz"))
        if not files:
            self.skipTest("the shared data is not beside the project")
        summary = self.ingest(*files)
        self.assertTrue(summary["reconciled"])
        self.assertGreater(summary["sent"], 10000)
        self.assertEqual(summary["read"], summary["sent"])


if __name__ == "__main__":
    unittest.main()
