"""`kill -9` of the merchant process at random moments, under load: nothing is lost or done twice.

Each run kills a few times; `KILLS=200` is what a release is tried with.
"""

import asyncio
import os
import sys

import pytest

from support import postgres
from support.killing import kill_often

KILLS = int(os.environ.get("KILLS", "3"))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_is_lost_or_done_twice_when_the_process_is_killed(database, tmp_path, capsys):
    if database == "sqlite":
        url = f"sqlite:///{tmp_path}/pochi.sqlite3"
    elif why := postgres.missing():
        pytest.skip(why)
    else:
        url = postgres.server().database("killed")
    found = asyncio.run(kill_often(url, times=KILLS, folder=tmp_path, seed=KILLS))
    found.check()
    assert len(found.payments) >= KILLS
    assert sum(payment.status == "success" for payment in found.payments) >= KILLS
    with capsys.disabled():
        if "KILLS" in os.environ:
            sys.stdout.write(f"\n{database}: {KILLS} kills, {found.in_words()}\n")
