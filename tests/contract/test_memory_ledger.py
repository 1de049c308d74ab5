from ledger_contract import check_ledger

from tidings.fetch import MemoryLedger


def test_the_ledger_in_memory_keeps_the_contract() -> None:
    check_ledger(MemoryLedger)
