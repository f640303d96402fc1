/* projection/test_bureau.h - a bureau small enough for tests: a store, a projection, and
 * the few lines of a desk between them. */
#ifndef PROJECTION_TEST_BUREAU_H
#define PROJECTION_TEST_BUREAU_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "clock/test_calendars.h"
#include "ledger/event.h"
#include "projection/matter_read.h"
#include "projection/projection.h"
#include "projection/world.h"
#include "store/fake.h"
#include "store/ids.h"

struct bureau {
        struct store *store;
        struct projection *projection;
        struct arena *arena; /* of the whole test */
        struct arena *act;   /* of one act */
        struct moment now;
        int64_t next; /* id of the next event */
        struct err err;
};

static const struct site_facts test_site = { { "厦门市司法局", sizeof("厦门市司法局") - 1 },
        { "厦司", sizeof("厦司") - 1 }, { "350200", 6 }, { "厦门市", sizeof("厦门市") - 1 }, 5, 2 };

/* ---- One event ---- */

static inline bool bureau_seal(struct bureau *b, struct tx *tx, const struct fact *fact,
                const struct matter *before, const struct matter *after, struct str key)
{
        struct sealed sealed;
        struct event event = {
                .organ = test_site.organ,
                .seq = b->next,
                .matter = after != NULL ? after->number : STR_LIT(""),
                .procedure = kind_format(b->act, fact),
                .act = fact->act,
                .actor = fact->actor,
                .on_behalf = fact->on_behalf,
                .time = fact->time,
                .data = fact->data,
        };
        memset(event.secret, (int)(b->next & 0x7f), sizeof(event.secret));
        return ledger_seal(b->act, LEDGER_SHA256, &event, &sealed, &b->err) &&
               tx_run(tx, Q_EVENT_ADD,
                               PARAMS(param_int(b->next),
                                               after != NULL ? param_int(after->id) : param_null(),
                                               before != NULL ? param_int(before->last_seq)
                                                              : param_null(),
                                               param_blob(sealed.leaf),
                                               param_text(sealed.disclosed),
                                               param_blob((struct str){ (char *)event.secret, 32 }),
                                               key.n != 0 ? param_text(key) : param_null()),
                               &b->err);
}

static inline bool bureau_record(struct bureau *b, struct tx *tx, const struct fact *fact,
                const struct matter *before, struct str key)
{
        struct matter *after = NULL;
        if (fact->version != NULL) {
                after = before != NULL ? matter_copy(b->act, before)
                                       : matter_new(b->act, fact->version);
                if (before == NULL)
                        after->id = b->next;
                if (!matter_apply(b->act, after, fact, b->next, &b->err))
                        return false;
        }
        if (!bureau_seal(b, tx, fact, before, after, key) ||
                        !projection_apply(b->act, tx, b->projection, before, after, fact, b->next,
                                        key, &b->err))
                return false;
        b->next++;
        return true;
}

/* Records a fact that nobody decides, in a transaction of its own. */
static inline bool bureau_fact(struct bureau *b, const struct fact *fact)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        arena_reset(b->act);
        if (store_begin(b->store, &tx, &b->err) && bureau_record(b, tx, fact, NULL, STR_LIT("")) &&
                        tx_commit(&tx, &b->err)) {
                projection_keep(b->projection);
                return true;
        }
        projection_forget(b->projection);
        return false;
}

static inline bool bureau_kernel(struct bureau *b, const char *kind, const char *act,
                const struct member *members, size_t n)
{
        struct fact fact = { .reg = str_of(kind),
                .act = str_of(act),
                .actor = STR_LIT("system"),
                .time = b->now,
                .data = value_context(members, n) };
        return bureau_fact(b, &fact);
}

static inline bool bureau_text(struct bureau *b, const char *kind, const char *act,
                const char *name, struct str text)
{
        const struct member members[] = {
                { STR_LIT("name"), value_string(str_of(name)) },
                { STR_LIT("text"), value_string(text) },
        };
        return bureau_kernel(b, kind, act, members, text.n != 0 ? 2 : 1);
}

/* ---- Acts ---- */

static inline void bureau_time(struct bureau *b, const char *text)
{
        b->now = test_moment(text);
}

struct bureau_act {
        int64_t matter; /* 0 = begins one of `procedure` */
        const char *procedure, *who, *act, *json, *unit, *key;
};

/* Decides and records inside a transaction; the id of the matter goes to *ret. */
static inline bool bureau_try(
                struct bureau *b, struct tx *tx, const struct bureau_act *a, int64_t *ret)
{
        struct circumstances circumstances;
        struct matter *before = NULL;
        struct outcome outcome;
        bool party = strcmp(a->who, "applicant") == 0;
        struct actor actor = { .id = str_of(a->who),
                .name = str_of(a->who),
                .unit = STR_LIT("bureau"),
                .is_staff = !party,
                .entry = value_null() };
        struct act_request request = { .act = str_of(a->act),
                .unit = str_of(a->unit != NULL ? a->unit : "bureau") };
        projection_circumstances(b->act, tx, b->projection, b->now, &circumstances);
        if (a->matter != 0 &&
                        !projection_matter(b->act, tx, b->projection, a->matter, &before, &b->err))
                return false;
        const struct version *version =
                        before != NULL ? before->version
                                       : procedure_version_on(
                                                         catalogue_procedure(
                                                                         projection_catalogue(
                                                                                         b->projection),
                                                                         str_of(a->procedure)),
                                                         moment_date(b->now));
        *ret = before != NULL ? before->id : b->next;
        return value_parse_json(b->act, str_of(a->json != NULL ? a->json : "{}"), &request.fields,
                               &b->err) &&
               procedure_decide(b->act, version, before, &actor, &request, &circumstances, &outcome,
                               &b->err) &&
               bureau_record(b, tx, &outcome.fact, before, str_of(a->key != NULL ? a->key : ""));
}

/* The same in a transaction of its own; 0 = refused. */
static inline int64_t bureau_act(struct bureau *b, const struct bureau_act *a)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        int64_t id, next = b->next;
        arena_reset(b->act);
        if (store_begin(b->store, &tx, &b->err) && bureau_try(b, tx, a, &id) &&
                        tx_commit(&tx, &b->err)) {
                projection_keep(b->projection);
                return id;
        }
        b->next = next;
        projection_forget(b->projection);
        return 0;
}

/* Puts (JSON with `$from`, `$until` and the key) or ends an entry of a register. */
static inline bool bureau_entry(
                struct bureau *b, const char *reg, const char *act, const char *json)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        struct circumstances circumstances;
        struct value fields;
        struct fact fact;
        struct actor system = { .id = STR_LIT("system") };
        arena_reset(b->act);
        if (!store_begin(b->store, &tx, &b->err))
                return false;
        projection_circumstances(b->act, tx, b->projection, b->now, &circumstances);
        const struct reg *r = catalogue_register(circumstances.catalogue, str_of(reg));
        if (value_parse_json(b->act, str_of(json), &fields, &b->err) &&
                        register_decide(b->act, r, &system, str_of(act), &fields, &circumstances,
                                        &fact, &b->err) &&
                        bureau_record(b, tx, &fact, NULL, STR_LIT("")) && tx_commit(&tx, &b->err)) {
                projection_keep(b->projection);
                return true;
        }
        projection_forget(b->projection);
        return false;
}

/* ---- Opening ---- */

static inline struct str bureau_file(struct bureau *b, const char *name)
{
        const char *source = getenv("PLUMBLINE_SOURCE");
        return test_read_file(b->arena,
                        str_format(b->arena, "%s/%s", source != NULL ? source : ".", name).p);
}

static inline void bureau_must(struct bureau *b, bool done)
{
        if (!done)
                fail_msg("%s", err_sentence(b->arena, &b->err).p);
}

static inline void bureau_definition(struct bureau *b, const char *name, struct str text)
{
        bureau_must(b, bureau_text(b, KIND_DEFINITION, ACT_ACTIVATE, name, text));
}

/* A site with units, staff, the calendars of 2019 to 2021 and the given definition files. */
static inline struct bureau *bureau_open(
                struct store *store, const char *const *definitions, size_t n)
{
        static const char *const files[] = { "registers/units.yaml", "registers/staff.yaml",
                "registers/delegations.yaml" };
        static const char *const calendars[] = { "calendars/2019.tsv", "calendars/2020.tsv",
                "calendars/2021.tsv", "calendars/law-2008.tsv" };
        struct arena *arena = arena_open();
        struct bureau *b = arena_new(arena, struct bureau);
        struct snapshot *snapshot = NULL;
        *b = (struct bureau){ .store = store, .arena = arena, .act = arena_open() };
        bureau_time(b, "2021-01-04 09:00");
        bureau_must(b, snapshot_open(store, &snapshot, &b->err));
        bureau_must(b, projection_open(snapshot, &test_site, &b->projection, &b->err));
        snapshot_close(&snapshot);
        bureau_must(b, bureau_kernel(b, KIND_SITE, ACT_OPEN, NULL, 0));
        for (size_t i = 0; i < N_ELEMENTS(files); i++)
                bureau_definition(b, files[i], bureau_file(b, files[i]));
        for (size_t i = 0; i < n; i++)
                bureau_definition(b, definitions[i], bureau_file(b, definitions[i]));
        for (size_t i = 0; i < N_ELEMENTS(calendars); i++)
                bureau_must(b, bureau_text(b, KIND_CALENDAR, ACT_LOAD, calendars[i],
                                               bureau_file(b, calendars[i])));
        bureau_must(b, bureau_entry(b, "units", "put",
                                       "{\"id\":\"bureau\",\"name\":\"厦门市司法局\","
                                       "\"$from\":\"2015-01-01\"}"));
        bureau_must(b, bureau_entry(b, "units", "put",
                                       "{\"id\":\"siming\",\"name\":\"思明区司法局\","
                                       "\"parent\":\"bureau\",\"$from\":\"2015-01-01\"}"));
        bureau_must(b, bureau_entry(b, "units", "put",
                                       "{\"id\":\"lujiang\",\"name\":\"鹭江司法所\","
                                       "\"parent\":\"siming\",\"$from\":\"2015-01-01\"}"));
        bureau_must(b, bureau_entry(b, "staff", "put",
                                       "{\"id\":\"clerk\",\"name\":\"林某\",\"unit\":\"bureau\","
                                       "\"roles\":[\"clerk\"],\"$from\":\"2015-01-01\"}"));
        bureau_must(b, bureau_entry(b, "staff", "put",
                                       "{\"id\":\"head\",\"name\":\"陈某\",\"unit\":\"siming\","
                                       "\"roles\":[\"head\"],\"grants\":[{\"role\":\"clerk\","
                                       "\"unit\":\"lujiang\",\"from\":\"2021-03-01\","
                                       "\"until\":\"2021-03-31\"}],\"$from\":\"2015-01-01\"}"));
        return b;
}

static inline void bureau_close(struct bureau **b)
{
        struct bureau *closing = *b;
        struct arena *arena = closing->arena;
        projection_close(&closing->projection);
        store_close(&closing->store);
        arena_close(&closing->act);
        arena_close(&arena);
        *b = NULL;
}

static inline struct store *bureau_store(bool fake)
{
        struct store_options options = { .create = true };
        struct store *store = NULL, *wrapped = NULL;
        struct err err;
        if (!store_open(":memory:", &options, &store, &err) ||
                        (fake && !fake_open(&store, &wrapped, &err)))
                fail_msg("%s", err.detail);
        return fake ? wrapped : store;
}

#endif
