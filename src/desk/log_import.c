#include "desk/log_import.h"

#include <assert.h>

#include "desk/files.h"
#include "desk/log_folder.h"

struct importing {
        struct arena *arena;
        struct str from, to;
        struct log_check how;
        struct log_checked *report;
        struct err *err;
};

/* Does the source hold the leaves? Those of the copy's past were not taken with it, if it holds
 * none: then all is read again. */
static bool agree_on_entries(struct importing *x)
{
        struct str note = x->how.from;
        bool source = fetch_is_url(x->from) ? x->how.token.n != 0
                                            : log_has_entries(x->arena, x->from);
        bool copy = log_has_entries(x->arena, x->to);
        if (copy && !source)
                return err_set(x->err, E_LOG_ENTRIES, "%.*s", STR_FMT(x->from));
        if (source && !copy && note.n != 0)
                x->how.from = (struct str){ NULL, 0 };
        return true;
}

static bool read_copy(struct importing *x)
{
        struct str path = log_path(x->arena, x->to, STR_LIT("checkpoint"));
        x->how.from = (struct str){ NULL, 0 };
        if (!file_read(x->arena, path, NOTE_BYTES_MAX, &x->how.from, x->err))
                return x->err->code == E_NOT_FOUND;
        return true;
}

static bool take_over(struct importing *x)
{
        struct str path = log_path(x->arena, x->to, STR_LIT("checkpoint")), before;
        if (!read_copy(x))
                return false;
        before = x->how.from;
        if (!agree_on_entries(x) || !log_check(x->arena, x->from, &x->how, x->report, x->err))
                return false;
        struct str keys = log_path(x->arena, x->to, STR_LIT("log-keys"));
        if ((x->report->log_keys.n != 0 && !file_replace(keys, x->report->log_keys, x->err)) ||
                        !folder_sync(x->to, x->err) || !file_replace(path, x->report->note, x->err))
                return false;
        if (before.n != 0 && x->report->from != 0)
                log_drop_narrower(x->arena, x->to, x->report->from, x->report->head.size);
        return folder_sync(x->to, x->err);
}

bool log_import(struct arena *arena, struct str from, struct str to, const struct log_check *how,
                struct log_checked *ret, struct err *err)
{
        assert(arena && how && ret && err);
        struct importing x = { arena, from, to, *how, ret, err };
        int lock;
        *ret = (struct log_checked){ 0 };
        x.how.copy = to;
        x.how.sample = 0;
        if (!folder_make(to, 0755, err) || !folder_lock(to, &lock, err))
                return false;
        bool ok = take_over(&x);
        folder_unlock(lock);
        return ok;
}
