-- Truth: the ledgers, their events, files and keys.

-- name: META_GET
SELECT value FROM meta WHERE key = ?1

-- name: META_PUT
INSERT INTO meta(key, value) VALUES (?1, ?2)
ON CONFLICT(key) DO UPDATE SET value = excluded.value

-- name: LEDGER_NEW
INSERT INTO ledger(organ, name, hash, size, frontier) VALUES (?1, ?2, ?3, 0, ?4)

-- name: LEDGER_LOCK
SELECT organ FROM ledger WHERE organ = ?1

-- name: LEDGER_GET
SELECT name, hash, size, frontier FROM ledger WHERE organ = ?1

-- name: LEDGER_SIZE
SELECT size FROM ledger WHERE organ = ?1

-- what an answer from the read tables hangs on: the end of the ledger; and '1' while they are made
-- again (projection/rebuild.h)
-- name: LEDGER_MARK
SELECT size, (SELECT value FROM meta WHERE key = 'projection.rebuilding') FROM ledger
WHERE organ = ?1

-- name: LEDGER_SIGNED
SELECT coalesce(max(size), 0) FROM checkpoint WHERE organ = ?1

-- name: LEDGER_LIST
SELECT organ, name, hash, size, frontier FROM ledger ORDER BY organ

-- name: LEDGER_SET
UPDATE ledger SET size = ?2, frontier = ?3 WHERE organ = ?1

-- name: EVENT_ADD
INSERT INTO event(id, matter, prev, leaf, data, secret, key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: EVENT_GET
SELECT id, matter, prev, leaf, data, secret, key, proof FROM event WHERE id = ?1

-- name: EVENTS_FROM
SELECT id, matter, prev, leaf, data, secret, key, proof FROM event
WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3

-- name: EVENTS_OF_MATTER
WITH RECURSIVE chain(at) AS (
        SELECT last_seq FROM matter WHERE id = ?1
        UNION ALL SELECT event.prev FROM chain JOIN event ON event.id = chain.at
        WHERE event.prev IS NOT NULL)
SELECT id, matter, prev, leaf, data, secret, key, proof FROM event
WHERE id IN (SELECT at FROM chain) ORDER BY id

-- name: EVENT_COUNT
SELECT count(*) FROM event

-- name: EVENT_ERASE
UPDATE event SET data = ?2, secret = NULL, proof = ?3 WHERE id = ?1

-- name: TILE_PUT
INSERT INTO tile(organ, level, idx, hashes) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT(organ, level, idx) DO UPDATE SET hashes = excluded.hashes

-- name: TILE_GET
SELECT hashes FROM tile WHERE organ = ?1 AND level = ?2 AND idx = ?3

-- name: CHECKPOINT_PUT
INSERT INTO checkpoint(organ, size, root, note) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT(organ, size) DO UPDATE SET note = excluded.note

-- name: CHECKPOINT_LAST
SELECT size, root, note FROM checkpoint WHERE organ = ?1 ORDER BY size DESC LIMIT 1

-- name: CHECKPOINT_AT
SELECT note FROM checkpoint WHERE organ = ?1 AND size = ?2

-- name: CHECKPOINT_NOTE
UPDATE checkpoint SET note = ?3 WHERE organ = ?1 AND size = ?2

-- name: CHECKPOINT_NEWEST
SELECT size, note FROM checkpoint WHERE organ = ?1 ORDER BY size DESC LIMIT ?2

-- name: CHECKPOINT_LIST
SELECT size, root, note FROM checkpoint WHERE organ = ?1 ORDER BY size

-- name: BLOB_PUT
INSERT INTO blob(hash, name, type, bytes) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT(hash) DO UPDATE SET orphan_since = NULL

-- name: BLOB_GET
SELECT name, type, bytes FROM blob WHERE hash = ?1

-- name: BLOB_HEAD
SELECT name, type, length(bytes) FROM blob WHERE hash = ?1

-- a file whose last mention in an event is gone
-- name: BLOB_ERASE
DELETE FROM blob WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM event WHERE data LIKE ?2)

-- files and whether no event names them (desk/file_sweep.h)
-- name: BLOB_LIST
SELECT hash, orphan_since FROM blob ORDER BY hash

-- name: BLOB_NOTE
UPDATE blob SET orphan_since = ?2 WHERE hash = ?1 AND orphan_since IS NULL

-- name: BLOB_CLAIM
UPDATE blob SET orphan_since = NULL WHERE hash = ?1

-- name: BLOB_OVERDUE
SELECT orphan_since FROM blob WHERE hash = ?1 AND orphan_since <= ?2

-- name: BLOB_REMOVE
DELETE FROM blob WHERE hash = ?1

-- name: BLOB_ORPHANS
SELECT count(*) FROM blob WHERE orphan_since > ?1

-- name: BLOB_ORPHAN_BYTES
SELECT coalesce(sum(length(bytes)), 0) FROM blob WHERE orphan_since > ?1

-- what was recorded from ?1 on and before ?2: whose it is, and is it in the hands of ?3
-- name: EVENTS_ABOUT
SELECT DISTINCT m.procedure, m.unit,
CASE WHEN EXISTS (SELECT 1 FROM assigned AS a WHERE a.staff = ?3 AND a.matter = m.id) THEN 1
ELSE 0 END FROM event AS e JOIN matter AS m ON m.id = e.matter WHERE e.id >= ?1 AND e.id < ?2

-- name: SECRET_GET
SELECT value FROM secret WHERE name = ?1

-- name: SECRET_PUT
INSERT INTO secret(name, value) VALUES (?1, ?2)
ON CONFLICT(name) DO UPDATE SET value = excluded.value

-- name: COUNTER_NEXT
INSERT INTO counter(series, n) VALUES (?1, 1) ON CONFLICT(series) DO UPDATE SET n = counter.n + 1

-- name: COUNTER_GET
SELECT n FROM counter WHERE series = ?1

-- name: RECEIPT_PUT
INSERT INTO receipt(key, seq) VALUES (?1, ?2)

-- name: RECEIPT_GET
SELECT seq FROM receipt WHERE key = ?1
