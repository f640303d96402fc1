/* What keeps the records: the store, what lies beside it, who uses it. */
#include "desk/doctor_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk/erase.h"
#include "desk/site_state.h"
#include "ledger/event.h"
#include "projection/projection.h"
#include "store/lease.h"
#include "store/wal.h"

static bool is_file(const struct examining *x)
{
        return str_is(x->config.store, "sqlite");
}

/* ---- The log beside the file ---- */

static const char journal_advice[] =
                "先不要启动服务或运行别的命令：打开数据库会丢掉读不出的部分。请把站点目录整个另存一份，"
                "再把数据库与最近公布的存证核对（plumbline doctor --published）；少了记录的，从备份恢复";

/* Cut behind a commit, it is to the byte the log as it was then. */
static const char end_unknown[] = "；旁边没有 plumbline.db-shm，末尾少了整笔的记录也看不出，"
                                  "要与公布的存证核对才知道（--published）";

void check_journal(struct examining *x)
{
        struct err err = { 0 };
        struct wal wal;
        x->journal_is_whole = false;
        if (!is_file(x)) {
                x->journal_is_whole = true;
                doctor_fine(x, "记录在数据库服务器里，由它自己保管");
                return;
        }
        if (!wal_look(str_c(x->arena, doctor_path(x, "plumbline.db")), &wal, &err)) {
                doctor_say_err(x, &err);
                return;
        }
        x->journal_is_whole = wal.state <= WAL_WHOLE;
        unsigned long long frames = wal.n_frames;
        switch (wal.state) {
        case WAL_NONE:
                doctor_fine(x, "没有等着并入数据库的内容");
                return;
        case WAL_IN_USE:
                doctor_fine(x, "有程序正在使用数据库，由它照管");
                return;
        case WAL_WHOLE:
                doctor_say(x, DOCTOR_FINE,
                                str_format(x->arena, "完整，%llu 页等着并入数据库%s", frames,
                                                wal.end_is_known ? "" : end_unknown),
                                "");
                return;
        case WAL_TORN:
                doctor_say(x, DOCTOR_WARNING,
                                str_format(x->arena,
                                                "plumbline.db-wal 的末尾不完整，前 %llu 页完好",
                                                frames),
                                "请先把站点目录整个另存一份。刚断过电或程序被强行终止的，末尾是没有答复过的内容，"
                                "启动服务就会收尾；否则文件可能被截断，请再与最近公布的存证核对"
                                "（plumbline doctor --published）");
                return;
        case WAL_SHORT:
                doctor_say(x, DOCTOR_BROKEN,
                                str_format(x->arena, "plumbline.db-wal 少了末尾的 %llu 页",
                                                (unsigned long long)wal.n_missing),
                                journal_advice);
                return;
        case WAL_BROKEN:
                doctor_say(x, DOCTOR_BROKEN,
                                str_format(x->arena,
                                                "plumbline.db-wal（%lld 字节）从第 %llu 页起读不出",
                                                (long long)wal.bytes, frames + 1),
                                journal_advice);
        }
}

/* ---- Opening it ---- */

static bool read_newest(struct examining *x, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct leaf leaf;
        if (x->size == 0)
                return true;
        if (!snapshot_rows(x->snapshot, Q_EVENT_GET, PARAMS(param_int(x->size - 1)), &rows, err))
                return false;
        if (!rows_next(&rows))
                return rows_end(&rows, err) && err_set(err, E_AUDIT, "缺少最新的事件");
        if (!ledger_parse_leaf(rows_blob(&rows, 3), &leaf, err))
                return false;
        x->newest = leaf.time;
        return rows_end(&rows, err);
}

static bool read_head(struct examining *x, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        bool found;
        if (!snapshot_int(x->snapshot, Q_LEDGER_SIZE, PARAMS(param_int(DOCTOR_ORGAN)), &x->size,
                            &found, err))
                return false;
        if (!found)
                return err_set(err, E_SITE_LEDGER, "没有账本");
        if (!snapshot_rows(x->snapshot, Q_CHECKPOINT_LAST, PARAMS(param_int(DOCTOR_ORGAN)), &rows,
                            err))
                return false;
        if (rows_next(&rows)) {
                x->signed_size = rows_int(&rows, 0);
                x->root = str_copy(x->arena, rows_blob(&rows, 1));
                x->note = str_copy(x->arena, rows_text(&rows, 2));
        }
        return rows_end(&rows, err) && read_newest(x, err);
}

/* What the keeper does next, where the error's own hint is for a clerk. */
static const struct {
        enum err_code code;
        const char *of_a_file, *on_a_server; /* NULL: the hint */
} store_advice[] = {
        { E_STORE_NONE, "请停止服务，从备份恢复（plumbline restore），恢复时加 --verify",
                        "请核对 site.yaml 的 store：库名和 # 之后的模式名；没有写错的，请从数据库服务器的备份恢复，"
                        "或者用 plumbline restore 恢复成文件，再用 plumbline copy 放回服务器" },
        { E_STORE_CORRUPT, "请停止服务，从备份恢复（plumbline restore），恢复时加 --verify",
                        "请停止服务，从数据库服务器的备份恢复，或者用 plumbline restore 恢复成文件，再用 "
                        "plumbline copy 放回服务器" },
        { E_STORE_LOST, NULL,
                        "请检查数据库服务器是否在运行（systemctl status postgresql）、site.yaml "
                        "里的地址和端口、网络。恢复以后服务自动连上" },
        { E_STORE_READONLY, NULL,
                        "请检查数据库账号的权限和 ~/.pgpass，服务器是否只读或者是备用机" },
        { E_STORE_QUERY,
                        "表缺失或被改动过：请停止服务，从备份恢复（plumbline restore），恢复时加 --verify",
                        "表缺失或被改动过：请停止服务，从数据库服务器的备份恢复，或者用 plumbline restore "
                        "恢复成文件，再用 plumbline copy 放回服务器" },
};

static void say_store_err(struct examining *x, const struct err *err)
{
        doctor_say_err(x, err);
        if (err->code == E_STORE_OLDER || err->code == E_STORE_BUSY)
                x->finding->grade = DOCTOR_WARNING;
        for (size_t i = 0; i < N_ELEMENTS(store_advice); i++) {
                const char *advice = is_file(x) ? store_advice[i].of_a_file
                                                : store_advice[i].on_a_server;
                if (store_advice[i].code == err->code && advice != NULL)
                        x->finding->advice = str_of(advice);
        }
}

void check_store(struct examining *x)
{
        struct err err = { 0 };
        struct store_options looking = { .look = true };
        if (!site_store_open(x->arena, x->dir, x->config.store, &looking, &x->store, &err) ||
                        (x->options.deep && !store_check(x->store, &err)) ||
                        !snapshot_open(x->store, &x->snapshot, &err) || !read_head(x, &err)) {
                snapshot_close(&x->snapshot);
                say_store_err(x, &err);
                return;
        }
        doctor_say(x, DOCTOR_FINE,
                        str_format(x->arena, "表的版本 %d，事件 %lld 条%s", STORE_VERSION,
                                        (long long)x->size, x->options.deep ? "，文件完好" : ""),
                        "");
}

/* ---- Who uses it ---- */

struct leases {
        size_t n_held, n_left; /* by who is there; by who is not */
        struct buf held, left;
};

static bool read_leases(struct examining *x, struct leases *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(x->snapshot, Q_LEASE_LIST, NO_PARAMS, &rows, err))
                return false;
        while (rows_next(&rows)) {
                struct str name = rows_text(&rows, 0), holder = rows_text(&rows, 1);
                int64_t seconds = rows_int(&rows, 2);
                bool left = seconds <= 0 || lease_is_left(holder);
                size_t *n = left ? &ret->n_left : &ret->n_held;
                if (++*n > DOCTOR_NAMES_SHOWN)
                        continue;
                buf_format(left ? &ret->left : &ret->held, "%s%.*s（%.*s）", *n > 1 ? "、" : "",
                                STR_FMT(name), STR_FMT(lease_process(holder)));
        }
        return rows_end(&rows, err);
}

/* The processes that have the file open, this one left out. */
static struct str users_of_file(struct examining *x)
{
        struct wal wal;
        struct buf said = BUF(x->arena);
        if (!is_file(x))
                return STR_LIT("");
        wal_users(str_c(x->arena, doctor_path(x, "plumbline.db")), &wal);
        for (size_t i = 0; i < wal.n_users && i < WAL_USERS_MAX; i++) {
                bool told = wal.users[i] == getpid();
                for (size_t j = 0; j < i; j++)
                        told = told || wal.users[j] == wal.users[i];
                if (!told)
                        buf_format(&said, "进程 %d 打开着数据库；", (int)wal.users[i]);
        }
        return buf_str(&said);
}

void check_users(struct examining *x)
{
        struct err err = { 0 };
        struct leases leases = { .held = BUF(x->arena), .left = BUF(x->arena) };
        struct str users = users_of_file(x);
        if (!read_leases(x, &leases, &err)) {
                say_store_err(x, &err);
                return;
        }
        struct buf said = BUF(x->arena);
        buf_add(&said, users.p, users.n);
        if (leases.n_held > 0)
                buf_format(&said, "分工由在运行的程序占用：%.*s", STR_FMT(buf_str(&leases.held)));
        if (leases.n_left > 0) {
                buf_format(&said, "%s占用者已经不在：%.*s", leases.n_held > 0 ? "；" : "",
                                STR_FMT(buf_str(&leases.left)));
                doctor_say(x, DOCTOR_WARNING, buf_str(&said),
                                "占用到时自行作废，不用清除：请启动 plumbline serve，由它接手；"
                                "程序不是自己停下来的，请看日志查明原因");
                return;
        }
        if (leases.n_held == 0)
                buf_c(&said, users.n > 0 ? "没有分工被占用" : "没有别的程序在使用");
        doctor_say(x, DOCTOR_FINE, buf_str(&said), "");
}

/* ---- Read tables, unfinished work ---- */

static bool meta_is(struct examining *x, const char *key, const char *value, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(x->snapshot, Q_META_GET, PARAMS(param_text(str_of(key))), &rows, err))
                return false;
        return rows_next(&rows) && str_is(rows_text(&rows, 0), value);
}

void check_tables(struct examining *x)
{
        static struct site_facts facts; /* not looked at: nothing is folded */
        struct err err = { 0 };
        if (projection_open(x->snapshot, &facts, &x->projection, &err))
                doctor_fine(x, "读表完整");
        else if (err.code == E_FOLD_UNFINISHED)
                doctor_say(x, DOCTOR_WARNING, STR_LIT("读表没有重建完"),
                                "下一个命令会自动重新开始；也可现在运行 plumbline rebuild");
        else
                doctor_say_err(x, &err);
}

void check_erasure(struct examining *x)
{
        struct err err = { 0 };
        if (meta_is(x, ERASE_META_UNFINISHED, "1", &err))
                doctor_say(x, DOCTOR_WARNING,
                                STR_LIT("有一次依法删除没有收尾，旧内容可能还在文件里"),
                                "请停止其他使用本站点的程序，再运行 plumbline clock run，由程序收尾");
        else
                doctor_fine(x, "没有未收尾的删除");
}
