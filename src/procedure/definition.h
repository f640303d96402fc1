/* procedure/definition.h - what a definition file says, read, checked and bound.
 *
 * The language is docs/procedures.md. A `struct catalogue` holds all loaded
 * definitions, never changes after catalogue_link() and is shared by threads.
 * Everything lives in the arena it was read into.
 *
 * Expressions are compiled when the definition loads, against the names that
 * docs/procedures.md lists; one that does not type-check is refused, with file
 * and line. */
#ifndef PROCEDURE_DEFINITION_H
#define PROCEDURE_DEFINITION_H

#include "base/value.h"
#include "clock/deadline.h"
#include "rules/feel.h"

struct decision; /* rules/decision.h */
struct guide;    /* procedure/guide.h */
struct template; /* template/template.h */

enum field_class { CLASS_INTERNAL, CLASS_PUBLIC, CLASS_PUBLISHED, CLASS_PERSONAL };

enum field_type {
        FIELD_TEXT,
        FIELD_LONG_TEXT,
        FIELD_INTEGER,
        FIELD_DECIMAL,
        FIELD_MONEY,
        FIELD_BOOL,
        FIELD_DATE,
        FIELD_DATETIME,
        FIELD_ENUM,
        FIELD_ENUM_SET,
        FIELD_IDENTIFIER,
        FIELD_REF,
        FIELD_STAFF,
        FIELD_UNIT,
        FIELD_FILE,
        FIELD_LIST,
        FIELD_ANY,
};

/* "long_text": as a definition writes it; identifiers: by their kind (field.identifier). */
const char *field_type_word(enum field_type type);

enum visibility { VISIBLE_ALWAYS, VISIBLE_PUBLISHED, VISIBLE_NEVER };

struct option {
        struct str key, label;
};

/* A condition with what to say when it is not true. */
struct rule {
        const struct feel_expression *that;
        const struct feel_expression *which; /* text or texts put behind `say`; may be NULL */
        struct str say, basis;               /* Chinese; the article */
        struct str source;                   /* the FEEL text, for pages and lint */
};

struct field {
        struct str name, label, help;
        enum field_type type;
        enum field_class class;
        struct str identifier;        /* FIELD_IDENTIFIER: "resident_id", "credit_code" ... */
        struct str reference;         /* FIELD_REF: the register */
        struct str mask;              /* kind of mask in publications; may be empty */
        const struct option *options; /* FIELD_ENUM, FIELD_ENUM_SET */
        size_t n_options;
        const struct field *items; /* FIELD_LIST: fields of each context; none = texts */
        size_t n_items;
        int64_t max_length;    /* code points */
        bool has_min, has_max; /* numbers */
        bool required;         /* in a row of a list: has to be given */
        struct decimal min, max;
        const struct rule *checks; /* see `value` and the act's other names */
        size_t n_checks;
};

struct state {
        struct str name, label;
        bool final;
};

struct parameter {
        struct str name, label, note;
        struct value value; /* the definition's; a site may override it */
};

struct assignment { /* name = FEEL */
        struct str name;
        const struct feel_expression *value;
        struct str source;
};

struct lookup {
        struct str name, reg;
        const struct feel_expression *key, *on; /* on: NULL = today */
};

/* What an act does to a clock. */
enum clock_verb { CLOCK_START, CLOCK_STOP, CLOCK_VOID, CLOCK_PAUSE, CLOCK_RESUME, CLOCK_EXTEND };

struct clock_step {
        enum clock_verb verb;
        size_t clock;                        /* index in version.clocks */
        const struct feel_expression *value; /* start date, or extension; NULL = default */
        const struct feel_expression *when;  /* CLOCK_START: only where it holds; NULL = always */
};

struct target {
        const struct feel_expression *when; /* NULL = otherwise */
        size_t state;
};

struct opening { /* a sub-matter */
        struct str procedure, act;
        const struct assignment *with;
        size_t n_with;
        const struct feel_expression *each; /* NULL = one */
        struct str as;                      /* the name of an item of `each` */
        const struct feel_expression *unit; /* NULL = the parent's */
        const struct feel_expression *when; /* NULL = always */
};

struct reaction {             /* an act on the parent or on sub-matters, done as `system` */
        struct str procedure; /* of the sub-matters; empty = on the parent */
        struct str as;        /* the name of a sub-matter */
        struct str act;
        const struct assignment *with;
        size_t n_with;
        const struct feel_expression *when;
};

struct entry_write {
        struct str reg;
        const struct feel_expression *key;
        const struct assignment *set;
        size_t n_set;
        const struct feel_expression *from, *until; /* NULL = today, for good */
        const struct feel_expression *end;          /* not NULL: ends the entry on that day */
        const struct feel_expression *each, *when;
        struct str as;
        bool amend; /* what is not set stays as the entry in force has it */
};

struct act {
        struct str name, label, hint;
        const struct str *roles; /* roles, party names, "system" */
        size_t n_roles;
        bool from_new, from_any;
        const size_t *from; /* indexes of states */
        size_t n_from;
        const struct target *to; /* none = stays */
        size_t n_to;
        const size_t *needs, *takes; /* indexes of fields */
        size_t n_needs, n_takes;
        bool once;
        bool private;               /* a step that no party sees but who did it or is told of it */
        int within;                 /* index of a clock, or -1 */
        const size_t *differs_from; /* indexes of acts */
        size_t n_differs_from;
        const struct rule *require, *warn;
        size_t n_require, n_warn;
        const struct assignment *set; /* name = a field */
        size_t n_set;
        const struct clock_step *clock_steps; /* void, stop, resume, pause, extend, start */
        size_t n_clock_steps;
        const size_t *documents;                             /* indexes */
        const struct feel_expression *const *documents_when; /* for each; NULL = always */
        size_t n_documents;
        const size_t *publishes, *withdraws; /* indexes of publications */
        size_t n_publishes, n_withdraws;
        const struct opening *opens;
        size_t n_opens;
        const struct reaction *then;
        size_t n_then;
        const struct entry_write *writes;
        size_t n_writes;
        const struct feel_expression *recuses, *assigns;
        const struct feel_expression *moves; /* the unit it belongs to from now on; may be NULL */
        const struct str *notifies;
        size_t n_notifies;
        int line; /* in the file, for lint and pages */
};

struct clock_definition {
        struct str name, label, basis;
        struct deadline_rule rule;            /* unit, and length where it is a number */
        const struct feel_expression *length; /* where it is computed; else NULL */
        const struct feel_expression *before; /* counts backwards from this date; else NULL */
        const struct feel_expression *fixed;  /* a fixed date; else NULL */
        bool of_party;                        /* late = the right lapses; else overdue */
        const size_t *paused_in;              /* indexes of states */
        size_t n_paused_in;
        int extend_by; /* in the clock's unit; 0 = cannot be extended by default */
        bool extend_once;
        int expires;     /* index of the act done by `system`, or -1 */
        int yellow, red; /* units left; -1 = the site's default, 0 = no warning */
};

struct addressee { /* whom a paper goes to: as in `notifies` */
        struct str who;
        const struct feel_expression *when; /* NULL = always */
};

struct document {
        struct str name, label, number; /* number format; may be empty */
        enum field_class class;         /* CLASS_PUBLIC or CLASS_INTERNAL */
        bool is_addressed;              /* says whom it goes to; else see fact_recipients() */
        const struct addressee *to;     /* none = to nobody: kept on file */
        size_t n_to;
        const struct template *text;
        struct str source; /* as written */
};

struct masked_field {
        size_t field;
        struct str mask;
};

struct publication {
        struct str name, label;
        const struct feel_expression *title;
        const size_t *shows;
        size_t n_shows;
        const size_t *reads; /* those of them that are a text to read: they stand before all else */
        size_t n_reads;
        const struct masked_field *masked;
        size_t n_masked;
        int days; /* 0 = until withdrawn */
};

/* A draw by lot: indexes of the fields that hold its public files (docs/draw-format.md), or
 * -1. `announced` is -1 where the version draws nothing. */
struct draw_files {
        int announced; /* before the public values are known */
        int file;      /* afterwards: what `plumbline draw verify` checks */
        int fault;     /* why it was voided */
};

struct table {
        struct str name;
        const struct decision *decision;
};

struct version {
        const struct procedure *procedure;
        struct str name, law, number;
        struct str note; /* what in it was not checked against the text of the law; may be empty */
        struct date effective;
        const struct feel_expression *title;
        const struct option *parties; /* key = name, label */
        size_t n_parties;
        const struct parameter *parameters;
        size_t n_parameters;
        const struct assignment *keys;
        size_t n_keys;
        const struct lookup *lookups;
        size_t n_lookups;
        const struct field *fields;
        size_t n_fields;
        const uint16_t *field_places; /* by their names' hash (catalogue.c); NULL: none made */
        size_t n_field_places;
        const struct state *states;
        size_t n_states;
        const struct act *acts;
        size_t n_acts;
        const struct clock_definition *clocks;
        size_t n_clocks;
        const struct document *documents;
        size_t n_documents;
        const struct publication *publications;
        size_t n_publications;
        const struct table *tables;
        size_t n_tables;
        struct draw_files draw;
        const struct guide *guide; /* NULL: none */
        /* The names its expressions see, in this order of slots: its fields; the
         * fixed names (enum fixed_name); its lookups; its parameters; its locals;
         * "did.x" for each act; "clock.x" for each clock; "before.f" for each field.
         * The last three are names with a dot, so that one is worked out only
         * where it is read. */
        const struct feel_schema *schema;
        const struct str *locals; /* the `as` names of its acts */
        size_t n_locals;
};

/* What every expression sees beside fields, lookups, parameters and locals. */
enum fixed_name {
        NAME_TODAY,
        NAME_NOW,
        NAME_STATE,
        NAME_FINAL,
        NAME_NUMBER,
        NAME_CREATED_ON,
        NAME_UNIT,
        NAME_ACTOR,
        NAME_CHILDREN,
        NAME_PARENT,
        NAME_SITE,
        NAME_VALUE, /* in a field's check */
        NAME_EACH,  /* in an indicator with `each` */
        N_FIXED_NAMES
};

static inline size_t version_slot_fixed(const struct version *v, enum fixed_name name)
{
        return v->n_fields + (size_t)name;
}

static inline size_t version_slot_lookups(const struct version *v)
{
        return v->n_fields + N_FIXED_NAMES;
}

static inline size_t version_slot_parameters(const struct version *v)
{
        return version_slot_lookups(v) + v->n_lookups;
}

static inline size_t version_slot_locals(const struct version *v)
{
        return version_slot_parameters(v) + v->n_parameters;
}

struct procedure {
        struct str name, label, line;
        enum visibility visible;
        const struct version *const *versions; /* by effective date, oldest first */
        size_t n_versions;
        struct str source; /* the YAML text as loaded */
};

struct reg { /* a register (名录/清单) */
        struct str name, label, key;
        const struct str *keepers;
        size_t n_keepers;
        bool public;
        const struct field *fields; /* the key's own field among them */
        size_t n_fields;
        const struct rule *ends; /* what must hold before an entry may end */
        size_t n_ends;
        const struct rule *puts; /* ... before its keeper may put one */
        size_t n_puts;
        const struct str *alone; /* fields: two alike in all of them do not stand on one day */
        size_t n_alone;
        /* What its checks and its indicators see: its fields, then the fixed names
         * (today, now, site, unit, value; the others are null). */
        const struct feel_schema *schema;
        struct str source;
};

enum indicator_kind {
        INDICATOR_COUNT,
        INDICATOR_SUM,
        INDICATOR_DISTINCT, /* over matters */
        INDICATOR_COUNT_ENTRIES,
        INDICATOR_SUM_ENTRIES,
        INDICATOR_DISTINCT_ENTRIES,
        INDICATOR_RATIO,
        INDICATOR_GROWTH, /* over other indicators */
};

/* An indicator's expressions against one version of one procedure it counts. */
struct indicator_binding {
        const struct version *version;
        const struct feel_expression *where, *date, *each;
        const struct feel_expression *amount; /* SUM: the value; DISTINCT: the text */
};

struct indicator {
        struct str id, label, unit, scope, law, note;
        enum indicator_kind kind;
        const struct indicator_binding *bindings; /* matters: one for each version */
        size_t n_bindings;
        const struct reg *reg; /* entries */
        const struct feel_expression *where, *amount;
        struct str operand[2]; /* RATIO, GROWTH: ids */
        int decimals;
        int64_t scale; /* shown = sum / scale */
        bool percent;
        const struct parameter *parameters; /* their slots stand behind all of the version's
                                               (version_n_slots) or the register's schema */
        size_t n_parameters;
        struct str definition; /* as the page prints it: the formula's text */
};

struct report_figure {
        struct str id, section, text, indicator, unit, qualifier, scope;
        struct str parameter; /* "IND-AID-06.threshold"; else empty */
        int64_t down_to;      /* 0 = as it is */
};

struct report_definition {
        struct str name, label, title;
        const struct str *readers; /* roles that look over the whole bureau in its figures */
        size_t n_readers;
        const struct report_figure *figures;
        size_t n_figures;
};

/* Why personal data may be erased: what an erasure names. */
struct erasure_ground {
        struct str key, say, basis; /* "1"; Chinese; the article */
};

struct catalogue {
        const struct procedure *const *procedures; /* sorted by name */
        size_t n_procedures;
        const struct reg *const *registers;
        size_t n_registers;
        const struct indicator *indicators; /* sorted by id */
        size_t n_indicators;
        const struct report_definition *reports;
        size_t n_reports;
        const struct option *roles; /* key = role, label; the posts of the file of roles */
        size_t n_roles;
        const struct option *parties; /* likewise; whom no member of staff is */
        size_t n_parties;
        const struct erasure_ground *grounds; /* in the order of the file */
        size_t n_grounds;
};

/* One definition file as handed in: its kind is the top key of its YAML. */
struct definition_source {
        struct str name; /* for messages: "procedures/permit.yaml" */
        struct str text;
        bool accepted; /* read back from a site's record: what was accepted once stays */
};

/* Reads, lints and links all files. On failure the first problem is in err, and
 * every problem found is in *ret_problems (text, one line each: "file:line: ..."). */
MUST_CHECK bool catalogue_load(struct arena *arena, const struct definition_source *sources,
                size_t n_sources, struct catalogue *ret, struct str *ret_problems, struct err *err);

/* The same for whoever wants the problems one by one (procedure/problem.h), sorted; a row's
 * `source` is an index into `sources`. False if one of them is a fault: then *ret stays as it
 * was. */
struct problems;
MUST_CHECK bool catalogue_lint(struct arena *arena, const struct definition_source *sources,
                size_t n_sources, struct catalogue *ret, struct problems *ret_problems);

const struct procedure *catalogue_procedure(const struct catalogue *catalogue, struct str name);
const struct reg *catalogue_register(const struct catalogue *catalogue, struct str name);
const struct indicator *catalogue_indicator(const struct catalogue *catalogue, struct str id);

const struct erasure_ground *catalogue_ground(const struct catalogue *catalogue, struct str key);

/* What a role is called, or its own name where nobody says. */
struct str catalogue_role(const struct catalogue *catalogue, struct str role);

/* Is it named there, as a post or as somebody who works elsewhere? */
bool catalogue_has_role(const struct catalogue *catalogue, struct str role);

/* Can somebody who works here be given it? Any, where no file names the posts. */
bool catalogue_is_post(const struct catalogue *catalogue, struct str role);
const struct report_definition *catalogue_report(
                const struct catalogue *catalogue, struct str name);

static inline size_t version_slot_did(const struct version *v)
{
        return version_slot_locals(v) + v->n_locals;
}

static inline size_t version_slot_clocks(const struct version *v)
{
        return version_slot_did(v) + v->n_acts;
}

static inline size_t version_slot_before(const struct version *v)
{
        return version_slot_clocks(v) + v->n_clocks;
}

static inline size_t version_n_slots(const struct version *v)
{
        return version_slot_before(v) + v->n_fields;
}

/* One table for all functions beside FEEL's own, of procedure/functions.c. */
extern const struct feel_host procedure_hosts[];
extern const size_t n_procedure_hosts;

/* The version in force on a day, or NULL before the first. */
const struct version *procedure_version_on(const struct procedure *procedure, struct date day);
const struct version *procedure_version(const struct procedure *procedure, struct str name);

/* Makes the table by which version_field() finds fields; they must not change any more. */
void version_place_fields(struct arena *arena, struct version *version);

/* Index by name in a version, or -1. */
int version_field(const struct version *version, struct str name);
int version_state(const struct version *version, struct str name);
int version_act(const struct version *version, struct str name);
int version_clock(const struct version *version, struct str name);
int version_document(const struct version *version, struct str name);
int version_publication(const struct version *version, struct str name);
int version_party(const struct version *version, struct str name);

#endif
