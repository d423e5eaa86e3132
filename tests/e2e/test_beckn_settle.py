"""Settlement of contracts of demand flexibility from the shell: both published policies, to the last digit."""
import json
import pathlib
import subprocess
import unittest

from support import BINARY, ROOT, scratch

MESSAGES = pathlib.Path(ROOT) / "tests" / "unit" / "beckn" / "messages"


def settle(*arguments):
    return subprocess.run([BINARY, "beckn", "settle", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


class BecknSettle(unittest.TestCase):
    def flows(self, file):
        done = settle(file, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return {flow["role"]: (flow["value"], flow["currency"]) for flow in json.loads(done.stdout)["flows"]}

    def test_fixed_price_with_a_shortfall(self):
        self.assertEqual(self.flows(MESSAGES / "fixed_price_settled.json"), {"buyer": ("-436.25", "INR"), "seller": ("436.25", "INR")})

    def test_pay_as_clear(self):
        self.assertEqual(self.flows(MESSAGES / "pay_as_clear_settled.json"), {"buyer": ("-332.5", "INR"), "seller": ("332.5", "INR")})

    def test_a_capture_in_pages_and_a_contract_alone(self):
        self.assertEqual(self.flows(MESSAGES / "pages.jsonl")["seller"], ("436.25", "INR"))
        with scratch() as folder:
            contract = json.loads((MESSAGES / "fixed_price_settled.json").read_text())["message"]["contract"]
            file = pathlib.Path(folder) / "contract.json"
            file.write_text(json.dumps(contract))
            self.assertEqual(self.flows(file)["seller"], ("436.25", "INR"))

    def test_for_people(self):
        done = settle(MESSAGES / "pay_as_clear_settled.json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("seller  +332.5 INR", done.stdout)

    def test_what_cannot_be_settled_is_named(self):
        done = settle(MESSAGES / "fixed_price_baselines.json", "--json")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")
        self.assertIn("usage", done.stderr)
        self.assertIn("/message/contract/performance", done.stderr)
        self.assertNotEqual(settle(MESSAGES / "no-such-file.json").returncode, 0)


if __name__ == "__main__":
    unittest.main()
