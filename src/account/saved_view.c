#include "account/saved_view.h"

#include "desk/chore.h"

bool saved_view_list(struct arena *arena, struct snapshot *snapshot, struct str account,
                const struct saved_view **ret, size_t *ret_n, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct saved_view *list = arena_new_array(arena, SAVED_VIEWS_MAX, struct saved_view);
        size_t n = 0;
        if (!snapshot_rows(snapshot, Q_SAVED_VIEW_LIST, PARAMS(param_text(account)), &rows, err))
                return false;
        while (n < SAVED_VIEWS_MAX && rows_next(&rows))
                list[n++] = (struct saved_view){ str_copy(arena, rows_text(&rows, 0)),
                        str_copy(arena, rows_text(&rows, 1)) };
        *ret = list;
        *ret_n = n;
        return rows_end(&rows, err);
}

struct keeping {
        struct str account;
        struct saved_view view;
        struct moment now;
};

static bool keep(void *user, struct tx *tx, struct err *err)
{
        const struct keeping *k = user;
        int64_t others = 0;
        bool found;
        if (!snapshot_int(tx_snapshot(tx), Q_SAVED_VIEW_COUNT,
                            PARAMS(param_text(k->account), param_text(k->view.name)), &others,
                            &found, err))
                return false;
        if (others >= (int64_t)SAVED_VIEWS_MAX)
                return err_set(err, E_VIEW_NAME, "最多保存 %u 个，请先删除不用的", SAVED_VIEWS_MAX);
        return tx_run(tx, Q_SAVED_VIEW_PUT,
                        PARAMS(param_text(k->account), param_text(k->view.name),
                                        param_text(k->view.query), param_int(k->now.second)),
                        err);
}

static bool is_plain(struct str name)
{
        for (size_t i = 0; i < name.n; i++)
                if ((unsigned char)name.p[i] < ' ' || name.p[i] == 0x7f)
                        return false;
        return str_is_utf8(name);
}

bool saved_view_put(struct desk *desk, struct str account, const struct saved_view *view,
                struct moment now, struct err *err)
{
        struct keeping k = { account, { str_trim(view->name), view->query }, now };
        if (k.view.name.n == 0 || !is_plain(k.view.name) ||
                        str_n_code_points(k.view.name) > SAVED_VIEW_NAME)
                return err_set(err, E_VIEW_NAME, "名称要有 1 至 %u 个字", SAVED_VIEW_NAME);
        if (view->query.n > SAVED_VIEW_QUERY)
                return err_set(err, E_LIMIT, "筛选条件最长 %u 字节", SAVED_VIEW_QUERY);
        return chore_do(desk, keep, &k, err);
}

static bool drop(void *user, struct tx *tx, struct err *err)
{
        const struct keeping *k = user;
        if (!tx_run(tx, Q_SAVED_VIEW_DROP, PARAMS(param_text(k->account), param_text(k->view.name)),
                            err))
                return false;
        return tx_changed(tx) != 0 || err_set(err, E_NOT_FOUND, "没有保存过这个视图");
}

bool saved_view_drop(struct desk *desk, struct str account, struct str name, struct err *err)
{
        struct keeping k = { .account = account, .view = { .name = name } };
        return chore_do(desk, drop, &k, err);
}
