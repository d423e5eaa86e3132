"""The Grafana dashboard in data/grafana asks for nothing that the built binary does not export, by labels that it has."""
import datetime
import json
import pathlib
import re
import unittest

from kafka_server import free_ports
from support import Server, scratch, wait_for

DASHBOARD = pathlib.Path(__file__).resolve().parents[2] / "data" / "grafana" / "headroom.json"
GRID = """type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh
substation,SS-1,,South,51.5,-0.1,500,secondary,,
feeder,F-1,SS-1,One,51.5,-0.1,300,domestic,,
"""


def exported(server):
    """{name: its labels} of everything at /metrics."""
    labels = {}
    for line in server.request("GET", "/metrics")[2].decode().splitlines():
        if line and not line.startswith("#"):
            name, braces = re.match(r"(\w+)(\{.*\})?", line).groups()
            labels.setdefault(name, set()).update(re.findall(r"(\w+)=", braces or ""))
    return labels


class Dashboard(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        (path / "grid.csv").write_text(GRID)
        nobody, = free_ports(1)
        # Brokers need not be there for their figures to be.
        self.server = Server(path / "data", "--grid", path / "grid.csv", "--set", "snapshots.every_s=1",
                             "--set", f"mqtt_readings.url=mqtt://127.0.0.1:{nobody}", "--set", 'mqtt_readings.topics=["readings/{feeder}"]',
                             "--set", f"kafka.brokers=127.0.0.1:{nobody}", "--set", 'kafka.topics=["readings"]', "--set", "kafka.group=rooms")
        self.addCleanup(self.server.__exit__)

    def test_every_figure_is_exported_with_the_labels_it_is_asked_by(self):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        for feeder in ("F-1", "F-unknown"):
            self.assertEqual(self.server.post_json("/api/v1/readings", {"feeder": feeder, "ts": now, "kw": 20.0})[0], 200)
        dashboard = json.loads(DASHBOARD.read_text())
        queries = [(panel["title"], target["expr"], target["legendFormat"])
                   for panel in dashboard["panels"] for target in panel["targets"]]
        self.assertGreater(len(queries), 15)
        wanted = {name for _, expr, _ in queries for name in re.findall(r"(?:headroom|process)_\w+", expr)}
        wait_for(lambda: wanted <= set(exported(self.server)), 60, "every figure: " +
                 ", ".join(sorted(wanted - set(exported(self.server)))))
        labels = exported(self.server)
        for title, expr, legend in queries:
            names = re.findall(r"(?:headroom|process)_\w+", expr)
            self.assertEqual(len(names), 1, title)
            asked = set(re.findall(r"{{(\w+)}}", legend))
            asked |= {label.strip() for group in re.findall(r"by \(([^)]*)\)", expr) for label in group.split(",")}
            self.assertLessEqual(asked, labels[names[0]], f"{title}: {expr}")

    def test_the_file_is_one_that_grafana_takes(self):
        dashboard = json.loads(DASHBOARD.read_text())
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        cells = set()
        for panel in dashboard["panels"]:
            self.assertEqual(panel["datasource"]["uid"], "${source}", "the data source is chosen where it is imported")
            place = panel["gridPos"]
            own = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            self.assertLessEqual(place["x"] + place["w"], 24)
            self.assertFalse(cells & own, f"{panel['title']} lies over another panel")
            cells |= own


if __name__ == "__main__":
    unittest.main()
