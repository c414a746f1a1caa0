#!/usr/bin/env python3
"""Makes a record what the version before the looks left: takes their tables and triggers away.

usage: benchmarks/earlier_record.py RECORD.sqlite
"""
import sqlite3
import sys

db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN")
names = lambda kind: [row[0] for row in db.execute(
    "SELECT name FROM sqlite_schema WHERE type = ? AND name LIKE 'look%'", (kind,))]
for trigger in names("trigger"):
    db.execute(f"DROP TRIGGER {trigger}")
db.execute("DROP TABLE look_serial")
for table in names("table"):
    db.execute(f"DROP TABLE {table}")
db.execute("DROP TABLE clock")
db.execute("DELETE FROM grdb_migrations WHERE identifier = '3 looks'")
db.execute("PRAGMA user_version = 0")
db.execute("COMMIT")
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
print("rows:", db.execute("SELECT count(*) FROM inspection").fetchone()[0])
