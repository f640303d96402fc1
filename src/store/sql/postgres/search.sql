-- The search table of PostgreSQL, and the same answers as FTS5 gives: parts of a query in
-- quotes are phrases whose last term is open at its end, all of them must be found, "open : "
-- before them looks into the open text alone (projection/search.c). The index finds the
-- matters that have all the terms; search_holds() looks whether they stand beside each other.
-- An entry of the index has room for 64 characters of a term. Hardly a term is longer: so
-- that is a function of its own, and search_terms() one expression, which the server puts in place
-- (one with a query inside is read anew for every row). Its body is bound when it is made: pg_dump
-- writes names out in full, and nothing depends on the search path that it is loaded with.
CREATE OR REPLACE FUNCTION search_terms_cut(given text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT
        AS $$ SELECT array_to_tsvector(array(SELECT DISTINCT left(term, 64)
        FROM unnest(string_to_array(given, ' ')) AS term WHERE term <> '')) $$;
CREATE OR REPLACE FUNCTION search_terms(given text) RETURNS tsvector LANGUAGE sql IMMUTABLE
        RETURN CASE WHEN given ~ '[^ ]{65}' THEN search_terms_cut(given)
        ELSE array_to_tsvector(array_remove(string_to_array(given, ' '), '')) END;
CREATE OR REPLACE FUNCTION search_query(given text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT
        AS $$ SELECT coalesce(string_agg('''' || left(term, 64) || '''' ||
        CASE WHEN nth = count THEN ':*' ELSE '' END, ' & ')::tsquery, ''::tsquery)
        FROM (SELECT term, nth, count(*) OVER (PARTITION BY phrase) AS count
        FROM regexp_matches(given, '"([^"]*)"', 'g') WITH ORDINALITY AS p(found, phrase),
        unnest(string_to_array(found[1], ' ')) WITH ORDINALITY AS t(term, nth)
        WHERE term <> '') AS terms $$;
CREATE OR REPLACE FUNCTION search_holds(given text, open text, staff text) RETURNS boolean
        LANGUAGE sql IMMUTABLE STRICT
        AS $$ SELECT coalesce(bool_and(strpos(' ' || open, ' ' || found[1]) > 0 OR
        (NOT starts_with(given, 'open : ') AND strpos(' ' || staff, ' ' || found[1]) > 0)), false)
        FROM regexp_matches(given, '"([^"]*)"', 'g') AS found $$;
CREATE TABLE search(
        id bigint PRIMARY KEY, open text COLLATE "C" NOT NULL, staff text COLLATE "C" NOT NULL,
        terms tsvector NOT NULL
        GENERATED ALWAYS AS (search_terms(open || ' ' || staff)) STORED);
CREATE INDEX search_by_terms ON search USING gin(terms);
