-- What somebody has begun to fill in, by the hash of its code; not truth, gone when it expires.

-- name: DRAFT_PUT
INSERT INTO draft(code, body, expires) VALUES (?1, ?2, ?3)
ON CONFLICT(code) DO UPDATE SET body = excluded.body, expires = excluded.expires

-- name: DRAFT_GET
SELECT body, expires FROM draft WHERE code = ?1 AND expires > ?2

-- name: DRAFT_END
DELETE FROM draft WHERE code = ?1

-- name: DRAFT_COUNT
SELECT count(*) FROM draft

-- name: DRAFT_SWEEP
DELETE FROM draft WHERE expires <= ?1

-- name: DRAFT_FILE_PUT
INSERT INTO draft_file(code, hash, name, type, bytes) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT(code, hash) DO NOTHING

-- name: DRAFT_FILE_HEADS
SELECT hash, name, type, length(bytes) FROM draft_file WHERE code = ?1 ORDER BY hash

-- name: DRAFT_FILES_KEEP
INSERT INTO blob(hash, name, type, bytes)
SELECT hash, name, type, bytes FROM draft_file WHERE code = ?1 ON CONFLICT(hash) DO NOTHING

-- name: DRAFT_FILES_END
DELETE FROM draft_file WHERE code = ?1

-- name: DRAFT_FILES_SWEEP
DELETE FROM draft_file WHERE code NOT IN (SELECT code FROM draft)
