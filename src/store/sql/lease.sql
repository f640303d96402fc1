-- Who does what only one at a time does, until when by the database's own clock.

-- changes a row if it is free, has run out, or is ours already
-- name: LEASE_TAKE
INSERT INTO lease(name, holder, until) VALUES (?1, ?2, unixepoch() + ?3)
ON CONFLICT(name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE lease.holder = excluded.holder OR lease.until <= unixepoch()

-- name: LEASE_GIVE
DELETE FROM lease WHERE name = ?1 AND holder = ?2

-- what is left of each, in seconds
-- name: LEASE_LIST
SELECT name, holder, until - unixepoch() FROM lease ORDER BY name
