#include "desk/erase.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "desk/desk_state.h"
#include "desk/people.h"
#include "desk/site_state.h"
#include "ledger/event.h"
#include "projection/projection.h"
#include "projection/rebuild.h"
#include "store/ids.h"

#define META_UNFINISHED STR_LIT(ERASE_META_UNFINISHED)
#define MATTERS_MAX     1000u
#define FIELDS_MAX      LIMIT_EVENT_FIELDS
#define FILES_MAX       10000u

enum column { COLUMN_ID, COLUMN_LEAF = 3, COLUMN_DATA, COLUMN_SECRET, COLUMN_PROOF = 7 };

/* ---- What goes ---- */

struct erasing {
        struct writer *w;
        const struct erasure *what;
        const struct erasure_ground *ground;
        struct arena *arena;
        struct str fields[FIELDS_MAX]; /* names of what was erased */
        size_t n_fields;
        int64_t *events;
        size_t n_events;
        int64_t matters[MATTERS_MAX];
        struct str numbers[MATTERS_MAX];
        size_t n_matters;
        struct hash *files; /* what the erased values may have named */
        size_t n_files;
        struct err *err;
};

static bool is_personal(const struct field *field)
{
        if (field->class == CLASS_PERSONAL)
                return true;
        for (size_t i = 0; i < field->n_items; i++)
                if (is_personal(&field->items[i]))
                        return true;
        return false;
}

/* Does a write to a register carry a personal field, its key among them? */
static bool write_is_personal(const struct reg *reg, const struct value *write)
{
        const struct value *set = value_get(write, STR_LIT("set"));
        for (size_t i = 0; i < reg->n_fields; i++) {
                const struct field *f = &reg->fields[i];
                if (is_personal(f) &&
                                (str_eq(f->name, reg->key) ||
                                                (set != NULL && set->kind == VALUE_CONTEXT &&
                                                                value_get(set, f->name) != NULL)))
                        return true;
        }
        return false;
}

/* The facts for registers go as a whole if one of them is personal; but not while such an
 * entry holds: then the time for which it is kept has not run out (第四十七条第二款). */
static bool look_at_writes(struct erasing *e, const struct value *writes, bool *ret_goes)
{
        const struct circumstances *c = &e->w->circumstances;
        *ret_goes = false;
        for (size_t i = 0; writes->kind == VALUE_LIST && i < writes->list.n; i++) {
                const struct value *write = &writes->list.items[i];
                if (write->kind != VALUE_CONTEXT)
                        continue;
                const struct value *name = value_get(write, STR_LIT("register"));
                const struct value *key = value_get(write, STR_LIT("key"));
                const struct reg *reg =
                                name != NULL && name->kind == VALUE_STRING
                                                ? catalogue_register(c->catalogue, name->string)
                                                : NULL;
                struct value entry;
                if (reg == NULL || key == NULL || key->kind != VALUE_STRING ||
                                !write_is_personal(reg, write))
                        continue;
                if (c->lookups->entry(c->lookups->user, e->arena, reg->name, key->string,
                                    e->w->today, &entry))
                        return err_field(e->err, E_ERASE_REGISTER, reg->label,
                                        "办件写入的条目现行有效");
                *ret_goes = true;
        }
        return true;
}

static bool is_also(const struct erasing *e, struct str name)
{
        for (size_t i = 0; i < e->what->n_also; i++)
                if (str_eq(e->what->also[i], name))
                        return true;
        return false;
}

/* What was published of a draw stays, also of a void one. */
static bool is_of_draw(const struct version *version, int field)
{
        const struct draw_files *draw = &version->draw;
        return draw->announced >= 0 &&
               (field == draw->announced || field == draw->file || field == draw->fault);
}

static bool goes(
                struct erasing *e, const struct version *version, const struct member *m, bool *ret)
{
        *ret = false;
        if (str_is(m->name, "$writes"))
                return look_at_writes(e, &m->value, ret);
        if (m->name.p[0] == '$') {
                /* typed freely: nobody knows what stands in it */
                *ret = str_is(m->name, "$note") || str_is(m->name, "$identity");
                return true;
        }
        int index = version_field(version, m->name);
        *ret = index >= 0 && (is_personal(&version->fields[index]) || is_also(e, m->name));
        return !*ret || !is_of_draw(version, index) ||
               err_field(e->err, E_ERASE_DRAW, version->fields[index].label, "抽取的公示文件");
}

static void note_field(struct erasing *e, struct str name)
{
        for (size_t i = 0; i < e->n_fields; i++)
                if (str_eq(e->fields[i], name))
                        return;
        if (e->n_fields < FIELDS_MAX)
                e->fields[e->n_fields++] = name;
}

/* A text that may be the hash of an attached file: whether there is one, the store knows. */
static bool note_files(struct erasing *e, const struct value *value)
{
        struct hash hash;
        for (size_t i = 0; value->kind == VALUE_LIST && i < value->list.n; i++)
                if (!note_files(e, &value->list.items[i]))
                        return false;
        for (size_t i = 0; value->kind == VALUE_CONTEXT && i < value->context.n; i++)
                if (!note_files(e, &value->context.members[i].value))
                        return false;
        if (value->kind != VALUE_STRING || !hash_parse_hex(value->string, hash.b, HASH_BYTES))
                return true;
        if (e->n_files == FILES_MAX)
                return err_set(e->err, E_LIMIT, "一次最多删除 %u 个附件", FILES_MAX);
        e->files[e->n_files++] = hash;
        return true;
}

/* Once the events are erased: files that no other event names go with them. */
static bool erase_files(struct erasing *e)
{
        for (size_t i = 0; i < e->n_files; i++) {
                struct str bytes = { (const char *)e->files[i].b, HASH_BYTES };
                char hex[HASH_HEX];
                hash_write_hex(e->files[i].b, HASH_BYTES, hex);
                if (!tx_run(e->w->tx, Q_BLOB_ERASE,
                                    PARAMS(param_blob(bytes),
                                                    param_text(str_format(e->arena, "%%%.*s%%",
                                                                    (int)sizeof(hex), hex))),
                                    e->err))
                        return false;
        }
        return true;
}

/* ---- One event ---- */

struct stored {
        int64_t id;
        struct str leaf, data, secret, proof;
};

/* Splits the fields into those that go and those that stay; *ret_any: one goes. */
static bool sort_fields(struct erasing *e, const struct version *version, const struct value *data,
                struct member *kept, size_t *ret_n, bool *ret_any)
{
        *ret_n = 0;
        *ret_any = false;
        for (size_t i = 0; i < data->context.n; i++) {
                const struct member *m = &data->context.members[i];
                bool erase;
                if (!goes(e, version, m, &erase))
                        return false;
                if (erase && !note_files(e, &m->value))
                        return false;
                if (erase)
                        note_field(e, m->name);
                else if (!str_is(m->name, "$content")) /* it goes with the others */
                        kept[(*ret_n)++] = *m;
                *ret_any = *ret_any || erase;
        }
        return true;
}

static bool prove_rest(struct erasing *e, const struct stored *s, const struct member *kept,
                size_t n, struct str *ret)
{
        enum ledger_hash algorithm = site_config(desk_site(e->w->desk))->hash;
        struct leaf leaf;
        struct str *names = arena_new_array(e->arena, n, struct str);
        for (size_t i = 0; i < n; i++)
                names[i] = kept[i].name;
        if (!ledger_parse_leaf(s->leaf, &leaf, e->err))
                return false;
        if (s->secret.n != EVENT_SECRET_BYTES)
                return ledger_narrow_proof(
                                e->arena, algorithm, &leaf, s->proof, names, n, ret, e->err);
        return ledger_prove_fields(e->arena, algorithm, &leaf, s->data,
                        (const uint8_t *)s->secret.p, names, n, ret, e->err);
}

static bool erase_event(struct erasing *e, const struct stored *s)
{
        struct fact fact = { 0 };
        struct leaf leaf;
        struct value data;
        size_t n;
        bool any;
        if (s->data.n == 0) /* nothing is left of it */
                return true;
        if (!ledger_parse_leaf(s->leaf, &leaf, e->err) ||
                        !kind_parse(e->arena, e->w->circumstances.catalogue, leaf.procedure, &fact,
                                        e->err) ||
                        !value_parse_json(e->arena, s->data, &data, e->err))
                return false;
        if (data.kind != VALUE_CONTEXT || fact.version == NULL)
                return true;
        struct member *kept = arena_new_array(e->arena, data.context.n, struct member);
        if (!sort_fields(e, fact.version, &data, kept, &n, &any))
                return false;
        if (!any)
                return true;
        if (e->n_events == ERASE_EVENTS_MAX)
                return err_set(e->err, E_LIMIT, "一次最多删除 %u 个事件的内容", ERASE_EVENTS_MAX);
        struct str proof = { NULL, 0 };
        struct buf left = BUF(e->arena);
        if (n > 0) {
                struct value rest = value_context(kept, n);
                value_write_json(&left, &rest);
                if (!prove_rest(e, s, kept, n, &proof))
                        return false;
        }
        e->events[e->n_events++] = id_seq(s->id);
        return tx_run(e->w->tx, Q_EVENT_ERASE,
                        PARAMS(param_int(s->id), n > 0 ? param_text(buf_str(&left)) : param_null(),
                                        n > 0 ? param_text(proof) : param_null()),
                        e->err);
}

/* ---- Matters ---- */

static bool add_matter(struct erasing *e, int64_t id)
{
        struct matter *matter;
        if (e->n_matters == MATTERS_MAX)
                return err_set(e->err, E_LIMIT, "一次最多 %u 个办件", MATTERS_MAX);
        if (!writer_matter(e->w, id, &matter, e->err))
                return false;
        if (!matter->version->states[matter->state].final)
                return err_field(e->err, E_ERASE_OPEN, matter->number, "现为%.*s",
                                STR_FMT(matter->version->states[matter->state].label));
        e->numbers[e->n_matters] = matter->number;
        e->matters[e->n_matters++] = id;
        return true;
}

/* The matter and all that it opened, and those opened. */
static bool find_matters(struct erasing *e, int64_t first)
{
        if (!add_matter(e, first))
                return false;
        for (size_t i = 0; i < e->n_matters; i++) {
                struct rows rows _cleanup_(rows_close) = { 0 };
                int64_t children[MATTERS_MAX];
                size_t n = 0;
                if (!snapshot_rows(tx_snapshot(e->w->tx), Q_MATTER_CHILDREN,
                                    PARAMS(param_int(e->matters[i])), &rows, e->err))
                        return false;
                while (n < MATTERS_MAX && rows_next(&rows))
                        children[n++] = rows_int(&rows, 0);
                if (!rows_end(&rows, e->err))
                        return false;
                for (size_t k = 0; k < n; k++)
                        if (!add_matter(e, children[k]))
                                return false;
        }
        return true;
}

static bool erase_events_of(struct erasing *e, int64_t matter)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        size_t n = 0, capacity = 0;
        struct stored *all = NULL;
        if (!snapshot_rows(tx_snapshot(e->w->tx), Q_EVENTS_OF_MATTER, PARAMS(param_int(matter)),
                            &rows, e->err))
                return false;
        while (rows_next(&rows)) {
                if (n == capacity) {
                        all = arena_grow(e->arena, all, n, n + 16, sizeof(*all));
                        capacity = 2 * n + 16;
                }
                all[n++] = (struct stored){
                        .id = rows_int(&rows, COLUMN_ID),
                        .leaf = str_copy(e->arena, rows_blob(&rows, COLUMN_LEAF)),
                        .data = str_copy(e->arena, rows_text(&rows, COLUMN_DATA)),
                        .secret = str_copy(e->arena, rows_blob(&rows, COLUMN_SECRET)),
                        .proof = str_copy(e->arena, rows_text(&rows, COLUMN_PROOF)),
                };
        }
        if (!rows_end(&rows, e->err))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!erase_event(e, &all[i]))
                        return false;
        return true;
}

/* ---- The act ---- */

static int by_text(const void *a, const void *b)
{
        return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static struct value texts(struct arena *arena, const struct str *items, size_t n)
{
        struct value *list = arena_new_array(arena, n, struct value);
        for (size_t i = 0; i < n; i++)
                list[i] = value_string(items[i]);
        return value_list(list, n);
}

static bool record(struct erasing *e, int64_t *ret_seq)
{
        struct value *events = arena_new_array(e->arena, e->n_events, struct value);
        for (size_t i = 0; i < e->n_events; i++)
                events[i] = value_int(e->events[i]);
        qsort(e->fields, e->n_fields, sizeof(*e->fields), by_text);
        struct member members[] = {
                { STR_LIT("basis"), value_string(e->ground->basis) },
                { STR_LIT("events"), value_list(events, e->n_events) },
                { STR_LIT("fields"), texts(e->arena, e->fields, e->n_fields) },
                { STR_LIT("matters"), texts(e->arena, e->numbers, e->n_matters) },
        };
        struct fact fact = {
                .reg = STR_LIT(KIND_ERASURE),
                .act = STR_LIT(ACT_ERASE),
                .actor = e->what->actor,
                .time = e->w->now,
                .data = value_context(members, N_ELEMENTS(members)),
        };
        return writer_record(e->w, &fact, NULL, STR_LIT(""), ret_seq, e->err) &&
               tx_run(e->w->tx, Q_META_PUT,
                               PARAMS(param_text(META_UNFINISHED), param_text(STR_LIT("1"))),
                               e->err);
}

static bool check_actor(struct erasing *e)
{
        const struct circumstances *c = &e->w->circumstances;
        struct submission s = { .by = BY_STAFF, .actor = e->what->actor };
        struct actor actor;
        if (!people_actor(e->arena, c, &s, &actor, e->err))
                return false;
        return c->lookups->holds_role(c->lookups->user, &actor, STR_LIT(ERASE_ROLE), actor.unit,
                               e->w->today) ||
               err_field(e->err, E_ERASE_ROLE, e->what->actor, "需要岗位 " ERASE_ROLE);
}

/* The ground must be one that the site's definitions know; else they are told. */
static bool find_ground(struct erasing *e)
{
        const struct catalogue *catalogue = e->w->circumstances.catalogue;
        struct buf known = BUF(e->arena);
        e->ground = catalogue_ground(catalogue, e->what->ground);
        if (e->ground != NULL)
                return true;
        for (size_t i = 0; i < catalogue->n_grounds; i++) {
                const struct erasure_ground *ground = &catalogue->grounds[i];
                buf_format(&known, "%s%.*s %.*s", i == 0 ? "" : "；", STR_FMT(ground->key),
                                STR_FMT(ground->say));
        }
        if (catalogue->n_grounds == 0)
                buf_c(&known, "本站点还没有加载 registers/erasure_grounds.yaml");
        return err_field(e->err, E_ERASE_GROUND, e->what->ground, "%.*s", STR_FMT(buf_str(&known)));
}

struct erase_job {
        struct job job;
        struct arena *arena; /* of the caller */
        const struct erasure *what;
        struct erased *ret;
};

static bool run_erase(struct writer *w, struct job *job, struct err *err)
{
        struct erase_job *j = (struct erase_job *)job;
        struct erasing *e = arena_new(w->arena, struct erasing);
        int64_t first, seq;
        e->w = w;
        e->what = j->what;
        e->arena = w->arena;
        e->events = arena_new_array(w->arena, ERASE_EVENTS_MAX, int64_t);
        e->files = arena_new_array(w->arena, FILES_MAX, struct hash);
        e->err = err;
        if (!writer_mark(w, err) || !find_ground(e) || !check_actor(e) ||
                        !writer_find(w, j->what->matter, &first, err) || !find_matters(e, first))
                return false;
        for (size_t i = 0; i < e->n_matters; i++)
                if (!erase_events_of(e, e->matters[i]))
                        return false;
        if (writer_lookup_failed(w, err))
                return false;
        if (e->n_events == 0)
                return err_field(err, E_ERASE_NOTHING, j->what->matter, "没有个人信息字段");
        if (!erase_files(e) || !record(e, &seq))
                return false;
        struct str *fields = arena_new_array(j->arena, e->n_fields, struct str);
        for (size_t i = 0; i < e->n_fields; i++)
                fields[i] = str_copy(j->arena, e->fields[i]);
        *j->ret = (struct erased){ seq, e->n_events, e->n_matters, fields, e->n_fields,
                str_copy(j->arena, e->ground->say), str_copy(j->arena, e->ground->basis) };
        return true;
}

bool erase_matter(struct arena *arena, struct desk *desk, const struct erasure *erasure,
                struct erased *ret, struct err *err)
{
        assert(arena && desk && erasure && ret && err);
        struct erase_job job = {
                .job = { .run = run_erase }, .arena = arena, .what = erasure, .ret = ret
        };
        return desk_do(desk, &job.job, err);
}

/* ---- Until nothing is left of it ---- */

static bool is_unfinished(struct store *store, bool *ret, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_open(store, &snapshot, err) ||
                        !snapshot_rows(snapshot, Q_META_GET, PARAMS(param_text(META_UNFINISHED)),
                                        &rows, err))
                return false;
        *ret = rows_next(&rows) && str_is(rows_text(&rows, 0), "1");
        return rows_end(&rows, err);
}

bool erasure_finish(struct site *site, struct err *err)
{
        struct store *store = site_store(site);
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        bool unfinished;
        if (!is_unfinished(store, &unfinished, err))
                return false;
        if (!unfinished)
                return true;
        if (!projection_rebuild(store, store, site_facts(site), &site_config(site)->parameters,
                            NULL, err))
                return false;
        projection_forget(site->projection);
        return store_scrub(store, err) && store_begin(store, &tx, err) &&
               tx_run(tx, Q_META_PUT, PARAMS(param_text(META_UNFINISHED), param_text(STR_LIT("0"))),
                               err) &&
               tx_commit(&tx, err);
}
