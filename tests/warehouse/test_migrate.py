"""Bringing a database up to date: from empty, again, and what the auditors may rely on afterwards."""

from collections.abc import Callable

import pytest

from contracts.loader import releases
from warehouse.connection import connect
from warehouse.migrate import upgrade

pytestmark = pytest.mark.stack

RELIED_ON = {
    "batch": "platform_code batch_no received_at contract_version sha256 verdict received accepted rejected held"
    " flagged raw_uri",
    "record": "dataset data_key version_no operation recorded_at superseded_at is_current is_deleted platform_code"
    " batch_no source_file source_row contract_version record_hash payload",
    "finding": "platform_code batch_no dataset data_key source_file source_row field rule_id rule_version severity"
    " dimension message_zh",
    "notice": "notice_no platform_code batch_no issued_at received_at due_date due_at provisional state items"
    " items_open closed_at",
    "notice_item": "notice_no dataset data_key state answer answered_at corrected_batch_no",
    "project_timeline": "tender_project_code bid_section_code stage dataset data_key occurred_at recorded_at"
    " platform_code",
    "recording": "recording_code tender_project_code bid_section_code stage uri sha256 started_at ended_at check_state",
}


@pytest.mark.parametrize("view", RELIED_ON)
def test_audit_view_has_the_columns_of_the_interface(postgres_url: str, view: str) -> None:
    with connect(postgres_url) as conn:
        described = conn.execute(f"SELECT * FROM audit.{view}").description

    assert described is not None
    assert set(RELIED_ON[view].split()) <= {column.name for column in described}


def test_each_dataset_has_its_view_with_the_fields_in_lower_case(postgres_url: str) -> None:
    release = releases()[-1]
    with connect(postgres_url) as conn:
        for contract in release.datasets.values():
            described = conn.execute(f"SELECT * FROM exchange.{contract.dataset.lower()}").description

            assert described is not None
            assert {name.lower() for name in contract.field_names} <= {column.name for column in described}


def test_a_second_upgrade_changes_nothing(new_database: Callable[..., str]) -> None:
    url = new_database()
    upgrade(url, releases())
    catalog = "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns ORDER BY 1, 2, 3"
    with connect(url) as conn:
        before = conn.execute(catalog).fetchall()

    upgrade(url, releases())

    with connect(url) as conn:
        assert conn.execute(catalog).fetchall() == before
