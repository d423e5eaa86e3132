"""The live channels: every audit entry once and in order, also across a restart; loads once a second."""
import json
import pathlib
import threading
import unittest

from support import Server, scratch
from test_serve import GRID
from websocket import WebSocket


def read_until(socket, last):
    messages = []
    while not messages or messages[-1]["seq"] < last:
        message = socket.read_json()
        assert message is not None, f"closed with {socket.code} before {last}"
        messages.append(message)
    return messages


class Live(unittest.TestCase):
    def setUp(self):
        self.folder = scratch()
        self.path = pathlib.Path(self.folder.name)
        (self.path / "grid.csv").write_text(GRID)
        self.server = self.serve()

    def serve(self):
        return Server(self.path / "data", "--grid", self.path / "grid.csv")

    def tearDown(self):
        if self.server.process.poll() is None:
            self.assertEqual(self.server.stop(), 0)
        self.folder.cleanup()

    def last_seq(self):
        return self.server.get_json("/api/v1/status")[1]["audit"]["size"] - 1

    def command(self, number):
        status, _ = self.server.post_json("/api/v1/stop", {"area": "F1", "stopped": number % 2 == 0, "reason": f"drill {number}"})
        self.assertEqual(status, 200)

    def test_only_new_entries_after_a_hello(self):
        with WebSocket(self.server.port, "/ws") as socket:
            hello = socket.read_json()
            self.assertEqual((hello["type"], hello["seq"]), ("hello", self.last_seq()))
            self.command(0)
            entry = socket.read_json()
            self.assertEqual((entry["seq"], entry["type"]), (hello["next_seq"], "stop.all"))
            self.assertEqual(set(entry["data"]), {"event_id", "feeder_id", "state", "outcome", "text"})

    def test_no_gap_and_no_double_at_the_seam_under_appends(self):
        writers = [threading.Thread(target=lambda: [self.command(i) for i in range(40)]) for _ in range(3)]
        for writer in writers:
            writer.start()
        readers = [WebSocket(self.server.port, "/ws?since=0") for _ in range(4)]
        for writer in writers:
            writer.join()
        last = self.last_seq()
        self.assertGreaterEqual(last, 120)
        for socket in readers:
            self.assertEqual([message["seq"] for message in read_until(socket, last)], list(range(1, last + 1)))
            socket.close()

    def test_a_reader_resumes_across_a_kill_without_gap_or_double(self):
        with WebSocket(self.server.port, "/ws?since=0") as socket:
            self.command(0)
            seen = [message["seq"] for message in read_until(socket, self.last_seq())]
        self.command(1)
        self.server.kill()
        self.server = self.serve()
        self.command(2)
        with WebSocket(self.server.port, f"/ws?since={seen[-1]}") as socket:
            seen += [message["seq"] for message in read_until(socket, self.last_seq())]
        self.assertEqual(seen, list(range(1, len(seen) + 1)))

    def test_a_number_that_never_was_is_answered_with_a_snapshot(self):
        with WebSocket(self.server.port, "/ws?since=1000000") as socket:
            snapshot = socket.read_json()
            self.assertEqual((snapshot["type"], snapshot["next_seq"]), ("snapshot", self.last_seq() + 1))
            self.command(0)
            self.assertEqual(socket.read_json()["seq"], snapshot["next_seq"])

    def test_a_bad_since_is_refused(self):
        with WebSocket(self.server.port, "/ws?since=yesterday") as socket:
            self.assertIsNone(socket.read())
            self.assertEqual(socket.code, 1008)
        status, _, body = self.server.request("GET", "/api/v1/stream?since=yesterday")
        self.assertEqual((status, json.loads(body)["errors"][0]["pointer"]), (422, "/since"))

    def test_server_sent_events_tell_the_same(self):
        self.command(0)
        last = self.last_seq()
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        connection.request("GET", "/api/v1/stream", headers={"Last-Event-ID": "0"})
        response = connection.getresponse()
        self.assertEqual(response.getheader("Content-Type"), "text/event-stream")
        seqs, ids = [], []
        while not seqs or seqs[-1] < last:
            line = response.readline().decode().strip()
            if line.startswith("data:"):
                seqs.append(json.loads(line[5:])["seq"])
            elif line.startswith("id:"):
                ids.append(int(line[3:]))
        connection.close()
        self.assertEqual(seqs, list(range(1, last + 1)))
        self.assertEqual(ids, seqs)

    def test_state_comes_once_a_second_in_the_layout_order(self):
        now = self.server.get_json("/api/v1/status")[1]["now"]
        self.server.request("POST", "/api/v1/readings", json.dumps({"feeder": "F1", "ts": now, "kw": 42.5}), {"Content-Type": "application/json"})
        with WebSocket(self.server.port, "/ws/state?topics=header,feeders") as socket:
            messages = [socket.read_json() for _ in range(5)]
            self.assertEqual([message["topic"] for message in messages], ["layout", "header", "feeders", "header", "feeders"])
            self.assertEqual(messages[0]["feeder_ids"], ["F1"])
            feeders = messages[2]
            self.assertEqual((feeders["load_kw"], feeders["phase"], feeders["stale"], feeders["covered"]), ([42.5], "s", "0", "0"))
            self.assertEqual(len(feeders["limit_kw"]), 1)
            self.assertEqual(messages[1]["readings"]["accepted"], 1)
        with WebSocket(self.server.port, "/ws/state?topics=weather") as socket:
            self.assertIsNone(socket.read())
            self.assertEqual(socket.code, 1008)


if __name__ == "__main__":
    unittest.main()
