"""Programmes from the shell and over HTTP: terms, enrolment, a test, suspension and lifting, refusals that name the member, and what is left after a restart."""
import json
import pathlib
import unittest

from support import Server, run, scratch

GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,SS-1,,South,51.5,-0.1,500,secondary,,
feeder,F-1,SS-1,One,51.5,-0.1,300,domestic,,
der,BAT-1,F-1,Battery,51.5,-0.1,6,battery,L1,13
der,HP-1,F-1,Pump,51.5,-0.1,4,heat_pump,L2,
"""
TERMS = {"name": "Winter evenings", "terms": "terms-2026-10.pdf", "products": ["availability", "spot"], "der_classes": ["battery"],
         "from": "2026-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z", "test_share": 0.9}


class Programmes(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "grid.csv").write_text(GRID)
        (self.folder / "terms.json").write_text(json.dumps(TERMS))
        self.start()

    def start(self):
        self.server = Server(self.folder / "data", "--grid", self.folder / "grid.csv")
        self.addCleanup(self.server.__exit__)

    def do(self, *args, code=0):
        done = run("programmes", *args, "--data-dir", self.server.data_dir)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def enrol(self, der="BAT-1", code=0):
        return self.do("enrol", "WINTER", der, "--provider", "tesla-vpp", "--power-kw", "6", "--consent-by", "A. Site", "--from",
                       "2026-01-01T00:00:00Z", "--until", "2098-01-01T00:00:00Z", "--reason", "signed", code=code)

    def standing(self):
        status, answer = self.server.get_json("/api/v1/enrolments")
        self.assertEqual(status, 200, answer)
        return [(one["der_id"], one["standing"]) for one in answer["enrolments"]]

    def test_a_site_from_the_terms_to_the_day_it_leaves(self):
        self.assertIn("every offer counts", self.do("list"))
        self.assertIn("no programme WINTER", self.enrol(code=1))
        self.do("set", "WINTER", "--terms", self.folder / "terms.json", "--reason", "board")
        self.assertIn("a test must deliver 90 %", self.do("list"))

        self.assertIn("no DER BAT-9", self.enrol("BAT-9", code=1))
        self.assertIn("is not for heat_pump", self.enrol("HP-1", code=1))
        self.assertIn("not_qualified", self.enrol())
        self.assertEqual(self.standing(), [("BAT-1", "not_qualified")])

        test = ["test", "WINTER", "BAT-1", "--at", "2026-11-10T17:00:00Z", "--evidence", "visit", "--reason", "yearly"]
        self.assertIn("enrolled are 6000 W", self.do(*test, "--asked-kw", "5", "--delivered-kw", "5", code=1))
        self.do(*test, "--asked-kw", "6", "--delivered-kw", "5.3")
        self.assertEqual(self.standing(), [("BAT-1", "failed_test")])
        self.do(*test, "--asked-kw", "6", "--delivered-kw", "5.4")
        self.assertEqual(self.standing(), [("BAT-1", "eligible")])
        self.assertIn("1 may be used now with 6.0 kW", self.do("list"))

        self.do("suspend", "WINTER", "BAT-1", "--reason", "new meter")
        self.assertIn("suspended: new meter", self.do("enrolments", "--standing", "suspended"))
        self.server.__exit__()
        self.start()
        self.assertEqual(self.standing(), [("BAT-1", "suspended")])
        self.do("resume", "WINTER", "BAT-1", "--reason", "meter is in")
        self.assertIn("is not suspended", self.do("resume", "WINTER", "BAT-1", "--reason", "again", code=1))
        self.do("withdraw", "WINTER", "BAT-1", "--reason", "letter")
        self.assertEqual(self.standing(), [("BAT-1", "withdrawn")])
        self.assertIn("eligible", self.enrol())

        verified = run("audit", "verify", "--data-dir", self.server.data_dir)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def test_what_does_not_fit_is_refused_by_member(self):
        put = lambda **change: self.server.send_json("PUT", "/api/v1/programmes/WINTER", {**TERMS, "reason": "board", **change})
        for member, value, pointer in (("products", ["lottery"], "/products"), ("day_from", "25:00", "/day_from"), ("until", "2020-01-01T00:00:00Z", "/until"),
                                       ("test_share", 2, "/test_share"), ("reason", "", "/reason")):
            status, answer = put(**{member: value})
            self.assertEqual(status, 422, answer)
            self.assertEqual(answer["errors"][0]["pointer"], pointer, answer)
        status, answer = put(day_from="16:00", day_until="20:00")
        self.assertEqual((status, answer["day_until"]), (200, "20:00"), answer)
        status, answer = self.server.get_json("/api/v1/enrolments?standing=asleep")
        self.assertEqual(status, 422, answer)


if __name__ == "__main__":
    unittest.main()
