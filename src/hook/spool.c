#include "hook/spool.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/log.h"
#include "desk/chore.h"
#include "desk/files.h"
#include "store/ids.h"
#include "store/lease.h"

#define ORGAN 0

struct waiting {
        int64_t id, n, matter; /* id: of the event */
        struct str kind, recipient, body;
        bool is_ours; /* noted as delivered by this program, and nobody before */
};

static bool read_waiting(struct arena *arena, struct snapshot *snapshot, struct waiting *notices,
                size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        *ret_n = 0;
        if (!snapshot_rows(snapshot, Q_OUTBOX_WAITING, PARAMS(param_int(SPOOL_BATCH)), &rows, err))
                return false;
        while (*ret_n < SPOOL_BATCH && rows_next(&rows))
                notices[(*ret_n)++] = (struct waiting){
                        .id = rows_int(&rows, 0),
                        .n = rows_int(&rows, 1),
                        .kind = str_copy(arena, rows_text(&rows, 2)),
                        .recipient = str_copy(arena, rows_text(&rows, 3)),
                        .matter = rows_int(&rows, 4),
                        .body = str_copy(arena, rows_text(&rows, 5)),
                };
        return rows_end(&rows, err);
}

static struct str text_of(struct arena *arena, const struct waiting *notice, struct value body)
{
        struct buf out = BUF(arena);
        struct member members[] = {
                { STR_LIT("body"), body },
                { STR_LIT("kind"), value_string(notice->kind) },
                { STR_LIT("matter"), value_int(notice->matter) },
                { STR_LIT("n"), value_int(notice->n) },
                { STR_LIT("position"), value_int(id_seq(notice->id)) },
                { STR_LIT("recipient"), value_string(notice->recipient) },
        };
        struct value whole = value_context(members, N_ELEMENTS(members));
        value_write_json(&out, &whole);
        buf_char(&out, '\n');
        return buf_str(&out);
}

/* ---- One notice: hidden, noted, shown ---- */

static struct str path_of(
                struct arena *arena, struct str folder, const char *dot, int64_t seq, int64_t n)
{
        return str_format(arena, "%.*s/%s%lld-%lld.json", STR_FMT(folder), dot, (long long)seq,
                        (long long)n);
}

static bool write_hidden(struct arena *arena, struct str folder, const struct waiting *notice,
                struct err *err)
{
        struct value body;
        struct err why;
        struct str path = path_of(arena, folder, ".", id_seq(notice->id), notice->n);
        if (!value_parse_json(arena, notice->body, &body, err))
                return false;
        if (!file_replace(path, text_of(arena, notice, body), &why))
                return err_set(err, E_HOOK_SPOOL, "%s", why.detail);
        return true;
}

/* One that is not there has been shown by another. */
static bool show(struct arena *arena, struct str folder, int64_t seq, int64_t n, struct err *err)
{
        struct str hidden = path_of(arena, folder, ".", seq, n);
        struct str shown = path_of(arena, folder, "", seq, n);
        return rename(hidden.p, shown.p) == 0 || errno == ENOENT ||
               err_set(err, E_HOOK_SPOOL, "%.*s：%s", STR_FMT(shown), strerror(errno));
}

struct done {
        struct waiting *notices;
        size_t n;
        struct moment now;
};

static bool note_done(void *user, struct tx *tx, struct err *err)
{
        struct done *done = user;
        for (size_t i = 0; i < done->n; i++) {
                struct waiting *notice = &done->notices[i];
                if (!tx_run(tx, Q_OUTBOX_DONE,
                                    PARAMS(param_int(notice->id), param_int(notice->n),
                                                    param_int(done->now.second)),
                                    err))
                        return false;
                notice->is_ours = tx_changed(tx) > 0;
        }
        return true;
}

/* Those that another has noted already are shown by it, or by whoever looks for what was left. */
static bool show_all(
                struct arena *arena, struct str folder, const struct done *done, struct err *err)
{
        for (size_t i = 0; i < done->n; i++) {
                const struct waiting *notice = &done->notices[i];
                if (notice->is_ours && !show(arena, folder, id_seq(notice->id), notice->n, err))
                        return false;
        }
        return true;
}

/* ---- What somebody left hidden ---- */

static bool is_noted(struct snapshot *snapshot, int64_t seq, int64_t n, bool *ret, struct err *err)
{
        int64_t one;
        return snapshot_int(snapshot, Q_OUTBOX_IS_DONE,
                        PARAMS(param_int(id_of(ORGAN, seq)), param_int(n)), &one, ret, err);
}

/* Noted as delivered by a program that ended before it was shown. One that is not noted is
 * written again. */
static bool show_left(struct arena *arena, struct desk *desk, struct str folder, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        DIR *entries = opendir(str_c(arena, folder));
        if (entries == NULL)
                return true; /* writing says so */
        bool ok = snapshot_open(site_store(desk_site(desk)), &snapshot, err);
        for (struct dirent *e; ok && (e = readdir(entries)) != NULL;) {
                long long seq, n;
                int end = 0;
                bool noted = false;
                if (sscanf(e->d_name, ".%lld-%lld.json%n", &seq, &n, &end) != 2 || end == 0 ||
                                e->d_name[end] != '\0')
                        continue;
                ok = is_noted(snapshot, seq, n, &noted, err) &&
                     (!noted || show(arena, folder, seq, n, err));
        }
        closedir(entries);
        return ok;
}

/* ---- All that wait ---- */

/* It goes on while the machine does, and while this program is stopped. */
static int64_t steady_seconds(void)
{
        struct timespec at;
        clock_gettime(CLOCK_MONOTONIC, &at);
        return at.tv_sec;
}

/* What was written is noted and shown, also where the rest could not be. Past the end of the
 * lease nothing more is written: another may have done it.
 * *ret_more: as many as a batch holds, or the lease ran out. */
static bool write_batch(struct arena *arena, struct desk *desk, const struct spool *spool,
                int64_t until, bool *ret_more, struct err *err)
{
        struct snapshot *snapshot = NULL;
        struct waiting *notices = arena_new_array(arena, SPOOL_BATCH, struct waiting);
        struct done done = { .notices = notices, .now = spool->now };
        struct err why;
        size_t n = 0;
        bool ok = snapshot_open(site_store(desk_site(desk)), &snapshot, err) &&
                  read_waiting(arena, snapshot, notices, &n, err);
        snapshot_close(&snapshot);
        if (!ok)
                return false;
        while (ok && done.n < n && steady_seconds() < until) {
                ok = write_hidden(arena, spool->folder, &notices[done.n], &why);
                done.n += ok;
        }
        *ret_more = n == SPOOL_BATCH || done.n < n;
        if (done.n > 0 && (!chore_do(desk, note_done, &done, err) ||
                                          !show_all(arena, spool->folder, &done, err)))
                return false;
        if (!ok)
                *err = why;
        return ok;
}

bool spool_write(struct desk *desk, const struct spool *spool, struct err *err)
{
        struct store *store = site_store(desk_site(desk));
        struct str name = STR_LIT("notices");
        bool more = true, held = false, ok = true;
        struct err ignored;
        struct arena *one _cleanup_(arena_close) = arena_open();
        while (ok && more) {
                arena_reset(one);
                int64_t until = steady_seconds() + spool->lease;
                ok = lease_take(store, name, spool->holder, spool->lease, &held, err);
                if (!ok || !held)
                        return ok;
                ok = show_left(one, desk, spool->folder, err) &&
                     write_batch(one, desk, spool, until, &more, err);
        }
        if (!lease_give(store, name, spool->holder, &ignored))
                log_line(LOG_WARN, "hook", "lease not given up, it runs out by itself: %s",
                                err_text(ignored.code)->name);
        return ok;
}
