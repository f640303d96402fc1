/* desk/scenario.h - a bureau's year as docs/scenario.md states it, read and checked.
 *
 * A scenario says how many, of what mix, when and by whom; it cannot say what comes
 * out. Everything random is drawn from its seed, matter by matter, so that the same
 * scenario gives the same acts on every machine. */
#ifndef DESK_SCENARIO_H
#define DESK_SCENARIO_H

#include "base/value.h"
#include "desk/site.h"

struct yaml;

enum delay_unit { DELAY_SAME_DAY, DELAY_HOURS, DELAY_DAYS, DELAY_WORKING_DAYS };

struct delay {
        enum delay_unit unit;
        int min, max;
};

/* A value drawn once for each matter that needs it. */
enum var_kind {
        VAR_PERSON,
        VAR_FIRM,
        VAR_PICK,
        VAR_INTEGER,
        VAR_SHARE,
        VAR_ENTRY,
        VAR_TEXT,
        VAR_LIST,
        VAR_FIXED,
};

struct scenario_choice {
        struct str text;
        int64_t weight;
};

struct scenario_var {
        struct str name;
        enum var_kind kind;
        struct str prefix, region;             /* PERSON, FIRM; region empty = the site's */
        int age_min, age_max;                  /* PERSON */
        const struct scenario_choice *choices; /* PICK */
        size_t n_choices;
        int64_t total_weight;
        int64_t min, max;         /* INTEGER; LIST: how many */
        size_t pool;              /* SHARE: index of the pool */
        const struct value *rows; /* ENTRY: contexts with `key` */
        size_t n_rows;
        bool in_turn;                  /* ENTRY: one after the other, not by chance */
        struct value fixed;            /* TEXT, FIXED: a template */
        const struct scenario_var *of; /* LIST */
};

/* Parts of a total, one for each matter that takes one: exact to the last unit. */
struct scenario_pool {
        struct str name;
        int64_t total, min; /* in the last decimal's unit */
        int decimals;
        size_t n; /* matters that take a part; counted when the scenario is read */
        int64_t *parts;
};

enum step_target {
        STEP_SELF,
        STEP_CHILD,    /* the newest sub-matter of `procedure` */
        STEP_CHILDREN, /* all of them, further down too, one after the other */
};

struct scenario_step {
        struct str act, by, procedure; /* procedure: of a child */
        enum step_target on;
        uint32_t slice_from, slice_to; /* of the children, from 1; 0, 0 = all */
        bool by_party;                 /* `by` is no role that the staff hold */
        bool by_assigned;              /* whoever the matter acted on is assigned to */
        struct delay after;
        struct date on_date;       /* done on this day; DATE_NONE = `after` says when */
        struct value give;         /* context; templates with $names */
        const struct str *differs; /* acts whose actor this one must not be */
        size_t n_differs;
        struct str unit; /* of the actor; empty = the matter's */
        bool expect_refused;
        int line;
};

struct scenario_path {
        struct str name;
        size_t count;
        struct date from, to, finish;    /* arrival window; last act not after `finish` */
        const struct scenario_var *vars; /* the stream's and its own */
        size_t n_vars;
        size_t *pool_base; /* for each pool: the part of its first matter */
        const struct scenario_step *steps;
        size_t n_steps;
};

struct scenario_stream {
        struct str name, procedure;
        const struct scenario_choice *units;
        size_t n_units;
        int64_t total_weight;
        bool working_days;
        int minute_from, minute_to; /* of the day */
        const struct scenario_path *paths;
        size_t n_paths;
};

struct scenario_entry {
        struct str reg;
        struct value fields; /* with $from, $until where given */
};

struct scenario_staff {
        struct str id, role, unit;
};

struct scenario_frozen {
        struct str report, tsv;
        int year;
};

struct scenario {
        struct str name, label, freeze_report;
        uint64_t seed;
        struct date from, until, freeze_on;
        struct site_config site;
        const struct scenario_entry *entries;
        size_t n_entries;
        const struct scenario_staff *staff;
        size_t n_staff;
        const struct scenario_frozen *frozen;
        size_t n_frozen;
        struct scenario_pool *pools;
        size_t n_pools;
        const struct scenario_stream *streams;
        size_t n_streams;
        size_t n_matters, n_acts; /* as planned */
};

/* Reads FOLDER/scenario.yaml and the files it names. The error names file and line. */
MUST_CHECK bool scenario_read(
                struct arena *arena, struct str folder, struct scenario *ret, struct err *err);

/* ---- Drawing (scenario_value.c) ---- */

/* A well-mixed number from a seed and a place; the only source of chance. */
uint64_t scenario_mix(uint64_t seed, uint64_t place);

/* One of 0..n-1. */
size_t scenario_below(uint64_t number, size_t n);

struct scenario_case { /* one matter, as far as its values go */
        const struct scenario *scenario;
        const struct scenario_path *path;
        uint64_t seed;
        size_t index; /* in its path */
        size_t child; /* which of the children is acted on, from 1; 0 = none */
        struct date today;
};

/* What a step gives: $names, dates and texts filled in. */
MUST_CHECK bool scenario_give(struct arena *arena, const struct scenario_case *one,
                const struct value *give, struct value *ret, struct err *err);

/* Works out the parts of every pool. */
MUST_CHECK bool scenario_share(struct arena *arena, struct scenario *scenario, struct err *err);

#endif
