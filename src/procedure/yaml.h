/* procedure/yaml.h - a definition file as a tree of maps, lists and texts.
 *
 * The part of YAML that a lawyer can read and nothing else: no anchors and
 * aliases, no tags, one document, text keys that stand once. Nothing is guessed:
 * `yes`, `012` and `2019-05-15` are texts until a field says what they are. What
 * is refused is refused with its line. Trees never change once parsed. */
#ifndef PROCEDURE_YAML_H
#define PROCEDURE_YAML_H

#include "base/err.h"
#include "base/str.h"

enum yaml_kind {
        YAML_NULL, /* nothing, ~ or null; `text` is as written */
        YAML_TEXT,
        YAML_LIST,
        YAML_MAP,
};

struct yaml_pair;

struct yaml {
        enum yaml_kind kind;
        bool quoted; /* a text in quotes, or a block */
        int line;    /* in the file, from 1 */
        struct str text;
        const struct yaml *items;      /* YAML_LIST */
        const struct yaml_pair *pairs; /* YAML_MAP, as they stand in the file */
        size_t n;
};

struct yaml_pair {
        struct str key;
        int line;
        struct yaml value;
};

/* Reads one file. On failure err holds E_DEFINITION_YAML, E_UTF8 or E_LIMIT, and
 * *ret_line is where it went wrong. */
MUST_CHECK bool yaml_parse(struct arena *arena, struct str text, const struct yaml **ret,
                int *ret_line, struct err *err);

/* The value of a key, or NULL: also when `map` is NULL or no map. */
const struct yaml *yaml_get(const struct yaml *map, const char *key);

/* `over` laid upon `base`: maps merge key by key, everything else replaces, a null
 * takes away what `base` has. Shares both trees. */
struct yaml yaml_merge(struct arena *arena, const struct yaml *base, const struct yaml *over);

#endif
