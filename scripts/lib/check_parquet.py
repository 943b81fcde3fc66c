"""What scripts/check-parquet does in Python: prints each fault; ends with 1 if there is any.

    check_parquet.py SAMPLES.parquet REPORT.csv RESULTS.jsonl...

Everything is worked out anew from the results files and the CSV, in the way that suite/docs/SCHEMA.md tells a reader to.
"""

import csv
import json
import math
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone

import duckdb
import polars

TEXT = ("VARCHAR", polars.String)
INTEGER = ("BIGINT", polars.Int64)
NUMBER = ("DOUBLE", polars.Float64)
TRUTH = ("BOOLEAN", polars.Boolean)
MOMENT = ("TIMESTAMP WITH TIME ZONE", polars.Datetime("us", "UTC"))
COLUMNS = {
    "run_id": TEXT, "started_at": MOMENT, "harness_version": TEXT, "suite": TEXT, "chip": TEXT, "gpu": TEXT, "gpu_cores": INTEGER,
    "memory_bytes": INTEGER, "os": TEXT, "framework": TEXT, "version": TEXT, "device": TEXT, "execution": TEXT, "variant": TEXT,
    "mode": TEXT, "workload": TEXT, "case": TEXT, "dtype": TEXT, "inputs": TEXT, "round": INTEGER, "void": TRUTH,
    "disturbed": TRUTH, "order": INTEGER, "worker": INTEGER, "launch_at": MOMENT, "block": INTEGER, "kind": TEXT, "calls": INTEGER,
    "block_ns": INTEGER, "submit_ns": INTEGER, "ns_per_call": NUMBER, "counts": TRUTH, "flags": TEXT, "outcome": TEXT,
    "launch_outcome": TEXT, "reason": TEXT,
}
CELL = ["run_id", "framework", "device", "execution", "variant", "mode", "case"]
KINDS = {"k": ("block_ns", 1), "4k": ("block4_ns", 4), "upload": ("upload_ns", 1), "step": ("step_ns", 1), "download": ("download_ns", 1)}
STAGES = ["upload", "step", "download"]
# What tells the rows of a cell apart, and what all of them share with its row in the CSV.
LAUNCH = ["round", "order", "worker", "void", "launch_at", "launch_outcome"]
BLOCK = ["kind", "block", "calls", "block_ns", "submit_ns"]
SHARED = ["suite", "harness_version", "chip", "gpu", "gpu_cores", "memory_bytes", "os", "version", "workload", "dtype", "inputs",
          "outcome"]

# From the blocks alone, so that ns_per_call is checked too; the cell is named by quoted columns, since two of them are words of SQL.
SQL_CELL = ", ".join(f'"{column}"' for column in CELL)
MEDIANS = f"""
    WITH pairs AS (
        SELECT {SQL_CELL}, round, block,
            max(block_ns) FILTER (WHERE kind = 'k') AS k_ns, max(block_ns) FILTER (WHERE kind = '4k') AS k4_ns,
            max(calls) FILTER (WHERE kind = 'k') AS k, max(calls) FILTER (WHERE kind = '4k') AS k4
        FROM samples WHERE counts GROUP BY ALL
    ), launches AS (
        SELECT {SQL_CELL}, round,
            median(CASE mode WHEN 'throughput' THEN (k4_ns - k_ns) / (k4 - k) ELSE k_ns / k END) AS ns
        FROM pairs GROUP BY ALL
    )
    SELECT {SQL_CELL}, median(ns) FROM launches GROUP BY ALL
"""
STAGE_MEDIANS = f"""
    WITH launches AS (
        SELECT {SQL_CELL}, round, kind, median(block_ns / calls) AS ns FROM samples
        WHERE counts AND kind IN ('upload', 'step', 'download') GROUP BY ALL
    )
    SELECT {SQL_CELL}, kind, median(ns) FROM launches GROUP BY ALL
"""

found = []


def fault(text):
    found.append(text)
    print(f"fault: {text}", file=sys.stderr)


def expect(what, got, wanted):
    if got != wanted:
        fault(f"{what}: {got!r}, and not {wanted!r}")


def expect_medians(what, got, wanted):
    """Medians by cell: of the same cells, and the same but for the rounding of a mean of two."""
    expect(f"{what}: cells that have one", sorted(got, key=str), sorted(wanted, key=str))
    for cell, median in wanted.items():
        if cell in got and not math.isclose(got[cell], median, rel_tol=1e-12):
            fault(f"{what} of {cell}: {got[cell]!r}, in the CSV {median!r}")


def micros(text):
    """A moment of a results file in µs since 1970."""
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)


def rows_of(path):
    """How often each row is to be there, by what tells rows apart, from the records of a results file."""
    with open(path, encoding="utf-8") as lines:
        header, *records = [json.loads(line) for line in lines]
    run = header["run_id"], micros(header["started_at"])
    launches = [record for record in records if record["record"] == "launch"]
    void = {record["round"] for record in records if record["record"] == "round" and record.get("void")}
    rows = Counter()
    for launch in launches:
        cell = launch["case"], launch["target"], launch["mode"]
        own = (launch["round"], launch["order"], launch.get("worker"), launch["round"] in void, micros(launch["at"]),
               launch["outcome"])
        samples = launch.get("samples") or {}
        submit_ns = samples.get("submit4_ns", [])
        blocks = [(kind, block, times * samples["calls"], ns, submit_ns[block] if kind == "4k" else None)
                  for kind, (key, times) in KINDS.items() for block, ns in enumerate(samples.get(key, []))]
        rows.update((*run, *cell, *own, *block) for block in blocks or [(None,) * len(BLOCK)])
    measured = {(launch["case"], launch["target"], launch["mode"]) for launch in launches}
    planned = ((case["case"], target["target"], mode) for case in header["cases"] for mode in case["modes"]
               for target in header["targets"])
    rows.update((*run, *cell, *(None,) * len(LAUNCH + BLOCK)) for cell in planned if cell not in measured)
    return rows


def target(row):
    parts = [f'{row["framework"]}:{row["device"]}', row["execution"] if row["execution"] != "eager" else None, row["variant"]]
    return "+".join(part for part in parts if part)


def main(path, report, *results):
    duck = duckdb.connect()
    duck.execute("CREATE VIEW samples AS FROM read_parquet(" + "'" + path.replace("'", "''") + "')")
    bear = polars.read_parquet(path)

    types = {name: kind for name, kind, *_ in duck.execute("DESCRIBE samples").fetchall()}
    expect("the columns in DuckDB", types, {name: kind for name, (kind, _) in COLUMNS.items()})
    expect("the columns in Polars", dict(bear.schema), {name: kind for name, (_, kind) in COLUMNS.items()})
    if found:
        return
    # Moments as integers, since DuckDB needs another package to hand them to Python.
    moments = [name for name, kind in COLUMNS.items() if kind == MOMENT]
    bear = bear.with_columns(polars.col(moments).dt.epoch("us"))
    chosen = ", ".join(f'epoch_us("{name}")' if name in moments else f'"{name}"' for name in COLUMNS)
    rows = duck.execute(f"SELECT {chosen} FROM samples").fetchall()
    expect("rows in Polars", len(bear), len(rows))
    for place, (name, in_duckdb) in enumerate(zip(COLUMNS, zip(*rows))):
        if bear[name].to_list() != list(in_duckdb):
            fault(f"DuckDB and Polars do not read the same in {name} (column {place})")

    with open(report, encoding="utf-8", newline="") as lines:
        cells = {tuple(cell[column] or None for column in CELL): cell for cell in csv.DictReader(lines)}
    wanted = sum((rows_of(result) for result in results), Counter())
    got = Counter()
    for values in rows:
        row = dict(zip(COLUMNS, values))
        own = (row[name] for name in LAUNCH + BLOCK)
        got[row["run_id"], row["started_at"], row["case"], target(row), row["mode"], *own] += 1
        cell = cells.get(tuple(row[name] for name in CELL), {})
        for name in SHARED:
            if str("" if row[name] is None else row[name]) != cell.get(name):
                fault(f"{name} is {row[name]!r}, and in the CSV {cell.get(name)!r}: {row}")
        has = row["block_ns"] is not None
        if row["counts"] and not (has and row["outcome"] == row["launch_outcome"] == "ok" and not row["void"]):
            fault(f"it counts, but cannot: {row}")
        if not has and not row["reason"]:
            fault(f"there is neither a sample nor a reason: {row}")
    expect("rows", len(rows), wanted.total())
    for what, difference in [("rows that are not of the records", got - wanted), ("rows that are missing", wanted - got)]:
        if difference:
            fault(f"{difference.total()} {what}, such as {min(difference, key=str)}")

    medians = {cell: float(row["median_ns"]) for cell, row in cells.items() if row["median_ns"]}
    in_duckdb = {tuple(cell): ns for *cell, ns in duck.execute(MEDIANS).fetchall()}
    expect_medians("the median in DuckDB", in_duckdb, medians)
    by_launch = bear.filter("counts").group_by(CELL + ["round"]).agg(polars.col("ns_per_call").median())
    in_polars = {tuple(cell): ns for *cell, ns in by_launch.group_by(CELL).agg(polars.col("ns_per_call").median()).rows()}
    expect_medians("the median in Polars", in_polars, medians)
    stages = {(*cell, stage): float(row[f"{stage}_ns"]) for cell, row in cells.items() for stage in STAGES if row[f"{stage}_ns"]}
    expect_medians("the stage in DuckDB", {tuple(cell): ns for *cell, ns in duck.execute(STAGE_MEDIANS).fetchall()}, stages)

    modes = ", ".join(sorted({cell[CELL.index("mode")] for cell in medians}))
    print(f"{len(rows)} rows, {len(medians)} medians ({modes}) and {len(stages)} of stages, with DuckDB {duckdb.__version__} and "
          f"Polars {polars.__version__}: {len(found)} faults")
    if not medians:
        fault("there is no median to compare")


try:
    main(*sys.argv[1:])
except (duckdb.Error, polars.exceptions.PolarsError) as error:
    fault(f"it cannot be read: {error}")
sys.exit(bool(found))
