-- A copy of a store made into a site again, as it stands or as it stood at a signed head.

-- name: META_DROP
DELETE FROM meta WHERE key = ?1

-- name: EVENT_CUT
DELETE FROM event WHERE id >= ?1 AND id < ?2

-- name: TILE_CUT
DELETE FROM tile WHERE organ = ?1 AND level = ?2 AND idx >= ?3

-- name: CHECKPOINT_CUT
DELETE FROM checkpoint WHERE organ = ?1 AND size > ?2

-- name: COUNTER_LIST
SELECT series, n FROM counter ORDER BY series

-- name: COUNTER_SET
UPDATE counter SET n = ?2 WHERE series = ?1

-- name: SESSION_END_EVERY
DELETE FROM session

-- name: BLOB_OF_TYPE
SELECT hash, name, bytes FROM blob WHERE type = ?1 AND hash > ?2 ORDER BY hash LIMIT 1

-- name: BLOB_DROP
DELETE FROM blob WHERE hash = ?1 AND type = ?2
