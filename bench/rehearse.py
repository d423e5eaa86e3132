#!/usr/bin/env python3
"""How long `headroom rehearse` takes: rehearse.py BINARY [FEEDERS] [DAYS]

Writes made-up half-hours (a daily wave, colder winters, and a little that no calendar knows), a grid and DERs into a scratch folder,
rehearses them and prints one JSON object. Standard library only."""
import datetime
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import time

START = datetime.datetime(2025, 4, 1)


def load_kw(feeder, slot):
    day, half_hour = divmod(slot, 48)
    season = 1.0 + 0.35 * math.cos(2 * math.pi * (day + 80) / 365)
    weekend = 0.92 if (START.weekday() + day) % 7 > 4 else 1.0
    evening = math.exp(-(((half_hour - 36 + feeder % 3) / 5) ** 2))
    unforeseen = ((slot * 7919 + feeder * 104_729) % 1_009) / 1_009 - 0.5
    slow = math.sin(2 * math.pi * day / (5.3 + feeder % 7))
    return (90 + 110 * evening) * season * weekend + 9 * unforeseen + 6 * slow


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    feeders = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    days = int(sys.argv[3]) if len(sys.argv) > 3 else 365
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        with open(path / "grid.csv", "w") as grid, open(path / "ders.csv", "w") as ders:
            grid.write("type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\nsubstation,S-1,,Made up,51.5,-0.1,,primary,,\n")
            ders.write("der_id,feeder_id,kind,kw,energy_kwh,notice_minutes,utilisation_gbp_per_mwh\n")
            for feeder in range(feeders):
                peak = max(load_kw(feeder, slot) for slot in range(48 * days))
                grid.write(f"feeder,F-{feeder},S-1,F {feeder},51.5,-0.1,{0.97 * peak:.1f},domestic,,\n")
                for der in range(3):
                    ders.write(f"F{feeder}-{der},F-{feeder},battery,{8 + 6 * der},60,10,{150 + 60 * der}\n")
        with open(path / "readings.csv", "w") as readings:
            readings.write("feeder_id,timestamp,kw\n")
            for slot in range(48 * days):
                stamp = (START + datetime.timedelta(minutes=30 * slot)).isoformat() + "Z"
                readings.write("".join(f"F-{feeder},{stamp},{load_kw(feeder, slot):.2f}\n" for feeder in range(feeders)))
        begun = time.monotonic()
        done = subprocess.run([binary, "rehearse", "--readings", path / "readings.csv", "--grid", path / "grid.csv", "--ders", path / "ders.csv",
                               "--out", path / "report.html", "--json"], stdout=subprocess.PIPE, check=True)
        seconds = time.monotonic() - begun
        answer = json.loads(done.stdout)
        print(json.dumps({"feeders": feeders, "days": days, "readings": answer["walked"]["readings"], "forecasts": answer["walked"]["forecasts"],
                          "overloads": answer["overloads"], "hit": answer["hit"], "purchases": answer["alarms"], "fit": answer["fit"],
                          "rehearse_s": round(seconds, 1)}))


if __name__ == "__main__":
    main()
