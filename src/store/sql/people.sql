-- Truth: accounts, sessions, and who read which personal fields.

-- name: ACCOUNT_GET
SELECT password, totp, failures, locked_until, changed, totp_step FROM account WHERE id = ?1

-- name: ACCOUNT_PUT
INSERT INTO account(id, password, totp, failures, locked_until, changed)
VALUES (?1, ?2, ?3, 0, 0, ?4)
ON CONFLICT(id) DO UPDATE SET password = excluded.password, totp = excluded.totp,
failures = 0, locked_until = 0, changed = excluded.changed

-- name: ACCOUNT_TRIED
UPDATE account SET failures = ?2, locked_until = ?3, totp_step = ?4 WHERE id = ?1

-- name: SESSION_PUT
INSERT INTO session(token, account, created, seen, address, state)
VALUES (?1, ?2, ?3, ?3, ?4, ?5)

-- name: SESSION_GET
SELECT account, created, seen, address, state FROM session WHERE token = ?1

-- name: SESSION_SEEN
UPDATE session SET seen = ?2, state = ?3 WHERE token = ?1

-- name: SESSION_END
DELETE FROM session WHERE token = ?1

-- name: SESSION_END_ALL
DELETE FROM session WHERE account = ?1

-- name: SESSION_SWEEP
DELETE FROM session WHERE seen < ?1 OR created < ?2

-- name: ACCESS_PUT
INSERT INTO access(time, account, matter, fields) VALUES (?1, ?2, ?3, ?4)

-- name: ACCESS_OF_MATTER
SELECT id, time, account, fields FROM access WHERE matter = ?1 ORDER BY id

-- lists that somebody looks at often
-- name: SAVED_VIEW_PUT
INSERT INTO saved_view(account, name, query, created) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT(account, name) DO UPDATE SET query = excluded.query, created = excluded.created

-- name: SAVED_VIEW_LIST
SELECT name, query FROM saved_view WHERE account = ?1 ORDER BY name

-- name: SAVED_VIEW_COUNT
SELECT count(*) FROM saved_view WHERE account = ?1 AND name <> ?2

-- name: SAVED_VIEW_DROP
DELETE FROM saved_view WHERE account = ?1 AND name = ?2

-- who read what, newest first
-- name: ACCESS_LIST
SELECT a.id, a.time, a.account, coalesce(m.number, ''), coalesce(m.procedure, ''),
coalesce(m.version, ''), a.fields FROM access AS a LEFT JOIN matter AS m ON m.id = a.matter
WHERE (?1 IS NULL OR a.account = ?1) AND (?2 IS NULL OR a.matter = ?2)
AND (?3 IS NULL OR a.time >= ?3) AND (?4 IS NULL OR a.time < ?4) AND a.id < ?5 + 0
ORDER BY a.id DESC LIMIT ?6

-- keys of programs: only the hash of one is kept
-- name: API_TOKEN_PUT
INSERT INTO api_token(id, hash, account, label, created, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)

-- name: API_TOKEN_GET
SELECT id, account, label, created, until FROM api_token WHERE hash = ?1 AND until > ?2

-- name: API_TOKEN_LIST
SELECT id, account, label, created, until FROM api_token WHERE until > ?1
ORDER BY created DESC, id

-- name: API_TOKEN_COUNT
SELECT count(*) FROM api_token

-- name: API_TOKEN_END
DELETE FROM api_token WHERE id = ?1

-- name: API_TOKEN_SWEEP
DELETE FROM api_token WHERE until <= ?1
