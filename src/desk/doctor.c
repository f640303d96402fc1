#include "desk/doctor.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limits.h"
#include "desk/desk.h"
#include "desk/erase.h"
#include "desk/files.h"
#include "desk/site_state.h"
#include "ledger/checkpoint.h"
#include "ledger/event.h"
#include "projection/projection.h"
#include "store/store.h"

#define ORGAN          0
#define TIMERS_SLACK   300   /* the timers look each minute */
#define UNSIGNED_SLACK 600   /* a head is signed each minute */
#define OUTBOX_SLACK   86400 /* a notice should be out in a day */
#define AHEAD_MONTH    11    /* from then on next year's notice is looked for */
#define NAMES_SHOWN    5u

struct examining {
        struct arena *arena;
        struct str dir;
        struct doctor_options options;
        struct site_config config;
        struct note_signer signer;
        struct store *store;
        struct snapshot *snapshot;
        struct projection *projection;
        int64_t size, signed_size;
        struct moment newest; /* of the events */
        struct str note;      /* of the newest checkpoint */
        struct doctor_finding *finding;
};

/* ---- Saying it ---- */

static void say(struct examining *x, enum doctor_grade grade, struct str said, const char *advice)
{
        x->finding->grade = grade;
        x->finding->said = said;
        x->finding->advice = str_of(advice);
}

static void say_err(struct examining *x, const struct err *err)
{
        const struct err_text *text = err_text(err->code);
        struct buf said = BUF(x->arena);
        buf_c(&said, text->sentence);
        if (err->field[0] != '\0')
                buf_format(&said, "「%s」", err->field);
        if (err->detail[0] != '\0')
                buf_format(&said, "：%s", err->detail);
        say(x, DOCTOR_BROKEN, buf_str(&said), text->hint);
}

static void fine(struct examining *x, const char *what)
{
        say(x, DOCTOR_FINE, str_of(what), "");
}

static struct str in_dir(struct examining *x, const char *name)
{
        return str_format(x->arena, "%.*s/%s", STR_FMT(x->dir), name);
}

/* ---- Outside the store ---- */

static void check_settings(struct examining *x)
{
        struct err err = { 0 };
        struct str text;
        if (!file_read(x->arena, in_dir(x, "site.yaml"), LIMIT_DEFINITION_BYTES, &text, &err)) {
                if (err.code == E_NOT_FOUND)
                        err_set(&err, E_SITE_NONE, "%.*s", STR_FMT(x->dir));
                say_err(x, &err);
        } else if (!site_config_parse(x->arena, text, &x->config, &err)) {
                say_err(x, &err);
        } else {
                say(x, DOCTOR_FINE, x->config.organ, "");
        }
}

static void check_folder(struct examining *x)
{
        struct stat about;
        const char *dir = str_c(x->arena, x->dir);
        if (stat(dir, &about) != 0)
                say(x, DOCTOR_BROKEN, str_format(x->arena, "读不到站点目录：%s", strerror(errno)),
                                "请检查路径和权限");
        else if (access(dir, W_OK) != 0)
                say(x, DOCTOR_BROKEN, str_format(x->arena, "站点目录不可写：%s", strerror(errno)),
                                "请以运行服务的账号运行本命令；仍然如此，检查目录的权限和磁盘是否只读挂载");
        else if ((about.st_mode & S_IRWXO) != 0)
                say(x, DOCTOR_WARNING,
                                str_format(x->arena, "站点目录对其他人开放（权限 %04o）",
                                                (unsigned)(about.st_mode & 07777)),
                                "请运行 chmod o-rwx 站点目录");
        else
                fine(x, "只有运行服务的账号可以进入");
}

static void check_disk(struct examining *x)
{
        struct statvfs about;
        int64_t low = x->options.disk_low != 0 ? x->options.disk_low : DOCTOR_DISK_LOW;
        int64_t least = x->options.disk_least != 0 ? x->options.disk_least : DOCTOR_DISK_LEAST;
        if (statvfs(str_c(x->arena, x->dir), &about) != 0) {
                say(x, DOCTOR_BROKEN, str_format(x->arena, "读不到磁盘：%s", strerror(errno)),
                                "请检查磁盘是否在位");
                return;
        }
        int64_t left = (int64_t)about.f_bavail * (int64_t)about.f_frsize;
        enum doctor_grade grade = left < least ? DOCTOR_BROKEN
                                  : left < low ? DOCTOR_WARNING
                                               : DOCTOR_FINE;
        say(x, grade, str_format(x->arena, "剩余 %lld MB", (long long)(left >> 20)),
                        grade == DOCTOR_FINE
                                        ? ""
                                        : "请清理或扩大磁盘；写满以后不能办理，已答复的办理不受影响");
}

static void check_key(struct examining *x)
{
        struct err err = { 0 };
        struct stat about;
        struct str path = in_dir(x, "keys/log.key");
        if (stat(str_c(x->arena, path), &about) != 0 && errno == ENOENT) {
                say(x, DOCTOR_BROKEN, STR_LIT("没有签名密钥 keys/log.key，不能办理"),
                                "请从另行保存的地方取回 keys/log.key，权限设为 0600");
        } else if (!site_read_key(x->arena, path, &x->signer, &err)) {
                say_err(x, &err);
        } else if ((about.st_mode & 077) != 0) {
                say(x, DOCTOR_BROKEN,
                                str_format(x->arena, "签名密钥对其他人开放（权限 %04o）",
                                                (unsigned)(about.st_mode & 07777)),
                                "请运行 chmod 600 keys/log.key，并查明是否已经外泄");
        } else {
                say(x, DOCTOR_FINE, note_key_format(x->arena, &x->signer.key), "");
        }
}

/* ---- The store ---- */

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
        if (!snapshot_int(x->snapshot, Q_LEDGER_SIZE, PARAMS(param_int(ORGAN)), &x->size, &found,
                            err))
                return false;
        if (!found)
                return err_set(err, E_SITE_LEDGER, "没有账本");
        if (!snapshot_rows(x->snapshot, Q_CHECKPOINT_LAST, PARAMS(param_int(ORGAN)), &rows, err))
                return false;
        if (rows_next(&rows)) {
                x->signed_size = rows_int(&rows, 0);
                x->note = str_copy(x->arena, rows_text(&rows, 2));
        }
        return rows_end(&rows, err) && read_newest(x, err);
}

static void check_store(struct examining *x)
{
        struct err err = { 0 };
        const char *again = "请停止服务，从备份恢复（plumbline restore），恢复时加 --verify";
        if (!site_store_open(x->arena, x->dir, x->config.store, false, &x->store, &err) ||
                        (x->options.deep && !store_check(x->store, &err)) ||
                        !snapshot_open(x->store, &x->snapshot, &err) || !read_head(x, &err)) {
                snapshot_close(&x->snapshot);
                say_err(x, &err);
                if (err.code == E_STORE_NONE || err.code == E_STORE_CORRUPT)
                        x->finding->advice = str_of(again);
                return;
        }
        say(x, DOCTOR_FINE,
                        str_format(x->arena, "表的版本 %d，事件 %lld 条%s", STORE_VERSION,
                                        (long long)x->size, x->options.deep ? "，文件完好" : ""),
                        "");
}

static void check_signature(struct examining *x)
{
        struct checkpoint head;
        struct err err = { 0 };
        if (x->note.n == 0)
                fine(x, "还没有签名的存证点");
        else if (!checkpoint_open(x->arena, x->note, x->signer.key.name, &x->signer.key, 1, &head,
                                 &err))
                say(x, DOCTOR_BROKEN, STR_LIT("签名密钥不是签署存证点的那一把"),
                                "请停止服务，从备份恢复原来的 keys/log.key；用别的密钥签名，公布的存证就不再相接");
        else
                fine(x, "存证点由这把密钥签名");
}

static void check_signed(struct examining *x)
{
        int64_t unsigned_events = x->size - x->signed_size;
        int64_t age = x->options.now.second - x->newest.second;
        struct str said = str_format(x->arena, "签名到 %lld 条，共 %lld 条",
                        (long long)x->signed_size, (long long)x->size);
        if (unsigned_events > 0 && age > UNSIGNED_SLACK)
                say(x, DOCTOR_WARNING, said,
                                "最近的记录没有签名：请启动 plumbline serve，或运行 plumbline clock run，由程序签名");
        else
                say(x, DOCTOR_FINE, said, "");
}

static void check_clock(struct examining *x)
{
        int64_t behind = x->newest.second - x->options.now.second;
        if (behind <= 0)
                fine(x, "主机时间在最新记录以后");
        else
                say(x, behind > DESK_CLOCK_SLACK ? DOCTOR_BROKEN : DOCTOR_WARNING,
                                str_format(x->arena, "主机时间比最新记录早 %lld 秒",
                                                (long long)behind),
                                "请校正主机时间（timedatectl、chrony）；早过 5 分钟时不能办理");
}

static bool meta_is(struct examining *x, const char *key, const char *value, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(x->snapshot, Q_META_GET, PARAMS(param_text(str_of(key))), &rows, err))
                return false;
        return rows_next(&rows) && str_is(rows_text(&rows, 0), value);
}

static void check_tables(struct examining *x)
{
        static struct site_facts facts; /* not looked at: nothing is folded */
        struct err err = { 0 };
        if (projection_open(x->snapshot, &facts, &x->projection, &err))
                fine(x, "读表完整");
        else if (err.code == E_FOLD_UNFINISHED)
                say(x, DOCTOR_WARNING, STR_LIT("读表没有重建完"),
                                "下一个命令会自动重新开始；也可现在运行 plumbline rebuild");
        else
                say_err(x, &err);
}

static void check_erasure(struct examining *x)
{
        struct err err = { 0 };
        if (meta_is(x, ERASE_META_UNFINISHED, "1", &err))
                say(x, DOCTOR_WARNING, STR_LIT("有一次依法删除没有收尾，旧内容可能还在文件里"),
                                "请停止其他使用本站点的程序，再运行 plumbline clock run，由程序收尾");
        else
                fine(x, "没有未收尾的删除");
}

/* ---- What follows from the records ---- */

static bool year_is_covered(struct examining *x, int year)
{
        struct date first, last;
        return date_of(year, 1, 1, &first) && date_of(year, 12, 31, &last) &&
               calendar_covers(calendar_latest(projection_calendars(x->projection)), first, last);
}

static void check_calendar(struct examining *x)
{
        int year, month, day;
        date_parts(moment_date(x->options.now), &year, &month, &day);
        int missing = !year_is_covered(x, year)                               ? year
                      : month >= AHEAD_MONTH && !year_is_covered(x, year + 1) ? year + 1
                                                                              : 0;
        if (missing != 0)
                say(x, DOCTOR_WARNING, str_format(x->arena, "没有 %d 年的放假通知", missing),
                                "期限暂按周末和法定节日计算；国务院办公厅的通知公布后，请运行 plumbline calendar load");
        else
                say(x, DOCTOR_FINE, str_format(x->arena, "有 %d 年的放假通知", year), "");
}

static const struct definition_source *source_of(struct examining *x, struct str name)
{
        const struct site_data *data = x->options.data;
        for (size_t i = 0; i < data->n_definitions; i++)
                if (str_eq(data->definitions[i].name, name))
                        return &data->definitions[i];
        return NULL;
}

static void check_definitions(struct examining *x)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct err err = { 0 };
        struct buf names = BUF(x->arena);
        size_t n_other = 0, n_same = 0;
        if (x->options.data == NULL) {
                say(x, DOCTOR_SKIPPED, STR_LIT("没有找到随程序安装的定义"), "请用 --data 指明目录");
                return;
        }
        if (!snapshot_rows(x->snapshot, Q_ROWS_DEFINITION, NO_PARAMS, &rows, &err)) {
                say_err(x, &err);
                return;
        }
        while (rows_next(&rows)) {
                const struct definition_source *source = source_of(x, rows_text(&rows, 0));
                bool same = source != NULL && str_eq(source->text, rows_text(&rows, 1));
                n_same += same;
                n_other += source != NULL && !same;
                if (source != NULL && !same && n_other <= NAMES_SHOWN)
                        buf_format(&names, " %.*s", STR_FMT(source->name));
        }
        size_t n_new = x->options.data->n_definitions - n_same - n_other;
        if (n_other + n_new == 0)
                say(x, DOCTOR_FINE, str_format(x->arena, "与程序所带的相同，%zu 个", n_same), "");
        else
                say(x, DOCTOR_WARNING,
                                str_format(x->arena,
                                                "程序所带的定义有 %zu 个不同、%zu 个未启用：%.*s%s",
                                                n_other, n_new, STR_FMT(buf_str(&names)),
                                                n_other > NAMES_SHOWN ? " 等" : ""),
                                "核对后用 plumbline definition activate 启用；本地改过的可不理会");
}

static void check_timers(struct examining *x)
{
        struct err err = { 0 };
        int64_t n;
        bool found;
        if (!snapshot_int(x->snapshot, Q_CLOCKS_DUE_COUNT,
                            PARAMS(param_int(x->options.now.second - TIMERS_SLACK)), &n, &found,
                            &err))
                say_err(x, &err);
        else if (n > 0)
                say(x, DOCTOR_WARNING,
                                str_format(x->arena, "%lld 个期限的预警或届满没有处理",
                                                (long long)n),
                                "请启动 plumbline serve，或运行 plumbline clock run：依次补记，各记一次");
        else
                fine(x, "没有积压");
}

/* When the oldest notice that waits was written; now, if none does. */
static bool oldest_notice(struct examining *x, struct moment *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct leaf leaf = { .time = x->options.now };
        if (!snapshot_rows(x->snapshot, Q_OUTBOX_OLDEST, NO_PARAMS, &rows, err))
                return false;
        if (rows_next(&rows) && !ledger_parse_leaf(rows_blob(&rows, 0), &leaf, err))
                return false;
        *ret = leaf.time;
        return rows_end(&rows, err);
}

static void check_outbox(struct examining *x)
{
        struct err err = { 0 };
        struct moment oldest;
        int64_t n = 0;
        bool found;
        if (!snapshot_int(x->snapshot, Q_OUTBOX_COUNT, NO_PARAMS, &n, &found, &err) ||
                        !oldest_notice(x, &oldest, &err)) {
                say_err(x, &err);
                return;
        }
        bool late = x->options.now.second - oldest.second > OUTBOX_SLACK;
        say(x, late ? DOCTOR_WARNING : DOCTOR_FINE,
                        str_format(x->arena, "%lld 条通知待送", (long long)n),
                        late ? "有的已超过一天：请检查接收通知的系统是否在运行" : "");
}

/* Those that a form brought and no record names (desk/file_sweep.h). */
static void check_files(struct examining *x)
{
        struct err err = { 0 };
        int64_t n = 0, bytes = 0;
        bool found;
        if (!snapshot_int(x->snapshot, Q_BLOB_ORPHANS, PARAMS(param_int(0)), &n, &found, &err) ||
                        !snapshot_int(x->snapshot, Q_BLOB_ORPHAN_BYTES, PARAMS(param_int(0)),
                                        &bytes, &found, &err)) {
                say_err(x, &err);
                return;
        }
        if (n == 0)
                fine(x, "没有多余的");
        else
                say(x, DOCTOR_FINE,
                                str_format(x->arena, "%lld 个没有记录提到，共 %lld KB，%s",
                                                (long long)n, (long long)((bytes + 1023) / 1024),
                                                x->config.keep_files == 0
                                                                ? "设置为不清理"
                                                                : str_format(x->arena,
                                                                                  "满 %d 天清理",
                                                                                  x->config.keep_files)
                                                                                  .p),
                                "");
}

/* ---- The table ---- */

enum needs { NEEDS_NOTHING, NEEDS_SETTINGS, NEEDS_STORE, NEEDS_STORE_AND_KEY, NEEDS_TABLES };

static const struct check {
        const char *name, *label;
        enum needs needs;
        void (*run)(struct examining *x);
} checks[] = {
        { "settings", "设置", NEEDS_NOTHING, check_settings },
        { "folder", "目录", NEEDS_SETTINGS, check_folder },
        { "disk", "磁盘", NEEDS_SETTINGS, check_disk },
        { "key", "签名密钥", NEEDS_SETTINGS, check_key },
        { "store", "存储", NEEDS_SETTINGS, check_store },
        { "signature", "密钥与存证点", NEEDS_STORE_AND_KEY, check_signature },
        { "signed", "存证点", NEEDS_STORE, check_signed },
        { "clock", "主机时间", NEEDS_STORE, check_clock },
        { "tables", "读表", NEEDS_STORE, check_tables },
        { "erasure", "依法删除", NEEDS_STORE, check_erasure },
        { "calendar", "放假安排", NEEDS_TABLES, check_calendar },
        { "definitions", "程序定义", NEEDS_STORE, check_definitions },
        { "timers", "到期处理", NEEDS_STORE, check_timers },
        { "outbox", "通知", NEEDS_STORE, check_outbox },
        { "files", "附件", NEEDS_STORE, check_files },
};

_Static_assert(N_ELEMENTS(checks) <= DOCTOR_CHECKS_MAX, "room for all findings");

static bool can_run(const struct examining *x, enum needs needs)
{
        bool key = x->signer.key.name.n > 0;
        switch (needs) {
        case NEEDS_NOTHING:
                return true;
        case NEEDS_SETTINGS:
                return x->config.organ.n > 0;
        case NEEDS_STORE:
                return x->snapshot != NULL;
        case NEEDS_STORE_AND_KEY:
                return x->snapshot != NULL && key;
        case NEEDS_TABLES:
                return x->projection != NULL;
        }
        return false;
}

size_t site_examine(struct arena *arena, struct str dir, const struct doctor_options *options,
                struct doctor_finding *findings)
{
        assert(arena && options && findings);
        struct examining x = { .arena = arena, .dir = dir, .options = *options };
        struct desk_clock clock = desk_system_clock();
        if (x.options.now.second == 0)
                x.options.now = clock.now(clock.user);
        for (size_t i = 0; i < N_ELEMENTS(checks); i++) {
                x.finding = &findings[i];
                findings[i] = (struct doctor_finding){ checks[i].name, checks[i].label,
                        DOCTOR_SKIPPED, STR_LIT("因为前面的问题没有检查"), STR_LIT("") };
                if (can_run(&x, checks[i].needs))
                        checks[i].run(&x);
        }
        projection_close(&x.projection);
        snapshot_close(&x.snapshot);
        store_close(&x.store);
        explicit_bzero(&x.signer, sizeof(x.signer));
        return N_ELEMENTS(checks);
}
