/* web/form.h - a form made from the fields of an act, and what comes back from it.
 *
 * The definition says what is asked; nothing here knows a procedure. A field of the act is posted
 * as "f.NAME"; one of a row of a list as "f.LIST.ROW.NAME", with "n.LIST" rows; a file that was
 * kept already as "h.NAME" (its hash) beside "hn.NAME" (its name). What was typed is shown again
 * as it was typed, whatever is wrong with it. form_read.c reads, form_view.c shows, form_rows.c
 * adds and removes rows. */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include "web/files.h"
#include "web/visit.h"

#define FORM_ROWS_MAX 50u /* of one list in one form */

struct form_problem {
        struct str name; /* "f.topic"; empty = of the whole */
        struct str text; /* a sentence that says what to do */
};

struct form {
        struct visit *visit;
        const struct version *version;
        const struct act *act;
        const struct matter *matter; /* NULL: the act begins one */
        const struct posted *posted; /* NULL: first shown, with the values of the matter */
        const struct field **fields; /* what the act needs, then what it takes */
        size_t n_fields, n_needed;
        struct form_problem *problems; /* after form_read() */
        size_t n_problems, problems_capacity;
        struct value given;     /* what desk_submit() is handed: a context of texts */
        struct value *typed;    /* for each field: what it means; null = nothing */
        struct upload *uploads; /* files that came with it */
        size_t n_uploads;
};

struct form form_new(struct visit *visit, const struct version *version, const struct act *act,
                const struct matter *matter, const struct posted *posted);

/* Reads all fields; what is wrong stands in problems, each beside its field. */
void form_read(struct form *form);

/* A refusal of the desk, put beside the field that it names. */
void form_add_refusal(struct form *form, const struct err *why);
void form_add_problem(struct form *form, struct str name, struct str text);

/* {"fields", "problems"?}: pages/README.md. */
MUST_CHECK bool form_view(struct form *form, struct value *ret, struct err *err);

/* The same as a list to check: [label, value]; and as hidden inputs: [name, value]. */
struct value form_answers(struct form *form);
struct value form_hidden(struct form *form);

/* "f." and the path of a field. */
struct str form_name(struct arena *arena, struct str path);

/* "add:LIST" and "remove:LIST.ROW" of the buttons: rows to be shown after it. */
size_t form_rows(const struct form *form, const struct field *field);

/* The posted form after "add:LIST" or "remove:LIST.ROW" was pressed; false: neither was. */
bool form_press(struct visit *visit, struct str pressed);

#endif
