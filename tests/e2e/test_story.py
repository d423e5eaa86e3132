"""The story that `serve --demo` tells: its flags, its title, a person who approves, and a kill in its middle."""
import pathlib
import unittest

from support import Server, run, scratch, wait_for

FAST = ("--demo", "--speed", "1200")


def events(server):
    status, answer = server.get_json("/api/v1/events")
    return answer["events"] if status == 200 else []


def closed(server):
    found = events(server)
    done = [event for event in found if event["state"] == "completed" and event["statement_gbp"]]
    return found if len(found) >= 2 and len(done) == len(found) else None


class Flags(unittest.TestCase):
    def refused(self, *arguments):
        finished = run("serve", "--port", 0, *arguments)
        self.assertEqual(finished.returncode, 2, finished.stdout + finished.stderr)
        return finished.stderr

    def test_what_is_for_a_simulated_grid_needs_one(self):
        for flag, value in (("--speed", "10"), ("--story", "none"), ("--seed", "3")):
            with self.subTest(flag):
                said = self.refused(flag, value)
                self.assertIn(flag, said)
                self.assertIn("--demo", said)

    def test_a_story_has_its_own_world(self):
        self.assertIn("--seed", self.refused("--demo", "--story", "cold_thursday", "--seed", "3"))

    def test_unknown_stories_and_keys_are_named(self):
        with scratch() as folder:
            data = pathlib.Path(folder) / "data"
            finished = run("serve", "--demo", "--port", 0, "--story", "warm_friday", "--data-dir", data)
            self.assertNotEqual(finished.returncode, 0)
            self.assertIn("cold_thursday", finished.stderr)
            story = pathlib.Path(folder) / "mine.toml"
            story.write_text('title = "Mine"\n[clock]\nfrom = "2027-01-14T15:00:00Z"\nstart = "2027-01-14T16:00:00Z"\n'
                             'end = "2027-01-14T17:00:00Z"\n[wrld]\nseed = 3\n')
            finished = run("serve", "--demo", "--port", 0, "--story", story, "--data-dir", data)
            self.assertEqual(finished.returncode, 2)
            self.assertIn("mine.toml:6", finished.stderr)
            self.assertIn("world", finished.stderr)

    def test_version(self):
        self.assertEqual(run("serve", "--version").stdout, run("--version").stdout)


def processes_of(folder):
    """Processes that were started with something below `folder`."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(folder).encode() in (entry / "cmdline").read_bytes():
                found.append(entry.name)
        except OSError:
            pass  # it has ended meanwhile
    return found


class Ending(unittest.TestCase):
    def test_the_private_broker_ends_with_its_server_however_that_ends(self):
        for end in (Server.stop, Server.kill):
            with self.subTest(end.__name__), scratch() as folder:
                server = Server(pathlib.Path(folder) / "data", "--demo", "--feeders", "3", "--hours", "0.5")
                self.assertTrue(processes_of(folder))
                end(server)
                wait_for(lambda: not processes_of(folder), 10, "the end of the broker")

    def test_a_restart_does_not_wait_for_a_device_that_never_answers(self):
        with scratch() as folder:
            data = pathlib.Path(folder) / "data"
            flags = ("--demo", "--websocket", "--feeders", "3", "--speed", "1")
            with Server(data, *flags) as server:
                wait_for(lambda: any(event["state"] == "active" for event in events(server)), 60, "an instruction")
                server.kill()
            with Server(data, *flags) as server:
                wait_for(lambda: events(server), 30, "the open event")
                self.assertEqual(server.stop(), 0)


class Telling(unittest.TestCase):
    def test_a_kill_in_the_middle_goes_on_to_the_end(self):
        with scratch() as folder:
            data = pathlib.Path(folder) / "data"
            server = Server(data, *FAST)
            wait_for(lambda: any(event["state"] in ("armed", "notified", "active") for event in events(server)), 60, "armed capacity")
            self.assertIn("A cold Thursday (SIMULATED, seed 7)", server.output())
            status = server.get_json("/api/v1/status")[1]
            self.assertEqual(status["mode"]["story"], {"name": "cold_thursday", "title": "A cold Thursday"})
            self.assertEqual(status["mode"]["authority"], "act")
            before = {event["event_id"] for event in events(server)}
            server.kill()
            with Server(data, *FAST) as again:
                found = wait_for(lambda: closed(again), 120, "the end of both events")
                self.assertEqual({event["event_id"] for event in found} & before, before)
                self.assertEqual(len(found), 2)
                for event in found:
                    self.assertEqual(event["outcome"], "relieved")
                levels = {feeder["feeder_id"]: feeder["level"] for feeder in again.get_json("/api/v1/feeders?limit=1000")[1]["feeders"]}
                self.assertEqual(sorted(levels[event["feeder_id"]] for event in found), ["hv", "lv"])
                self.assertEqual(again.stop(), 0)
            self.assertEqual(run("audit", "verify", "--data-dir", data).returncode, 0)

    def test_a_proposal_waits_in_real_time_for_a_person(self):
        with scratch() as folder:
            with Server(pathlib.Path(folder) / "data", *FAST, "--authority", "propose") as server:
                waiting = wait_for(lambda: [event for event in events(server) if event["state"] == "proposed"] if len(events(server)) == 2 else None,
                                   60, "two proposals")
                mode = wait_for(lambda: (found := server.get_json("/api/v1/status")[1]["mode"])["speed"] == 1 and found, 20, "the slower clock")
                self.assertEqual(mode["authority"], "propose")
                for event in waiting:
                    plan = wait_for(lambda name=event["event_id"]: (found := server.get_json(f"/api/v1/plans/{name}.1"))[0] == 200 and found[1], 20, "the plan")
                    status, answer = server.post_json(f"/api/v1/plans/{plan['plan_id']}/approve", {"sha256": plan["sha256"], "reason": "covers the need"})
                    self.assertEqual(status, 200, answer)
                wait_for(lambda: all(event["state"] not in ("proposed", "approved") for event in events(server)), 60, "contracts")
                wait_for(lambda: server.get_json("/api/v1/status")[1]["mode"]["speed"] > 1, 60, "the clock's old pace")
                wait_for(lambda: all(event["state"] in ("completed", "notified", "active") for event in events(server)), 60, "firing")


class PlainDay(unittest.TestCase):
    def test_nothing_happens_and_the_evening_ends(self):
        with scratch() as folder:
            with Server(pathlib.Path(folder) / "data", "--demo", "--story", "none", "--speed", "100000", "--hours", "2") as server:
                wait_for(lambda: server.get_json("/livez")[0] == 200 and "is over" in server.output(), 120, "the end of the evening")
                self.assertEqual(events(server), [])
                self.assertEqual(server.get_json("/api/v1/status")[1]["mode"]["story"]["name"], "none")


if __name__ == "__main__":
    unittest.main()
