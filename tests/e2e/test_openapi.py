"""The OpenAPI document: up to date, complete, and its examples executed against a simulated grid."""
import datetime
import json
import pathlib
import re
import subprocess
import unittest
import urllib.parse

from schema_check import faults
from support import BINARY, ROOT, Server, run, scratch, wait_for

METHODS = ("get", "post", "delete", "put", "patch")
# Gateways of devices connect here when no broker is configured; the simulated grid may use one.
OPTIONAL = {"/devices/v1"}
# A page for people, what needs a user, and what needs a grid file.
NOT_EXECUTED = {"/docs", "/api/v1/login", "/api/v1/logout", "/api/v1/grid/reload"}
# A simulated evening learns no model and has no meter in doubt: what is missing is said, as the document states it.
ABSENT = {
    ("/api/v1/models/{id}", "get"): 404,
    ("/api/v1/models/{id}/promote", "post"): 404,
    ("/api/v1/models/revert", "post"): 409,
    ("/api/v1/contingencies/{element}/carry-out", "post"): 404,
    ("/api/v1/knowledge/passages/{id}", "get"): 404,
    ("/api/v1/needs/{id}", "get"): 404,
    ("/api/v1/needs/{id}", "delete"): 404,
    ("/api/v1/needs/{id}/clear", "post"): 404,
    ("/api/v1/programmes/{id}/enrolments", "post"): 404,
    ("/api/v1/programmes/{id}/enrolments/{der}/resume", "post"): 404,
    ("/api/v1/programmes/{id}/enrolments/{der}/suspend", "post"): 404,
    ("/api/v1/programmes/{id}/enrolments/{der}/test", "post"): 404,
    ("/api/v1/programmes/{id}/enrolments/{der}/withdraw", "post"): 404,
    ("/api/v1/trust/corrections/{id}", "delete"): 404,
    ("/api/v1/trust/incidents/{id}", "get"): 404,
    ("/api/v1/trust/incidents/{id}/dismiss", "post"): 404,
}


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


class Document(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.server = Server(pathlib.Path(cls.folder.name) / "data", "--demo", "--feeders", "250", "--hours", "2", "--speed", "6000")
        wait_for(lambda: cls.server.get_json("/readyz")[0] == 200, 60, "readiness")
        cls.event = wait_for(cls.settled, 240, "a settled event")
        cls.printed = run("openapi")
        assert cls.printed.returncode == 0, cls.printed.stderr
        cls.document = json.loads(cls.printed.stdout)

    @classmethod
    def settled(cls):
        events = cls.server.get_json("/api/v1/events?state=over&limit=1000")[1]["events"]
        return next((event for event in events if event["statement_gbp"] > 0), None)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.folder.cleanup()
        assert code == 0, code

    def test_the_committed_document_is_up_to_date(self):
        committed = (ROOT / "schemas" / "openapi.json").read_text(encoding="utf-8")
        self.assertEqual(committed, self.printed.stdout, "stale: headroom openapi > schemas/openapi.json")

    def test_the_server_serves_exactly_what_is_described(self):
        served = self.server.get_json("/openapi.json")[1]
        described = {(path, method) for path, method, _ in operations(self.document) if path not in OPTIONAL}
        self.assertEqual({(path, method) for path, method, _ in operations(served) if path not in OPTIONAL}, described)
        for path, method, operation in operations(self.document):
            if operation.get("x-websocket") or "{" in path:
                continue
            with self.subTest(path=path, method=method):
                status, headers, _ = self.server.request("PUT", path)
                self.assertEqual(status, 405)
                self.assertIn(method.upper(), headers["allow"])

    def test_every_route_says_what_it_is_and_who_may_use_it(self):
        roles = {"none", "peer", "device", "viewer", "operator", "approver", "engineer", "auditor", "admin"}
        identifiers = []
        for path, method, operation in operations(self.document):
            with self.subTest(path=path, method=method):
                self.assertIn(method, METHODS)
                self.assertIn(operation["x-role"], roles)
                self.assertTrue(operation["summary"])
                self.assertTrue(operation["responses"])
                identifiers.append(operation["operationId"])
                named = re.findall(r"{(\w+)}", path)
                self.assertEqual(named, [parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"])
        self.assertEqual(len(identifiers), len(set(identifiers)))

    def test_references_lead_somewhere(self):
        text = json.dumps(self.document)
        for target in set(re.findall(r'"\$ref": "#/components/(\w+/\w+)"', text)):
            kind, name = target.split("/")
            self.assertIn(name, self.document["components"][kind])

    def test_example_answers_fit_their_schemas(self):
        for path, method, operation in operations(self.document):
            for status, response in operation["responses"].items():
                for media in response.get("content", {}).values():
                    if "example" in media:
                        with self.subTest(path=path, method=method, status=status):
                            self.assertEqual(faults(media["example"], media["schema"], self.document), [])

    def known(self, path, parameter):
        """A value that exists on this server, where the example's own may not."""
        name = parameter["name"]
        if name in ("event",) or (name == "id" and "/events/" in path):
            return self.event["event_id"]
        if name == "plan_id":
            return self.event["event_id"] + ".1"
        if name in ("feeder",) or (name == "id" and "/feeders/" in path):
            return self.event["feeder_id"]
        if name == "point":
            return f"{self.event['feeder_id']}/p_kw/{self.event['phase']}"
        if "/scenarios/runs/" in path:
            ask = {"location": "London", "event_type": "normal", "start_date": "2027-07-13T00:00:00Z", "duration_hours": 1}
            _, _, answer = self.server.request("POST", "/scenario/run", json.dumps(ask), {"Content-Type": "application/json"})
            return json.loads(answer)["run_id"]
        return parameter["example"]

    def test_the_examples_are_executed(self):
        executed = 0
        for path, method, operation in operations(self.document):
            role = operation["x-role"]
            if operation.get("x-websocket") or role in ("peer", "device") or path in NOT_EXECUTED or "text/event-stream" in json.dumps(operation["responses"]):
                continue
            if "{path}" in path:
                continue  # files of the page
            with self.subTest(path=path, method=method):
                target, query = path, []
                for parameter in operation.get("parameters", []):
                    if "example" not in parameter:
                        continue
                    value = self.known(path, parameter)
                    if parameter["in"] == "path":
                        target = target.replace("{" + parameter["name"] + "}", urllib.parse.quote(value, safe=""))
                    elif parameter["in"] == "query":
                        query.append((parameter["name"], value))
                body = None
                headers = {"Accept": "application/json"}
                if "requestBody" in operation:
                    example = operation["requestBody"]["content"]["application/json"]["example"]
                    if "sha256" in example:
                        example = {**example, "sha256": self.event["plan_sha256"]}
                    if path == "/api/v1/needs":
                        now = datetime.datetime.fromisoformat(self.server.get_json("/api/v1/status")[1]["now"].replace("Z", "+00:00"))
                        tomorrow, midnight = ((now + datetime.timedelta(days=days)).strftime("%Y-%m-%dT00:00:00Z") for days in (1, 2))
                        example = {**example, "feeder_id": self.event["feeder_id"], "start": midnight, "gate": tomorrow}
                    if "ts" in example:
                        example = {**example, "feeder": self.event["feeder_id"], "ts": self.server.get_json("/api/v1/status")[1]["now"]}
                    if "area" in example:
                        example = {**example, "area": self.event["feeder_id"]}
                    body = json.dumps(example)
                    headers["Content-Type"] = "application/json"
                status, answer_headers, answer = self.server.request(method.upper(), target + ("?" + urllib.parse.urlencode(query) if query else ""), body, headers)
                executed += 1
                if re.search(r"/(approve|reject|cancel)$", path):
                    self.assertEqual(status, 409, answer)  # a settled event waits for nobody
                    continue
                if (path, method) in ABSENT:
                    self.assertEqual(status, ABSENT[(path, method)], answer)
                else:
                    self.assertIn(status, (200, 201, 202, 204), answer)
                response = operation["responses"][str(status)]
                kind = answer_headers.get("content-type", "").split(";")[0]
                if status == 204 or "content" not in response:
                    continue
                self.assertIn(kind, response["content"])
                if kind == "application/json":
                    self.assertEqual(faults(json.loads(answer), response["content"][kind]["schema"], self.document), [])
        self.assertGreater(executed, 30)

    def test_the_page_for_people_needs_no_script_and_no_other_host(self):
        status, headers, body = self.server.request("GET", "/docs")
        text = body.decode()
        self.assertEqual(status, 200)
        self.assertIn("default-src 'none'; style-src 'sha256-", headers["content-security-policy"])
        self.assertNotIn("<script", text)
        self.assertNotRegex(text, r'(src|href)="?https?:')
        for path in self.document["paths"]:
            if path not in OPTIONAL:
                self.assertIn(f"<code>{path}</code>", text)


if __name__ == "__main__":
    unittest.main()
