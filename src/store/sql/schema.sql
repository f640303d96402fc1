-- The tables of a store in SQLite. Numbers of days and seconds count from 1970-01-01.

-- Truth. Everything below "made from truth" can be dropped and folded again.
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE ledger(
        organ INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL,
        size INTEGER NOT NULL, frontier BLOB NOT NULL);
-- id = organ * 2^40 + seq (store/ids.h). prev = the matter's event before this one: no
-- index over (matter, seq) is kept, a matter's events are walked from its newest one.
CREATE TABLE event(
        id INTEGER PRIMARY KEY, matter INTEGER, prev INTEGER, leaf BLOB NOT NULL, data TEXT,
        secret BLOB, key TEXT, proof TEXT);
-- hashes: 256 of 32 bytes; above level 0 also fewer, in the newest of a level (desk/tree.h).
CREATE TABLE tile(
        organ INTEGER NOT NULL, level INTEGER NOT NULL, idx INTEGER NOT NULL,
        hashes BLOB NOT NULL, PRIMARY KEY(organ, level, idx));
CREATE TABLE checkpoint(
        organ INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,
        note TEXT NOT NULL, PRIMARY KEY(organ, size));
CREATE TABLE blob(
        hash BLOB PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, bytes BLOB NOT NULL,
        orphan_since INTEGER);
CREATE TABLE counter(series TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE secret(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE account(
        id TEXT PRIMARY KEY, password TEXT NOT NULL, totp BLOB, failures INTEGER NOT NULL,
        locked_until INTEGER NOT NULL, changed INTEGER NOT NULL,
        totp_step INTEGER NOT NULL DEFAULT -1) WITHOUT ROWID;
CREATE TABLE session(
        token BLOB PRIMARY KEY, account TEXT NOT NULL, created INTEGER NOT NULL,
        seen INTEGER NOT NULL, address TEXT NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE api_token(
        id TEXT PRIMARY KEY, hash BLOB NOT NULL, account TEXT NOT NULL, label TEXT NOT NULL,
        created INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX api_token_hash ON api_token(hash);
CREATE TABLE saved_view(
        account TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, created INTEGER NOT NULL,
        PRIMARY KEY(account, name)) WITHOUT ROWID;
CREATE TABLE access(
        id INTEGER PRIMARY KEY, time INTEGER NOT NULL, account TEXT NOT NULL,
        matter INTEGER NOT NULL, fields TEXT NOT NULL);
CREATE INDEX access_matter ON access(matter);
CREATE INDEX access_account ON access(account);

-- Which messages went out, kept while the outbox is made again.
CREATE TABLE delivered(
        seq INTEGER NOT NULL, n INTEGER NOT NULL, done INTEGER NOT NULL, PRIMARY KEY(seq, n))
        WITHOUT ROWID;

-- Who may do what only one at a time does, and until when: of several programs over one
-- store, the one whose `holder` stands here (store/lease.h).
CREATE TABLE lease(
        name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;

-- Who is told of events (hook/subscription.h), and what administrators did about it.
CREATE TABLE webhook(
        id TEXT PRIMARY KEY, label TEXT NOT NULL, url TEXT NOT NULL, filter TEXT NOT NULL,
        secret BLOB NOT NULL, position INTEGER NOT NULL, failures INTEGER NOT NULL,
        sent INTEGER NOT NULL, failed INTEGER NOT NULL, created INTEGER NOT NULL,
        next_try INTEGER NOT NULL, received INTEGER NOT NULL, trouble TEXT NOT NULL)
        WITHOUT ROWID;
CREATE TABLE webhook_note(
        id INTEGER PRIMARY KEY, time INTEGER NOT NULL, account TEXT NOT NULL,
        what TEXT NOT NULL, webhook TEXT NOT NULL);

-- What somebody without an account has begun to fill in, by the hash of its code, and the
-- files he added (desk/drafts.h).
CREATE TABLE draft(code BLOB PRIMARY KEY, body BLOB NOT NULL, expires INTEGER NOT NULL)
        WITHOUT ROWID;
CREATE TABLE draft_file(
        code BLOB NOT NULL, hash BLOB NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
        bytes BLOB NOT NULL, PRIMARY KEY(code, hash));

-- Made from truth.
CREATE TABLE definition(name TEXT PRIMARY KEY, text TEXT NOT NULL, seq INTEGER NOT NULL)
        WITHOUT ROWID;
CREATE TABLE calendar(name TEXT PRIMARY KEY, text TEXT NOT NULL, seq INTEGER NOT NULL)
        WITHOUT ROWID;
CREATE TABLE matter(
        id INTEGER PRIMARY KEY, number TEXT NOT NULL, procedure TEXT NOT NULL,
        version TEXT NOT NULL, state TEXT NOT NULL, final INTEGER NOT NULL,
        unit TEXT NOT NULL, parent INTEGER NOT NULL, created INTEGER NOT NULL,
        changed INTEGER NOT NULL, title TEXT NOT NULL, visible_until INTEGER NOT NULL,
        last_seq INTEGER NOT NULL, body BLOB NOT NULL, counted BLOB);
CREATE UNIQUE INDEX matter_number ON matter(number);
CREATE INDEX matter_procedure ON matter(procedure, id);
-- Without the state: an act that changes it leaves the index alone.
CREATE INDEX matter_open ON matter(procedure, id) WHERE final = 0;
-- How what came in has ended; written once, when it has.
CREATE INDEX matter_outcome ON matter(created, procedure, state) WHERE final = 1;
CREATE INDEX matter_unit ON matter(unit, id);
-- What a member of staff sees is so many pairs of a procedure and a unit: lines of work.
CREATE INDEX matter_line ON matter((procedure || '|' || unit), id);
CREATE INDEX matter_line_open ON matter((procedure || '|' || unit), id) WHERE final = 0;
-- What strangers may see: lists walk it, counts need nothing else.
CREATE INDEX matter_seen ON matter(id, visible_until, procedure, unit, created)
        WHERE visible_until > 0;
CREATE INDEX matter_parent ON matter(parent) WHERE parent <> 0;
CREATE TABLE matter_key(
        key TEXT NOT NULL, text TEXT NOT NULL, matter INTEGER NOT NULL,
        PRIMARY KEY(key, text, matter)) WITHOUT ROWID;
CREATE TABLE assigned(
        staff TEXT NOT NULL, matter INTEGER NOT NULL, PRIMARY KEY(staff, matter)) WITHOUT ROWID;
CREATE TABLE clock(
        matter INTEGER NOT NULL, clock INTEGER NOT NULL, status INTEGER NOT NULL,
        warned INTEGER NOT NULL, last_day INTEGER, due INTEGER, next_look INTEGER,
        late INTEGER NOT NULL, provisional INTEGER NOT NULL, PRIMARY KEY(matter, clock))
        WITHOUT ROWID;
CREATE INDEX clock_next ON clock(next_look) WHERE next_look IS NOT NULL;
-- What runs out next, of all that run.
CREATE INDEX clock_due ON clock(due, matter, clock) WHERE next_look IS NOT NULL;
CREATE INDEX clock_overdue ON clock(matter) WHERE status = 4 AND late = 1;
-- Those that somebody should look at: few, and no others are walked to count them.
CREATE INDEX clock_alarm ON clock(matter)
        WHERE (status = 4 AND late = 1) OR (status = 1 AND warned > 0);
CREATE TABLE register_entry(
        register TEXT NOT NULL, key TEXT NOT NULL, from_day INTEGER NOT NULL,
        seq INTEGER NOT NULL, n INTEGER NOT NULL, until_day INTEGER, body BLOB NOT NULL,
        PRIMARY KEY(register, key, from_day, seq, n)) WITHOUT ROWID;
CREATE TABLE publication(
        matter INTEGER NOT NULL, seq INTEGER NOT NULL, publication TEXT NOT NULL,
        procedure TEXT NOT NULL, unit TEXT NOT NULL, from_day INTEGER NOT NULL,
        until_day INTEGER, title TEXT NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY(matter, seq, publication)) WITHOUT ROWID;
CREATE INDEX publication_list ON publication(procedure, seq);
CREATE TABLE document(
        matter INTEGER NOT NULL, seq INTEGER NOT NULL, document TEXT NOT NULL,
        number TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY(matter, seq, document))
        WITHOUT ROWID;
CREATE INDEX document_number ON document(number);
CREATE TABLE contribution(
        indicator TEXT NOT NULL, period INTEGER NOT NULL, matter INTEGER NOT NULL,
        n INTEGER NOT NULL, late INTEGER NOT NULL, unit TEXT NOT NULL,
        amount INTEGER NOT NULL, dkey TEXT, PRIMARY KEY(indicator, period, matter, n, late))
        WITHOUT ROWID;
CREATE TABLE total(
        indicator TEXT NOT NULL, period INTEGER NOT NULL, unit TEXT NOT NULL,
        n INTEGER NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY(indicator, period, unit))
        WITHOUT ROWID;
CREATE TABLE receipt(key TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox(
        seq INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, recipient TEXT NOT NULL,
        matter INTEGER NOT NULL, body TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY(seq, n)) WITHOUT ROWID;
CREATE INDEX outbox_waiting ON outbox(seq, n) WHERE done = 0;
CREATE TABLE freeze(
        report TEXT NOT NULL, year INTEGER NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY(report, year)) WITHOUT ROWID;
CREATE TABLE frozen(
        report TEXT NOT NULL, year INTEGER NOT NULL, figure TEXT NOT NULL, n INTEGER NOT NULL,
        indicator TEXT NOT NULL, value TEXT, shown TEXT NOT NULL, unit TEXT NOT NULL,
        qualifier TEXT NOT NULL, PRIMARY KEY(report, year, figure)) WITHOUT ROWID;
CREATE INDEX frozen_indicator ON frozen(indicator, year);
CREATE VIRTUAL TABLE search USING fts5(open, staff, tokenize = 'ascii', columnsize = 0);
