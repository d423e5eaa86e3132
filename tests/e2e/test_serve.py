"""The server: pages, readings, bad input, limits, a taken data directory, a clean stop."""
import datetime
import http.client
import gzip
import json
import re
import pathlib
import resource
import socket
import threading
import unittest

from support import Server, run, scratch, wait_for

GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,P1,,Hill Primary,52.1,-1.2,20000,primary,,
feeder,F1,P1,Mill Lane,52.1,-1.2,180,domestic,,
der,D1,F1,Battery at 3 Mill Lane,52.1,-1.2,5,battery,L1,10
"""


class Serving(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        cls.folder = scratch()
        cls.path = pathlib.Path(cls.folder.name)
        (cls.path / "grid.csv").write_text(GRID)
        cls.server = Server(cls.path / "data", "--grid", cls.path / "grid.csv")

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.folder.cleanup()
        assert code == 0, f"SIGTERM must end in exit 0, it was {code}"

    def readings(self, value, **headers):
        body = value if isinstance(value, (str, bytes)) else json.dumps(value)
        status, _, answer = self.server.request("POST", "/api/v1/readings", body, {"Content-Type": "application/json", **headers})
        return status, json.loads(answer)

    def now(self):
        return self.server.get_json("/api/v1/status")[1]["now"]

    def test_root_answers_by_accept(self):
        status, headers, body = self.server.request("GET", "/", headers={"Accept": "text/html"})
        self.assertEqual(status, 200)
        self.assertIn(b"<title>Headroom", body)
        self.assertIn("default-src 'none'", headers["content-security-policy"])
        status, service = self.server.get_json("/")
        self.assertEqual(service["status"], "running")

    def test_pages_and_their_files(self):
        html = {"Accept": "text/html"}
        _, _, body = self.server.request("GET", "/", headers=html)
        names = re.findall(rb'(?:src|href)="(/[^"]+)"', body)
        self.assertTrue(any(name.startswith(b"/assets/") for name in names))
        for name in names:
            status, headers, plain = self.server.request("GET", name.decode())
            self.assertEqual(status, 200, name)
            status, packed_headers, packed = self.server.request("GET", name.decode(), headers={"Accept-Encoding": "gzip"})
            if packed_headers.get("content-encoding") == "gzip":
                self.assertEqual(gzip.decompress(packed), plain)
            status, _, nothing = self.server.request("GET", name.decode(), headers={"If-None-Match": headers["etag"]})
            self.assertEqual((status, nothing), (304, b""))
            self.assertEqual("immutable" in headers["cache-control"], name.startswith(b"/assets/"))
        self.assertEqual(self.server.request("GET", "/events/ev-1", headers=html)[2], body)
        self.assertEqual(self.server.request("GET", "/events/ev-1")[0], 404)
        self.assertEqual(self.server.request("GET", "/assets/none.js", headers=html)[0], 404)
        self.assertEqual(self.server.request("GET", "/api/v1/none", headers=html)[0], 404)

    def test_health_and_metrics(self):
        self.assertEqual(self.server.get_json("/health")[1]["status"], "healthy")
        self.assertEqual(self.server.get_json("/livez")[0], 200)
        self.assertEqual(self.server.get_json("/readyz")[0], 200)
        self.assertEqual(self.server.request("GET", "/metrics")[0], 200)
        self.assertEqual(self.server.get_json("/beckn/health")[0], 200)

    def test_one_reading_an_array_and_lines(self):
        now = self.now()
        status, answer = self.readings({"feeder": "F1", "ts": now, "kw": 42.5})
        self.assertEqual((status, answer["accepted"]), (200, 1))
        status, answer = self.readings([{"feeder": "F1", "ts": now, "kw": 11, "phase": "L1"}, {"feeder": "F1", "ts": now, "kw": 12, "phase": "L2"}])
        self.assertEqual((status, answer["received"], answer["accepted"]), (200, 2, 2))
        lines = "\n".join(json.dumps({"feeder": "F1", "ts": now, "kw": 13 + i, "phase": "L3"}) for i in range(2))
        status, answer = self.readings(lines, **{"Content-Type": "application/x-ndjson"})
        self.assertEqual((status, answer["received"], answer["accepted"], answer["conflicts"]), (200, 2, 1, 1))
        status, answer = self.readings({"feeder": "F1", "ts": now, "kw": 42.5})
        self.assertEqual((status, answer["duplicates"]), (200, 1))

    def test_readings_that_cannot_be_believed_are_counted_by_reason(self):
        now = self.now()
        cases = {
            "unknown_point": {"feeder": "F99", "ts": now, "kw": 1},
            "no_zone": {"feeder": "F1", "ts": "2026-01-01T00:00:00", "kw": 1},
            "future": {"feeder": "F1", "ts": "2190-01-01T00:00:00Z", "kw": 1},
            "out_of_range": {"feeder": "F1", "ts": now, "kw": 1e12},
            "bad_time": {"feeder": "F1", "ts": "yesterday", "kw": 1},
            "malformed": {"feeder": "F1", "kw": 1},
        }
        for reason, reading in cases.items():
            with self.subTest(reason):
                status, answer = self.readings([reading])
                self.assertEqual(status, 200)
                self.assertEqual(answer["accepted"], 0)
                self.assertEqual(answer["quarantined"], {reason: 1}, answer)
                self.assertTrue(answer["errors"][0]["detail"])

    def test_numbers_that_are_none(self):
        for text in ('{"feeder":"F1","ts":"%s","kw":NaN}', '{"feeder":"F1","ts":"%s","kw":1e400}', '{"feeder":"F1","ts":"%s","kw":"many"}'):
            with self.subTest(text):
                status, answer = self.readings(text % self.now())
                self.assertTrue(status == 400 or answer["accepted"] == 0, answer)

    def test_malformed_json_is_a_problem_document(self):
        status, answer = self.readings('{"feeder": ')
        self.assertEqual(status, 400)
        self.assertEqual(answer["status"], 400)
        self.assertTrue(answer["title"] and answer["detail"])

    def test_a_body_of_100_megabytes_is_refused_without_being_read(self):
        connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=20)
        with connection:
            connection.sendall(b"POST /api/v1/stop HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n")
            self.assertIn(b" 413 ", connection.recv(4096).split(b"\r\n")[0])
        self.assertEqual(self.server.get_json("/livez")[0], 200)

    def test_a_long_stream_of_lines_is_taken(self):
        line = json.dumps({"feeder": "F99", "ts": self.now(), "kw": 1}) + "\n"
        count = 200000
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)
        chunk = (line * 1000).encode()
        connection.request("POST", "/api/v1/readings", body=(chunk for _ in range(count // 1000)), encode_chunked=True,
                           headers={"Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        self.assertEqual((response.status, answer["received"], answer["quarantined"]["unknown_point"]), (200, count, count))
        self.assertLessEqual(len(answer["errors"]), 1000)

    def test_thousands_of_idle_connections_do_not_stop_it(self):
        idle = [socket.create_connection(("127.0.0.1", self.server.port)) for _ in range(2000)]
        try:
            self.assertEqual(self.server.get_json("/livez")[0], 200)
        finally:
            for connection in idle:
                connection.close()

    def test_unknown_routes_and_methods(self):
        status, headers, body = self.server.request("GET", "/nothing/here")
        self.assertEqual((status, headers["content-type"].split(";")[0]), (404, "application/problem+json"))
        status, headers, _ = self.server.request("DELETE", "/api/v1/readings")
        self.assertEqual(status, 405)
        self.assertIn("POST", headers["allow"])

    def test_commands_need_a_reason(self):
        status, answer = self.server.post_json("/api/v1/stop", {"area": ""})
        self.assertEqual((status, answer["errors"][0]["pointer"]), (422, "/reason"))
        status, _ = self.server.post_json("/api/v1/stop", {"area": "", "reason": "drill"})
        self.assertEqual(status, 200)
        status, _ = self.server.post_json("/api/v1/stop", {"area": "", "stopped": False, "reason": "drill is over"})
        self.assertEqual(status, 200)
        status, answer = self.server.post_json("/api/v1/feeders/F99/state", {"state": "permit", "held": True, "reason": "work"})
        self.assertEqual(status, 404)
        status, _ = self.server.post_json("/api/v1/feeders/F1/state", {"state": "permit", "held": True, "reason": "work on the line"})
        self.assertEqual(status, 200)

    def test_unsigned_callbacks_are_refused(self):
        status, headers, _ = self.server.request("POST", "/beckn/on_search", "{}", {"Content-Type": "application/json"})
        self.assertEqual(status, 401)
        self.assertIn("www-authenticate", headers)

    def test_a_data_directory_in_use_is_refused_with_its_holder(self):
        second = run("serve", "--grid", self.path / "grid.csv", "--port", "0", "--data-dir", self.path / "data", timeout=30)
        self.assertNotEqual(second.returncode, 0)
        self.assertIn(str(self.server.process.pid), second.stderr)

    def test_a_taken_port_is_named_with_the_remedy(self):
        second = run("serve", "--grid", self.path / "grid.csv", "--port", self.server.port, "--data-dir", self.path / "other", timeout=30)
        self.assertNotEqual(second.returncode, 0)
        self.assertIn(str(self.server.port), second.stderr)
        self.assertIn("--port", second.stderr)


class DataDirectory(unittest.TestCase):
    def test_a_newer_format_is_refused_with_the_remedy(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "grid.csv").write_text(GRID)
            with Server(path / "data", "--grid", path / "grid.csv") as server:
                self.assertEqual(server.stop(), 0)
            (path / "data" / "FORMAT").write_text("99\n")
            refused = run("serve", "--grid", path / "grid.csv", "--port", "0", "--data-dir", path / "data", timeout=30)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("99", refused.stderr)

    def test_what_was_commanded_survives_a_kill(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "grid.csv").write_text(GRID)
            with Server(path / "data", "--grid", path / "grid.csv") as server:
                self.assertEqual(server.post_json("/api/v1/stop", {"area": "F1", "reason": "drill"})[0], 200)
                size = server.get_json("/api/v1/status")[1]["audit"]["size"]
                server.kill()
            with Server(path / "data", "--grid", path / "grid.csv") as server:
                self.assertGreaterEqual(server.get_json("/api/v1/status")[1]["audit"]["size"], size)
                self.assertEqual(server.stop(), 0)
            self.assertEqual(run("audit", "verify", "--data-dir", path / "data").returncode, 0)


class FirstMoment(unittest.TestCase):
    def test_an_overload_that_is_seen_before_the_start_is_over_is_not_lost(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "grid.csv").write_text(GRID)
            with Server(path / "data", "--grid", path / "grid.csv") as server:
                now = datetime.datetime.now(datetime.timezone.utc)
                lines = [{"feeder_id": "F1", "timestamp": (now - datetime.timedelta(minutes=12 - i)).strftime("%Y-%m-%dT%H:%M:%SZ"), "kw": 400.0} for i in range(12)]
                status, _, answer = server.request("POST", "/api/v1/readings", json.dumps(lines), {"Content-Type": "application/json"})
                self.assertEqual((status, json.loads(answer)["accepted"]), (200, 12))
                wait_for(lambda: server.get_json("/api/v1/events")[1]["events"], 20, "the event")

    def test_a_reading_that_is_acknowledged_before_the_start_is_over_outlives_a_stop(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "grid.csv").write_text(GRID)
            at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            with Server(path / "data", "--grid", path / "grid.csv") as server:
                self.assertEqual(server.post_json("/api/v1/readings", {"feeder_id": "F1", "timestamp": at, "kw": 123.0})[1]["accepted"], 1)
                self.assertEqual(server.stop(), 0)
            with Server(path / "data", "--grid", path / "grid.csv") as server:
                self.assertEqual(server.get_json("/api/v1/feeders/F1")[1]["load_kw"], 123.0)


class LastMoment(unittest.TestCase):
    def test_readings_that_are_acknowledged_while_it_stops_outlive_it(self):
        with scratch() as folder:
            path = pathlib.Path(folder)
            (path / "grid.csv").write_text(GRID)
            begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
            acknowledged = 0
            with Server(path / "data", "--grid", path / "grid.csv") as server:
                def flood():
                    nonlocal acknowledged
                    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
                    try:
                        for number in range(1, 3000):
                            at = (begin + datetime.timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
                            connection.request("POST", "/api/v1/readings", json.dumps({"feeder_id": "F1", "timestamp": at, "kw": number / 100}), {"Content-Type": "application/json"})
                            answer = connection.getresponse()
                            if answer.status != 200 or json.loads(answer.read())["accepted"] != 1:
                                return
                            acknowledged = number
                    except (OSError, http.client.HTTPException):
                        return  # it takes no more
                    finally:
                        connection.close()

                sender = threading.Thread(target=flood)
                sender.start()
                wait_for(lambda: acknowledged >= 20, 20, "the first readings")
                self.assertEqual(server.stop(), 0)
                sender.join()
            self.assertLess(acknowledged, 2999, "it was stopped under way")
            with Server(path / "data", "--grid", path / "grid.csv") as server:
                self.assertGreaterEqual(server.get_json("/api/v1/feeders/F1")[1]["load_kw"], acknowledged / 100)


if __name__ == "__main__":
    unittest.main()
