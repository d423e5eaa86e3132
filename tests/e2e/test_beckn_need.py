"""The operator as BPP: a need is published, an aggregator comes to it from the shell, both over real sockets."""
import json
import pathlib
import socket
import unittest
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from support import Server, run, scratch, wait_for
from test_serve import GRID

BUYER = "dso.example"
SELLER = "aggregator.example"
BATTERY = "D1"


def free_port():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        return holder.getsockname()[1]


def half_hour_in(hours):
    at = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class Room(unittest.TestCase):
    settings = ()

    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        (self.path / "grid.csv").write_text(GRID)
        self.seller = self.keygen("--out", self.path / "seller.key", "--key-id", "k1")
        self.port = free_port()
        self.listed(f"http://127.0.0.1:{self.port}/beckn")
        self.start()
        self.feeder = self.server.get_json("/api/v1/feeders")[1]["feeders"][0]["feeder_id"]

    def keygen(self, *arguments):
        finished = run("beckn", "keygen", "--json", *arguments)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        return json.loads(finished.stdout)

    def listed(self, url):
        (self.path / "keys.json").write_text(json.dumps([{
            "subscriber_id": SELLER, "url": url, "type": "BAP", "domain": "deg:flexibility", "key_id": "k1",
            "signing_public_key": self.seller["signing_public_key"], "encr_public_key": self.seller["encr_public_key"],
            "valid_from": "2020-01-01T00:00:00Z", "valid_until": "2040-01-01T00:00:00Z", "status": "SUBSCRIBED"}]))

    def start(self):
        data = self.path / "data"
        self.buyer = self.keygen("--data-dir", data, "--key-id", "k1")
        self.server = Server(data, "--grid", self.path / "grid.csv", "--set", f"beckn.subscriber_id={BUYER}", "--set", "beckn.key_id=k1",
                             "--set", f"beckn.key_file={self.path / 'keys.json'}", *self.settings)
        self.addCleanup(self.server.__exit__)
        wait_for(lambda: self.server.get_json("/readyz")[0] == 200, 30, "the start")
        wait_for(lambda: self.server.get_json("/api/v1/needs")[0] == 200, 30, "the needs of a former run")

    def need(self, *arguments):
        return run("beckn", "need", *arguments, "--server", f"http://127.0.0.1:{self.server.port}")

    def publish(self, *arguments):
        done = self.need("publish", "--feeder", self.feeder, "--start", half_hour_in(5), "--kw", "60,40", "--reason", "evening peak", "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def bid(self, *arguments, state="order.json", key="seller.key"):
        return run("beckn", "bid", "--buyer", f"http://127.0.0.1:{self.server.port}/beckn", "--buyer-id", BUYER, "--buyer-key",
                   self.buyer["signing_public_key"], "--subscriber", SELLER, "--key-id", "k1", "--key-file", self.path / key,
                   "--state", self.path / state, "--listen-port", self.port, *arguments)

    def shown(self, need):
        status, answer = self.server.get_json(f"/api/v1/needs/{need}")
        self.assertEqual(status, 200)
        return answer


class Needs(Room):
    def test_a_bid_at_a_fixed_price_becomes_a_contract(self):
        need = self.publish("--price", "0.3", "--shortfall", "0.1")["need_id"]
        done = self.bid("--kw", "20,40", "--meter", "meter-1", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual(told["answer"]["message"]["contract"]["status"]["code"], "ACTIVE")

        shown = self.shown(need)
        self.assertEqual(shown["still_wanted_kw"], [40, 0])
        self.assertEqual([(one["step"], one["awarded_kw"], one["cost_gbp"]) for one in shown["orders"]], [("contracted", [20, 40], 9.0)])
        status, orders = self.server.get_json(f"/api/v1/orders?event_id={need}")
        self.assertEqual((status, [one["provider"] for one in orders["orders"]]), (200, [SELLER]))

        # More than is left is refused with where and why.
        again = self.bid("--kw", "41,0", "--meter", "meter-2", state="other.json")
        self.assertEqual(again.returncode, 1)
        self.assertIn("BIZ_QUANTITY_UNAVAILABLE", again.stderr)
        self.assertIn("/message/contract/commitments/0/commitmentAttributes/intervals/0", again.stderr)

        # The conversation goes on by the verbs that there are.
        verbs = ["--state", self.path / "order.json", "--subscriber", SELLER, "--key-id", "k1", "--key-file", self.path / "seller.key", "--listen-port", self.port]
        asked = run("beckn", "status", *verbs)
        self.assertEqual(asked.returncode, 0, asked.stdout + asked.stderr)
        ended = run("beckn", "cancel", *verbs)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertEqual(self.shown(need)["still_wanted_kw"], [60, 40])

        types = [entry["type"] for entry in self.server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"]]
        for wanted in ("need.published", "order.contracted", "order.ended"):
            self.assertIn(wanted, types)
        lines = run("beckn", "export", "--data-dir", self.path / "data", "--event", need).stdout.splitlines()
        actions = [json.loads(line)["action"] for line in lines]
        for wanted in ("confirm", "on_confirm", "cancel", "on_cancel"):
            self.assertIn(wanted, actions)

    def test_step_bids_are_cleared_and_outlive_a_restart(self):
        need = self.publish("--rule", "pay_as_clear", "--ceiling", "0.4")["need_id"]
        done = self.bid("--step", "20@0.2", "--step", "80@0.3", "--meter", "meter-1")
        self.assertEqual(done.returncode, 1)  # 80 kW are more than the 60 and 40 that are wanted
        done = self.bid("--step", "20@0.2", "--step", "40@0.3", "--meter", "meter-1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("waiting for the clearing", done.stdout)

        self.server.kill()
        self.start()
        self.assertEqual([one["step"] for one in self.shown(need)["orders"] if one["step"] != "cancelled"], ["bidding"])
        cleared = self.need("clear", need, "--reason", "enough bids have come")
        self.assertEqual(cleared.returncode, 0, cleared.stderr)
        shown = self.shown(need)
        self.assertEqual((shown["state"], shown["clearings"][0]["cleared_kw"], shown["clearings"][0]["prices_gbp_per_kwh"]),
                         ("closed", [40, 40], [0.3, 0.3]))
        self.assertEqual([one["awarded_kw"] for one in shown["orders"] if one["step"] == "contracted"], [[40, 40]])

    def test_faults_of_a_need_are_named(self):
        for change, pointer in (({"feeder_id": "nowhere"}, "/feeder_id"), ({"requested_kw": [0]}, "/requested_kw"),
                                ({"prices_gbp_per_kwh": [0.3, 0.3, 0.3]}, "/prices_gbp_per_kwh"), ({"rule": "auction"}, "/rule"),
                                ({"gate": "2020-01-01T00:00:00Z"}, "/gate"), ({"baseline_method": "guess"}, "/baseline_method")):
            terms = {"feeder_id": self.feeder, "start": half_hour_in(5), "requested_kw": [60, 40], "prices_gbp_per_kwh": [0.3], "reason": "a test", **change}
            status, answer = self.server.post_json("/api/v1/needs", terms)
            self.assertEqual((status, answer["errors"][0]["pointer"]), (422, pointer), answer)
        need = self.publish("--price", "0.3")["need_id"]
        self.assertEqual(self.server.post_json("/api/v1/needs", {"need_id": need, "feeder_id": self.feeder, "start": half_hour_in(5),
                                                                 "requested_kw": [1, 1], "prices_gbp_per_kwh": [1], "reason": "twice"})[0], 409)
        gone = self.need("withdraw", need, "--reason", "relieved by switching")
        self.assertEqual(gone.returncode, 0, gone.stderr)
        self.assertIn("withdrawn", self.need("list").stdout)
        self.assertEqual(self.need("withdraw", need, "--reason", "again").returncode, 1)

    def test_a_stranger_is_refused(self):
        self.publish("--price", "0.3")
        self.keygen("--out", self.path / "stranger.key", "--key-id", "k1")
        done = self.bid("--kw", "20", "--meter", "meter-1", key="stranger.key")
        self.assertEqual(done.returncode, 1)
        self.assertIn("AUT_SIGNATURE_INVALID", done.stderr)


class NeedsUnderABudget(Room):
    """The same market under the operator's rules: 10 GBP a year for everything."""

    def setUp(self):
        rules = scratch()
        self.addCleanup(rules.cleanup)
        file = pathlib.Path(rules.name) / "rules.toml"
        file.write_text('id = "site"\nversion = 1\n[[rules]]\nid = "YEAR"\naction = "budget"\ngbp = 10.0\nper = "year"\nreason = "the money of the year"\n')
        self.settings = ("--set", f"rules.file={file}")
        super().setUp()

    def test_orders_count_and_a_second_one_beyond_the_budget_is_refused(self):
        need = self.publish("--price", "0.3", "--shortfall", "0.1")["need_id"]
        self.assertEqual(self.bid("--kw", "20,40", "--meter", "meter-1", "--json").returncode, 0)  # 9 GBP
        second = self.bid("--kw", "10,0", "--meter", "meter-2", state="other.json")  # 1.50 GBP
        self.assertEqual(second.returncode, 1)
        self.assertIn("BIZ_QUANTITY_UNAVAILABLE", second.stderr)
        self.assertIn("rule YEAR: 1.00 of 10.00 GBP a year are left", second.stderr)
        self.assertEqual(self.bid("--kw", "6,0", "--meter", "meter-2", "--json", state="third.json").returncode, 0)  # 0.90 GBP
        self.assertEqual(sum(order["cost_gbp"] for order in self.shown(need)["orders"] if order["step"] == "contracted"), 9.9)
        # Every other door counts them too, and so does the next process.
        request = {"need": {"feeder_id": self.feeder, "start": half_hour_in(5), "required_kw": [1]}, "shortfall_gbp_per_kwh": 6,
                   "ders": [{"der_id": "D-1", "kind": "battery", "max_kw": 5, "price_gbp_per_kwh": 0.1}]}
        budget = lambda: self.server.get_json("/readyz")[0] == 200 and self.server.post_json("/api/v1/plans", request)[1].get("budget", "")
        self.assertIn("0.10 of 10.00 GBP a year are left", budget())
        self.assertEqual(self.server.stop(), 0)
        self.start()
        self.assertIn("0.10 of 10.00 GBP a year are left", budget())

    def test_a_clearing_buys_what_the_budget_pays_and_names_the_rule(self):
        need = self.publish("--rule", "pay_as_clear", "--ceiling", "0.5")["need_id"]
        self.assertEqual(self.bid("--step", "40@0.4", "--meter", "meter-1", "--json").returncode, 0)
        cleared = self.need("clear", need, "--reason", "now")
        self.assertEqual(cleared.returncode, 0, cleared.stderr)
        order = self.shown(need)["orders"][0]
        self.assertLessEqual(order["cost_gbp"], 10.0)
        self.assertGreater(order["cost_gbp"], 9.9)
        entries = self.server.get_json("/api/v1/audit/entries?limit=1000")[1]["entries"]
        why = next(entry["body"]["why"] for entry in entries if entry["type"] == "need.cleared")
        self.assertIn("rule YEAR", why)


class Barred(Room):
    """Rules about kinds, single DERs and hours bind the meters of an aggregator."""

    def setUp(self):
        rules = scratch()
        self.addCleanup(rules.cleanup)
        file = pathlib.Path(rules.name) / "rules.toml"
        first = datetime.strptime(half_hour_in(5), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).astimezone(ZoneInfo("Europe/London"))
        until = (first + timedelta(minutes=30)).strftime("%H:%M")
        file.write_text('id = "site"\nversion = 1\nprotected_ders = ["meter-hospital"]\n'
                        '[[rules]]\nid = "NO-BATTERY"\naction = "never_ask"\nkinds = ["battery"]\nreason = "they are kept for the night"\n'
                        '[[rules]]\nid = "NO-M2"\naction = "never_ask"\nders = ["meter-2"]\nreason = "it was asked not to be"\n'
                        f'[[rules]]\nid = "HOURS"\naction = "only_between"\nders = ["meter-3"]\nfrom = "{first:%H:%M}"\nuntil = "{until}"\nreason = "works only then"\n')
        self.settings = ("--set", f"rules.file={file}")
        super().setUp()

    def test_a_meter_that_a_rule_bans_or_closes_is_refused_with_the_rule(self):
        need = self.publish("--price", "0.3", "--shortfall", "0.1")["need_id"]
        for number, (kw, meter, rule) in enumerate((("10,10", "meter-hospital", "rule protected_ders"), ("10,10", "meter-2", "rule NO-M2"),
                                                    ("10,10", BATTERY, "rule NO-BATTERY"), ("10,10", "meter-3", "slot 2, rule HOURS"))):
            refused = self.bid("--kw", kw, "--meter", meter, state=f"order-{number}.json")
            self.assertEqual(refused.returncode, 1, meter)
            self.assertIn("BIZ_QUANTITY_UNAVAILABLE", refused.stderr)
            self.assertIn(f"meter {meter}, {rule}", refused.stderr)
        self.assertEqual(self.bid("--kw", "10,0", "--meter", "meter-3", "--json", state="within.json").returncode, 0)
        self.assertEqual(self.bid("--kw", "10,10", "--meter", "meter-4", "--json", state="free.json").returncode, 0)
        self.assertEqual(len([order for order in self.shown(need)["orders"] if order["step"] == "contracted"]), 2)


if __name__ == "__main__":
    unittest.main()
