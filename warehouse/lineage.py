"""Where a batch's data came from and went to, for lineage events (血缘)."""

from dataclasses import dataclass
from typing import LiteralString

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class BatchLineage:
    """A batch: the object of its bytes, versions written by dataset, records set aside, the files of its notices."""

    raw_uri: str
    contract_version: str | None
    datasets: dict[str, int]
    rejected: int
    held: int
    notice_files: list[str]


QUERY: LiteralString = """
SELECT b.raw_uri, b.contract_version,
       coalesce((SELECT jsonb_object_agg(x.dataset, x.versions) FROM (
           SELECT f.dataset, sum(cardinality(f.data_keys)) AS versions
           FROM hub.load l JOIN hub.load_leaf f ON f.load_id = l.id
           JOIN hub.dataset d ON d.dataset = f.dataset
           WHERE l.batch_id = b.id AND l.kind = 'ingest' GROUP BY f.dataset) x), '{}') AS datasets,
       b.rejected, b.held,
       ARRAY(SELECT f.uri FROM hub.notice n JOIN hub.notice_file f USING (notice_no)
             WHERE n.batch_id = b.id ORDER BY f.uri) AS notice_files
FROM hub.batch b WHERE b.platform_code = %s AND b.batch_no = %s
"""


def lineage_of(conn: Connection, platform_code: str, batch_no: str) -> BatchLineage | None:
    """The lineage of a batch, None where there is no such batch."""
    with conn.cursor(row_factory=class_row(BatchLineage)) as cursor:
        return cursor.execute(QUERY, (platform_code, batch_no)).fetchone()
