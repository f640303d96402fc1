/* web/form.h - a form made from fields of a definition, and what comes back from it; one for the
 * staff's workbench and for citizens.
 *
 * The definition says what is asked; nothing here knows a procedure. A field is posted as
 * "f.NAME"; one of a row of a list as "f.LIST.ROW.NAME", with "n.LIST" rows; a file that was kept
 * already as "h.NAME" (its hash, sealed: only one that we gave out comes back) beside "hn.NAME"
 * (its name). What was typed is shown again as it was typed, whatever is wrong with it.
 * form_read.c reads, form_check.c says what is wrong, form_view.c and form_choices.c show,
 * form_answers.c reads it back, form_rows.c adds and removes rows, form_plain.c is for programs. */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include "web/files.h"
#include "web/visit.h"

#define FORM_ROWS_MAX 50u /* of one list in one form */

struct form_problem {
        struct str name; /* "f.topic"; empty = of the whole */
        struct str text; /* a sentence that says what to do */
};

struct form_field {
        const struct field *field;
        size_t index; /* in the version */
        bool needed;
        struct value was;   /* what it begins with: the matter's, a draft's; null = nothing */
        struct value given; /* as typed: a text, lists and contexts of texts; null = nothing */
        struct value typed; /* what it means, as far as it is sound; null = nothing */
};

struct form_file { /* one that is kept already */
        struct str hash, name;
};

struct form {
        struct visit *visit;
        const struct version *version;
        const struct act *act;       /* that it is for; NULL: of none */
        const struct matter *matter; /* NULL: none has begun */
        const struct posted *posted; /* NULL: first shown */
        struct form_field *fields;
        size_t n_fields, capacity;
        const struct form_file *files; /* whose names are told */
        size_t n_files;
        struct form_problem *problems; /* after form_read(), form_check() */
        size_t n_problems;
        bool is_whole;      /* not only what is new is handed over: as for an entry of a register */
        bool is_partial;    /* a file was refused, or a value came twice: it is not in `given` */
        struct value given; /* what desk_submit() is handed: a context of texts */
        struct upload *uploads; /* files that came with it */
        size_t n_uploads;
};

/* ---- What is asked ---- */

/* Without fields, with room for so many. */
struct form form_empty(struct visit *visit, const struct version *version,
                const struct matter *matter, const struct posted *posted, size_t capacity);
void form_ask(struct form *form, size_t index, bool needed, struct value was);

/* Can whoever is looking be asked for it? What only the system works out nobody can; who of the
 * staff, only the staff. */
bool form_asks(const struct visit *visit, const struct field *field);

/* The fields of an act: what it needs, then what it takes, with the values of the matter. */
struct form form_new(struct visit *visit, const struct version *version, const struct act *act,
                const struct matter *matter, const struct posted *posted);

/* ---- What came back ---- */

/* Reads all fields that were posted and checks them. */
void form_read(struct form *form);

/* Checks what the form begins with, as if that had been posted. */
void form_check(struct form *form);

/* A refusal of the desk, put beside the field that it names. */
void form_add_refusal(struct form *form, const struct err *why);
void form_add_problem(struct form *form, struct str name, struct str text);

/* ---- Showing it ---- */

/* {"fields", "problems"?}: pages/README.md; in JSON each field as form_plain.c says it. */
MUST_CHECK bool form_view(struct form *form, struct value *ret, struct err *err);

/* The same in parts: [field] for some of them; [problem]. */
MUST_CHECK bool form_fields_view(
                struct form *form, size_t first, size_t n, struct value *ret, struct err *err);
struct value form_problems_view(const struct form *form);

/* The same as a list to check: [label, value]; and as hidden inputs: [name, value]. */
struct value form_answers(struct form *form);
struct value form_hidden(struct form *form);

/* One of them, read back; empty: nothing was given. */
struct str form_answer(const struct form *form, const struct form_field *field);

/* Any value of a field as its giver reads it back; files by the names that are told. */
struct str form_said(struct visit *visit, const struct field *field, const struct value *value,
                const struct form_file *files, size_t n_files);

/* What the entry is called that a field names by its key, as far as whoever looks may know. */
struct str form_entry(struct visit *visit, const struct field *field, struct str key);

/* ---- For its own files ---- */

/* A field for a program (form_plain.c): from its input as the page draws it; a list of rows. */
struct value form_plain_input(
                struct arena *arena, const struct field *field, const struct value *drawn);
struct value form_plain_list(struct arena *arena, const struct field *field, bool needed,
                struct str error, struct value columns, struct value rows);

/* "f." and the path of a field. */
struct str form_name(struct arena *arena, struct str path);

/* The first text posted as prefix and path; empty: none. */
struct str form_posted(const struct form *form, const char *prefix, struct str path);

/* Every field as it was posted; lists with all their rows. */
void form_take(struct form *form);

/* What is posted for a file that is kept, and back: empty, unless it was sealed here. */
struct str form_seal(struct visit *visit, struct str hash);
struct str form_unseal(struct visit *visit, struct str sealed);

/* What its input is called: the part of the view, and what it adds to it. */
MUST_CHECK bool form_add_choices(struct form *form, const struct field *field, struct str path,
                struct str text, struct view *view, struct err *err);

/* Rows of a list that were posted. */
size_t form_rows(const struct form *form, const struct field *field);

/* The posted form after "add:LIST" or "remove:LIST.ROW" was pressed; false: neither was. */
bool form_press(struct visit *visit, struct str pressed);

#endif
