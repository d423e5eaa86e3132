#!/usr/bin/env python3
"""Solves instances written by `headroom bench plan --dump DIR` as mixed-integer programmes with HiGHS.

usage: solve_milp.py DIR OUT.json [--seconds 600] [--only NAME …]

OUT.json keeps what was found already: only instances that it lacks are solved, one at a time, each on one
thread. Needs highspy (pip install highspy). The results in milp_results.json were made by this script.
"""
import argparse
import json
import pathlib
import time

import highspy


def add_unit(model, unit, problem, slots, cover):
    """Adds one DER's columns and rows; its relief goes into `cover`."""
    hour = problem["step_ms"] / 3_600_000
    slot_price = unit["price"] * hour / 1e9  # GBP for a watt through a slot
    fee = unit["activation_cost"] / 1e6
    relief = unit["relief_ppm"] / 1e6
    top = unit["power_max_w"]
    bottom = max(1, unit["power_min_w"])
    power, on, start = [], [], []
    for t in range(slots):
        is_open = unit["slots"] >> t & 1
        power.append(model.addVariable(0, top if is_open else 0, slot_price))
        on.append(model.addVariable(0, is_open, 0, highspy.HighsVarType.kInteger))
        start.append(model.addVariable(0, is_open, fee))
        cover[t].append((power[t], relief))
        model.addConstr(power[t] <= top * on[t])
        model.addConstr(power[t] >= bottom * on[t])
        model.addConstr(start[t] >= (on[t] - on[t - 1] if t else on[t]))
    model.addConstr(sum(start) <= unit["activations_max"])
    if unit["energy_w_slots"] < top * slots:
        model.addConstr(sum(power) <= unit["energy_w_slots"])
    for t in range(slots):
        for later in range(t + 1, t + unit.get("run_min", 1)):
            model.addConstr(start[t] <= (on[later] if later < slots else 0))
    longest = unit["run_max"]
    for t in range(slots - longest):
        model.addConstr(sum(on[t:t + longest + 1]) <= longest)
    for t in range(slots):
        for rest in range(1, min(unit["rest_min"], t) + 1):
            model.addConstr(start[t] + on[t - rest] <= 1)


def solve(problem, seconds):
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("time_limit", float(seconds))
    model.setOptionValue("mip_rel_gap", 1e-5)
    slots = len(problem["target_w"])
    cover = [[] for _ in range(slots)]
    for unit in problem["units"]:
        add_unit(model, unit, problem, slots, cover)
    price = problem["shortfall_price"] * problem["step_ms"] / 3.6e6 / 1e9
    for t, target in enumerate(problem["target_w"]):
        short = model.addVariable(0, highspy.kHighsInf, price)
        model.addConstr(sum(factor * column for column, factor in cover[t]) + short >= target)
    begun = time.monotonic()
    model.run()
    info = model.getInfo()
    is_found = info.primal_solution_status == 2
    return {
        "solver": "HiGHS " + model.version(),
        "cost_gbp": round(info.objective_function_value, 6) if is_found else None,
        "bound_gbp": round(info.mip_dual_bound, 6),
        "seconds": round(time.monotonic() - begun, 1),
        "limit_seconds": seconds,
        "optimal": model.getModelStatus() == highspy.HighsModelStatus.kOptimal,
    }


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("dir", type=pathlib.Path)
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--seconds", type=int, default=600)
    arguments.add_argument("--only", nargs="*", default=[])
    options = arguments.parse_args()
    results = json.loads(options.out.read_text()) if options.out.exists() else {}
    paths = [options.dir / f"{name}.json" for name in options.only] or sorted(options.dir.glob("*.json"))
    for path in paths:
        if path.stem in results:
            continue
        results[path.stem] = solve(json.loads(path.read_text()), options.seconds)
        options.out.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
        print(path.stem, results[path.stem], flush=True)


if __name__ == "__main__":
    main()
