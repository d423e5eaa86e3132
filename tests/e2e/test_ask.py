"""Questions in words over a simulated evening that is over: with a scripted local model, with one that makes figures up, and without any."""
import json
import pathlib
import unittest

from scripted_model import ScriptedModel
from support import Server, run, scratch, wait_for

LEAKS = ("LV-", "ev-20", "DER-", "provider-")
MANUAL = "# Manual\n\n## 4 Ratings\n\nNo feeder may exceed its continuous thermal rating for longer than a half-hour.\n"


def number(value, decimals=1):
    return f"{value:.{decimals}f}"


class Asked(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.model = ScriptedModel(lambda question, results: cls.script(question, results), lambda question, results: cls.words(question, results))
        path = pathlib.Path(cls.folder.name)
        cls.server = Server(path / "data", "--demo", "--feeders", "250", "--hours", "2", "--speed", "6000",
                            "--set", "llm.enabled=true", "--set", f"llm.url={cls.model.url}", "--set", "llm.model=sample",
                            env={"OPENAI_API_KEY": "sk-e2e-secret"})
        (path / "manual.md").write_text(MANUAL)
        added = run("knowledge", "add", path / "manual.md", "--data-dir", path / "data")
        assert added.returncode == 0, added.stderr
        wait_for(lambda: "evening in this data directory is over" in cls.server.output(), 240, "the end of the evening")
        events = cls.server.get_json("/api/v1/events?state=over&limit=100")[1]["events"]
        assert events, "the evening has events"
        cls.event = next(event for event in events if event["statement_gbp"] > 0)
        cls.feeders = cls.server.get_json("/api/v1/feeders?sort=headroom&limit=5")[1]["feeders"]

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        cls.model.stop()
        cls.folder.cleanup()

    # What the model does; a test sets its own.
    script = staticmethod(lambda question, results: [])
    words = staticmethod(lambda question, results: "Nothing.")

    def ask(self, question):
        status, answer = self.server.post_json("/api/v1/ask", {"question": question})
        self.assertEqual(status, 200, answer)
        return answer

    def steer(self, script, words):
        type(self).script, type(self).words = staticmethod(script), staticmethod(words)

    def twenty(self):
        """Questions, the calls that a model makes for them, its words, and the figures that the desk has."""
        event, feeders = self.event, self.feeders
        event_id = event["event_id"]
        plan = self.server.get_json(f"/api/v1/plans?event={event_id}&limit=1")[1]["plans"][0]
        detail = self.server.get_json(f"/api/v1/events/{event_id}")[1]
        statement = detail["statement"]
        counts = self.server.get_json("/api/v1/status")[1]
        cases = []
        for feeder in feeders:
            cases.append((f"How much headroom has {feeder['feeder_id']}?", "feeder",
                          lambda r: f"{r['feeder_id']} has {number(r['headroom_kw'])} kW.", [number(feeder["headroom_kw"])]))
        cases.append((f"What limits {feeders[0]['feeder_id']}?", "feeder", lambda r: f"Its limit is {number(r['limit_kw'])} kW.", [number(feeders[0]["limit_kw"])]))
        cases.append((f"How loaded is {feeders[1]['feeder_id']}?", "feeder", lambda r: f"{number(r['load_kw'])} kW.", [number(feeders[1]["load_kw"])]))
        for member, unit in (("required_kw", "kW"), ("contracted_kw", "kW"), ("delivered_kwh", "kWh"), ("limit_kw", "kW")):
            cases.append((f"What is the {member[:-3]} of {event_id}?", "event", lambda r, m=member, u=unit: f"{number(r[m])} {u}", [number(event[member])]))
        cases.append((f"What did {event_id} cost?", "event", lambda r: f"£{number(r['cost_gbp'], 2)}", [number(event["cost_gbp"], 2)]))
        cases.append((f"What does the plan of {event_id} cost?", "plan", lambda r: f"£{number(r['cost_gbp'], 2)}", [number(plan["cost_gbp"], 2)]))
        cases.append((f"How many offers does the plan of {event_id} use?", "plan", lambda r: f"{len(r['actions'])} offers.", [str(len(plan["actions"]))]))
        cases.append((f"What does the plan of {event_id} leave uncovered?", "plan", lambda r: f"{number(r['shortfall_kw'])} kW", [number(plan["shortfall_kw"])]))
        cases.append((f"What is paid for {event_id}?", "statement", lambda r: f"£{r['total_gbp']}", [statement["total_gbp"]]))
        cases.append((f"How much was delivered in {event_id}?", "statement", lambda r: f"{number(r['delivered_kwh'], 2)} kWh", [number(statement["delivered_kwh"], 2)]))
        cases.append(("How many feeders are over their limit?", "status", lambda r: f"{r['counts']['constrained']} feeders.", [str(counts["counts"]["constrained"])]))
        cases.append(("How many feeders are normal?", "status", lambda r: f"{r['counts']['normal']} feeders.", [str(counts["counts"]["normal"])]))
        cases.append(("How many events are open?", "status", lambda r: f"{r['open_events']} events.", [str(counts["open_events"])]))
        return cases

    def arguments(self, tool, question):
        # The model knows pseudonyms only: the last word of the question that looks like one.
        name = next((word.strip("?.,") for word in question.split() if word.startswith(("feeder-", "event-"))), "")
        return {} if tool == "status" else {"feeder": name} if tool == "feeder" else {"event": name}

    def test_figures_of_twenty_answers_are_the_desks(self):
        cases = self.twenty()
        self.assertEqual(len(cases), 20)
        for question, tool, word, figures in cases:
            with self.subTest(question):
                self.steer(lambda asked, results, tool=tool: [] if results else [(tool, self.arguments(tool, asked))],
                           lambda asked, results, word=word: word(results[-1]))
                answer = self.ask(question)
                self.assertEqual((answer["answered_by"], answer["verdict"]), ("model", "answered"), answer)
                self.assertTrue(answer["sourced"])
                self.assertTrue(answer["citations"])
                for figure in figures:
                    self.assertIn(figure, answer["text"])
                for citation in answer["citations"]:
                    self.assertEqual(self.server.get_json(citation["path"])[0], 200, citation)
                for entry in answer["exchanges"]:
                    found = self.server.get_json(f"/api/v1/audit/entries?from={entry}&limit=1")[1]["entries"][0]
                    self.assertEqual((found["type"], found["body"]["verdict"]), ("copilot.exchange", "answered"))

    def test_nothing_of_the_site_leaves_under_figures(self):
        before = len(self.model.requests)
        for question, tool, word, _ in self.twenty():
            self.steer(lambda asked, results, tool=tool: [] if results else [(tool, self.arguments(tool, asked))],
                       lambda asked, results, word=word: word(results[-1]))
            self.ask(question)
        own = {feeder["feeder_id"] for feeder in self.feeders} | {self.event["event_id"]} | {feeder["name"] for feeder in self.feeders}
        for headers, body in self.model.requests[before:]:
            sent = json.dumps(body)
            for word in own:
                self.assertNotIn(word, sent)
            self.assertNotIn("sk-e2e-secret", sent)
            self.assertEqual(headers["Authorization"], "Bearer sk-e2e-secret")
        self.assertNotIn("sk-e2e-secret", self.server.output())
        self.assertNotIn("sk-e2e-secret", self.server.request("GET", "/metrics")[2].decode())

    def test_a_figure_that_nobody_gave_is_not_shown(self):
        question = f"How much headroom has {self.feeders[0]['feeder_id']}?"
        self.steer(lambda asked, results: [] if results else [("feeder", self.arguments("feeder", asked))],
                   lambda asked, results: "It has 98765.4 kW.")
        answer = self.ask(question)
        self.assertEqual(answer["verdict"], "figures_refused")
        self.assertEqual(answer["answered_by"], "desk")
        self.assertEqual(answer["unsourced"], ["98765.4"])
        self.assertIn(number(abs(self.feeders[0]["headroom_kw"])), answer["text"])

    def test_an_answer_without_a_source_says_so(self):
        self.steer(lambda asked, results: [], lambda asked, results: "Transformers hum.")
        answer = self.ask("Why do transformers hum?")
        self.assertFalse(answer["sourced"])
        self.assertEqual(answer["verdict"], "unsourced")
        self.assertTrue(answer["text"].startswith("Without a source"))

    def test_a_model_cannot_reach_what_it_was_not_given(self):
        self.steer(lambda asked, results: [] if results else [("feeder", {"feeder": self.feeders[2]["feeder_id"]}), ("stop_all", {}), ("event", {"event": "event-9"})],
                   lambda asked, results: "Nothing was found." if all("error" in result for result in results) else "Found.")
        answer = self.ask("What is where?")
        self.assertIn("Nothing was found.", answer["text"])
        self.assertEqual(self.server.get_json("/api/v1/status")[1]["stopped_areas"], [])

    def test_the_rulebook_is_cited_with_its_place(self):
        self.steer(lambda asked, results: [] if results else [("rules", {"words": "thermal rating"})], lambda asked, results: "The manual says so.")
        answer = self.ask("What says the manual about the thermal rating?")
        self.assertEqual([citation["kind"] for citation in answer["citations"]], ["passage"])
        self.assertIn("continuous thermal rating", self.server.get_json(answer["citations"][0]["path"])[1]["text"])

    def test_state_and_metrics_tell_of_it(self):
        self.steer(lambda asked, results: [], lambda asked, results: "Yes.")
        self.ask("Is it evening?")
        state = self.server.get_json("/api/v1/copilot")[1]
        self.assertEqual((state["state"], state["model"], state["share"]), ("ok", "sample", "figures"))
        self.assertGreater(state["tokens_today"], 0)
        self.assertIn('headroom_copilot_state{state="ok"} 1', self.server.request("GET", "/metrics")[2].decode())


class WithoutModel(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        (path / "grid.csv").write_text("type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\nsubstation,S1,,South,51.5,-0.1,500,secondary,,\n"
                                       "feeder,F1,S1,Kiln Lane,51.5,-0.1,180,domestic,,\n")
        self.server = Server(path / "data", "--grid", path / "grid.csv")
        self.addCleanup(self.server.__exit__)

    def test_a_question_of_the_family_is_answered_by_the_desk(self):
        asked = run("ask", "Which feeders are tightest?", "--data-dir", self.server.data_dir)
        self.assertEqual(asked.returncode, 0, asked.stderr)
        self.assertIn("F1", asked.stdout)
        self.assertIn("/api/v1/feeders?sort=headroom", asked.stdout)
        by_name = run("ask", "How is kiln lane?", "--data-dir", self.server.data_dir, "--json")
        self.assertIn("F1", json.loads(by_name.stdout)["text"])

    def test_another_question_is_told_how_a_model_is_set_up(self):
        asked = run("ask", "Will it rain in Paris?", "--data-dir", self.server.data_dir)
        self.assertEqual(asked.returncode, 1)
        self.assertIn("llm.enabled", asked.stdout)
        self.assertIn("without a source", asked.stdout)

    def test_an_empty_or_endless_question_is_refused(self):
        self.assertEqual(self.server.post_json("/api/v1/ask", {"question": ""})[0], 422)
        self.assertEqual(self.server.post_json("/api/v1/ask", {"question": "x" * 1001})[0], 422)
        self.assertEqual(self.server.post_json("/api/v1/ask", {"question": "  "})[0], 422)


if __name__ == "__main__":
    unittest.main()
