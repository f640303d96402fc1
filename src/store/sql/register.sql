-- Read tables: registers and definitions. An entry holds on the days [from_day, until_day).

-- name: ENTRY_PUT
INSERT INTO register_entry(register, key, from_day, seq, n, until_day, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: ENTRY_END
UPDATE register_entry SET until_day = ?3 WHERE register = ?1 AND key = ?2
AND (until_day IS NULL OR until_day > ?3)

-- name: ENTRIES_OF_KEY
SELECT from_day, until_day, seq, body FROM register_entry WHERE register = ?1 AND key = ?2
ORDER BY from_day, seq, n

-- name: ENTRIES_ON
SELECT key, from_day, until_day, seq, body FROM register_entry
WHERE register = ?1 AND key > ?2 AND from_day <= ?3 AND (until_day IS NULL OR until_day > ?3)
ORDER BY key, from_day, seq, n LIMIT ?4

-- that hold on any day from ?2 to ?3 (NULL = for good)
-- name: ENTRIES_BETWEEN
SELECT key, from_day, until_day, seq, body FROM register_entry
WHERE register = ?1 AND (until_day IS NULL OR (until_day > ?2 AND until_day > from_day))
AND (?3 IS NULL OR from_day <= ?3) ORDER BY key, from_day, seq, n LIMIT ?4

-- name: ENTRIES_COUNT
SELECT count(*) FROM register_entry WHERE register = ?1
AND from_day <= ?2 AND (until_day IS NULL OR until_day > ?2)

-- name: DEFINITION_PUT
INSERT INTO definition(name, text, seq) VALUES (?1, ?2, ?3)
ON CONFLICT(name) DO UPDATE SET text = excluded.text, seq = excluded.seq

-- name: DEFINITION_DROP
DELETE FROM definition WHERE name = ?1

-- name: DEFINITION_LIST
SELECT name, text, seq FROM definition ORDER BY name

-- changes whenever a definition or a calendar does
-- name: IN_FORCE_MARK
SELECT (SELECT coalesce(sum(seq + 1), 0) FROM definition),
(SELECT coalesce(sum(seq + 1), 0) FROM calendar)

-- name: CALENDAR_PUT
INSERT INTO calendar(name, text, seq) VALUES (?1, ?2, ?3)
ON CONFLICT(name) DO UPDATE SET text = excluded.text, seq = excluded.seq

-- name: CALENDAR_LIST
SELECT name, text, seq FROM calendar ORDER BY name
