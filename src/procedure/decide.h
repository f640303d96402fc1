/* procedure/decide.h - may this person do this now, and what does it record?
 *
 * Pure: the same matter, act, moment, calendar and lookups give the same facts
 * or the same refusal. A refusal names the field or the rule, says in Chinese
 * what to do and cites the article. Nothing is changed here: facts are folded by
 * matter_apply(), sealed by the ledger and stored by the desk. */
#ifndef PROCEDURE_DECIDE_H
#define PROCEDURE_DECIDE_H

#include "procedure/matter.h"

/* Who acts. Staff hold roles for units; parties hold their own name as a role. */
struct actor {
        struct str id; /* staff id, a party's name, or "system" */
        struct str name;
        struct str unit;      /* home unit of staff */
        struct str on_behalf; /* delegator's id, or empty */
        bool is_staff;
        struct value entry; /* context for expressions: id, name, unit, roles, ... */
};

/* What decide may ask of the world, answered by the desk from its transaction. */
/* An entry of a register and the days that it holds. */
struct dated_entry {
        struct str key;
        struct date from, until; /* until: the last day, or DATE_NONE */
        struct value entry;
};

struct lookups {
        void *user;

        /* Does the actor hold the role for the unit (or one above it) on that day,
         * by grant or by delegation? */
        bool (*holds_role)(void *user, const struct actor *actor, struct str role, struct str unit,
                        struct date day);

        /* The entry of a register in force on a day (context), or false. */
        bool (*entry)(void *user, struct arena *arena, struct str reg, struct str key,
                        struct date day, struct value *ret);

        /* All entries in force on a day, each with `key`; sorted by key. */
        bool (*entries)(void *user, struct arena *arena, struct str reg, struct date day,
                        struct value *ret);

        /* Other matters by indexed key; list of contexts. key = "procedure.key". */
        bool (*matters_with)(void *user, struct arena *arena, struct str key, struct str text,
                        int64_t but, struct value *ret);

        /* How many matters of a unit are not in a final state. */
        bool (*open_matters)(void *user, struct str unit, int64_t *ret);

        /* The matters that belong to this one, in the order in which they were opened, at most
         * FAMILY_MAX; and the one it belongs to. */
        bool (*children)(void *user, struct arena *arena, int64_t matter, struct value *ret);
        bool (*parent)(void *user, struct arena *arena, int64_t matter, struct value *ret);

        /* The next number of a series (1, 2, ...). Called only when the act will be
         * accepted; a rolled-back transaction takes it back. */
        bool (*next_number)(void *user, struct str series, int64_t *ret, struct err *err);

        /* A site's own value for a parameter: "procedure.parameter"; false = none. */
        bool (*parameter)(void *user, struct str name, struct value *ret);

        /* Entries that hold on any day from..until (DATE_NONE = for good), sorted by key. */
        bool (*entries_between)(void *user, struct arena *arena, struct str reg, struct date from,
                        struct date until, const struct dated_entry **ret, size_t *ret_n);

        /* Is the member of staff recused (回避) from the matter by the register of recusals? NULL:
         * there is none. */
        bool (*is_recused)(void *user, const struct actor *actor, const struct matter *matter,
                        struct date day);

        /* Is there a matter of that number? NULL: none is known. */
        bool (*has_matter)(void *user, struct str number);

        /* The numbers of open matters that are assigned to him, the first ASSIGNED_MAX. */
        bool (*assigned_to)(void *user, struct arena *arena, struct str staff, struct value *ret);

        /* The last day until `day` on which what a register says of a key began to be or ceased;
         * false = none. NULL: it never changed. */
        bool (*entry_changed)(void *user, struct str reg, struct str key, struct date day,
                        struct date *ret);
};

#define ASSIGNED_MAX 100u
#define FAMILY_MAX   5000u /* sub-matters, or matters with one key, that are looked at */

/* The site as definitions see it. */
struct site_facts {
        struct str organ, prefix, region, city; /* 厦门市司法局, 厦司, 350200, 厦门市 */
        int yellow, red;                        /* default warnings, units left */
};

struct act_request {
        struct str act;      /* its name */
        struct str unit;     /* of a new matter; empty = the actor's */
        int64_t parent;      /* of a new matter that an act opened; else 0 */
        struct str expired;  /* by the timer: the clock whose expiry brings the act about */
        struct moment due;   /* ... and when it ran out, of what follows from it too; else 0 */
        struct value fields; /* context: what the actor gives */
};

/* Everything decide is handed beside the matter and the act. */
struct circumstances {
        struct moment now;
        const struct calendar *calendar; /* as known today */
        const struct catalogue *catalogue;
        const struct site_facts *site;
        const struct lookups *lookups;
};

/* An act that follows from an accepted one; the desk submits it as `system` in the
 * same transaction (a refusal of one refuses the whole). */
struct consequence {
        const struct procedure *procedure; /* opens: a new matter ... */
        bool on_parent;                    /* ... or an act on the parent ... */
        struct str child;                  /* ... or on the sub-matter of that number */
        struct act_request request;
};

struct outcome {
        struct fact fact;
        const struct consequence *consequences; /* in order */
        size_t n_consequences;
        const struct str *warnings; /* Chinese sentences of `warn` rules */
        size_t n_warnings;
        struct str message; /* what was done, for the answer: label and documents */
};

/* `matter` NULL: begins one under `version`; else `version` is the matter's.
 * Fails with E_ACT_* (see errors.tsv) or the rule's own sentence (E_ACT_RULE). */
MUST_CHECK bool procedure_decide(struct arena *arena, const struct version *version,
                const struct matter *matter, const struct actor *actor,
                const struct act_request *request, const struct circumstances *circumstances,
                struct outcome *ret, struct err *err);

/* One value as a form gives it (text, or lists and contexts of texts) brought to the type of a
 * field of the version: what procedure_decide() would say of it alone, so that a form can tell
 * all that is wrong at once. `matter` may be NULL. Null stays null. E_FIELD_*. */
MUST_CHECK bool procedure_input(struct arena *arena, const struct version *version,
                const struct matter *matter, const struct field *field, const struct value *given,
                const struct circumstances *circumstances, struct value *ret, struct err *err);

/* Of an act what it would work out and every rule (`require`) that refuses it, where
 * procedure_decide() stops at the first: for somebody who tries before he does. Fails with what
 * is refused before any rule is asked; no number is taken. */
struct act_trial {
        const struct value *fields; /* one for each of version->fields, as they would stand */
        const struct err *refusals; /* at most TRIAL_REFUSALS_MAX; none: it could be done */
        size_t n_refusals;
};

#define TRIAL_REFUSALS_MAX 20u

MUST_CHECK bool procedure_try(struct arena *arena, const struct version *version,
                const struct matter *matter, const struct actor *actor,
                const struct act_request *request, const struct circumstances *circumstances,
                struct act_trial *ret, struct err *err);

/* The acts `actor` could do now, each allowed or with the reason why not: role,
 * recusal, state, once, separation, within. Indexes of version.acts; err[i].code
 * E_NONE = allowed. */
void procedure_offer(struct arena *arena, const struct matter *matter, const struct actor *actor,
                const struct circumstances *circumstances, struct err *errs);

/* Of the rules (`require`) of an act those that do not hold as things stand, whatever will be
 * given: none of them reads a field that the act asks for, or that follows from one. In the words
 * of the refusal they would be (E_ACT_RULE), at most `max`; returns how many. `actor` NULL:
 * whoever acts, so rules about the actor are left out. */
size_t procedure_ahead(struct arena *arena, const struct matter *matter, size_t act,
                const struct actor *actor, const struct circumstances *circumstances,
                struct err *errs, size_t max);

/* One field alone, as a party or a person of staff gives it: its type, its range, its checks.
 * `matter` NULL: not begun yet. *ret: as it would be taken. E_FIELD_VALUE, E_FIELD_RULE. */
MUST_CHECK bool procedure_check_field(struct arena *arena, const struct version *version,
                const struct matter *matter, size_t field, const struct value *given,
                const struct circumstances *circumstances, struct value *ret, struct err *err);

/* The kernel's own acts, open to every matter: recorded by timers. */
#define ACT_WARN   "sys_warn"   /* data: $clock, $level */
#define ACT_EXPIRE "sys_expire" /* data: $clock */

/* ... and what staff write down on it for each other, in whatever state it is: nothing of the
 * matter changes. Who may do any act of it, or has it assigned, may; strangers and parties never
 * see it; it can be erased. `fields`: {note}. */
#define ACT_NOTE "sys_note" /* data: $note */
#define NOTE_MAX 2000       /* code points */
MUST_CHECK bool procedure_note(struct arena *arena, const struct matter *matter,
                const struct actor *actor, const struct value *fields,
                const struct circumstances *circumstances, struct fact *ret, struct err *err);

/* ... and that a party who lost his query code was given another, after somebody looked at who he
 * is (desk/codes.h): told to staff alone, like a note. `fields`: {party, identity}, the latter
 * what was looked at. The deed's name is "sys_code.PARTY". */
#define ACT_CODE     "sys_code" /* data: $party, $identity */
#define IDENTITY_MAX 100        /* code points */
MUST_CHECK bool procedure_code(struct arena *arena, const struct matter *matter,
                const struct actor *actor, const struct value *fields,
                const struct circumstances *circumstances, struct fact *ret, struct err *err);

/* Is it one of the acts that are told to staff alone? */
static inline bool act_is_among_staff(struct str act)
{
        return str_is(act, ACT_NOTE) || str_is(act, ACT_CODE);
}

struct outcome procedure_timer_fact(struct arena *arena, const struct matter *matter, size_t clock,
                enum clock_warning level, bool expired, struct moment now);

/* Direct keeping of a register: the acts `put` and `end`. Checks the keeper's
 * role, every field, and the key. */
MUST_CHECK bool register_decide(struct arena *arena, const struct reg *reg,
                const struct actor *actor, struct str act, const struct value *fields,
                const struct circumstances *circumstances, struct fact *ret, struct err *err);

/* Brings an entry's fields, read back from JSON, to the types of the register. */
MUST_CHECK bool register_type_entry(
                struct arena *arena, const struct reg *reg, struct value *entry, struct err *err);

/* An expression of the matter's version evaluated over the matter as it stands:
 * titles, keys, publications, indicators. `each` may be NULL. */
MUST_CHECK bool matter_eval(struct arena *arena, const struct matter *matter,
                const struct feel_expression *expression, const struct value *each,
                const struct circumstances *circumstances, struct value *ret, struct err *err);

/* The same for an expression of an indicator, which sees its parameters too. */
MUST_CHECK bool indicator_eval(struct arena *arena, const struct indicator *indicator,
                const struct matter *matter, const struct feel_expression *expression,
                const struct value *each, const struct circumstances *circumstances,
                struct value *ret, struct err *err);

/* An expression of an indicator over an entry (a context) of its register. */
MUST_CHECK bool indicator_eval_entry(struct arena *arena, const struct indicator *indicator,
                const struct value *entry, const struct feel_expression *expression,
                const struct circumstances *circumstances, struct value *ret, struct err *err);

/* An indicator's parameter: the site's own ("IND-AID-06.threshold") or the definition's. */
struct value indicator_parameter(const struct indicator *indicator,
                const struct parameter *parameter, const struct circumstances *circumstances);

/* The view of a matter that document texts and `parent`/`children` see: its fields
 * and number, state, organ, unit_name, law, clock. */
struct value matter_view(struct arena *arena, const struct matter *matter,
                const struct circumstances *circumstances);

#endif
