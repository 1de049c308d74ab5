import psycopg
from ledger_contract import check_ledger

from tidings.store.postgres import PostgresLedger, PostgresStore


def test_the_ledger_in_the_database_keeps_the_contract(dsn: str) -> None:
    ledger = PostgresLedger(dsn)

    def emptied() -> PostgresLedger:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("TRUNCATE hosts")
        return ledger

    check_ledger(emptied)
    ledger.close()


def test_a_setting_is_kept_replaced_and_left_alone_when_only_absent(store: PostgresStore) -> None:
    assert store.setting("secret_key") is None
    assert store.keep_setting("secret_key", "a") == "a"
    assert store.keep_setting("secret_key", "b") == "b"
    assert store.keep_setting("secret_key", "c", only_if_absent=True) == "b"
    assert store.keep_setting("other", "c", only_if_absent=True) == "c"
    assert (store.setting("secret_key"), store.setting("other")) == ("b", "c")
