"""What the shop remembers, in SQLite: payments, every callback as it came, and what was credited.

A payment ends once: `settle` changes it and writes the credit in one transaction, whoever comes
first.
"""

import sqlite3
from contextlib import closing, contextmanager

TABLES = """
CREATE TABLE IF NOT EXISTS payments (
    id INTEGER PRIMARY KEY,
    token TEXT NOT NULL,
    phone TEXT NOT NULL,
    amount INTEGER NOT NULL,
    reference TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending',
    pushed TEXT NOT NULL DEFAULT 'asking',
    checkout_request_id TEXT UNIQUE,
    result_code TEXT,
    receipt TEXT
);
CREATE TABLE IF NOT EXISTS callbacks (
    id INTEGER PRIMARY KEY,
    payment INTEGER NOT NULL REFERENCES payments,
    body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS credits (
    payment INTEGER PRIMARY KEY REFERENCES payments,
    amount INTEGER NOT NULL
);
"""


class Store:
    """The database in one file."""

    tables = TABLES

    def __init__(self, path):
        self.path = path
        with closing(sqlite3.connect(path)) as database:
            database.executescript(self.tables)

    @contextmanager
    def transaction(self):
        """A connection that writes alone; all of it is kept, or nothing."""
        database = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        database.row_factory = sqlite3.Row
        try:
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        finally:
            database.close()

    def order(self, *, token, phone, amount, reference):
        """Write a payment down before anybody is asked for money; its number."""
        with self.transaction() as database:
            row = database.execute(
                "INSERT INTO payments (token, phone, amount, reference) VALUES (?, ?, ?, ?)",
                (token, phone, amount, reference),
            )
            return row.lastrowid

    def payment(self, number):
        """One payment with what was credited for it; None when there is none."""
        with self.transaction() as database:
            row = database.execute("SELECT * FROM payments WHERE id = ?", (number,)).fetchone()
            given = database.execute("SELECT amount FROM credits WHERE payment = ?", (number,))
            return None if row is None else {**row, "credits": [each["amount"] for each in given]}

    def pushed(self, number, outcome, checkout_request_id=None):
        """What came of the push: `accepted`, or `unknown` when no answer came."""
        with self.transaction() as database:
            database.execute(
                "UPDATE payments SET pushed = ?,"
                " checkout_request_id = COALESCE(checkout_request_id, ?) WHERE id = ?",
                (outcome, checkout_request_id, number),
            )

    def keep(self, number, body):
        """Store a callback as it came."""
        with self.transaction() as database:
            database.execute("INSERT INTO callbacks (payment, body) VALUES (?, ?)", (number, body))

    def kept(self, number=None):
        """The bodies of the callbacks that came, all or those of one payment."""
        with self.transaction() as database:
            rows = database.execute(
                "SELECT body FROM callbacks WHERE ? IS NULL OR payment = ? ORDER BY id",
                (number, number),
            )
            return [row["body"] for row in rows]

    def add_receipt(self, number, receipt):
        """Add the receipt to a payment that was settled without one."""
        with self.transaction() as database:
            database.execute(
                "UPDATE payments SET receipt = ? WHERE id = ? AND receipt IS NULL",
                (receipt, number),
            )

    def open_payments(self):
        """The numbers of the payments whose end is not known."""
        with self.transaction() as database:
            rows = database.execute("SELECT id FROM payments WHERE status = 'pending'")
            return [row["id"] for row in rows]

    def settle(self, number, *, paid, code, receipt=None, checkout_request_id=None):
        """End a payment that is still pending, and credit it if it was paid; once."""
        with self.transaction() as database:
            changed = database.execute(
                "UPDATE payments SET status = ?, result_code = ?, receipt = ?,"
                " checkout_request_id = COALESCE(checkout_request_id, ?)"
                " WHERE id = ? AND status = 'pending'",
                ("paid" if paid else "failed", code, receipt, checkout_request_id, number),
            ).rowcount
            if changed and paid:
                database.execute(
                    "INSERT INTO credits SELECT id, amount FROM payments WHERE id = ?", (number,)
                )
