-- The statements that read otherwise in PostgreSQL.

-- taken at the beginning of a transaction that writes: those of one organ come one by one.
-- What LEDGER_GET would give comes along, and the number of the transaction.
-- name: LEDGER_LOCK
SELECT name, hash, size, frontier, pg_current_xact_id()::text::bigint FROM ledger
WHERE organ = ?1 FOR UPDATE

-- a table of PostgreSQL keeps no old words in its index; scrubbing writes it anew
-- name: SEARCH_ANEW
DELETE FROM search WHERE false

-- name: LEASE_TAKE
INSERT INTO lease(name, holder, until)
VALUES (?1, ?2, extract(epoch FROM clock_timestamp())::bigint + ?3)
ON CONFLICT(name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE lease.holder = excluded.holder OR lease.until <= extract(epoch FROM clock_timestamp())::bigint

-- name: LEASE_LIST
SELECT name, holder, until - extract(epoch FROM clock_timestamp())::bigint FROM lease ORDER BY name
