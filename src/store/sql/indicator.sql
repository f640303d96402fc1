-- Read tables: what each matter contributes to which figure, sums, and frozen reports.

-- name: CONTRIBUTION_ADD
INSERT INTO contribution(indicator, period, matter, n, late, unit, amount, dkey)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT(indicator, period, matter, n, late) DO UPDATE SET
amount = contribution.amount + excluded.amount, unit = excluded.unit, dkey = excluded.dkey

-- name: CONTRIBUTION_DROP
DELETE FROM contribution
WHERE indicator = ?1 AND period = ?2 AND matter = ?3 AND n = ?4 AND late = ?5

-- name: CONTRIBUTION_SWEEP
DELETE FROM contribution
WHERE indicator = ?1 AND period = ?2 AND matter = ?3 AND n = ?4 AND late = 1 AND amount = 0

-- name: TOTAL_ADD
INSERT INTO total(indicator, period, unit, n, amount) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT(indicator, period, unit) DO UPDATE SET n = total.n + excluded.n,
amount = total.amount + excluded.amount

-- name: TOTAL_SUM
SELECT coalesce(sum(n), 0), coalesce(sum(amount), 0) FROM total
WHERE indicator = ?1 AND period BETWEEN ?2 AND ?3
AND (?4 IS NULL OR unit IN (SELECT value FROM json_each(?4)))

-- name: TOTAL_BY_PERIOD
SELECT period, sum(n), sum(amount) FROM total
WHERE indicator = ?1 AND period BETWEEN ?2 AND ?3
AND (?4 IS NULL OR unit IN (SELECT value FROM json_each(?4)))
GROUP BY period ORDER BY period

-- name: TOTAL_BY_UNIT
SELECT unit, sum(n), sum(amount) FROM total
WHERE indicator = ?1 AND period BETWEEN ?2 AND ?3 GROUP BY unit ORDER BY unit

-- name: DISTINCT_COUNT
SELECT count(DISTINCT dkey) FROM contribution
WHERE indicator = ?1 AND period BETWEEN ?2 AND ?3 AND amount > 0
AND (?4 IS NULL OR unit IN (SELECT value FROM json_each(?4)))

-- name: CONTRIBUTIONS
SELECT c.period, c.matter, c.n, c.late, c.unit, c.amount, c.dkey, m.number, m.title, m.procedure,
m.state, m.visible_until FROM contribution AS c JOIN matter AS m ON m.id = c.matter
WHERE c.indicator = ?1 AND c.period BETWEEN ?2 AND ?3
AND (c.period, c.matter, c.n, c.late) > (?5, ?6, ?7, ?8)
AND (?4 IS NULL OR c.unit IN (SELECT value FROM json_each(?4)))
ORDER BY c.period, c.matter, c.n, c.late LIMIT ?9

-- name: FREEZE_PUT
INSERT INTO freeze(report, year, seq) VALUES (?1, ?2, ?3)
ON CONFLICT(report, year) DO NOTHING

-- name: FREEZE_GET
SELECT seq FROM freeze WHERE report = ?1 AND year = ?2

-- name: FREEZE_LAST
SELECT max(year) FROM freeze

-- name: FREEZE_LIST
SELECT report, year, seq FROM freeze ORDER BY report, year

-- name: FROZEN_PUT
INSERT INTO frozen(report, year, figure, n, indicator, value, shown, unit, qualifier)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

-- name: FROZEN_LIST
SELECT figure, indicator, value, shown, unit, qualifier FROM frozen
WHERE report = ?1 AND year = ?2 ORDER BY n

-- name: FROZEN_OF_INDICATOR
SELECT value, report, figure FROM frozen WHERE indicator = ?1 AND year = ?2 AND value IS NOT NULL
ORDER BY report, figure
