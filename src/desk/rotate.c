#include "desk/rotate.h"

#include <assert.h>
#include <stdio.h>

#include "desk/desk_state.h"
#include "desk/files.h"
#include "desk/people.h"
#include "desk/prove.h"
#include "desk/site_state.h"
#include "ledger/succession.h"
#include "projection/kinds.h"
#include "store/store.h"

#define META_KEYS     STR_LIT("log.keys")     /* the text */
#define META_ROTATING STR_LIT("log.rotating") /* seq of an act that is not carried out yet */
#define META_FORMER   STR_LIT("log.former")   /* keys whose handing over was cut off, a line each */

struct rotating {
        struct arena *arena;
        struct desk *desk;
        struct site *site;
        struct str actor, reason;
        struct rotated done;
        struct err *err;
};

/* ---- What the store knows ---- */

static bool read_meta(struct arena *arena, struct snapshot *snapshot, struct str key,
                struct str *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        *ret = STR_LIT("");
        if (!snapshot_rows(snapshot, Q_META_GET, PARAMS(param_text(key)), &rows, err))
                return false;
        if (rows_next(&rows))
                *ret = str_copy(arena, rows_text(&rows, 0));
        return rows_end(&rows, err);
}

static bool read_site_meta(struct arena *arena, struct site *site, struct str key, struct str *ret,
                struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        return snapshot_open(site_store(site), &snapshot, err) &&
               read_meta(arena, snapshot, key, ret, err);
}

bool log_keys(struct arena *arena, struct site *site, struct str *ret, struct err *err)
{
        return read_site_meta(arena, site, META_KEYS, ret, err);
}

static bool add_former(struct str text, struct arena *arena, struct note_key *keys, size_t *n,
                struct err *err)
{
        while (text.n > 0) {
                if (*n == SUCCESSION_KEYS_MAX)
                        return err_set(err, E_LIMIT, "密钥超过 %u 把", SUCCESSION_KEYS_MAX);
                if (!note_key_parse(arena, str_split(&text, '\n'), &keys[(*n)++], err))
                        return false;
        }
        return true;
}

bool log_stored_keys(struct arena *arena, struct snapshot *snapshot, const struct note_key *own,
                size_t n_own, struct succession *ret, struct err *err)
{
        assert(n_own <= 2);
        struct note_key *keys = arena_new_array(arena, SUCCESSION_KEYS_MAX, struct note_key);
        struct str text, former;
        size_t n = n_own;
        memcpy(keys, own, n_own * sizeof(*own));
        return read_meta(arena, snapshot, META_KEYS, &text, err) &&
               read_meta(arena, snapshot, META_FORMER, &former, err) &&
               add_former(former, arena, keys, &n, err) &&
               succession_back(arena, text, keys, n, ret, err);
}

bool log_own_keys(struct arena *arena, struct site *site, struct succession *ret, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        const struct keyring *keyring = atomic_load(&site->keyring);
        const struct note_key keys[] = { keyring->own.key, keyring->next.key };
        return snapshot_open(site_store(site), &snapshot, err) &&
               log_stored_keys(arena, snapshot, keys, keyring->has_next ? 2 : 1, ret, err);
}

/* ---- Going back ---- */

/* The lines whose checkpoint has no more than `size` leaves; they stand in order. */
static bool lines_until(struct arena *arena, struct str text, const struct succession *known,
                uint64_t size, struct str *ret, struct err *err)
{
        size_t n = 0;
        for (struct str rest = text; rest.n > 0; n = text.n - rest.n) {
                struct proof_shown shown;
                struct str line = str_split(&rest, '\n');
                if (!proof_check(arena, (struct str){ line.p, line.n + 1 }, known->keys, known->n,
                                    &shown, err))
                        return false;
                if (shown.head.size > size)
                        break;
        }
        *ret = str_slice(text, 0, n);
        return true;
}

static bool put_meta(struct tx *tx, struct str key, struct str text, struct err *err)
{
        return tx_run(tx, Q_META_PUT, PARAMS(param_text(key), param_text(text)), err);
}

bool log_keys_cut(struct arena *arena, struct tx *tx, const struct note_key *own, uint64_t size,
                struct err *err)
{
        struct succession *known = arena_new(arena, struct succession);
        struct str text, kept;
        struct buf former = BUF(arena);
        if (!log_stored_keys(arena, tx_snapshot(tx), own, 1, known, err) ||
                        !read_meta(arena, tx_snapshot(tx), META_KEYS, &text, err) ||
                        !lines_until(arena, text, known, size, &kept, err) ||
                        !put_meta(tx, META_ROTATING, STR_LIT(""), err))
                return false;
        if (kept.n == text.n)
                return true;
        for (size_t i = 1; i < known->n; i++)
                buf_format(&former, "%.*s\n", STR_FMT(note_key_format(arena, &known->keys[i])));
        return put_meta(tx, META_KEYS, kept, err) &&
               put_meta(tx, META_FORMER, buf_str(&former), err);
}

/* ---- The key files ---- */

static struct str key_path(struct rotating *r, const char *name)
{
        return str_format(r->arena, "%.*s/keys/%s", STR_FMT(site_dir(r->site)), name);
}

static bool sync_keys(struct rotating *r)
{
        return folder_sync(str_format(r->arena, "%.*s/keys", STR_FMT(site_dir(r->site))), r->err);
}

static bool move_key(struct rotating *r, const char *from, const char *to)
{
        return rename(str_c(r->arena, key_path(r, from)), str_c(r->arena, key_path(r, to))) == 0 ||
               err_set(r->err, E_IO, "keys/%s", from);
}

/* Under its name it is whole: a site with half a key would not open. */
static bool make_next(struct rotating *r)
{
        struct str path = key_path(r, "log.key.new");
        if (!file_exists(key_path(r, "log.key.next"))) {
                file_remove(path); /* of a run that was killed */
                if (!site_make_key(r->arena, path, site_origin(r->site), site_config(r->site)->hash,
                                    r->err) ||
                                !move_key(r, "log.key.new", "log.key.next"))
                        return false;
        }
        return sync_keys(r) && site_read_keys(r->site, r->err);
}

/* The old key is no more once its file has been replaced. */
static bool replace_key(struct rotating *r)
{
        return move_key(r, "log.key.next", "log.key") && sync_keys(r) &&
               site_read_keys(r->site, r->err);
}

/* ---- The act ---- */

struct rotate_job {
        struct job job;
        struct rotating *r;
};

static bool check_actor(struct writer *w, struct rotating *r, struct err *err)
{
        const struct circumstances *c = &w->circumstances;
        struct submission s = { .by = BY_STAFF, .actor = r->actor };
        struct actor actor;
        if (!people_actor(w->arena, c, &s, &actor, err))
                return false;
        return c->lookups->holds_role(c->lookups->user, &actor, STR_LIT(ROTATE_ROLE), actor.unit,
                               w->today) ||
               err_field(err, E_ROTATE_ROLE, r->actor, "需要岗位 " ROTATE_ROLE);
}

static bool run_rotate(struct writer *w, struct job *job, struct err *err)
{
        struct rotating *r = ((struct rotate_job *)job)->r;
        struct member members[] = {
                { STR_LIT("from"), value_string(note_key_format(w->arena, &r->done.from)) },
                { STR_LIT("key"), value_string(note_key_format(w->arena, &r->done.key)) },
                { STR_LIT("reason"), value_string(r->reason) },
        };
        struct fact fact = {
                .reg = STR_LIT(KIND_SITE),
                .act = STR_LIT(SUCCESSION_ACT),
                .actor = r->actor,
                .time = w->now,
                .data = value_context(members, N_ELEMENTS(members)),
        };
        char text[24];
        if (!writer_mark(w, err) || !check_actor(w, r, err) || writer_lookup_failed(w, err) ||
                        !writer_record(w, &fact, NULL, STR_LIT(""), &r->done.seq, err))
                return false;
        snprintf(text, sizeof(text), "%lld", (long long)r->done.seq);
        return tx_run(w->tx, Q_META_PUT,
                        PARAMS(param_text(META_ROTATING), param_text(str_of(text))), err);
}

/* Records the act, unless it has been already. */
static bool record(struct rotating *r)
{
        struct rotate_job job = { .job = { .run = run_rotate }, .r = r };
        struct str seq;
        if (!read_site_meta(r->arena, r->site, META_ROTATING, &seq, r->err))
                return false;
        if (seq.n != 0)
                return str_to_int(seq, &r->done.seq) ||
                       err_set(r->err, E_SITE_LEDGER, "log.rotating");
        return desk_do(r->desk, &job.job, r->err);
}

/* ---- For those who come with the old key ---- */

static bool add_line(struct rotating *r, struct str line)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        struct str text;
        if (!log_keys(r->arena, r->site, &text, r->err))
                return false;
        text = str_format(r->arena, "%.*s%.*s", STR_FMT(text), STR_FMT(line));
        return store_begin(site_store(r->site), &tx, r->err) &&
               put_meta(tx, META_KEYS, text, r->err) &&
               put_meta(tx, META_ROTATING, STR_LIT(""), r->err) && tx_commit(&tx, r->err);
}

/* A checkpoint that covers the act and that both keys sign. */
static bool sign(struct rotating *r)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct merkle_frontier frontier;
        if (!snapshot_open(site_store(r->site), &snapshot, r->err) ||
                        !snapshot_rows(snapshot, Q_LEDGER_GET, PARAMS(param_int(0)), &rows, r->err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, r->err) && err_set(r->err, E_SITE_LEDGER, "没有账本");
        if (!merkle_frontier_unpack(rows_blob(&rows, 3), &frontier, r->err) ||
                        !rows_end(&rows, r->err))
                return false;
        rows_close(&rows);
        snapshot_close(&snapshot);
        return site_sign_checkpoint(r->site, (int64_t)frontier.size, &frontier, r->err);
}

static bool hand_over(struct rotating *r)
{
        static const struct str fields[] = { { "from", 4 }, { "key", 3 } };
        struct proof_shown shown;
        struct str line;
        if (!record(r) || !sign(r) ||
                        !prove_event(r->arena, r->site, STR_LIT(""), r->done.seq, fields,
                                        N_ELEMENTS(fields), STR_LIT(""), &line, r->err) ||
                        !proof_check(r->arena, line, &r->done.key, 1, &shown, r->err))
                return false;
        r->done.size = shown.head.size;
        return add_line(r, line);
}

static bool is_handed_over(struct rotating *r, bool *ret)
{
        struct succession *known = arena_new(r->arena, struct succession);
        if (!log_own_keys(r->arena, r->site, known, r->err))
                return false;
        *ret = known->since != 0 &&
               memcmp(known->newest.id, r->done.key.id, sizeof(known->newest.id)) == 0;
        r->done.size = known->since;
        return true;
}

bool log_rotate(struct arena *arena, struct desk *desk, struct str actor, struct str reason,
                struct rotated *ret, struct err *err)
{
        assert(arena && desk && ret && err);
        struct rotating r = { .arena = arena,
                .desk = desk,
                .site = desk_site(desk),
                .actor = actor,
                .reason = reason,
                .err = err };
        bool handed_over;
        if (reason.n == 0 || reason.n > ROTATE_REASON_BYTES_MAX)
                return err_set(err, E_ROTATE_REASON, "最多 %u 字节", ROTATE_REASON_BYTES_MAX);
        if (!make_next(&r))
                return false;
        const struct keyring *keyring = atomic_load(&r.site->keyring);
        r.done.from = keyring->own.key;
        r.done.key = keyring->next.key;
        if (!is_handed_over(&r, &handed_over) || (!handed_over && !hand_over(&r)) ||
                        !replace_key(&r))
                return false;
        *ret = r.done;
        return true;
}
