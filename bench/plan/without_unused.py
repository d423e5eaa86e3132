#!/usr/bin/env python3
"""Whether a plan stays the same when the DERs that it does not use are taken off the offer.

Draws requests of 6 to 25 batteries over 1 to 12 half-hours, has `headroom plan` answer each, asks again with only the DERs that the plan used,
and counts how often the powers come out otherwise and how far apart the costs lie: in expectation and for a probability of 0.9.

    bench/plan/without_unused.py [BINARY] [REQUESTS]      default: build/release/headroom, 40
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile


def request_of(seed, probability):
    draw = random.Random(seed)
    count, slots = draw.choice([6, 12, 25]), draw.choice([1, 4, 12])
    ders = []
    for i in range(count):
        power = draw.choice([5, 10, 20, 50])
        ders.append({"der_id": f"D{i}", "provider": f"p{i % 3}", "kind": "battery", "min_kw": draw.choice([0, 2]), "max_kw": power,
                     "energy_kwh": power * draw.choice([1, 2, 4]), "notice_minutes": 0, "max_duration_minutes": draw.choice([60, 240, 720]),
                     "min_rest_minutes": 0, "max_activations": 2, "available": [{"from": "2026-11-20T17:00:00Z", "to": "2026-11-21T17:00:00Z"}],
                     "activation_gbp": round(draw.uniform(0, 3), 2), "price_gbp_per_kwh": round(draw.uniform(0.1, 0.9), 3),
                     "reliability": draw.choice([0.8, 0.9, 0.95, 0.99]), "sensitivity": 1.0, "carbon_g_per_kwh": 100})
    need = sum(der["max_kw"] for der in ders) * draw.uniform(0.15, 0.45)
    required = [round(need * draw.uniform(0.4, 1), 1) for _ in range(slots)]
    request = {"dry_run": True, "seed": 1, "now": "2026-11-20T12:00:00Z", "ders": ders, "shortfall_gbp_per_kwh": 20.0,
               "need": {"feeder_id": "F-1", "start": "2026-11-20T17:00:00Z", "step_minutes": 30, "required_kw": required}}
    return request if probability is None else {**request, "probability": probability}


def plan_of(binary, folder, request):
    path = pathlib.Path(folder) / "request.json"
    path.write_text(json.dumps(request))
    done = subprocess.run([binary, "plan", path, "--json"], capture_output=True, text=True, timeout=120, check=False)
    if not done.stdout:
        sys.exit(f"{binary} plan gave nothing: {done.stderr.strip()}")
    return json.loads(done.stdout)


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else "build/release/headroom"
    requests = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    with tempfile.TemporaryDirectory() as folder:
        for probability in (None, 0.9):
            apart = []
            for seed in range(requests):
                request = request_of(seed, probability)
                first = plan_of(binary, folder, request)
                powers = {action["der_id"]: action["kw"] for action in first["actions"]}
                again = plan_of(binary, folder, {**request, "ders": [der for der in request["ders"] if der["der_id"] in powers]})
                if {action["der_id"]: action["kw"] for action in again["actions"]} != powers:
                    apart.append(100 * (again["cost_gbp"] / first["cost_gbp"] - 1))
            name = "in expectation" if probability is None else f"probability {probability}"
            spread = f", cost {min(apart):+.2f} to {max(apart):+.2f} %, median distance {sorted(map(abs, apart))[len(apart) // 2]:.2f} %" if apart else ""
            print(f"{name}: {len(apart)} of {requests} otherwise{spread}")


if __name__ == "__main__":
    main()
