/* desk/scenario_reader.h - the two files that read a scenario, to each other.
 *
 * scenario_read.c reads the bureau (entries, people, frozen years, pools) and opens the files;
 * scenario_stream.c reads what goes on in it (variables, steps, paths). A fault names the file
 * and the line and ends the reading. */
#ifndef DESK_SCENARIO_READER_H
#define DESK_SCENARIO_READER_H

#include "desk/scenario.h"
#include "procedure/yaml.h"

struct sheet { /* a TSV file */
        struct str name;
        const struct value *rows;
        size_t n_rows;
};

struct reader {
        struct arena *arena;
        struct scenario *scenario;
        struct str folder, file; /* file: for messages */
        const struct scenario_var *stream_vars;
        size_t n_stream_vars;
        struct sheet *sheets; /* those read until now */
        size_t n_sheets;
        struct err *err;
};

/* Notes the fault with file and line; always false. */
bool scenario_fail(struct reader *r, int line, const char *what);
bool scenario_fail_text(struct reader *r, int line, const char *what, struct str text);

/* Keys that a map may have; anything else is a slip of the pen. */
MUST_CHECK bool scenario_only(struct reader *r, const struct yaml *map, const char *keys);

/* The value of a key: empty, or `otherwise`, where it is left out. */
struct str scenario_text_of(const struct yaml *map, const char *key);
MUST_CHECK bool scenario_read_int(struct reader *r, const struct yaml *v, int64_t *ret);
MUST_CHECK bool scenario_int_of(struct reader *r, const struct yaml *map, const char *key,
                int64_t otherwise, int64_t *ret);
MUST_CHECK bool scenario_date_of_key(struct reader *r, const struct yaml *map, const char *key,
                struct date otherwise, struct date *ret);

/* A template: YAML as it stands, all scalars texts. */
struct value scenario_to_value(struct arena *arena, const struct yaml *v);

/* The rows of a register: written out, or of a TSV file. */
MUST_CHECK bool scenario_rows_of(
                struct reader *r, const struct yaml *map, const struct value **ret, size_t *n);
struct value scenario_with_member(
                struct arena *arena, const struct value *row, const char *name, struct str text);

MUST_CHECK bool scenario_read_streams(struct reader *r, const struct yaml *list);

#endif
