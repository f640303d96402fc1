/* tests/model/model.h - a bureau lived at random, and what must hold of it afterwards.
 *
 * Driven by the definitions alone: matters are begun, acts that are offered and acts that
 * are wrong are handed in, time jumps, timers run, notices come out, years are frozen.
 * The same seed does the same. What a seed brings to light is told with the seed and the
 * newest acts. */
#ifndef MODEL_H
#define MODEL_H

#include "desk/desk.h"
#include "store/store.h"

#define TOLD_ACTS 12
#define KEPT_KEYS 16

struct acknowledged { /* what was answered, to be found again */
        int64_t seq, matter;
        uint64_t act; /* hashes of act and number */
        uint64_t number;
};

struct kept_key { /* a submission with a key, to be repeated */
        struct submission submission;
        int64_t seq;
};

struct coverage {
        const char *procedure, *act;
        uint32_t tried, done;
};

struct model {
        uint64_t seed, random, entropy;
        unsigned steps, step;
        char dir[64];
        struct arena *arena; /* of one step */
        struct arena *life;  /* as long as the run */
        struct site_data data;
        struct calendar_file *later; /* notices that are loaded on their day */
        size_t n_later;
        struct site *site;
        struct desk *desk;
        struct moment now;
        struct err err;

        struct str *roles; /* all that the definitions name */
        size_t n_roles;
        struct str *units, *staff;
        size_t n_units, n_staff;
        struct reg_keys *keys; /* of each register */
        size_t n_keys;
        int64_t *matters;
        size_t n_matters, matters_capacity;

        struct acknowledged *acknowledged;
        size_t n_acknowledged, acknowledged_capacity, n_checked;
        struct kept_key kept[KEPT_KEYS];
        size_t n_kept;
        int64_t n_events; /* of matters and registers that there must be */
        int frozen_year;
        unsigned n_refused, n_looks;
        char told[TOLD_ACTS][400];
        size_t n_told;
        struct coverage *coverage;
        size_t n_coverage;
};

struct reg_keys {
        struct str reg;
        struct str keys[64];
        size_t n;
};

/* Tells the seed and the newest acts, and ends the program. */
_Noreturn void model_fail(struct model *model, const char *format, ...) PRINTF_LIKE(2, 3);
void model_must(struct model *model, bool ok, const char *what);
void model_note(struct model *model, const char *format, ...) PRINTF_LIKE(2, 3);
uint64_t model_hash(struct str s);

/* ---- Chance ---- */

uint64_t model_random(struct model *model);

static inline size_t model_below(struct model *model, size_t n)
{
        return n == 0 ? 0 : model_random(model) % n;
}

static inline bool model_chance(struct model *model, unsigned percent)
{
        return model_random(model) % 100 < percent;
}

/* ---- Values (guess.c) ---- */

struct reg_keys *model_keys(struct model *model, struct str reg);
void model_add_key(struct model *model, struct str reg, struct str key);

/* A value that suits the field, now and then at the edge of what it may hold. */
struct value guess_value(struct model *model, const struct field *field);

/* One that it must not take, or that tries to do harm. */
struct value guess_hostile(struct model *model, const struct field *field);

/* All that the act needs and some of what it takes. */
struct value guess_fields(
                struct model *model, const struct version *version, const struct act *act);

/* An entry of a register with its key. */
struct value guess_entry(struct model *model, const struct reg *reg, struct str key);

/* ---- Doing (model.c hands in; acts.c chooses) ---- */

struct world; /* projection/world.h */

/* Who there is, and what stands. */
bool model_hand_in(struct model *model, const struct submission *s, struct receipt *ret);
struct submission model_by_system(const char *reg, const char *act, struct value fields);
void model_find_roles(struct model *model);
void model_put_people(struct model *model);
void model_keep_register(struct model *model);
struct coverage *model_coverage_of(
                struct model *model, const struct version *version, const struct act *act);
const struct act *model_choose_act(
                struct model *model, const struct version *version, const struct matter *matter);
void model_fill_in(struct model *model, struct world *world, const struct version *version,
                const struct matter *matter, const struct act *act, struct submission *s);
const struct version *model_any_version(struct model *model);
bool model_any_matter(struct model *model, struct snapshot *snapshot, struct matter **ret);
void model_keep_matter(struct model *model, int64_t id);
struct value model_with_member(struct model *model, const struct value *fields, struct str name,
                struct value value);
struct value model_without(struct model *model, const struct value *fields, size_t at);
bool model_spoil(struct model *model, const struct matter *matter, const struct version *version,
                const struct act *act, struct submission *s);
void model_keep_key(struct model *model, const struct submission *s, int64_t seq);
void model_repeat_key(struct model *model);

/* ---- What must hold (check.c, series.c) ---- */

void check_everything(struct model *model);
void check_series(struct model *model, struct snapshot *snapshot);
int64_t model_store_events(struct model *model);

#endif
