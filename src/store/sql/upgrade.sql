-- Brings the tables of an older store to the newest version, run in one transaction when it
-- is opened. Each part leaves what a new store of its version has (test_upgrade.c compares
-- tables, columns in their order, and indexes): a new column goes last in schema.sql, has a
-- default or may be null. What was released is never changed.

-- version: 2
CREATE TABLE lease(
        name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX clock_alarm ON clock(matter)
        WHERE (status = 4 AND late = 1) OR (status = 1 AND warned > 0);
ALTER TABLE account ADD COLUMN totp_step INTEGER NOT NULL DEFAULT -1;
CREATE TABLE draft(code BLOB PRIMARY KEY, body BLOB NOT NULL, expires INTEGER NOT NULL)
        WITHOUT ROWID;
CREATE TABLE draft_file(
        code BLOB NOT NULL, hash BLOB NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
        bytes BLOB NOT NULL, PRIMARY KEY(code, hash));
CREATE TABLE api_token(
        id TEXT PRIMARY KEY, hash BLOB NOT NULL, account TEXT NOT NULL, label TEXT NOT NULL,
        created INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX api_token_hash ON api_token(hash);

-- version: 3
CREATE TABLE saved_view(
        account TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, created INTEGER NOT NULL,
        PRIMARY KEY(account, name)) WITHOUT ROWID;
CREATE TABLE webhook(
        id TEXT PRIMARY KEY, label TEXT NOT NULL, url TEXT NOT NULL, filter TEXT NOT NULL,
        secret BLOB NOT NULL, position INTEGER NOT NULL, failures INTEGER NOT NULL,
        sent INTEGER NOT NULL, failed INTEGER NOT NULL, created INTEGER NOT NULL,
        next_try INTEGER NOT NULL, received INTEGER NOT NULL, trouble TEXT NOT NULL)
        WITHOUT ROWID;
CREATE TABLE webhook_note(
        id INTEGER PRIMARY KEY, time INTEGER NOT NULL, account TEXT NOT NULL,
        what TEXT NOT NULL, webhook TEXT NOT NULL);
ALTER TABLE blob ADD COLUMN orphan_since INTEGER;
CREATE INDEX access_account ON access(account);
CREATE INDEX matter_outcome ON matter(created, procedure, state) WHERE final = 1;

-- version: 4
CREATE INDEX matter_line ON matter((procedure || '|' || unit), id);
CREATE INDEX matter_line_open ON matter((procedure || '|' || unit), id) WHERE final = 0;
CREATE INDEX clock_due ON clock(due, matter, clock) WHERE next_look IS NOT NULL;
CREATE INDEX clock_overdue ON clock(matter) WHERE status = 4 AND late = 1;
