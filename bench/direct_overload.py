#!/usr/bin/python3
"""direct_overload.py HISTORY TRUTH COVARIATES … [--forecasts F.csv A.csv]: how well overloads 60 min ahead can be told by
a model that learns the exceedance itself, beside those that learn the load. A yardstick, nothing of the product.

150 trees of depth 4, eta 0.05, logistic loss, one model for all series, learnt anew every two days from all before. Each
row: the last sixteen loads, their highest and their slopes as distances to the limit in the series' range; how long it
was over it in the last 1, 3, 6 and 24 h; the loads of 1, 2 and 7 days before and what they did within that hour; the share
of exceedances at this time of day in the last week; clock and weekday; the weather now and then, the generation now; with
--forecasts (a backtest's --out and --alarms, which must begin earlier than the truth to be learnt from) also the
forecast's quantiles and its chance. Prints F2 (as score_forecast counts it: instants, no events) on the truth at the
best threshold chosen in hindsight. Needs python3-numpy and libxgboost.
"""
import csv, ctypes, gzip, os, sys

import numpy as np

from plain_xgboost import DAY, LIBRARY, check, floats, matrix, predict, read, seconds

HOUR, STEP, WARM_UP, EVERY = 3600, 900, 8 * DAY, 2 * DAY
PARAMETERS = (("objective", "binary:logistic"), ("max_depth", "4"), ("eta", "0.05"), ("tree_method", "hist"), ("nthread", "1"), ("verbosity", "0"),
              ("seed", "7"), ("min_child_weight", "5"), ("subsample", "0.7"), ("colsample_bytree", "0.6"), ("lambda", "5"))


def train(rows, targets):
    data, booster = matrix(rows, targets), ctypes.c_void_p()
    check(LIBRARY.XGBoosterCreate((ctypes.c_void_p * 1)(data), ctypes.c_uint64(1), ctypes.byref(booster)))
    for name, value in PARAMETERS:
        check(LIBRARY.XGBoosterSetParam(booster, name.encode(), value.encode()))
    for i in range(150):
        check(LIBRARY.XGBoosterUpdateOneIter(booster, i, data))
    check(LIBRARY.XGDMatrixFree(data))
    return booster


def read_tables(path):
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    return [{seconds(r["timestamp_utc"]): float(r[c]) for r in rows if r[c] != ""} for c in ("radiation", "windspeed_100m", "solar_mw", "wind_mw")]


def row_of(at, loads, over, tables, index):
    origin, load = at - HOUR, lambda t: loads.get(t, np.nan)
    lags = [load(origin - STEP * i) for i in range(16)]
    row = lags + [np.nanmax(lags[:4] + [-9]), np.nanmax(lags + [-9])] + [lags[0] - lags[i] for i in (1, 2, 4, 8)]
    was_over = [over.get(origin - STEP * i, 0) for i in range(96)]
    row += [sum(was_over[:n]) for n in (4, 12, 24, 96)]
    row += [load(at - DAY * d) for d in (1, 2, 7)] + [load(at - DAY * d) - load(origin - DAY * d) for d in (1, 2, 7)]
    row.append(np.mean([over.get(at - DAY * d + STEP * i, 0) for d in range(1, 8) for i in range(-2, 3)]))
    hours, weekday = at % DAY / HOUR, (at // DAY + 3) % 7
    row += [hours, np.sin(hours * np.pi / 12), np.cos(hours * np.pi / 12), weekday, float(weekday >= 5), index]
    for i, table in enumerate(tables):
        now, before, then = table.get(origin, np.nan), table.get(origin - HOUR, np.nan), table.get(at, np.nan)
        row += [now, then, then - now] if i < 2 else [now, now - before]  # what is generated is known when it was measured
    return row


def f2(truth, alarms):
    hits, missed, needless = (truth & alarms).sum(), (truth & ~alarms).sum(), (~truth & alarms).sum()
    return 5 * hits / (5 * hits + 4 * missed + needless) if hits else 0.0


def best(truth, chances):
    return max((f2(truth, chances >= c), c) for c in np.quantile(chances, np.linspace(0.8, 0.995, 300)))


def main():
    names, forecasts = sys.argv[1:], {}
    if "--forecasts" in names:
        at = names.index("--forecasts")
        for path in names[at + 1:at + 3]:
            for r in csv.DictReader(open(path)):
                key = (r["series"], seconds(r["timestamp"]))
                forecasts.setdefault(key, []).extend(float(r[c]) for c in ("q0.05", "q0.25", "q0.5", "q0.75", "q0.9", "q0.95", "chance") if c in r)
        names = names[:at]
    history, truth = read(names[0]), read(names[1])
    tables = {os.path.basename(p).split(".")[0]: p for p in names[2:]}
    rows, over_all, times = [], [], []
    for index, series in enumerate(sorted(truth)):
        known = np.array(list(history[series].values()))
        limit, span = np.quantile(known, 0.95), np.subtract(*np.quantile(known, [0.99, 0.01]))
        values = {**history[series], **truth[series]}
        loads = {t: (v - limit) / span for t, v in values.items()}
        over = {t: float(v >= limit) for t, v in values.items()}
        weather = read_tables(tables[series])
        for t in sorted(values):
            if t < min(values) + WARM_UP or (forecasts and len(forecasts.get((series, t), [])) < 7):
                continue
            row = row_of(t, loads, over, weather, index)
            if forecasts:
                *quantiles, chance = forecasts[(series, t)]
                row += [(q - limit) / span for q in quantiles] + [chance]
            rows.append(row)
            over_all.append(over[t])
            times.append(t)
    rows, over_all, times = np.array(rows, np.float32), np.array(over_all), np.array(times)
    begin = min(min(t) for t in truth.values())
    chances = np.full(len(times), np.nan)
    for day in range(begin // DAY * DAY, max(times) + 1, EVERY):
        learnt, told = times < day - HOUR, (times >= max(day, begin)) & (times < day + EVERY)
        if told.any():
            chances[told] = predict(train(rows[learnt], over_all[learnt]), rows[told])
    is_test = times >= begin
    score, at = best(over_all[is_test] > 0, chances[is_test])
    print(f"{int(over_all[is_test].sum())} overloads in {is_test.sum()}; best F2 in hindsight {score:.3f}, at a chance of {at:.3f}")


main()
