#!/usr/bin/env python3
"""CPU and memory of a generated batch pipeline, beside one DuckDB process that writes the same tables by plain SQL.

    .ci/pipeline_bench.py REPOSITORY [ROWS]

REPOSITORY is set up (`uv sync`) and has the sample's tables. The tables of both are compared, row by row. Works in a folder of its own.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DAYS = 20
MAKE = """
import sys, duckdb
land, rows = sys.argv[1], int(sys.argv[2]) // {days}
for day in range({days}):
    first, kept = day * rows, int(rows * 0.95)  # every twentieth row corrects an earlier one
    duckdb.sql(f'''copy (select
        'S-' || lpad((if(i < {{kept}}, {{first}} + i, {{first}} + i - {{kept}}))::varchar, 9, '0') as order_id,
        'C-' || hash(i) % 50000 as customer_id,
        strftime(timestamp '2026-01-{{day + 1:02}}' + to_seconds((i % {{kept}}) * 7 % 86400), '%Y-%m-%dT%H:%M:%SZ') as ordered_at,
        strftime(timestamp '2026-01-{{day + 1:02}}' + to_seconds(if(i < {{kept}}, 0, 86000)), '%Y-%m-%dT%H:%M:%SZ') as updated_at,
        ['DE', 'FR', 'GB', 'US'][1 + i % 4] as country, (1 + hash(i * 3) % 100000 / 100)::decimal(18, 2) as amount,
        ['EUR', 'GBP'][1 + i % 2] as currency from range({{rows}}) t(i)) to '{{land}}/shop/2026-01-{{day + 1:02}}.csv' (header)''')
duckdb.sql(f'''copy (select 'C-' || i as customer_id, 'n' || i as name, 'e' || i as email, 'private' as segment
    from range(50000) t(i)) to '{{land}}/customers/2026-01-01.jsonl' (format json)''')
""".format(days=DAYS)
PLAIN = """
import sys, duckdb
land, to = sys.argv[1:]
c = duckdb.connect(to)
c.execute("set timezone = 'UTC'; set enable_progress_bar = false; create schema silver; create schema gold")
c.execute(f'''create table silver.orders as select * exclude (_path) from (
    select order_id, customer_id, try_cast(ordered_at as timestamptz) as ordered_at,
        try_cast(ordered_at as timestamptz)::date as ordered_on, try_cast(updated_at as timestamptz) as updated_at,
        country, try_cast(amount as decimal(18, 2)) as amount, currency, _path
    from read_csv('{land}/shop/*.csv', header = true, all_varchar = true, filename = '_path'))
    where order_id is not null and ordered_on is not null and amount > 0 and currency in ('EUR', 'GBP', 'USD')
    qualify row_number() over (partition by order_id order by updated_at desc, _path desc) = 1''')
c.execute(f'''create table silver.customers as select *, 1 as version, date '2026-01-01' as valid_from, null::date as valid_to
    from read_json('{land}/customers/*.jsonl', format = 'newline_delimited',
        columns = {chr(123)}customer_id: 'varchar', name: 'varchar', email: 'varchar', segment: 'varchar'{chr(125)})''')
for name in ('silver/sales', 'gold/country_day', 'gold/segment_month'):
    query = open(f'tables/{name}.sql').read().split('---*/')[1]
    c.execute(f"create table {name.replace('/', '.')} as {query}")
c.close()
"""
COMPARE = """
import sys, duckdb
c = duckdb.connect()
for name, path in zip('ab', sys.argv[1:]):
    c.execute(f"attach '{path}' as {name} (read_only)")
for table in ('silver.orders', 'silver.sales', 'gold.country_day', 'gold.segment_month'):
    one, other = (c.sql(f'select count(*), sum(hash(t)) from {of}.{table} t').fetchone() for of in 'ab')
    assert one == other and one[0], (table, one, other)
print('the tables are equal')
"""


def main() -> None:
    repository, rows = Path(sys.argv[1]).resolve(), sys.argv[2] if len(sys.argv) > 2 else "1000000"
    python, command = repository / ".venv/bin/python", repository / ".venv/bin" / repository.name
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("sources", "tables"):
            shutil.copytree(repository / name, work / name)
        for name in ("shop", "customers"):
            (work / "land" / name).mkdir(parents=True)
        (work / "pipeline.toml").write_text('landing = "land"\ndata = "data"\n')
        subprocess.run([python, "-c", MAKE, "land", rows], cwd=work, check=True, stdout=subprocess.DEVNULL)
        plain = measured("plain", work, python, "-c", PLAIN, "land", "plain.duckdb")
        ours = measured("ours", work, command, "run")
        print(f"ratio: {ours / plain:.2f}")
        measured("nothing new", work, command, "run")
        subprocess.run([python, "-c", COMPARE, "plain.duckdb", "data/warehouse.duckdb"], cwd=work, check=True)


def measured(what: str, work: Path, *command: Path | str) -> float:
    """Seconds of CPU, printed with the peak of memory."""
    process = subprocess.Popen(command, cwd=work, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{what} failed")
    cpu = used.ru_utime + used.ru_stime
    print(f"{what}: {cpu:.1f} s of CPU, {used.ru_maxrss // 1024} MB")
    return cpu


if __name__ == "__main__":
    main()
