#!/usr/bin/python3
"""plain_xgboost.py HISTORY TRUTH LEAD OUT [COVARIATES …]: the baseline of bench/forecast, without anything of ours.

300 trees of depth 6, eta 0.05, squared error, on lags, calendar and the covariates at the target; trained once on the
history; quantiles are those of the errors on its newest quarter, which a first model has not seen. One model a series,
one for all when there are more than 20. LEAD is day-ahead or 60min. Needs python3-numpy and libxgboost (its C library,
through ctypes: no Python package of it).
"""
import csv, ctypes, ctypes.util, gzip, os, sys
from datetime import datetime, timezone

import numpy as np

QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
LIBRARY = ctypes.CDLL(ctypes.util.find_library("xgboost") or "libxgboost.so.0")
LIBRARY.XGBGetLastError.restype = ctypes.c_char_p
DAY = 86400


def check(code):
    if code != 0:
        sys.exit("xgboost: " + LIBRARY.XGBGetLastError().decode())


def floats(values):
    return values.ctypes.data_as(ctypes.POINTER(ctypes.c_float))


def matrix(rows, targets=None):
    handle = ctypes.c_void_p()
    rows = np.ascontiguousarray(rows, np.float32)
    check(LIBRARY.XGDMatrixCreateFromMat(floats(rows), ctypes.c_uint64(rows.shape[0]), ctypes.c_uint64(rows.shape[1]),
                                         ctypes.c_float(np.nan), ctypes.byref(handle)))
    if targets is not None:
        targets = np.ascontiguousarray(targets, np.float32)
        check(LIBRARY.XGDMatrixSetFloatInfo(handle, b"label", floats(targets), ctypes.c_uint64(len(targets))))
    return handle


def train(rows, targets):
    data, booster = matrix(rows, targets), ctypes.c_void_p()
    check(LIBRARY.XGBoosterCreate((ctypes.c_void_p * 1)(data), ctypes.c_uint64(1), ctypes.byref(booster)))
    for name, value in (("max_depth", "6"), ("eta", "0.05"), ("tree_method", "hist"), ("nthread", "1"), ("verbosity", "0"), ("seed", "7")):
        check(LIBRARY.XGBoosterSetParam(booster, name.encode(), value.encode()))
    for i in range(300):
        check(LIBRARY.XGBoosterUpdateOneIter(booster, i, data))
    check(LIBRARY.XGDMatrixFree(data))
    return booster


def predict(booster, rows):
    data, size, out = matrix(rows), ctypes.c_uint64(), ctypes.POINTER(ctypes.c_float)()
    check(LIBRARY.XGBoosterPredict(booster, data, 0, ctypes.c_uint(0), 0, ctypes.byref(size), ctypes.byref(out)))
    answer = np.array(out[: size.value], float)
    check(LIBRARY.XGDMatrixFree(data))
    return answer


def seconds(text):
    at = datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace(" ", "T"))
    return int((at if at.tzinfo else at.replace(tzinfo=timezone.utc)).timestamp())


def read(path):
    out = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            out.setdefault(row["series"], {})[seconds(row["timestamp"])] = float(row["value"])
    return out


def read_covariates(paths, series):
    """{series or None: [{time: value}, …]}; a file named after a series is its own."""
    out = {}
    for path in paths:
        name = os.path.basename(path).split(".")[0]
        with (gzip.open(path, "rt", newline="") if path.endswith(".gz") else open(path, newline="")) as file:
            rows = list(csv.DictReader(file))
        time = next(c for c in rows[0] if "time" in c or "date" in c)
        ahead = [c for c in rows[0] if c != time and not c.endswith("_mw") and c not in ("load", "lat", "lon")]
        times = [seconds(r[time]) for r in rows]
        for column in ahead:
            table = {t: float(r[column]) for t, r in zip(times, rows) if r[column] not in ("", None)}
            out.setdefault(name if name in series else None, []).append(table)
    return out


def make_rows(values, targets, lead, step, tables):
    newest = {t: (t - 3600 if lead == "60min" else t // DAY * DAY - DAY + 6 * 3600) for t in targets}
    rows = []
    for t in targets:
        origin, at = newest[t], datetime.fromtimestamp(t, timezone.utc)
        row = [values.get(origin - i * step, np.nan) for i in range(12)]
        row += [values.get(t - d * DAY, np.nan) if t - d * DAY <= origin else np.nan for d in (1, 2, 3, 7, 14)]
        hours = at.hour + at.minute / 60
        row += [np.sin(hours * np.pi / 12), np.cos(hours * np.pi / 12), hours, at.weekday(), at.timetuple().tm_yday]
        for table in tables:
            value = table.get(t)
            row.append(table.get(t // 3600 * 3600, np.nan) if value is None else value)
        rows.append(row)
    return np.array(rows, np.float32), newest


def main():
    history, truth, lead, out = read(sys.argv[1]), read(sys.argv[2]), sys.argv[3], sys.argv[4]
    covariates = read_covariates(sys.argv[5:], truth)
    gaps = np.diff(sorted(next(iter(history.values()))))
    step = int(np.median(gaps))
    groups = [[k] for k in truth if k in history] if len(truth) <= 20 else [[k for k in truth if k in history]]
    with open(out, "w") as file:
        file.write("series,origin,timestamp," + ",".join(f"q{q:g}" for q in QUANTILES) + "\n")
        for group in groups:
            learnt = []
            for k in group:
                scale = np.subtract(*np.quantile(list(history[k].values()), [0.95, 0.05])) or 1.0
                times = sorted(history[k])
                rows, _ = make_rows({t: v / scale for t, v in history[k].items()}, times, lead, step, covariates.get(k, []) + covariates.get(None, []))
                learnt.append((k, scale, np.array(times), rows, np.array([history[k][t] / scale for t in times])))
            order = np.argsort(np.concatenate([x[2] for x in learnt]), kind="stable")
            rows, targets = (np.concatenate([x[i] for x in learnt])[order] for i in (3, 4))
            cut = int(0.75 * len(targets))
            errors = targets[cut:] - predict(train(rows[:cut], targets[:cut]), rows[cut:])
            spread = np.quantile(errors, QUANTILES)
            booster = train(rows, targets)
            for k, scale, *_ in learnt:
                both = {t: v / scale for t, v in {**history[k], **truth[k]}.items()}
                wanted = sorted(truth[k])
                rows, newest = make_rows(both, wanted, lead, step, covariates.get(k, []) + covariates.get(None, []))
                stamp = lambda t: datetime.fromtimestamp(t, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
                for t, value in zip(wanted, predict(booster, rows)):
                    file.write(f"{k},{stamp(newest[t])},{stamp(t)}," + ",".join(f"{scale * (value + e):.6g}" for e in spread) + "\n")


if __name__ == "__main__":
    main()
