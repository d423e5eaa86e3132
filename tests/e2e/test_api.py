"""The REST API over real sockets: lists, events, plans, series, commands, paging, errors."""
import contextlib
import datetime
import json
import pathlib
import sqlite3
import unittest
import urllib.parse

from support import Server, scratch, wait_for


class Demo(unittest.TestCase):
    """A simulated evening, fast; it begins with an overload within the first minutes."""

    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.server = Server(pathlib.Path(cls.folder.name) / "data", "--demo", "--feeders", "250", "--hours", "2", "--speed", "6000")
        wait_for(lambda: cls.server.get_json("/readyz")[0] == 200, 60, "readiness")
        cls.event_id = wait_for(cls.settled, 240, "a settled event")

    @classmethod
    def settled(cls):
        events = cls.server.get_json("/api/v1/events?state=over&limit=1000")[1]["events"]
        return next((event["event_id"] for event in events if event["statement_gbp"] > 0), None)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.folder.cleanup()
        assert code == 0, code

    def walk(self, path, name):
        items, cursor, pages = [], None, 0
        while True:
            query = "" if cursor is None else ("&" if "?" in path else "?") + "cursor=" + urllib.parse.quote(cursor)
            status, page = self.server.get_json(path + query)
            self.assertEqual(status, 200, page)
            items += page[name]
            pages += 1
            cursor = page["next_cursor"]
            if cursor is None:
                return items, pages

    def test_paging_walks_every_feeder_exactly_once(self):
        for sort in ("id", "headroom"):
            with self.subTest(sort):
                feeders, pages = self.walk(f"/api/v1/feeders?limit=40&sort={sort}", "feeders")
                self.assertGreaterEqual(len(feeders), 250)
                self.assertEqual(len({feeder["feeder_id"] for feeder in feeders}), len(feeders))
                self.assertGreaterEqual(pages, 7)

    def test_the_next_page_is_linked(self):
        status, headers, _ = self.server.request("GET", "/api/v1/feeders?limit=10&q=a&fields=feeder_id,name")
        self.assertEqual(status, 200)
        target = headers["link"].split(";")[0].strip("<>")
        status, page = self.server.get_json(target)
        self.assertEqual(status, 200)
        self.assertEqual({tuple(sorted(feeder)) for feeder in page["feeders"]}, {("feeder_id", "name")})

    def test_feeders_are_sorted_by_headroom(self):
        feeders = self.server.get_json("/api/v1/feeders?sort=headroom&limit=1000")[1]["feeders"]
        # Values are read freshly and the order is up to a second old: neighbours may have changed places.
        shares = [feeder["headroom_share"] for feeder in feeders if feeder["headroom_share"] is not None]
        self.assertGreater(len(shares), 200)
        self.assertLess(sum(shares[:20]) / 20, sum(shares[-20:]) / 20)

    def test_one_feeder_has_its_parts(self):
        feeder = self.server.get_json("/api/v1/feeders?limit=1")[1]["feeders"][0]
        status, whole = self.server.get_json("/api/v1/feeders/" + feeder["feeder_id"])
        self.assertEqual(status, 200)
        self.assertEqual(whole["name"], feeder["name"])
        self.assertTrue(whole["limits"] and whole["points"])
        self.assertIsInstance(whole["events"], list)
        status, problem = self.server.get_json("/api/v1/feeders/F-none")
        self.assertEqual((status, problem["status"]), (404, 404))

    def test_bad_parameters_are_named(self):
        cases = {
            "/api/v1/feeders?limit=0": "/limit",
            "/api/v1/feeders?limit=many": "/limit",
            "/api/v1/feeders?cursor=abc": "/cursor",
            "/api/v1/feeders?sort=name": "/sort",
            "/api/v1/events?state=odd": "/state",
            "/api/v1/series?point=nothing": "/point",
            "/api/v1/series?point=F/p_kw/L1&step=61": "/step",
            "/api/v1/series?point=F/p_kw/L1&from=2027-01-14": "/from",
            "/api/v1/series?point=F/p_kw/L1&agg=median": "/agg",
            "/api/v1/series?point=F/p_kw/L1&points=0": "/points",
            "/api/v1/series?point=F/p_kw/L1&point=F": "/point",
        }
        for path, pointer in cases.items():
            with self.subTest(path):
                status, problem = self.server.get_json(path)
                self.assertEqual(status, 422, problem)
                self.assertEqual(problem["errors"][0]["pointer"], pointer)

    def test_a_cursor_of_another_list_is_refused(self):
        cursor = self.server.get_json("/api/v1/feeders?limit=1")[1]["next_cursor"]
        status, problem = self.server.get_json("/api/v1/feeders?sort=headroom&cursor=" + cursor)
        self.assertEqual((status, problem["errors"][0]["pointer"]), (422, "/cursor"))

    def test_status(self):
        status, answer = self.server.get_json("/api/v1/status")
        self.assertEqual(status, 200)
        self.assertTrue(answer["mode"]["simulated"])
        self.assertGreater(answer["readings"]["accepted"], 0)
        self.assertGreaterEqual(sum(answer["counts"].values()), 250)
        self.assertTrue(answer["audit"]["healthy"])
        self.assertEqual(answer["stopped_areas"], [])

    def test_an_event_is_told_whole(self):
        status, event = self.server.get_json("/api/v1/events/" + self.event_id)
        self.assertEqual(status, 200, event)
        self.assertEqual(event["overload"]["event_id"], self.event_id)
        self.assertTrue(event["clock"])
        self.assertTrue(event["plans"])
        self.assertEqual(event["plans"][0]["plan_id"], self.event_id + ".1")
        self.assertIn("do_nothing", [alternative["name"] for alternative in event["plans"][0]["alternatives"]])
        self.assertTrue(event["contracts"] and event["instructions"] and event["assignments"])
        actions = {message["action"] for message in event["messages"]}
        self.assertLessEqual({"search", "on_search", "select", "on_select", "init", "on_init", "confirm", "on_confirm"}, actions)
        for message in event["messages"]:
            self.assertEqual(message["signature"], "ours" if message["direction"] == "sent" else "verified", message)
            self.assertEqual(len(message["sha256"]), 64)
        self.assertTrue({provider["provider"] for provider in event["providers"]})
        self.assertTrue(any(instruction["state"] == "acked" and instruction["ack_ms"] >= 0 for instruction in event["instructions"]))
        statement = event["statement"]
        self.assertEqual(len(statement["lines"]), len(event["delivery"]))
        pence = sum(round(float(line["total_gbp"]) * 100) for line in statement["lines"])
        self.assertEqual(pence, round(float(statement["total_gbp"]) * 100))
        self.assertTrue(any(row["delivered_kwh"] > 0 for delivery in event["delivery"] for row in delivery["rows"]))
        seqs = [entry["seq"] for entry in event["audit"]]
        self.assertEqual(seqs, sorted(set(seqs)))
        self.assertLessEqual({"constraint.raised", "dispatch.plan", "settlement.record", "event.closed"}, {entry["type"] for entry in event["audit"]})

    def test_what_was_delivered_is_kept_beside_the_load_that_forecasts_learn_from(self):
        event = self.server.get_json("/api/v1/events/" + self.event_id)[1]
        counted = {}
        for delivery in event["delivery"]:
            self.assertEqual(delivery["state"], "VERIFIED")
            place = self.server.get_json("/api/v1/feeders/" + event["overload"]["feeder_id"])[1]
            for row in delivery["rows"]:
                wh = round(1000 * max(0, min(row["delivered_kwh"], row["instructed_kwh"])))
                counted[row["start"]] = counted.get(row["start"], 0) + wh
        self.assertGreater(sum(counted.values()), 0)
        seq = next(entry["seq"] for entry in event["audit"] if entry["type"] == "settlement.record")
        told = self.server.get_json(f"/api/v1/audit/entries?from={seq}&limit=1")[1]["entries"][0]["body"]["delivered"]
        said = {}
        for feeder in told["feeders"]:
            self.assertEqual(feeder["feeder"], event["overload"]["feeder_id"])
            begin = datetime.datetime.fromisoformat(told["start"][:19])
            for i, wh in enumerate(feeder["wh"]):
                start = (begin + datetime.timedelta(minutes=30 * i)).isoformat(timespec="milliseconds") + "Z"
                said[start] = said.get(start, 0) + wh
        self.assertEqual({start: wh for start, wh in said.items() if wh}, {start: wh for start, wh in counted.items() if wh})
        wanted = {f"{element}/p_kw/sum/delivered" for element in (place["feeder_id"], place["parent_id"], place["primary_id"])}

        def kept():
            with contextlib.closing(sqlite3.connect(f"file:{self.server.data_dir / 'series.db'}?mode=ro", uri=True)) as store:
                return wanted <= {key for (key,) in store.execute("SELECT key FROM series")}

        wait_for(kept, 20, "the half-hours of the feeder and of what supplies it")

    def test_a_replay_gives_the_same_bytes(self):
        status, replay = self.server.post_json(f"/api/v1/events/{self.event_id}/replay", {})
        self.assertEqual(status, 200, replay)
        self.assertTrue(replay["same"])
        self.assertLessEqual({"raise", "plan", "settlement"}, {part["name"] for part in replay["parts"]})
        self.assertEqual(self.server.get_json("/api/v1/events/" + self.event_id)[1]["replay"]["same"], True)

    def test_series_of_the_limit_bend_away_from_the_line_without(self):
        event = self.server.get_json("/api/v1/events/" + self.event_id)[1]
        query = urllib.parse.urlencode({"point": event["series_point"], "from": event["start"], "to": event["end"], "step": 60})
        measured = self.server.get_json("/api/v1/series?" + query)[1]
        without = self.server.get_json("/api/v1/series?kind=without&" + query)[1]
        self.assertEqual((measured["method"], without["method"]), ("measured", "simulated_twin"))
        self.assertEqual(len(measured["values"]), len(without["values"]))
        pairs = [(a, b) for a, b in zip(measured["values"], without["values"]) if a is not None and b is not None]
        self.assertGreater(len(pairs), 20)
        self.assertGreater(max(b for _, b in pairs), max(a for a, _ in pairs))
        self.assertAlmostEqual(event["peak_without_kw"], max(b for _, b in pairs), places=2)

    def test_half_hours_and_csv(self):
        point = self.server.get_json("/api/v1/events/" + self.event_id)[1]["series_point"]
        now = self.server.get_json("/api/v1/status")[1]["now"]
        query = urllib.parse.urlencode({"point": point, "from": "2027-01-13T00:00:00Z", "to": now, "step": 1800})
        series = self.server.get_json("/api/v1/series?" + query)[1]
        self.assertGreater(sum(value is not None for value in series["values"]), 48)
        status, headers, body = self.server.request("GET", "/api/v1/series?" + query, headers={"Accept": "text/csv"})
        self.assertEqual(headers["content-type"].split(";")[0], "text/csv")
        self.assertEqual(len(body.decode().split("\r\n")) - 2, len(series["values"]))

    def test_peaks_stay_however_far_a_chart_zooms_out(self):
        point = self.server.get_json("/api/v1/events/" + self.event_id)[1]["series_point"]
        event = self.server.get_json("/api/v1/events/" + self.event_id)[1]
        span = {"point": point, "from": event["start"], "to": event["end"]}
        minutes = self.server.get_json("/api/v1/series?" + urllib.parse.urlencode({**span, "step": 60}))[1]
        peak = max(value for value in minutes["values"] if value is not None)
        for query in ({"step": 1800}, {"step": 7200}, {"points": 1}):
            query = urllib.parse.urlencode({**span, **query, "agg": "minmax"})
            coarse = self.server.get_json("/api/v1/series?" + query)[1]
            self.assertGreaterEqual(max(value for value in coarse["max"] if value is not None) + 0.001, peak)
            self.assertEqual(len(coarse["min"]), len(coarse["values"]))

    def test_several_points_are_answered_in_the_order_asked(self):
        points = [point["point_id"] for point in self.server.get_json("/api/v1/points?limit=3")[1]["points"]]
        query = urllib.parse.urlencode([("point", point) for point in reversed(points)] + [("agg", "minmax")])
        series = self.server.get_json("/api/v1/series?" + query)[1]["series"]
        self.assertEqual([line["point_id"] for line in series], list(reversed(points)))
        self.assertEqual(len({(line["step_s"], line["start"], len(line["values"])) for line in series}), 1)
        _, _, body = self.server.request("GET", "/api/v1/series?" + query, headers={"Accept": "text/csv"})
        self.assertEqual(body.decode().split("\r\n")[0], "point_id,start_utc,load_kw,min_kw,max_kw")

    def test_forecasts(self):
        point = self.server.get_json("/api/v1/events/" + self.event_id)[1]["series_point"]
        forecast = self.server.get_json("/api/v1/forecasts?point=" + urllib.parse.quote(point, safe=""))[1]
        self.assertEqual(len(forecast["quantiles"]), 7)
        for row in forecast["load_kw"]:
            self.assertEqual(row, sorted(row))

    def test_plans_and_orders(self):
        plans, _ = self.walk("/api/v1/plans?limit=2", "plans")
        self.assertEqual(len({plan["plan_id"] for plan in plans}), len(plans))
        plan = self.server.get_json(f"/api/v1/plans/{self.event_id}.1")[1]
        self.assertEqual(plan["state"], "authorised")
        self.assertEqual(self.server.get_json("/api/v1/plans/nothing.1")[0], 404)
        orders, _ = self.walk("/api/v1/orders?limit=2", "orders")
        self.assertEqual(len({order["transaction_id"] for order in orders}), len(orders))
        mine = self.server.get_json("/api/v1/orders?event=" + self.event_id)[1]["orders"]
        self.assertTrue(mine and all(order["event_id"] == self.event_id for order in mine))

    def test_what_is_judged_wrongly_is_refused(self):
        plan = self.server.get_json(f"/api/v1/plans/{self.event_id}.1")[1]
        approve = f"/api/v1/plans/{plan['plan_id']}/approve"
        status, problem = self.server.post_json(approve, {"sha256": plan["sha256"]})
        self.assertEqual((status, problem["errors"][0]["pointer"]), (422, "/reason"))
        status, problem = self.server.post_json(approve, {"sha256": "0" * 64, "reason": "it looks right"})
        self.assertEqual((status, problem["errors"][0]["pointer"]), (409, "/sha256"))
        status, _ = self.server.post_json(approve, {"sha256": plan["sha256"], "reason": "too late"})
        self.assertEqual(status, 409, "nobody waits for it")
        status, _ = self.server.post_json(f"/api/v1/events/{self.event_id}/cancel", {"reason": "too late"})
        self.assertEqual(status, 409)

    def test_events_are_paged_newest_first(self):
        events, _ = self.walk("/api/v1/events?limit=2", "events")
        self.assertEqual([event["detected_at"] for event in events], sorted((event["detected_at"] for event in events), reverse=True))
        overloads, _ = self.walk("/api/v1/overloads?state=all&limit=3", "overloads")
        self.assertEqual({overload["event_id"] for overload in overloads}, {event["event_id"] for event in events})


if __name__ == "__main__":
    unittest.main()
