-- Lists of matters. All have the same columns, parameters and filters, and differ in the
-- index they walk: ?1 procedure, ?2 state, ?3 1 only open
-- ones, 2 only closed ones, ?4 units (JSON list), ?5 staff
-- they are assigned to, ?6 search text (FTS5), ?7 below this id, ?8 how many, ?9 the day for
-- which a stranger must be allowed to see them, ?10 1 only those with a clock that is late, 2
-- late and run out, ?11 and ?12 begun from this second and before that one, ?13 the pairs "procedure|unit" that a
-- member of staff sees (JSON list; NULL = all), ?14 beside what is assigned to him. The counts go
-- up to ?8.

-- part: row
SELECT m.id, m.number, m.procedure, m.version, m.state, m.final, m.unit, m.parent, m.created,
m.changed, m.title, m.visible_until

-- part: filters
AND (?1 IS NULL OR m.procedure = ?1) AND (?2 IS NULL OR m.state = ?2)
AND (?3 = 0 OR m.final = ?3 - 1) AND (?4 IS NULL OR m.unit IN (SELECT value FROM json_each(?4)))
AND (?9 IS NULL OR m.visible_until > ?9)
AND (?10 = 0 OR EXISTS (SELECT 1 FROM clock WHERE clock.matter = m.id AND clock.late = 1
AND (?10 = 1 OR clock.status = 4)))
AND (?11 IS NULL OR m.created >= ?11) AND (?12 IS NULL OR m.created < ?12)

-- what a member of staff sees
-- part: scope
AND (?13 IS NULL OR m.procedure || '|' || m.unit IN (SELECT value FROM json_each(?13))
OR EXISTS (SELECT 1 FROM assigned WHERE staff = ?14 AND matter = m.id))

-- in any order: whose, and with which text
-- part: asked
AND (?5 IS NULL OR EXISTS (SELECT 1 FROM assigned WHERE staff = ?5 AND matter = m.id))
AND (?6 IS NULL OR m.id IN (SELECT rowid FROM search WHERE search MATCH ?6))

-- newest first, all filters by looking
-- name: DOCKET_ALL
[row]
FROM matter AS m WHERE m.id < ?7 AND ?5 IS NULL AND ?6 IS NULL
[filters]
[scope]
ORDER BY m.id DESC LIMIT ?8

-- among the newest 20,000 events: enough for whoever sees many
-- name: DOCKET_NEAR
[row]
FROM matter AS m WHERE m.id < ?7 AND m.id > (SELECT max(id) FROM matter WHERE id < ?7) - 20000
AND ?5 IS NULL AND ?6 IS NULL
[filters]
[scope]
ORDER BY m.id DESC LIMIT ?8

-- the newest of each pair that a member of staff sees, by index matter_line
-- name: DOCKET_LINES
[row]
FROM matter AS m WHERE m.id < ?7 AND ?5 IS NULL AND ?6 IS NULL AND m.id IN (
SELECT o.id FROM json_each(?13) AS line CROSS JOIN matter AS o WHERE o.id IN (
SELECT m.id FROM matter AS m INDEXED BY matter_line
WHERE m.procedure || '|' || m.unit = line.value AND m.id < ?7
[filters]
ORDER BY m.id DESC LIMIT ?8)
UNION SELECT matter FROM assigned WHERE staff = ?14)
[filters]
ORDER BY m.id DESC LIMIT ?8

-- the same of what is open, by index matter_line_open
-- name: DOCKET_LINES_OPEN
[row]
FROM matter AS m WHERE m.id < ?7 AND ?5 IS NULL AND ?6 IS NULL AND m.final = 0 AND m.id IN (
SELECT o.id FROM json_each(?13) AS line CROSS JOIN matter AS o WHERE o.id IN (
SELECT m.id FROM matter AS m INDEXED BY matter_line_open
WHERE m.procedure || '|' || m.unit = line.value AND m.final = 0 AND m.id < ?7
[filters]
ORDER BY m.id DESC LIMIT ?8)
UNION SELECT matter FROM assigned WHERE staff = ?14)
[filters]
ORDER BY m.id DESC LIMIT ?8

-- open, and a term of it has run out: among the newest 2,000 of which one has
-- name: DOCKET_OVERDUE
SELECT DISTINCT c.matter, m.number, m.procedure, m.version, m.state, m.final, m.unit, m.parent,
m.created, m.changed, m.title, m.visible_until
FROM (SELECT matter FROM clock INDEXED BY clock_overdue
WHERE status = 4 AND late = 1 AND matter < ?7
ORDER BY matter DESC LIMIT 2000) AS c JOIN matter AS m ON m.id = c.matter
WHERE m.final = 0 AND ?5 IS NULL AND ?6 IS NULL
[filters]
[scope]
ORDER BY c.matter DESC LIMIT ?8

-- name: DOCKET_OVERDUE_COUNT
SELECT count(*) FROM (SELECT 1 FROM clock INDEXED BY clock_overdue
WHERE status = 4 AND late = 1 AND matter < ?1 LIMIT ?2)

-- by index matter_procedure
-- name: DOCKET_PROCEDURE
[row]
FROM matter AS m INDEXED BY matter_procedure
WHERE m.procedure = ?1 AND m.id < ?7 AND ?5 IS NULL AND ?6 IS NULL
[filters]
[scope]
ORDER BY m.id DESC LIMIT ?8

-- by index matter_open
-- name: DOCKET_OPEN
[row]
FROM matter AS m INDEXED BY matter_open
WHERE m.final = 0 AND m.procedure = ?1 AND m.id < ?7 AND ?5 IS NULL AND ?6 IS NULL
[filters]
[scope]
ORDER BY m.id DESC LIMIT ?8

-- one person's work
-- name: DOCKET_ASSIGNED
[row]
FROM assigned AS a JOIN matter AS m ON m.id = a.matter
WHERE a.staff = ?5 AND a.matter < ?7 AND ?6 IS NULL
[filters]
[scope]
ORDER BY a.matter DESC LIMIT ?8

-- of one unit, by index matter_unit
-- name: DOCKET_UNIT
[row]
FROM matter AS m INDEXED BY matter_unit
WHERE m.unit = json_extract(?4, '$[0]') AND m.id < ?7 AND ?5 IS NULL AND ?6 IS NULL
[filters]
[scope]
ORDER BY m.id DESC LIMIT ?8

-- by text
-- name: DOCKET_SEARCH
[row]
FROM search AS s JOIN matter AS m ON m.id = s.rowid
WHERE s.search MATCH ?6 AND s.rowid < ?7
AND (?5 IS NULL OR EXISTS (SELECT 1 FROM assigned WHERE staff = ?5 AND matter = m.id))
[filters]
[scope]
ORDER BY s.rowid DESC LIMIT ?8

-- what a stranger may see, by index matter_seen
-- name: DOCKET_SEEN
[row]
FROM matter AS m INDEXED BY matter_seen
WHERE m.visible_until > 0 AND m.id < ?7 AND ?5 IS NULL AND ?6 IS NULL
[filters]
AND ?13 IS NULL AND ?14 IS NULL
ORDER BY m.id DESC LIMIT ?8

-- In another order, for staff: behind the matter ?7 (0 = from the beginning).

-- oldest first
-- name: DOCKET_OLDEST
[row]
FROM matter AS m WHERE m.id > ?7
[asked]
[filters]
[scope]
ORDER BY m.id LIMIT ?8

-- by number, as they are counted: 9 before 10
-- name: DOCKET_NUMBER
[row]
FROM matter AS m WHERE (?7 = 0 OR (length(m.number), m.number)
> (SELECT length(number), number FROM matter WHERE id = ?7))
[asked]
[filters]
[scope]
ORDER BY length(m.number), m.number LIMIT ?8

-- name: DOCKET_NUMBER_DOWN
[row]
FROM matter AS m WHERE (?7 = 0 OR (length(m.number), m.number)
< (SELECT length(number), number FROM matter WHERE id = ?7))
[asked]
[filters]
[scope]
ORDER BY length(m.number) DESC, m.number DESC LIMIT ?8

-- by the day on which the next term of ours runs out, or ran out; behind the day ?15 of the
-- matter ?7. Terms "procedure|version|clock" in ?16 are a party's.
-- name: DOCKET_DUE
SELECT m.id, m.number, m.procedure, m.version, m.state, m.final, m.unit, m.parent, m.created,
m.changed, m.title, m.visible_until, c.last_day
FROM clock AS c JOIN matter AS m ON m.id = c.matter
WHERE (c.matter, c.clock) IN (SELECT matter, clock FROM clock WHERE next_look IS NOT NULL
UNION ALL SELECT matter, clock FROM clock INDEXED BY clock_alarm
WHERE (status = 4 AND late = 1) OR (status = 1 AND warned > 0))
AND (c.status = 1 OR (c.status = 4 AND c.late = 1)) AND c.last_day IS NOT NULL AND m.final = 0
AND (c.last_day > ?15 OR (c.last_day = ?15 AND m.id > ?7))
AND m.procedure || '|' || m.version || '|' || c.clock NOT IN (SELECT value FROM json_each(?16))
AND NOT EXISTS (SELECT 1 FROM clock AS e WHERE e.matter = c.matter
AND (e.status = 1 OR (e.status = 4 AND e.late = 1))
AND (e.last_day < c.last_day OR (e.last_day = c.last_day AND e.clock < c.clock))
AND m.procedure || '|' || m.version || '|' || e.clock NOT IN (SELECT value FROM json_each(?16)))
[asked]
[filters]
[scope]
ORDER BY c.last_day, m.id LIMIT ?8

-- by what the index holds alone: no state, nothing late
-- name: DOCKET_SEEN_COUNT
SELECT count(*) FROM (SELECT 1 FROM matter AS m INDEXED BY matter_seen
WHERE m.visible_until > 0 AND m.id < ?7 AND ?2 IS NULL AND ?3 = 0 AND ?5 IS NULL AND ?6 IS NULL
AND ?10 = 0 AND (?1 IS NULL OR m.procedure = ?1)
AND (?4 IS NULL OR m.unit IN (SELECT value FROM json_each(?4)))
AND (?9 IS NULL OR m.visible_until > ?9)
AND (?11 IS NULL OR m.created >= ?11) AND (?12 IS NULL OR m.created < ?12)
AND ?13 IS NULL AND ?14 IS NULL
LIMIT ?8)

-- name: DOCKET_SEEN_STATE_COUNT
SELECT count(*) FROM (SELECT 1 FROM matter AS m INDEXED BY matter_seen
WHERE m.visible_until > 0 AND m.id < ?7 AND ?5 IS NULL AND ?6 IS NULL
[filters]
AND ?13 IS NULL AND ?14 IS NULL
LIMIT ?8)

-- name: DOCKET_PROCEDURE_COUNT
SELECT count(*) FROM (SELECT 1 FROM matter AS m INDEXED BY matter_procedure
WHERE m.procedure = ?1 AND m.id < ?7 AND ?5 IS NULL AND ?6 IS NULL
[filters]
[scope]
LIMIT ?8)

-- name: DOCKET_SEARCH_COUNT
SELECT count(*) FROM (SELECT 1 FROM search AS s JOIN matter AS m ON m.id = s.rowid
WHERE s.search MATCH ?6 AND s.rowid < ?7
AND (?5 IS NULL OR EXISTS (SELECT 1 FROM assigned WHERE staff = ?5 AND matter = m.id))
[filters]
[scope]
LIMIT ?8)

-- name: DOCKET_TALLY
SELECT procedure, state, count(*) FROM matter INDEXED BY matter_open WHERE final = 0
AND (?1 IS NULL OR unit IN (SELECT value FROM json_each(?1))) GROUP BY procedure, state
ORDER BY procedure, state

-- name: DOCKET_UNITS
SELECT unit, count(*) FROM matter WHERE final = 0 GROUP BY unit ORDER BY unit

-- how what began from second ?1 on and before ?2 has ended
-- name: DOCKET_OUTCOMES
SELECT procedure, state, count(*) AS n FROM matter
WHERE final = 1 AND created >= ?1 AND created < ?2
GROUP BY procedure, state ORDER BY n DESC, procedure, state LIMIT ?3

-- name: DOCKET_VERSIONS
SELECT version, count(*) FROM matter WHERE final = 0 AND procedure = ?1 GROUP BY version
ORDER BY version

-- terms of open matters that have run out or are about to; the condition is that of the index
-- name: CLOCK_ALARMS
SELECT m.procedure, m.version, c.clock, c.status, c.warned, count(*)
FROM clock AS c INDEXED BY clock_alarm JOIN matter AS m ON m.id = c.matter
WHERE ((c.status = 4 AND c.late = 1) OR (c.status = 1 AND c.warned > 0)) AND m.final = 0
AND (?1 IS NULL OR m.unit IN (SELECT value FROM json_each(?1)))
GROUP BY m.procedure, m.version, c.clock, c.status, c.warned
ORDER BY m.procedure, m.version, c.clock, c.status, c.warned
