"""Who may come in: users, keys, sessions, and what the audit log says of them, with the built binary over real sockets."""
import base64
import http.client
import json
import os
import pathlib
import socket
import subprocess
import unittest

import support

PASSWORD = "correct horse battery 17"
GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,P1,,Hill Primary,52.1,-1.2,20000,primary,,
feeder,F1,P1,Mill Lane,52.1,-1.2,180,domestic,,
"""
WORLD = ("--demo", "--websocket", "--feeders", "3", "--speed", "1")
OTHER = "another long password 42"


def command(*arguments, data, stdin=None):
    return subprocess.run([support.BINARY, *arguments, "--data-dir", str(data)], input=stdin, capture_output=True, text=True, timeout=120, check=False)


def add_user(data, name, role, password=PASSWORD):
    done = command("user", "add", name, "--role", role, "--password-file", "-", data=data, stdin=password)
    assert done.returncode == 0, done.stderr
    return done


def add_key(data, name, role):
    done = command("key", "add", name, "--role", role, "--json", data=data)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["key"]


def entries(data):
    done = command("audit", "export", data=data)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def first_refused(attempt, tries=10):
    """The first answer that asks to wait."""
    for _ in range(tries):
        answer = attempt()
        if answer[0] == 429:
            return answer
        assert answer[0] == 401, answer
    raise AssertionError(f"{tries} failures more, and nobody has to wait")


class Room(support.Server):
    """A small room, simulated unless a grid is given."""

    def __init__(self, data, *arguments):
        super().__init__(data, *(() if "--grid" in arguments else WORLD), *arguments)

    def login(self, name, password=PASSWORD, headers=None):
        body = json.dumps({"name": name, "password": password})
        return self.request("POST", "/api/v1/login", body, {"Content-Type": "application/json", **(headers or {})})

    def cookie(self, name, password=PASSWORD):
        status, headers, body = self.login(name, password)
        assert status == 200, (status, body)
        return headers["set-cookie"].split(";")[0]

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def stop_all(self, headers):
        body = json.dumps({"area": "", "stopped": True, "reason": "a test"})
        return self.request("POST", "/api/v1/stop", body, {"Content-Type": "application/json", **headers})


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = support.scratch()
        self.addCleanup(folder.cleanup)
        self.data = pathlib.Path(folder.name) / "data"

    def test_users_and_keys_are_added_listed_changed_and_removed(self):
        add_user(self.data, "op-17", "operator")
        self.assertEqual(command("user", "role", "op-17", "--role", "approver", data=self.data).returncode, 0)
        self.assertEqual(command("user", "passwd", "op-17", "--password-file", "-", data=self.data, stdin=OTHER + "\n").returncode, 0)
        listed = json.loads(command("user", "list", "--json", data=self.data).stdout)
        self.assertEqual([(user["name"], user["role"]) for user in listed["users"]], [("op-17", "approver")])
        key = add_key(self.data, "meters-1", "operator")
        self.assertRegex(key, r"^hr_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$")
        file = self.data / "keys" / "identity.json"
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        text = file.read_text()
        for secret in (PASSWORD, OTHER, key.split("_", 2)[2]):
            self.assertNotIn(secret, text)
        self.assertIn("$argon2id$v=19$m=65536,t=3,p=1$", text)
        self.assertEqual(command("key", "revoke", "meters-1", data=self.data).returncode, 0)
        self.assertEqual(command("user", "remove", "op-17", data=self.data).returncode, 0)
        self.assertEqual(json.loads(command("key", "list", "--json", data=self.data).stdout), {"keys": []})

    def test_faults_are_said_with_their_remedy(self):
        for name, role, password, code, word in (
            ("op-17", "operator", "short", 2, "at least 12 characters"),
            ("a.person@example.com", "operator", PASSWORD, 2, "pseudonym"),
            ("op-17", "emperor", PASSWORD, 2, "role"),
            ("op-17", "device", PASSWORD, 2, "role"),
        ):
            done = command("user", "add", name, "--role", role, "--password-file", "-", data=self.data, stdin=password)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(word, done.stderr)
            self.assertNotIn(PASSWORD, done.stderr)
        add_user(self.data, "op-17", "operator")
        again = command("user", "add", "op-17", "--role", "viewer", "--password-file", "-", data=self.data, stdin=PASSWORD)
        self.assertEqual((again.returncode, "taken" in again.stderr), (1, True))
        self.assertIn("no user op-18", command("user", "remove", "op-18", data=self.data).stderr)
        self.assertIn("--data-dir", command("key", "revoke", "x", data=self.data / "elsewhere").stderr)
        missing = command("user", "passwd", "op-17", "--password-file", "/nowhere/p", data=self.data)
        self.assertEqual((missing.returncode, "cannot be read" in missing.stderr), (1, True))

    def test_a_file_that_others_can_read_is_refused(self):
        add_user(self.data, "op-17", "operator")
        file = self.data / "keys" / "identity.json"
        file.chmod(0o644)
        listed = command("user", "list", data=self.data)
        self.assertEqual(listed.returncode, 1)
        self.assertIn("chmod 600", listed.stderr)

    def test_each_command_has_an_example(self):
        for words in (("user", "add"), ("user", "list"), ("user", "remove"), ("user", "passwd"), ("user", "role"), ("key", "add"), ("key", "list"), ("key", "revoke")):
            self.assertIn("Example:", support.run(*words, "--help").stdout, words)


class OpenDoor(unittest.TestCase):
    def setUp(self):
        folder = support.scratch()
        self.addCleanup(folder.cleanup)
        self.data = pathlib.Path(folder.name) / "data"

    def test_without_users_this_computer_is_the_marked_demo_user(self):
        with Room(self.data) as room:
            status, session = room.get_json("/api/v1/session")
            self.assertEqual(status, 200)
            self.assertEqual((session["user"], session["is_demo"], session["auth_required"]), ("demo-user", True, False))
            self.assertEqual(room.stop_all({})[0], 200)
            # A page of another origin must not use the open door: neither by a form nor under a name of its own.
            self.assertEqual(room.stop_all({"Origin": "https://evil.example"})[0], 403)
            self.assertEqual(room.stop_all({"Origin": "null"})[0], 403)
            self.assertEqual(room.stop_all({"Origin": room.origin})[0], 200)
            self.assertEqual(room.request("GET", "/api/v1/status", headers={"Host": "evil.example"})[0], 421)
            self.assertEqual(room.request("GET", "/api/v1/status", headers={"Host": f"localhost:{room.port}"})[0], 200)
            self.assertEqual(room.login("op-17")[0], 409)
            # The first user closes the door, without a restart.
            add_user(self.data, "op-17", "operator")
            support.wait_for(lambda: room.request("GET", "/api/v1/status")[0] == 401, 10, "the door's closing")
            self.assertEqual(room.request("GET", "/livez")[0], 200)
            # And it stays closed when that user is removed: nobody opens it by removing a file.
            (self.data / "keys" / "identity.json").unlink()
            self.assertEqual(room.request("GET", "/api/v1/status")[0], 401)
            self.assertEqual(room.stop(), 0)
        stops = [entry for entry in entries(self.data) if entry["type"] == "stop.all"]
        self.assertEqual({entry["actor"]["id"] for entry in stops}, {"demo-user"})

    def test_the_network_is_not_served_without_anybody_to_ask_for(self):
        done = support.run("serve", "--demo", "--host", "0.0.0.0", "--port", "0", "--data-dir", self.data, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("headroom user add", done.stderr)
        add_key(self.data, "meters-1", "operator")
        with Room(self.data, "--host", "0.0.0.0") as room:
            self.assertEqual(room.request("GET", "/api/v1/status")[0], 401)


class ClosedDoor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = support.scratch()
        cls.data = pathlib.Path(cls.folder.name) / "data"
        for name, role in (("view-1", "viewer"), ("op-17", "operator"), ("appr-2", "approver"), ("gone-3", "operator"), ("audit-4", "auditor")):
            add_user(cls.data, name, role)
        cls.key = add_key(cls.data, "meters-1", "operator")
        cls.room = Room(cls.data, "--cors-origin", "https://screens.example", "--cors-origin", "http://localhost:5173")

    @classmethod
    def tearDownClass(cls):
        with cls.room:
            pass
        cls.folder.cleanup()

    def test_strangers_get_in_nowhere_but_where_nothing_is_asked(self):
        for path in ("/livez", "/readyz", "/health", "/api/v1/session", "/"):
            self.assertIn(self.room.request("GET", path)[0], (200, 503), path)
        status, headers, body = self.room.request("GET", "/api/v1/status")
        self.assertEqual(status, 401)
        self.assertTrue(headers["www-authenticate"].startswith("Bearer"))
        self.assertEqual(json.loads(body)["status"], 401)
        self.assertEqual(self.room.request("GET", "/metrics")[0], 401)
        self.assertEqual(self.room.stop_all({})[0], 401)
        self.assertEqual(self.room.get_json("/api/v1/session")[1]["authenticated"], False)

    def test_a_session_carries_name_and_role_and_ends_at_logout(self):
        status, headers, body = self.room.login("op-17")
        self.assertEqual((status, json.loads(body)), (200, {"user": "op-17", "role": "operator"}))
        flags = [part.strip() for part in headers["set-cookie"].split(";")[1:]]
        self.assertEqual(set(flags), {"Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Strict"})
        self.assertEqual(headers["cache-control"], "no-store")
        cookie = {"Cookie": headers["set-cookie"].split(";")[0]}
        session = json.loads(self.room.request("GET", "/api/v1/session", headers=cookie)[2])
        self.assertEqual((session["user"], session["role"], session["is_demo"], session["authenticated"]), ("op-17", "operator", False, True))
        self.assertEqual(self.room.request("GET", "/api/v1/status", headers=cookie)[0], 200)
        self.assertEqual(self.room.request("POST", "/api/v1/logout", headers={**cookie, "Origin": self.room.origin})[0], 204)
        self.assertEqual(self.room.request("GET", "/api/v1/status", headers=cookie)[0], 401)

    def test_a_role_opens_its_routes_and_no_others(self):
        stop = {"Origin": self.room.origin}
        for name, code in (("view-1", 403), ("audit-4", 403), ("op-17", 200), ("appr-2", 200)):
            status, _, body = self.room.stop_all({**stop, "Cookie": self.room.cookie(name)})
            self.assertEqual(status, code, (name, body))
            if code == 403:
                self.assertIn("needs the role operator", json.loads(body)["detail"])
        body = json.dumps({"sha256": "x", "reason": "r"})
        headers = {"Content-Type": "application/json", "Cookie": self.room.cookie("op-17"), **stop}
        self.assertEqual(self.room.request("POST", "/api/v1/events/ev-1/approve", body, headers)[0], 403)
        headers["Cookie"] = self.room.cookie("appr-2")
        self.assertEqual(self.room.request("POST", "/api/v1/events/ev-1/approve", body, headers)[0], 404)

    def test_a_cookie_changes_things_only_from_our_own_pages(self):
        cookie = {"Cookie": self.room.cookie("op-17")}
        self.assertEqual(self.room.stop_all(cookie)[0], 403)  # no Origin
        for origin in ("https://evil.example", "null", self.room.origin + ".evil.example", "https://screens.example.evil"):
            self.assertEqual(self.room.stop_all({**cookie, "Origin": origin})[0], 403, origin)
        self.assertEqual(self.room.stop_all({**cookie, "Origin": self.room.origin})[0], 200)
        self.assertEqual(self.room.stop_all({**cookie, "Origin": "https://screens.example"})[0], 200)
        self.assertEqual(self.room.login("op-17", headers={"Origin": "https://evil.example"})[0], 403)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.assertEqual(self.room.request("POST", "/api/v1/login", "name=op-17", form)[0], 415)

    def test_cors_answers_exact_origins_only(self):
        def allowed(origin):
            return self.room.request("GET", "/livez", headers={"Origin": origin})[1].get("access-control-allow-origin")

        self.assertEqual(allowed("https://screens.example"), "https://screens.example")
        self.assertEqual(allowed("http://localhost:5173"), "http://localhost:5173")
        for origin in ("https://evil.example", "null", "https://screens.example:8443", "HTTPS://SCREENS.EXAMPLE"):
            self.assertIsNone(allowed(origin), origin)
        ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        status, headers, _ = self.room.request("OPTIONS", "/api/v1/stop", headers={"Origin": "https://screens.example", **ask})
        self.assertEqual((status, headers["access-control-allow-origin"]), (204, "https://screens.example"))
        self.assertIn("POST", headers["access-control-allow-methods"])
        status, headers, _ = self.room.request("OPTIONS", "/api/v1/stop", headers={"Origin": "https://evil.example", **ask})
        self.assertEqual((status, "access-control-allow-origin" in headers), (403, False))

    def test_a_key_opens_what_its_role_allows_until_it_is_revoked(self):
        bearer = {"Authorization": "Bearer " + self.key}
        reading = json.dumps({"feeder": "F-001", "ts": "2027-01-14T17:00:00Z", "kw": 1.0})
        status, _, body = self.room.request("POST", "/api/v1/readings", reading, {**bearer, "Content-Type": "application/json"})
        self.assertEqual(status, 200, body)
        self.assertEqual(self.room.stop_all(bearer)[0], 200)  # needs no Origin: no browser sends keys by itself
        self.assertEqual(self.room.request("POST", "/api/v1/events/ev-1/approve", "{}", bearer)[0], 403)
        wrong = self.key[:-1] + ("A" if self.key[-1] != "A" else "B")
        status, headers, _ = self.room.request("GET", "/api/v1/status", headers={"Authorization": "Bearer " + wrong})
        self.assertEqual((status, "invalid_token" in headers["www-authenticate"]), (401, True))
        fresh = {"Authorization": "Bearer " + add_key(self.data, "short-lived", "viewer")}
        self.assertEqual(self.room.request("GET", "/api/v1/status", headers=fresh)[0], 200)
        self.assertEqual(command("key", "revoke", "short-lived", data=self.data).returncode, 0)
        support.wait_for(lambda: self.room.request("GET", "/api/v1/status", headers=fresh)[0] == 401, 10, "the key's end")

    def test_a_new_password_or_a_removal_ends_sessions(self):
        cookie = {"Cookie": self.room.cookie("gone-3")}
        self.assertEqual(self.room.request("GET", "/api/v1/status", headers=cookie)[0], 200)
        command("user", "passwd", "gone-3", "--password-file", "-", data=self.data, stdin=OTHER)
        support.wait_for(lambda: self.room.request("GET", "/api/v1/status", headers=cookie)[0] == 401, 10, "the session's end")
        self.assertEqual(self.room.login("gone-3")[0], 401)
        cookie = {"Cookie": self.room.cookie("gone-3", OTHER)}
        command("user", "remove", "gone-3", data=self.data)
        support.wait_for(lambda: self.room.request("GET", "/api/v1/status", headers=cookie)[0] == 401, 10, "the session's end")

    def test_failures_are_answered_alike_and_slow_down(self):
        known = self.room.login("view-1", "wrong password")
        unknown = self.room.login("nobody-9", "wrong password")
        for status, headers, body in (known, unknown):
            self.assertEqual((status, json.loads(body)["detail"]), (401, "the name or the password is wrong"))
        self.assertEqual(known[2], unknown[2])
        answers = [self.room.login("nobody-8", "wrong password") for _ in range(6)]
        self.assertEqual([answer[0] for answer in answers], [401] * 6)
        # The wait is doubled by each failure, so that even a try which takes seconds comes too early at last.
        refused = first_refused(lambda: self.room.login("nobody-8", "wrong password"))
        self.assertGreaterEqual(int(refused[1]["retry-after"]), 1)

    def test_bodies_that_do_not_fit_are_refused_by_field(self):
        headers = {"Content-Type": "application/json"}
        self.assertEqual(self.room.request("POST", "/api/v1/login", "not json", headers)[0], 400)
        status, _, body = self.room.request("POST", "/api/v1/login", json.dumps({"name": "op-17"}), headers)
        self.assertEqual((status, json.loads(body)["errors"][0]["pointer"]), (422, "/password"))
        self.assertEqual(self.room.request("POST", "/api/v1/login", json.dumps({"name": "x" * 9000}), headers)[0], 413)

    def upgrade(self, path, *fields):
        with socket.create_connection(("127.0.0.1", self.room.port), timeout=10) as connection:
            head = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{self.room.port}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(), *fields]
            connection.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
            return int(connection.recv(4096).split(b" ")[1])

    def test_an_open_page_is_cut_off_when_its_session_ends(self):
        cookie = self.room.cookie("view-1")
        with socket.create_connection(("127.0.0.1", self.room.port), timeout=20) as connection:
            head = ["GET /ws/state?topics=header HTTP/1.1", f"Host: 127.0.0.1:{self.room.port}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Protocol: headroom", "Cookie: " + cookie, "Origin: " + self.room.origin]
            connection.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
            seen = connection.recv(65536)
            self.assertIn(b" 101 ", seen)
            self.assertIn(b"Sec-WebSocket-Protocol: headroom", seen)
            self.assertEqual(self.room.request("POST", "/api/v1/logout", headers={"Cookie": cookie, "Origin": self.room.origin})[0], 204)
            while b"sign in again" not in seen[-64:]:
                more = connection.recv(65536)
                self.assertTrue(more, "the connection must end with the reason")
                seen += more
        self.assertEqual(self.upgrade("/ws", "Cookie: " + cookie, "Origin: " + self.room.origin), 401)
        cookie = self.room.cookie("view-1")
        self.assertEqual(self.upgrade("/ws", "Cookie: " + cookie, "Origin: " + self.room.origin), 101)
        self.assertEqual(self.upgrade("/ws", "Cookie: " + cookie, "Origin: https://evil.example"), 403)
        self.assertEqual(self.upgrade("/ws", "Cookie: " + cookie), 403)  # a cookie without Origin
        self.assertEqual(self.upgrade("/ws", "Sec-WebSocket-Protocol: headroom, bearer." + self.key), 101)

    def test_gateways_on_this_computer_dial_in_and_pages_elsewhere_do_not(self):
        self.assertEqual(self.upgrade("/devices/v1"), 101)
        self.assertEqual(self.upgrade("/devices/v1", "Origin: https://evil.example"), 403)
        self.assertEqual(self.upgrade("/devices/v1", "X-Forwarded-For: 192.0.2.7"), 401)
        self.assertEqual(self.upgrade("/devices/v1", "Forwarded: for=192.0.2.7"), 401)
        gateway = add_key(self.data, "gateway-1", "device")
        self.assertEqual(self.upgrade("/devices/v1", "X-Forwarded-For: 192.0.2.7", "Authorization: Bearer " + gateway), 101)
        self.assertEqual(self.upgrade("/devices/v1", "X-Forwarded-For: 192.0.2.7", "Sec-WebSocket-Protocol: headroom, bearer." + gateway), 101)
        self.assertEqual(self.upgrade("/devices/v1", "Authorization: Bearer " + self.key), 403)
        status, _, _ = self.room.request("GET", "/api/v1/status", headers={"Authorization": "Bearer " + gateway})
        self.assertEqual(status, 403)


class BehindAProxy(unittest.TestCase):
    def test_cookies_are_secure_and_addresses_are_those_of_callers(self):
        with support.scratch() as folder:
            data = pathlib.Path(folder) / "data"
            grid = pathlib.Path(folder) / "grid.csv"
            grid.write_text(GRID)
            add_user(data, "op-17", "operator")
            room = Room(data, "--grid", str(grid), "--set", "server.behind_https=true", "--set", 'server.names=["room.example"]')
            with room:
                proxied = {"Host": "room.example", "Origin": "https://room.example", "X-Forwarded-For": "10.0.0.1, 192.0.2.7"}
                status, headers, _ = room.login("op-17", headers=proxied)
                self.assertEqual(status, 200)
                self.assertIn("; Secure", headers["set-cookie"])
                cookie = {"Cookie": headers["set-cookie"].split(";")[0]}
                self.assertEqual(room.stop_all({**proxied, **cookie})[0], 200)
                self.assertEqual(room.request("GET", "/api/v1/status", headers={"Host": "other.example"})[0], 421)
                # A gateway cannot pass for one of this computer by way of the proxy.
                self.assertEqual(room.request("GET", "/devices/v1")[0], 401)
                # An address that fails waits, and nobody else.
                failing = {**proxied, "X-Forwarded-For": "192.0.2.99"}
                statuses = [room.login(f"name-{i}", "wrong password", failing)[0] for i in range(21)]
                self.assertEqual(statuses, [401] * 21)
                first_refused(lambda: room.login("name-last", "wrong password", failing))
                self.assertEqual(room.login("op-17", headers=proxied)[0], 200)
                self.assertEqual(room.stop(), 0)
            logins = [entry["actor"]["ip"] for entry in entries(data) if entry["type"] == "auth.login"]
            self.assertEqual(logins, ["192.0.2.7"] * 2)


class WrittenDown(unittest.TestCase):
    def setUp(self):
        folder = support.scratch()
        self.addCleanup(folder.cleanup)
        self.data = pathlib.Path(folder.name) / "data"
        self.grid = ("--grid", str(pathlib.Path(folder.name) / "grid.csv"))
        pathlib.Path(self.grid[1]).write_text(GRID)

    def test_the_log_has_every_change_and_denial_and_no_secret(self):
        add_user(self.data, "op-17", "operator")
        secrets = [PASSWORD, OTHER, "typed into the wrong field"]
        with Room(self.data, *self.grid) as room:
            key = add_key(self.data, "meters-1", "viewer")
            secrets.append(key.split("_", 2)[2])
            cookie = room.cookie("op-17")
            secrets.append(cookie.split("=")[1])
            room.login("op-17", OTHER)
            room.login(secrets[2], OTHER)
            for _ in range(50):
                self.assertEqual(room.request("GET", "/api/v1/status")[0], 401)
            self.assertEqual(room.stop_all({"Authorization": "Bearer " + key})[0], 403)
            room.request("POST", "/api/v1/logout", headers={"Cookie": cookie, "Origin": room.origin})
            second = room.cookie("op-17")
            secrets.append(second.split("=")[1])
            self.assertEqual(room.stop(), 0)
        # A change while no server runs is written down by the next one, and a session outlives a restart.
        self.assertEqual(command("user", "role", "op-17", "--role", "approver", data=self.data).returncode, 0)
        self.assertEqual(command("key", "revoke", "meters-1", data=self.data).returncode, 0)
        with Room(self.data, *self.grid) as room:
            session = json.loads(room.request("GET", "/api/v1/session", headers={"Cookie": second})[2])
            self.assertEqual((session["user"], session["role"]), ("op-17", "approver"))
            code = room.stop()
        self.assertEqual(code, 0, pathlib.Path(room.log.name).read_text())
        written = entries(self.data)
        changes = [(entry["body"]["principal"], entry["body"]["change"], entry["body"]["role"]) for entry in written if entry["type"] == "role.change"]
        self.assertEqual(changes, [("op-17", "added", "operator"), ("meters-1", "added", "viewer"), ("meters-1", "removed", "viewer"), ("op-17", "role", "approver")])
        logins = [entry for entry in written if entry["type"] == "auth.login"]
        self.assertEqual([(entry["actor"]["id"], entry["actor"]["kind"], entry["actor"]["ip"]) for entry in logins], [("op-17", "user", "127.0.0.1")] * 2)
        self.assertEqual([entry["actor"]["id"] for entry in written if entry["type"] == "auth.logout"], ["op-17"])
        denied = [entry for entry in written if entry["type"] == "auth.denied"]
        strangers = [entry["body"]["count"] for entry in denied if entry["body"]["reason"] == "nothing shown"]
        self.assertEqual(sum(strangers), 50)
        self.assertLessEqual(len(strangers), 3)
        wrong = sorted(entry["actor"]["id"] for entry in denied if entry["body"]["reason"] == "wrong name or password")
        self.assertEqual(wrong, ["op-17", "unknown"])
        refused = [entry for entry in written if entry["type"] == "api.denied"]
        self.assertEqual([(entry["actor"]["id"], entry["actor"]["kind"], entry["body"]["reason"], entry["outcome"]) for entry in refused],
                         [("meters-1", "apikey", "needs role operator", "denied")])
        self.assertEqual(command("audit", "verify", data=self.data).returncode, 0)
        for file in self.data.rglob("*"):
            if file.is_file():
                content = file.read_bytes()
                for secret in secrets:
                    self.assertNotIn(secret.encode(), content, file)

    def test_a_damaged_or_newer_file_stops_the_start_and_changes_nothing_while_running(self):
        add_user(self.data, "op-17", "operator")
        file = self.data / "keys" / "identity.json"
        whole = file.read_text()
        with Room(self.data, *self.grid) as room:
            cookie = {"Cookie": room.cookie("op-17")}
            file.write_text(whole[: len(whole) // 2])
            self.assertEqual(room.login("op-17")[0], 200)  # the former list stays in force
            self.assertEqual(room.request("GET", "/api/v1/status", headers=cookie)[0], 200)
            self.assertIn("stays in force", room.output())
            self.assertEqual(room.stop(), 0)
        for text, word in ((whole[: len(whole) // 2], "damaged"), (whole.replace('"format": 1', '"format": 2'), "newer Headroom")):
            file.write_text(text)
            done = support.run("serve", *self.grid, "--port", "0", "--data-dir", self.data, timeout=60)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(word, done.stderr)
            self.assertNotIn("argon2id$", done.stderr)


if __name__ == "__main__":
    unittest.main()
