-- Who is told of events, and how far he is.

-- name: WEBHOOK_LIST
SELECT id, label, url, filter, secret, position, failures, sent, failed, created, next_try,
received, trouble FROM webhook ORDER BY created, id

-- name: WEBHOOK_GET
SELECT id, label, url, filter, secret, position, failures, sent, failed, created, next_try,
received, trouble FROM webhook WHERE id = ?1

-- name: WEBHOOK_COUNT
SELECT count(*) FROM webhook

-- name: WEBHOOK_PUT
INSERT INTO webhook(id, label, url, filter, secret, position, failures, sent, failed, created,
next_try, received, trouble) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0, ?7, 0, 0, '')

-- name: WEBHOOK_END
DELETE FROM webhook WHERE id = ?1

-- name: WEBHOOK_RENEW
UPDATE webhook SET secret = ?2 WHERE id = ?1

-- name: WEBHOOK_RETRY
UPDATE webhook SET next_try = 0 WHERE id = ?1

-- only from where he was found: another may have moved him on
-- name: WEBHOOK_PASS
UPDATE webhook SET position = ?3, failures = 0, next_try = 0, trouble = ''
WHERE id = ?1 AND position = ?2

-- name: WEBHOOK_TOLD
UPDATE webhook SET position = ?3, failures = 0, next_try = 0, trouble = '', sent = sent + 1,
received = ?4 WHERE id = ?1 AND position = ?2

-- name: WEBHOOK_FAILED
UPDATE webhook SET failures = failures + 1, failed = failed + 1, next_try = ?3, trouble = ?4
WHERE id = ?1 AND position = ?2

-- a ledger that is cut back: what comes then has those positions again
-- name: WEBHOOK_CUT
UPDATE webhook SET position = ?1, failures = 0 WHERE position > ?1

-- name: WEBHOOK_NOTE
INSERT INTO webhook_note(time, account, what, webhook) VALUES (?1, ?2, ?3, ?4)

-- name: WEBHOOK_NOTES
SELECT time, account, what, webhook FROM webhook_note ORDER BY id DESC LIMIT ?1
