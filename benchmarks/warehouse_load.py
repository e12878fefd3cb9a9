"""Loading a million records of 40 columns with history and evidence, beside a bare binary COPY of the same rows.

Run: .venv/bin/python -m benchmarks.warehouse_load [RECORDS]
Wanted: first load >= 0.5 of the bare COPY's speed; identical content again <= 0.4 of the first; verify >= 100,000/s.
"""

import sys


def main(number: int) -> None:
    """Print the costs and the ratios."""
    # Here, since the verifying processes import this module: they are to start with no more than those of `hub` do.
    from psycopg import sql

    from benchmarks.warehouse_place import connection, load_batch, measured, release, rows, warehouse
    from warehouse.copying import copy_frame
    from warehouse.verification import verify

    with warehouse() as url, connection(url) as conn:
        stored, frame = rows(number, number), rows(0, number)
        load_batch(conn, 0, stored)  # so that the keys of the measured load are looked up in a table that has some
        fields = release().datasets["BENCH"].field_names
        plain = frame.select("DATA_KEY", *fields)
        listed = ", ".join(f'"{name}"' for name in fields)
        made = f'CREATE TABLE public.plain AS SELECT data_key AS "DATA_KEY", {listed} FROM hub.wh_bench LIMIT 0'
        conn.execute(made.encode())
        conn.commit()
        with measured() as bare:
            copy_frame(conn, sql.Identifier("public", "plain"), plain)
            conn.commit()
        with measured() as first:
            done = load_batch(conn, 1, frame)
        assert done.inserted == number, done
        with measured() as again:
            done = load_batch(conn, 2, frame)
        assert done.inserted == 0, done
        corrected = rows(0, number, changed=0.02)
        with measured() as some:
            done = load_batch(conn, 3, corrected)
        assert done.inserted == number // 50, done
        with measured() as checked:
            result = verify(conn)
        assert result.ok, result.differences[:3]
    print(f"bare binary COPY into a plain table  {bare}")
    print(f"first load, history and evidence     {first}   speed {bare.wall / first.wall:.2f} of the bare COPY"
          f" (CPU {bare.cpu / first.cpu:.2f}); wanted 0.50")  # fmt: skip
    print(f"identical content in another batch   {again}   {again.wall / first.wall:.2f} of the first"
          f" (CPU {again.cpu / first.cpu:.2f}); wanted 0.40")  # fmt: skip
    print(f"2 % corrected                        {some}   {some.wall / first.wall:.2f} of the first")
    rate = result.versions / checked.wall
    print(f"verify {result.versions:,} versions       {checked}   {rate:,.0f}/s; wanted 100,000/s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
