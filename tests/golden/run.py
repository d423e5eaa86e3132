"""Golden scenarios: each folder beside this file tells a story to the built binary and compares what happened with expected.json.

    HEADROOM_BINARY=build/release/headroom python3 tests/golden/run.py [NAME] [--update]

What is compared are beats, in order, not numbers. `--update` writes expected.json anew; the diff is reviewed like code.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BINARY = os.environ.get("HEADROOM_BINARY", "build/release/headroom")


def headroom(*arguments):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=280, check=False)


class Run:
    """One run of a story: its report, and everything in its audit log."""

    def __init__(self, story, data, *flags):
        self.data = pathlib.Path(data)
        finished = headroom("demo", "--once", "--json", "--story", story, "--data-dir", data, *flags)
        if not finished.stdout.strip():
            raise AssertionError(f"exit {finished.returncode}: {finished.stderr[-2000:]}")
        self.exit_code = finished.returncode
        self.report = json.loads(finished.stdout)
        self.entries = [json.loads(line) for line in headroom("audit", "export", "--data-dir", data).stdout.splitlines()]

    def of(self, event, kind):
        return [entry["body"] for entry in self.entries if entry["type"] == kind and entry.get("corr") == event]

    def kept(self, body, name):
        """A member of an entry, or the blob that stands for it."""
        if name in body:
            return body[name]
        sha = body[name + "_blob"]["sha256"]
        return json.loads((self.data / "blobs" / sha[:2] / sha).read_text(encoding="utf-8"))

    def decisions(self):
        """Everything that was decided, without what the wall clock measured."""
        return [{"feeder": event["feeder_id"], "phase": event["limit"]["phase"], "detected_at": event["detected_at"], "end": event["end"],
                 "required": event["required_kw"], "contracted": event["contracted_kw"], "delivered": event["delivered_kwh"],
                 "cost": event["cost_gbp"], "statement": event["statement_gbp"], "outcome": event["outcome"],
                 "peaks": (event["peak_without_kw"], event["peak_with_kw"]),
                 "orders": [(order["provider"], order["der_id"], order["kw"], order["state"], len(order["instruction_ids"])) for order in event["orders"]]}
                for event in self.report["events"]]


def beats_of(run, event, injected):
    """The beats of one event, in the order in which they came first in the log."""
    ident, beats = event["event_id"], []
    told = set()  # devices told before the silent one was counted out

    def beat(name):
        if name not in beats:
            beats.append(name)

    failed = set()
    for entry in run.entries:
        if entry.get("corr") != ident:
            continue
        kind, body = entry["type"], entry["body"]
        if kind == "constraint.raised":
            beat(f"raised from a {body['overload']['cause']}")
        elif kind == "dispatch.plan":
            plan = run.kept(body, "plan")
            names = [alternative["name"] for alternative in plan["alternatives"]]
            if len(names) >= 3 and "do_nothing" in names and "most_certain" in names:
                beat("alternatives compared, doing nothing among them")
            silent = {answer["provider"] for answer in body["answers"] if not answer["answered"] and answer["fault"]}
            if injected["slow_provider"] in silent:
                beat("the slow provider named as left out")
            if failed:
                beat("a replacement planned")
        elif kind == "order.contracted" and entry["outcome"] == "ok":
            armed = body["contract_after"]["kind"] == "availability"
            beat("capacity armed" if armed else "a replacement contracted" if failed else "more contracted on the spot")
        elif kind == "order.activated" and entry["outcome"] == "ok":
            beat("fired")
        elif kind == "dispatch.order.intent" and body["kind"] == "release":
            beat("released")
        elif kind == "dispatch.order.intent":
            beat("a replacement told" if failed and body["der"] not in told else "devices told")
            if not failed:
                told.add(body["der"])
        elif kind == "dispatch.order.timeout" and body["der"] == injected["silent_device"]:
            beat("the silent device does not answer")
        elif kind == "dispatch.replace":
            if any(each["der"] == injected["silent_device"] for each in body["failed"]):
                failed.add(injected["silent_device"])
                beat("the silent device counted out")
        elif kind == "settlement.record":
            beat("settled")
        elif kind == "event.closed":
            beat("closed with a statement" if body["statement"] else "closed")
    return beats


def facts_of(run, event, injected):
    """What must be true of an event, whatever the numbers."""
    ident = event["event_id"]
    fired = event["clock"].get("fired", {}).get("at", "")
    settled = [run.kept(body, "input")["now"] for body in run.of(ident, "settlement.record")]
    replay = headroom("replay", ident, "--data-dir", run.data, "--json")
    return {
        "relieved, or the shortfall stated": event["outcome"] == "relieved" or (event["outcome"] == "shortfall" and event["shortfall_kw"] > 0),
        "peak without above the limit": event["peak_without_kw"] > event["rating_kw"],
        "peak with below the peak without": event["peak_with_kw"] < event["peak_without_kw"],
        "fired before the window": bool(fired) and fired < event["start"],
        "slow provider absent from the contracts": injected["slow_provider"] not in {order["provider"] for order in event["orders"]},
        "settled in time": bool(settled) and max(settled) <= injected["settled_by"],
        "energy and money stated": event["delivered_kwh"] > 0 and event["statement_gbp"] > 0 and bool(event["statement_id"]),
        "replay gives the same bytes": replay.returncode == 0 and json.loads(replay.stdout)["same"],
    }


def observe(run, injected):
    events = sorted(run.report["events"], key=lambda event: event["limit"]["phase"] != "sum")
    sold = [{order["der_id"] for order in event["orders"]} for event in events]
    return {
        "exit_code": run.exit_code,
        "audit_verified": headroom("audit", "verify", "--data-dir", run.data).returncode == 0 and run.report["audit"]["verified"],
        "story": run.report["story"],
        "events": [{"limit": "high-voltage feeder, sum" if event["limit"]["phase"] == "sum" else "low-voltage feeder, one phase",
                    "beats": beats_of(run, event, injected),
                    "facts": facts_of(run, event, injected)} for event in events],
        "a device is in one event only": len(set().union(*sold)) == sum(map(len, sold)) if sold else False,
    }


def check(folder, update):
    expected_file = folder / "expected.json"
    expected = json.loads(expected_file.read_text(encoding="utf-8"))
    injected, story = expected["injected"], expected["injected"]["story"]
    with tempfile.TemporaryDirectory(prefix="headroom-golden-") as scratch:
        runs = [Run(story, pathlib.Path(scratch) / name, *flags) for name, flags in (("a", ()), ("b", ()), ("c", ("--websocket",)))]
        observed = observe(runs[0], injected)
        observed["the same decisions in a second run"] = runs[1].decisions() == runs[0].decisions()
        observed["the same decisions over the built-in device channel"] = runs[2].decisions() == runs[0].decisions()
    if update:
        expected_file.write_text(json.dumps({"injected": injected, "observed": observed}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{folder.name}: expected.json written")
        return True
    if observed == expected["observed"]:
        print(f"{folder.name}: as expected")
        return True
    print(f"{folder.name}: expected\n{json.dumps(expected['observed'], indent=2)}\nbut saw\n{json.dumps(observed, indent=2)}")
    return False


def main(arguments):
    update = "--update" in arguments
    names = [argument for argument in arguments if not argument.startswith("--")]
    folders = [folder for folder in sorted(HERE.iterdir()) if (folder / "expected.json").exists() and (not names or folder.name in names)]
    if not folders:
        print(f"no scenario of that name under {HERE}")
        return 2
    return 0 if all([check(folder, update) for folder in folders]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
