-- Read tables whole: emptied before they are folded again, and compared row by row.

-- name: DROP_DEFINITION
DELETE FROM definition

-- name: ROWS_DEFINITION
SELECT name, text, seq FROM definition ORDER BY name

-- name: DROP_CALENDAR
DELETE FROM calendar

-- name: ROWS_CALENDAR
SELECT name, text, seq FROM calendar ORDER BY name

-- name: DROP_MATTER
DELETE FROM matter

-- name: ROWS_MATTER
SELECT id, number, procedure, version, state, final, unit, parent, created, changed, title,
visible_until, last_seq, body, counted FROM matter ORDER BY id

-- name: DROP_MATTER_KEY
DELETE FROM matter_key

-- name: ROWS_MATTER_KEY
SELECT key, text, matter FROM matter_key ORDER BY key, text, matter

-- name: DROP_ASSIGNED
DELETE FROM assigned

-- name: ROWS_ASSIGNED
SELECT staff, matter FROM assigned ORDER BY staff, matter

-- name: DROP_CLOCK
DELETE FROM clock

-- name: ROWS_CLOCK
SELECT matter, clock, status, warned, last_day, due, next_look, late, provisional FROM clock ORDER
BY matter, clock

-- name: DROP_REGISTER_ENTRY
DELETE FROM register_entry

-- name: ROWS_REGISTER_ENTRY
SELECT register, key, from_day, seq, n, until_day, body FROM register_entry ORDER BY register,
key, from_day, seq, n

-- name: DROP_PUBLICATION
DELETE FROM publication

-- name: ROWS_PUBLICATION
SELECT matter, seq, publication, procedure, unit, from_day, until_day, title, body FROM
publication ORDER BY matter, seq, publication

-- name: DROP_DOCUMENT
DELETE FROM document

-- name: ROWS_DOCUMENT
SELECT matter, seq, document, number, time FROM document ORDER BY matter, seq, document

-- name: DROP_CONTRIBUTION
DELETE FROM contribution

-- name: ROWS_CONTRIBUTION
SELECT indicator, period, matter, n, late, unit, amount, dkey FROM contribution ORDER BY
indicator, period, matter, n, late

-- name: DROP_TOTAL
DELETE FROM total

-- name: ROWS_TOTAL
SELECT indicator, period, unit, n, amount FROM total ORDER BY indicator, period, unit

-- name: DROP_RECEIPT
DELETE FROM receipt

-- name: ROWS_RECEIPT
SELECT key, seq FROM receipt ORDER BY key

-- name: DROP_OUTBOX
DELETE FROM outbox

-- name: ROWS_OUTBOX
SELECT seq, n, kind, recipient, matter, body FROM outbox ORDER BY seq, n

-- name: DROP_FREEZE
DELETE FROM freeze

-- name: ROWS_FREEZE
SELECT report, year, seq FROM freeze ORDER BY report, year

-- name: DROP_FROZEN
DELETE FROM frozen

-- name: ROWS_FROZEN
SELECT report, year, figure, n, indicator, value, shown, unit, qualifier FROM frozen ORDER BY
report, year, figure

-- name: DROP_SEARCH
DELETE FROM search

-- What was deleted from the index stays in its segments until they are merged; this makes
-- the index anew from the texts.
-- name: SEARCH_ANEW
INSERT INTO search(search) VALUES ('rebuild')

-- name: ROWS_SEARCH
SELECT rowid, open, staff FROM search ORDER BY rowid
