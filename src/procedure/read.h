/* procedure/read.h - reading one definition file: what all sections need.
 *
 * Private to this room. A reader never fails: it notes a problem, hands out
 * something harmless (an empty text, an empty list, NULL) and goes on, so that
 * the author sees every problem at once. Whoever reads checks nothing again. */
#ifndef PROCEDURE_READ_H
#define PROCEDURE_READ_H

#include "procedure/definition.h"
#include "procedure/problem.h"
#include "procedure/yaml.h"

struct reader {
        struct arena *arena;
        struct problems *problems;
        size_t source;                     /* which file */
        const struct catalogue *catalogue; /* as far as it is read: registers first */
};

/* Names to choose from, in the order of their indexes. */
struct names {
        const struct str *items;
        size_t n;
};

/* ---- Problems ---- */

void read_fault(struct reader *r, int line, const char *format, ...) PRINTF_LIKE(3, 4);
void read_remark(struct reader *r, int line, const char *format, ...) PRINTF_LIKE(3, 4);

/* "，是否想写“label”？" for the nearest name, or "". */
struct str read_suggestion(struct reader *r, struct str name, const struct names *among);

/* ---- Maps and their values; `where` names the place in Chinese ---- */

/* Notes every key that is not among `keys` (with spaces between). False if the
 * node is no map (noted as well). */
bool read_keys(struct reader *r, const struct yaml *map, struct str where, const char *keys);

/* A section: a map, or NULL if left out or something else (noted). */
const struct yaml *read_section(
                struct reader *r, const struct yaml *map, const char *key, struct str where);

struct str read_text(struct reader *r, const struct yaml *map, const char *key, struct str where);
struct str read_must(struct reader *r, const struct yaml *map, const char *key, struct str where);
bool read_bool(struct reader *r, const struct yaml *map, const char *key, struct str where);
int64_t read_int(struct reader *r, const struct yaml *map, const char *key, int64_t otherwise,
                int64_t min, int64_t max, struct str where);

/* An identifier: [a-z][a-z0-9_]*, at most LIMIT_NAME_BYTES. Noted if it is none. */
bool read_is_name(struct str name);
void read_name(struct reader *r, struct str name, int line, struct str where);

/* One text or a list of texts: the nodes, so that each has its line. */
const struct yaml *read_list(struct reader *r, const struct yaml *map, const char *key,
                struct str where, size_t *ret_n);

/* One role or a list of roles. */
const struct str *read_role_names(struct reader *r, const struct yaml *map, const char *key,
                struct str where, size_t *ret_n);

/* A list (of anything) or one map standing for a list of one. */
const struct yaml *read_rows(struct reader *r, const struct yaml *map, const char *key,
                struct str where, size_t *ret_n);

/* The index of the name the node holds, or -1 (noted). */
int read_index(struct reader *r, const struct yaml *node, const struct names *among,
                const char *what, struct str where);

/* One name or a list of names, as indexes; each once. */
const size_t *read_indexes(struct reader *r, const struct yaml *map, const char *key,
                const struct names *among, const char *what, struct str where, size_t *ret_n);

/* The keys of a map, checked as identifiers. */
struct names read_key_names(struct reader *r, const struct yaml *map, struct str where);

/* One of a few words; index in `words` (with spaces between), or 0 when left out. */
int read_word(struct reader *r, const struct yaml *map, const char *key, const char *words,
                struct str where);

/* A value as it stands: number, true/false, date, list or text. */
struct value read_value(struct reader *r, const struct yaml *node);

/* "{prefix}公开〔{year}〕{n}号" (read_number.c): tokens known, exactly one {n}; a document's with
 * {number} may do without. Empty is fine. */
void read_number_format(struct reader *r, const struct version *v, struct str format, int line,
                bool document, struct str where);

/* ---- Expressions ---- */

/* What an expression in this place may read beyond what every expression may. */
struct reach {
        const struct feel_schema *schema;
        const struct version *version; /* NULL: a register's */
        size_t n_fields;
        bool value, each; /* the fixed names `value` and `each` */
        struct str local; /* an `as` name, or empty */
};

/* NULL if the node is NULL, or is no expression (noted). `expected` FEEL_ANY: anything. */
const struct feel_expression *read_feel(struct reader *r, const struct yaml *node,
                const struct reach *reach, enum feel_kind expected, struct str where);

/* The same for the value of a key. */
const struct feel_expression *read_feel_at(struct reader *r, const struct yaml *map,
                const char *key, const struct reach *reach, enum feel_kind expected,
                struct str where);

/* A map name: FEEL; checked against nothing. */
const struct assignment *read_assignments(struct reader *r, const struct yaml *map, const char *key,
                const struct reach *reach, struct str where, size_t *ret_n);

/* A list of {that, say, basis}. */
const struct rule *read_rules(struct reader *r, const struct yaml *map, const char *key,
                const struct reach *reach, bool wants_basis, struct str where, size_t *ret_n);

/* ---- Sections ---- */

/* Fields of a version or register, without their checks. */
const struct field *read_fields(
                struct reader *r, const struct yaml *map, struct str where, size_t *ret_n);

/* Their checks, once the names are known. */
void read_checks(struct reader *r, const struct yaml *map, const struct reach *reach,
                struct field *fields, size_t n_fields);

const struct parameter *read_parameters(
                struct reader *r, const struct yaml *map, struct str where, size_t *ret_n);

#endif
