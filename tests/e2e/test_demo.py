"""The headless demo: one object of the promised shape, the same decisions for the same seed, a log that verifies and replays."""
import json
import pathlib
import re
import subprocess
import unittest

from support import BINARY, run, scratch, wait_for

SMALL = ("--feeders", "60", "--ders", "100", "--hours", "3")

EVENT_MEMBERS = {
    "event_id", "feeder_id", "limit", "cause", "detected_at", "required_kw", "contracted_kw", "delivered_kw", "delivered_kwh", "cost_gbp",
    "detection_to_dispatch_ms", "clock", "peak_without_kw", "counterfactual_method", "peak_with_kw", "rating_kw", "shortfall_kw", "outcome",
    "statement_gbp", "orders"}


def demo(*arguments):
    finished = run("demo", "--once", "--json", *arguments)
    lines = finished.stdout.strip().splitlines()
    if len(lines) != 1:
        raise AssertionError(f"one line of JSON was promised, exit {finished.returncode}: {finished.stdout[:500]} {finished.stderr[-3000:]}")
    return finished.returncode, json.loads(lines[0])


def decisions(result):
    """What was decided, without what the wall clock measured and without ids that random keys may touch."""
    return [{"event": event["event_id"], "feeder": event["feeder_id"], "limit": event["limit"], "cause": event["cause"],
             "detected_at": event["detected_at"], "required": event["required_kw"], "contracted": event["contracted_kw"],
             "delivered": event["delivered_kwh"], "cost": event["cost_gbp"], "statement": event["statement_gbp"], "outcome": event["outcome"],
             "orders": [(order["provider"], order["der_id"], order["kw"], order["state"], len(order["instruction_ids"])) for order in event["orders"]]}
            for event in result["events"]]


class DemoOnce(unittest.TestCase):
    def test_shape_audit_and_replay(self):
        with scratch() as folder:
            data = pathlib.Path(folder) / "data"
            code, result = demo(*SMALL, "--seed", "7", "--data-dir", data)
            self.assertIs(result["simulated"], True)
            self.assertEqual(result["seed"], 7)
            self.assertEqual(result["feeders"], 60)
            self.assertGreater(len(result["events"]), 0, "the evening must bring overloads")
            for event in result["events"]:
                self.assertEqual(EVENT_MEMBERS - event.keys(), set())
                self.assertIn(event["cause"], ("live", "forecast"))
                self.assertEqual({"quantity", "phase", "direction", "kind", "value", "unit"} - event["limit"].keys(), set())
                self.assertIn(event["outcome"], ("relieved", "shortfall"))
                if event["outcome"] == "shortfall":
                    self.assertGreater(event["shortfall_kw"], 0)
            self.assertEqual(code, 0)
            self.assertTrue(result["audit"]["verified"])
            self.assertGreater(result["readings"]["accepted"], 60 * 3 * 100)
            self.assertTrue(any(order["instruction_ids"] for event in result["events"] for order in event["orders"]))

            verified = run("audit", "verify", "--data-dir", data, "--json")
            self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
            event = next(event for event in result["events"] if event["orders"])
            replayed = run("replay", event["event_id"], "--data-dir", data, "--json")
            self.assertEqual(replayed.returncode, 0, replayed.stdout + replayed.stderr)
            report = json.loads(replayed.stdout)
            self.assertTrue(report["same"])
            self.assertTrue({"risk.raise", "flex.plan", "settlement.settle"} <= {item["decision"] for item in report["decisions"]})

    def test_same_seed_same_decisions_and_another_seed_others(self):
        first = decisions(demo(*SMALL, "--seed", "11")[1])
        again = decisions(demo(*SMALL, "--seed", "11")[1])
        other = decisions(demo(*SMALL, "--seed", "12")[1])
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)

    def test_built_in_device_channel_decides_the_same(self):
        self.assertEqual(decisions(demo(*SMALL, "--seed", "7", "--websocket")[1]), decisions(demo(*SMALL, "--seed", "7")[1]))


class Killed(unittest.TestCase):
    def test_an_event_goes_on_after_sigkill(self):
        with scratch() as folder:
            data = pathlib.Path(folder) / "data"
            progress = pathlib.Path(folder) / "progress"
            with open(progress, "w", encoding="utf-8") as err:
                process = subprocess.Popen([BINARY, "demo", "--once", "--json", *SMALL, "--seed", "7", "--data-dir", str(data)],
                                           stdout=subprocess.DEVNULL, stderr=err)
                try:
                    # Killed as soon as the first instruction of an event has been acknowledged.
                    wait_for(lambda: process.poll() is not None
                             or re.search(r"acknowledged: [1-9]", progress.read_text(encoding="utf-8")), 120, "the first acknowledgement")
                    self.assertIsNone(process.poll(), "the demo ended before it could be killed")
                finally:
                    process.kill()
                    process.wait()
            before = self.entries(data)
            acknowledged = [entry for entry in before if entry["type"] == "dispatch.order.ack"]
            self.assertGreater(len(acknowledged), 0)

            code, result = demo(*SMALL, "--seed", "7", "--data-dir", data)
            self.assertEqual(code, 0)
            after = self.entries(data)
            self.assertEqual([entry["seq"] for entry in after], list(range(len(after))), "the log has no gap")
            self.assertEqual(after[:len(before)], before, "what was in the log stands unchanged")
            intents = [entry["body"]["order"] for entry in after if entry["type"] == "dispatch.order.intent"]
            self.assertEqual(len(intents), len(set(intents)), "an instruction was intended twice")
            contracted = [entry["body"]["transaction"] for entry in after if entry["type"] == "order.contracted" and entry["outcome"] == "ok"]
            self.assertEqual(len(contracted), len(set(contracted)), "a contract was made twice")
            open_before = {entry["corr"] for entry in acknowledged}
            closed = {event["event_id"] for event in result["events"] if event["outcome"]}
            self.assertEqual(open_before - closed, set(), "every event that was under way has come to its end")
            self.assertEqual(run("audit", "verify", "--data-dir", data).returncode, 0)

    @staticmethod
    def entries(data):
        """All entries, by way of the offline export."""
        exported = run("audit", "export", "--data-dir", data)
        if exported.returncode != 0:
            raise AssertionError(exported.stderr)
        return [json.loads(line) for line in exported.stdout.splitlines()]


if __name__ == "__main__":
    unittest.main()
