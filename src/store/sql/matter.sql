-- Read tables: matters, their clocks, documents, publications, messages.

-- name: MATTER_NEW
INSERT INTO matter(id, number, procedure, version, state, final, unit, parent, created, changed,
title, visible_until, last_seq, body, counted)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)

-- name: MATTER_SET
UPDATE matter SET state = ?2, changed = ?3, last_seq = ?4, body = ?5, counted = ?6 WHERE id = ?1

-- alone: where it is among the columns that are set, three indexes are written again
-- name: MATTER_SET_FINAL
UPDATE matter SET final = ?2 WHERE id = ?1

-- name: MATTER_SET_SEEN
UPDATE matter SET title = ?2, visible_until = ?3 WHERE id = ?1

-- name: MATTER_SET_UNIT
UPDATE matter SET unit = ?2 WHERE id = ?1

-- name: MATTER_SET_COUNTED
UPDATE matter SET counted = ?2 WHERE id = ?1

-- name: MATTER_GET
SELECT id, number, procedure, version, state, unit, parent, last_seq, body, title,
visible_until, counted FROM matter WHERE id = ?1

-- name: MATTER_BY_NUMBER
SELECT id, number, procedure, version, state, unit, parent, last_seq, body, title,
visible_until, counted FROM matter WHERE number = ?1

-- name: MATTER_ID
SELECT id FROM matter WHERE number = ?1

-- for strangers, on the day ?2
-- name: MATTER_SEEN
SELECT id FROM matter WHERE number = ?1 AND visible_until > ?2

-- name: MATTER_IS_SEEN
SELECT id FROM matter WHERE id = ?1 AND visible_until > ?2

-- name: MATTER_CHILDREN
SELECT id FROM matter WHERE parent = ?1 AND parent <> 0 ORDER BY id

-- name: MATTERS_FROM
SELECT id FROM matter WHERE id > ?1 ORDER BY id LIMIT ?2

-- name: MATTERS_OF_PROCEDURE
SELECT id FROM matter WHERE procedure = ?1 AND id > ?2 ORDER BY id LIMIT ?3

-- name: MATTER_OF_VERSION
SELECT id FROM matter WHERE procedure = ?1 AND version = ?2 LIMIT 1

-- name: ASSIGNED_OPEN
SELECT matter.number FROM assigned JOIN matter ON matter.id = assigned.matter
WHERE assigned.staff = ?1 AND matter.final = 0 ORDER BY matter.id LIMIT ?2

-- name: UNIT_OPEN
SELECT count(*) FROM matter WHERE unit = ?1 AND final = 0

-- name: MATTER_COUNT
SELECT count(*) FROM matter

-- name: KEY_PUT
INSERT INTO matter_key(key, text, matter) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING

-- name: KEY_DROP
DELETE FROM matter_key WHERE key = ?1 AND text = ?2 AND matter = ?3

-- name: KEY_MATTERS
SELECT matter FROM matter_key WHERE key = ?1 AND text = ?2 ORDER BY matter LIMIT ?3

-- name: ASSIGNED_PUT
INSERT INTO assigned(staff, matter) VALUES (?1, ?2) ON CONFLICT DO NOTHING

-- name: ASSIGNED_DROP
DELETE FROM assigned WHERE staff = ?1 AND matter = ?2

-- name: CLOCK_PUT
INSERT INTO clock(matter, clock, status, warned, last_day, due, next_look, late, provisional)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT(matter, clock) DO UPDATE SET status = excluded.status, warned = excluded.warned,
last_day = excluded.last_day, due = excluded.due, next_look = excluded.next_look,
late = excluded.late, provisional = excluded.provisional

-- name: CLOCKS_OF
SELECT clock, status, warned, last_day, due, next_look, late, provisional FROM clock
WHERE matter = ?1 ORDER BY clock

-- of all the matters of a page (JSON list of ids)
-- name: CLOCKS_OF_ALL
SELECT clock, status, warned, last_day, due, next_look, late, provisional, matter FROM clock
WHERE matter IN (SELECT CAST(value AS BIGINT) FROM json_each(?1)) ORDER BY matter, clock

-- name: CLOCKS_DUE
SELECT matter, clock, next_look FROM clock WHERE next_look IS NOT NULL AND next_look <= ?1
ORDER BY next_look, matter, clock LIMIT ?2

-- name: CLOCKS_DUE_COUNT
SELECT count(*) FROM clock WHERE next_look IS NOT NULL AND next_look <= ?1

-- running, and yet nothing will ever look at it: its last day cannot be worked out
-- name: CLOCKS_ENDLESS_COUNT
SELECT count(*) FROM clock WHERE status = 1 AND next_look IS NULL

-- name: CLOCKS_ENDLESS
SELECT DISTINCT matter.number FROM clock JOIN matter ON matter.id = clock.matter
WHERE clock.status = 1 AND clock.next_look IS NULL ORDER BY matter.number LIMIT ?1

-- name: CLOCK_FIRST
SELECT min(next_look) FROM clock WHERE next_look IS NOT NULL

-- name: CLOCKS_AHEAD
SELECT clock.matter, clock.clock, clock.status, clock.last_day, clock.due, clock.late,
clock.provisional FROM clock JOIN matter ON matter.id = clock.matter
WHERE clock.next_look IS NOT NULL
AND (?1 IS NULL OR matter.unit IN (SELECT value FROM json_each(?1)))
AND (clock.due, clock.matter, clock.clock) > (?2, ?3, ?4)
ORDER BY clock.due, clock.matter, clock.clock LIMIT ?5

-- What runs out next among the matters that a member of staff sees: ?1 the pairs
-- "procedure|unit" (JSON list), ?2 beside what is assigned to him.

-- Of the next 2,000 of all: enough for whoever sees many.
-- name: CLOCKS_WORK_NEAR
SELECT c.matter, c.clock, c.status, c.last_day, c.due, c.late, c.provisional
FROM (SELECT matter, clock, status, last_day, due, late, provisional
FROM clock INDEXED BY clock_due WHERE next_look IS NOT NULL
ORDER BY due, matter, clock LIMIT 2000) AS c JOIN matter AS m ON m.id = c.matter
WHERE m.final = 0 AND (m.procedure || '|' || m.unit IN (SELECT value FROM json_each(?1))
OR EXISTS (SELECT 1 FROM assigned WHERE staff = ?2 AND matter = m.id))
ORDER BY c.due, c.matter, c.clock LIMIT ?3

-- Of all, by what is open in each of his pairs.
-- name: CLOCKS_WORK
SELECT c.matter, c.clock, c.status, c.last_day, c.due, c.late, c.provisional
FROM json_each(?1) AS line CROSS JOIN matter AS m INDEXED BY matter_line_open
CROSS JOIN clock AS c
WHERE m.procedure || '|' || m.unit = line.value AND m.final = 0
AND c.matter = m.id AND c.next_look IS NOT NULL
UNION
SELECT c.matter, c.clock, c.status, c.last_day, c.due, c.late, c.provisional
FROM assigned AS a JOIN matter AS m ON m.id = a.matter JOIN clock AS c ON c.matter = m.id
WHERE a.staff = ?2 AND m.final = 0 AND c.next_look IS NOT NULL
ORDER BY due, matter, clock LIMIT ?3

-- for gauges: 4 has run out, 1 runs (procedure/matter.h); ?1 is there for likeness
-- name: CLOCKS_LATE
SELECT count(*) FROM clock WHERE late = 1 AND status = 4 AND ?1 = ?1

-- name: CLOCKS_RUNNING
SELECT count(*) FROM clock WHERE next_look IS NOT NULL AND status = 1 AND ?1 = ?1

-- name: OUTBOX_UNDELIVERED
SELECT count(*) FROM outbox WHERE done = 0 AND ?1 = ?1

-- name: CLOCKS_COUNTING
SELECT DISTINCT matter FROM clock WHERE status IN (1, 2) AND matter > ?1 ORDER BY matter LIMIT ?2

-- name: DOCUMENT_PUT
INSERT INTO document(matter, seq, document, number, time) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: DOCUMENT_BY_NUMBER
SELECT matter, seq, document, time FROM document WHERE number = ?1 ORDER BY matter, seq

-- name: PUBLICATION_PUT
INSERT INTO publication(matter, seq, publication, procedure, unit, from_day, until_day, title,
body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

-- name: PUBLICATION_END
UPDATE publication SET until_day = ?4 WHERE matter = ?1 AND seq = ?2 AND publication = ?3

-- name: PUBLICATIONS_OF
SELECT seq, publication, from_day, until_day, title, body FROM publication WHERE matter = ?1
ORDER BY seq, publication

-- What strangers may read on a day, newest first: ?1 procedure, ?2 publication or null, ?3 the
-- day, ?4 below this event, ?5 how many; ?6 what is searched (FTS5).
-- name: PUBLICATIONS_LIST
SELECT p.matter, p.seq, p.publication, p.unit, m.number, p.from_day, p.until_day, p.title, p.body
FROM publication AS p JOIN matter AS m ON m.id = p.matter
WHERE p.procedure = ?1 AND (?2 IS NULL OR p.publication = ?2) AND p.from_day <= ?3
AND (p.until_day IS NULL OR p.until_day > ?3) AND p.seq < ?4 AND m.visible_until > ?3
ORDER BY p.seq DESC, p.matter LIMIT ?5

-- name: PUBLICATIONS_COUNT
SELECT count(*) FROM (SELECT 1 FROM publication AS p JOIN matter AS m ON m.id = p.matter
WHERE p.procedure = ?1 AND (?2 IS NULL OR p.publication = ?2) AND p.from_day <= ?3
AND (p.until_day IS NULL OR p.until_day > ?3) AND p.seq < ?4 AND m.visible_until > ?3 LIMIT ?5)

-- name: PUBLICATIONS_FOUND
SELECT p.matter, p.seq, p.publication, p.unit, m.number, p.from_day, p.until_day, p.title, p.body
FROM search AS s JOIN publication AS p ON p.matter = s.rowid JOIN matter AS m ON m.id = p.matter
WHERE s.search MATCH ?6 AND p.procedure = ?1 AND (?2 IS NULL OR p.publication = ?2)
AND p.from_day <= ?3 AND (p.until_day IS NULL OR p.until_day > ?3) AND p.seq < ?4
AND m.visible_until > ?3 ORDER BY p.seq DESC, p.matter LIMIT ?5

-- name: PUBLICATIONS_FOUND_COUNT
SELECT count(*) FROM (SELECT 1 FROM search AS s JOIN publication AS p ON p.matter = s.rowid
JOIN matter AS m ON m.id = p.matter
WHERE s.search MATCH ?6 AND p.procedure = ?1 AND (?2 IS NULL OR p.publication = ?2)
AND p.from_day <= ?3 AND (p.until_day IS NULL OR p.until_day > ?3) AND p.seq < ?4
AND m.visible_until > ?3 LIMIT ?5)

-- name: OUTBOX_PUT
INSERT INTO outbox(seq, n, kind, recipient, matter, body, done) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)

-- name: OUTBOX_WAITING
SELECT seq, n, kind, recipient, matter, body FROM outbox WHERE done = 0 ORDER BY seq, n LIMIT ?1

-- name: OUTBOX_ANY
SELECT 1 FROM outbox WHERE done = 0 LIMIT 1

-- name: OUTBOX_COUNT
SELECT count(*) FROM outbox WHERE done = 0

-- name: OUTBOX_OLDEST
SELECT event.leaf FROM outbox JOIN event ON event.id = outbox.seq WHERE outbox.done = 0
ORDER BY outbox.seq, outbox.n LIMIT 1

-- name: OUTBOX_DONE
UPDATE outbox SET done = ?3 WHERE seq = ?1 AND n = ?2 AND done = 0

-- name: OUTBOX_IS_DONE
SELECT 1 FROM outbox WHERE seq = ?1 AND n = ?2 AND done <> 0

-- name: OUTBOX_DELIVERED
SELECT seq, n, done FROM outbox WHERE done <> 0
UNION SELECT seq, n, done FROM delivered ORDER BY seq, n

-- name: DELIVERED_PUT
INSERT INTO delivered(seq, n, done) VALUES (?1, ?2, ?3) ON CONFLICT(seq, n) DO NOTHING

-- name: DELIVERED_BACK
UPDATE outbox SET done = (SELECT done FROM delivered
WHERE delivered.seq = outbox.seq AND delivered.n = outbox.n)
WHERE (seq, n) IN (SELECT seq, n FROM delivered)

-- name: DELIVERED_FORGET
DELETE FROM delivered

-- name: OUTBOX_OF
SELECT seq, n, kind, matter, body, done FROM outbox WHERE recipient = ?1 AND seq < ?2
ORDER BY seq DESC, n LIMIT ?3

-- name: SEARCH_PUT
INSERT INTO search(rowid, open, staff) VALUES (?1, ?2, ?3)

-- name: SEARCH_SET
UPDATE search SET open = ?2, staff = ?3 WHERE rowid = ?1

-- name: SEARCH
SELECT rowid FROM search WHERE search MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3
