#!/usr/bin/env python3
"""Adds flights, airlines with a change of name and airports to a generated batch pipeline.

    .ci/flights.py REPOSITORY [FOLDER]

Works in a copy. Adds files below `sources/`, `tables/` and `tests/cases/` only, and fails if a module had to change. FOLDER holds
`flights.csv`, `airlines.csv` and `airports.csv` of nycflights13; without it a small set is made.
"""

import csv
import hashlib
import shutil
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

FLIGHTS = """/*---
description = "One scheduled departure"
key = ["flight_date", "carrier", "flight", "origin", "sched_dep_time"]
partition = "flight_date"

[rules]
"distance must be above 0" = "distance > 0"
---*/
select
    _partition as flight_date,
    carrier,
    flight::integer as flight,
    origin,
    dest,
    sched_dep_time::integer as sched_dep_time,
    dep_delay::integer as dep_delay,
    distance::integer as distance
from bronze.flights
"""
AIRLINES = """/*---
description = "Names of airlines, and when they were valid"
kind = "history"
key = ["carrier"]
as_of = "listed_on"
---*/
select carrier, name, regexp_extract(_file, '[0-9-]{10}')::date as listed_on from bronze.airlines
"""
AIRPORTS = """/*---
description = "Airports by their code"
key = ["faa"]
---*/
select faa, name, lat::double as lat, lon::double as lon from bronze.airports
"""
CARRIER_DAY = """/*---
description = "Flights and delay of each airline, day and origin"
key = ["flight_date", "origin", "carrier"]
partition = "flight_date"

[rules]
"airline is known" = "airline is not null"
"origin is known" = "airport is not null"
---*/
select
    flights.flight_date,
    flights.origin,
    flights.carrier,
    any_value(airlines.name) as airline,
    any_value(airports.name) as airport,
    count(*) as flights,
    count(dep_delay) as departed,
    sum(dep_delay) as delay
from silver.flights as flights
left join silver.airlines as airlines
    on airlines.carrier = flights.carrier
    and flights.flight_date >= airlines.valid_from
    and flights.flight_date < coalesce(airlines.valid_to, 'infinity'::date)
left join silver.airports as airports on airports.faa = flights.origin
group by all
"""


def main() -> None:
    given = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder, given.name)
        shutil.copytree(given, repository, ignore=shutil.ignore_patterns(".venv", "warehouse"))
        before = modules(repository)
        landing = repository / "data/landing"
        rows = land(landing, Path(sys.argv[2]) if len(sys.argv) > 2 else None)
        settings = repository / "pipeline.toml"
        settings.write_text(settings.read_text().replace('"data/sample"', '"data/landing"'))
        for name in ("flights", "airlines", "airports"):
            first = min((landing / name).iterdir())
            run(repository, given.name, "new", "source", f"data/landing/{name}/{first.name}")
        for name, text in {
            "silver/flights": FLIGHTS,
            "silver/airlines": AIRLINES,
            "silver/airports": AIRPORTS,
            "gold/carrier_day": CARRIER_DAY,
        }.items():
            (repository / f"tables/{name}.sql").write_text(text)
        print(run(repository, given.name, "run"))
        day = "select sum(flights)::varchar as flights from gold.carrier_day"
        shown = run(repository, given.name, "sql", day)
        assert str(rows) in shown, shown
        names = "select string_agg(distinct airline, ';' order by airline) as n from gold.carrier_day where carrier = 'UA'"
        shown = run(repository, given.name, "sql", names)
        assert "United Air Lines Inc.;United Airlines" in shown, shown
        assert "nothing is new" in run(repository, given.name, "run")
        assert modules(repository) == before, "a module had to change"
        run(repository, "poe", "check")
        print(f"{rows} flights in four tables, two joins; no module was touched")


def modules(repository: Path) -> dict[str, str]:
    """A digest of each module."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in repository.glob("src/*/*.py")
    }


def land(landing: Path, public: Path | None) -> int:
    """Files as they would be delivered: flights by day, airlines twice. Returns the number of flights."""
    made = rows_of(public / "flights.csv") if public else small()
    days: dict[str, list[dict[str, str]]] = {}
    for row in made:
        day = date(int(row["year"]), int(row["month"]), int(row["day"])).isoformat()
        days.setdefault(day, []).append({"flight_date": day, **row})
    for day, of in days.items():
        write(landing / f"flights/{day}.csv", of)
    airlines = rows_of(public / "airlines.csv") if public else [
        {"carrier": "UA", "name": "United Air Lines Inc."}, {"carrier": "B6", "name": "JetBlue Airways"}
    ]
    write(landing / "airlines/2013-01-01.csv", airlines)
    later = [{**row, "name": "United Airlines"} if row["carrier"] == "UA" else row for row in airlines]
    write(landing / "airlines/2013-07-01.csv", later)
    airports = rows_of(public / "airports.csv") if public else [
        {"faa": "EWR", "name": "Newark Liberty Intl", "lat": "40.6925", "lon": "-74.168667"},
        {"faa": "JFK", "name": "John F Kennedy Intl", "lat": "40.639751", "lon": "-73.778925"},
    ]
    write(landing / "airports/airports.csv", airports)
    return len(made)


def small() -> list[dict[str, str]]:
    """Two flights on each day of June and July."""
    first, rows = date(2013, 6, 1), []
    for number in range(61):
        day = first + timedelta(number)
        for carrier, origin, delay in (("UA", "EWR", str(number)), ("B6", "JFK", "NA")):
            moment = {"year": day.year, "month": day.month, "day": day.day}
            rest = {"dep_time": delay, "sched_dep_time": "515", "dep_delay": delay, "carrier": carrier}
            rest |= {"flight": str(1000 + number), "origin": origin, "dest": "IAH", "distance": "1400"}
            rows.append({**{key: str(value) for key, value in moment.items()}, **rest})
    return rows


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def run(repository: Path, *command: str) -> str:
    done = subprocess.run(
        ["uv", "run", *command], cwd=repository, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    main()
