/* procedure/scope.h - what the expressions of a version see while one is evaluated.
 *
 * Private to the room. A scope lives on the stack of one decision or one
 * evaluation; what is dear to work out (a register entry, the sub-matters) is
 * worked out when an expression first reads it and kept for the next. */
#ifndef PROCEDURE_SCOPE_H
#define PROCEDURE_SCOPE_H

#include "procedure/decide.h"

#define SCOPE_KEPT 24 /* slots remembered; past it they are worked out again */

struct scope_kept { /* what was worked out for a slot */
        size_t slot;
        struct value value;
};

struct scope {
        struct arena *arena;
        const struct version *version;
        const struct matter *matter; /* NULL: not begun yet */
        const struct value *fields;  /* one for each of the version's: as they will stand */
        const struct actor *actor;   /* NULL where nobody acts */
        const struct circumstances *world;
        struct str unit; /* whose matter it is */
        struct moment now;
        const struct value *value;         /* `value` in a field's check */
        const struct value *each;          /* `each` in an indicator */
        const struct indicator *indicator; /* whose parameters stand behind all other slots */
        const struct reg *reg;             /* not NULL: over an entry of it, and no version */
        const struct value *entry;
        struct value *locals;    /* one for each of the version's; NULL = all null */
        struct scope_kept *kept; /* SCOPE_KEPT of them, once there is one */
        size_t n_kept;
};

struct scope scope_of(struct arena *arena, const struct version *version,
                const struct matter *matter, const struct circumstances *world);

/* Forgets what was kept, because a field, a local or the state has changed. */
void scope_changed(struct scope *scope);

MUST_CHECK bool scope_eval(struct scope *scope, const struct feel_expression *expression,
                struct value *ret, struct err *err);
MUST_CHECK bool scope_holds(struct scope *scope, const struct feel_expression *expression,
                bool *ret, struct err *err);

/* Evaluates to text; a number or date is written out. Null is empty text. */
MUST_CHECK bool scope_text(struct scope *scope, const struct feel_expression *expression,
                struct str *ret, struct err *err);

/* Evaluates to a day; null is DATE_NONE. */
MUST_CHECK bool scope_date(struct scope *scope, const struct feel_expression *expression,
                struct date *ret, struct err *err);

/* A parameter of the version, as the site has settled it or as the definition says. */
struct value scope_parameter(const struct scope *scope, const struct parameter *parameter);

/* Sets a local by name (it must be one of the version's). */
void scope_set_local(struct scope *scope, struct str name, struct value value);

/* The context with one more member, a text. */
struct value scope_with_member(
                struct arena *arena, const struct value *entry, struct str name, struct str text);

/* ---- Rules (rule.c) ---- */

/* What a rule says: its sentence, and behind it which cases are meant. */
MUST_CHECK bool rule_say(
                struct scope *scope, const struct rule *rule, struct str *ret, struct err *err);

/* Refuses with `code` about `field`, in the rule's words and with its article, where the
 * rule does not hold. */
MUST_CHECK bool rule_check(struct scope *scope, const struct rule *rule, enum err_code code,
                struct str field, struct err *err);

/* May the entry of the register end? Asked wherever one is ended (register.c). */
MUST_CHECK bool register_may_end(struct arena *arena, const struct reg *reg, struct str key,
                const struct value *entry, const struct circumstances *world, struct err *err);

/* ---- Values as fields hold them (input.c) ---- */

/* Takes a value given by a person (or by a form, as text) for a field: type,
 * range, options, check digits, references. */
MUST_CHECK bool input_take(struct scope *scope, const struct field *field,
                const struct value *given, bool by_system, struct value *ret, struct err *err);

/* Is there anything in it? No value, blank text and an empty list are nothing. */
bool input_is_given(const struct value *v);

/* Brings a computed value to the field's type, or refuses (E_ACT_COMPUTED). */
MUST_CHECK bool input_compute(struct arena *arena, const struct field *field,
                const struct value *computed, struct value *ret, struct err *err);

/* One number in its shortest form, so that equal numbers are equal bytes. */
struct decimal input_reduce(struct arena *arena, struct decimal d);

/* The value as canonical JSON will bring it back: dates and fractions as text. */
struct value input_json_shape(struct arena *arena, const struct value *v);

#endif
