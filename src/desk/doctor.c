#include "desk/doctor_state.h"

#include <assert.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limits.h"
#include "desk/desk.h"
#include "desk/files.h"
#include "desk/site_state.h"
#include "projection/projection.h"

#define NAME_BYTES 4096u

/* ---- Saying it ---- */

void doctor_say(struct examining *x, enum doctor_grade grade, struct str said, const char *advice)
{
        x->finding->grade = grade;
        x->finding->said = said;
        x->finding->advice = str_of(advice);
}

void doctor_say_err(struct examining *x, const struct err *err)
{
        const struct err_text *text = err_text(err->code);
        struct buf said = BUF(x->arena);
        buf_c(&said, text->sentence);
        if (err->field[0] != '\0')
                buf_format(&said, "「%s」", err->field);
        if (err->detail[0] != '\0')
                buf_format(&said, "：%s", err->detail);
        doctor_say(x, DOCTOR_BROKEN, buf_str(&said), text->hint);
}

void doctor_fine(struct examining *x, const char *what)
{
        doctor_say(x, DOCTOR_FINE, str_of(what), "");
}

struct str doctor_path(struct examining *x, const char *name)
{
        return str_format(x->arena, "%.*s/%s", STR_FMT(x->dir), name);
}

/* ---- Outside the store ---- */

static void check_settings(struct examining *x)
{
        struct err err = { 0 };
        struct str text;
        if (!file_read(x->arena, doctor_path(x, "site.yaml"), LIMIT_DEFINITION_BYTES, &text,
                            &err)) {
                if (err.code == E_NOT_FOUND)
                        err_set(&err, E_SITE_NONE, "%.*s", STR_FMT(x->dir));
                doctor_say_err(x, &err);
        } else if (!site_config_parse(x->arena, text, &x->config, &err)) {
                doctor_say_err(x, &err);
                x->finding->said =
                                str_format(x->arena, "site.yaml：%.*s", STR_FMT(x->finding->said));
        } else {
                doctor_say(x, DOCTOR_FINE, x->config.organ, "");
        }
}

static void check_folder(struct examining *x)
{
        struct stat about;
        const char *dir = str_c(x->arena, x->dir);
        if (stat(dir, &about) != 0)
                doctor_say(x, DOCTOR_BROKEN,
                                str_format(x->arena, "读不到站点目录：%s", strerror(errno)),
                                "请检查路径和权限");
        else if (access(dir, W_OK) != 0)
                doctor_say(x, DOCTOR_BROKEN,
                                str_format(x->arena, "站点目录不可写：%s", strerror(errno)),
                                "请以运行服务的账号运行本命令；仍然如此，检查目录的权限和磁盘是否只读挂载");
        else if ((about.st_mode & S_IRWXO) != 0)
                doctor_say(x, DOCTOR_WARNING,
                                str_format(x->arena, "站点目录对其他人开放（权限 %04o）",
                                                (unsigned)(about.st_mode & 07777)),
                                "请运行 chmod o-rwx 站点目录");
        else
                doctor_fine(x, "只有运行服务的账号可以进入");
}

static struct str name_of(struct examining *x, uid_t uid)
{
        struct passwd who, *found = NULL;
        char *buffer = arena_alloc(x->arena, NAME_BYTES);
        if (getpwuid_r(uid, &who, buffer, NAME_BYTES, &found) == 0 && found != NULL)
                return str_copy(x->arena, str_of(who.pw_name));
        return str_format(x->arena, "uid %lld", (long long)uid);
}

/* Somebody ran a command as another account, as root: what it made is not the service's. */
static void check_owner(struct examining *x)
{
        static const char *const parts[] = { "site.yaml", "keys", "keys/log.key",
                "keys/log.key.next", "keys/auditors", "blobs", "plumbline.db", "plumbline.db-wal",
                "plumbline.db-shm" };
        struct stat dir, about;
        struct buf names = BUF(x->arena);
        if (stat(str_c(x->arena, x->dir), &dir) != 0)
                return; /* told by the check before */
        for (size_t i = 0; i < N_ELEMENTS(parts); i++)
                if (lstat(str_c(x->arena, doctor_path(x, parts[i])), &about) == 0 &&
                                about.st_uid != dir.st_uid)
                        buf_format(&names, "%s%s（%.*s）", buf_str(&names).n > 0 ? "、" : "",
                                        parts[i], STR_FMT(name_of(x, about.st_uid)));
        struct str owner = name_of(x, dir.st_uid);
        if (buf_str(&names).n == 0)
                doctor_say(x, DOCTOR_FINE, str_format(x->arena, "都属于 %.*s", STR_FMT(owner)), "");
        else
                doctor_say(x, DOCTOR_BROKEN,
                                str_format(x->arena, "站点目录属于 %.*s，其中属于别人的：%.*s",
                                                STR_FMT(owner), STR_FMT(buf_str(&names))),
                                "服务可能读写不了它们：请停止服务，用 chown -R 把站点目录整个交给"
                                "运行服务的账号"
                                "（软件包安装的是 plumbline），以后都以这个账号运行命令");
}

static void check_disk(struct examining *x)
{
        struct statvfs about;
        int64_t low = x->options.disk_low != 0 ? x->options.disk_low : DOCTOR_DISK_LOW;
        int64_t least = x->options.disk_least != 0 ? x->options.disk_least : DOCTOR_DISK_LEAST;
        if (statvfs(str_c(x->arena, x->dir), &about) != 0) {
                doctor_say(x, DOCTOR_BROKEN,
                                str_format(x->arena, "读不到磁盘：%s", strerror(errno)),
                                "请检查磁盘是否在位");
                return;
        }
        int64_t left = (int64_t)about.f_bavail * (int64_t)about.f_frsize;
        enum doctor_grade grade = left < least ? DOCTOR_BROKEN
                                  : left < low ? DOCTOR_WARNING
                                               : DOCTOR_FINE;
        doctor_say(x, grade, str_format(x->arena, "剩余 %lld MB", (long long)(left >> 20)),
                        grade == DOCTOR_FINE
                                        ? ""
                                        : "请清理或扩大磁盘；写满以后不能办理，已答复的办理不受影响");
}

/* The key that is to take over signs beside the present one (desk/rotate.h). */
static bool next_is_good(struct examining *x, struct err *err)
{
        struct note_signer next;
        bool ok = site_read_key(x->arena, doctor_path(x, "keys/log.key.next"), &next, err);
        explicit_bzero(&next, sizeof(next));
        return ok;
}

static void check_key(struct examining *x)
{
        struct err err = { 0 };
        struct stat about;
        struct str path = doctor_path(x, "keys/log.key");
        if (stat(str_c(x->arena, path), &about) != 0 && errno == ENOENT) {
                doctor_say(x, DOCTOR_BROKEN, STR_LIT("没有签名密钥 keys/log.key，不能办理"),
                                "请从另行保存的地方取回 keys/log.key，权限设为 0600");
        } else if (!site_read_key(x->arena, path, &x->signer, &err)) {
                doctor_say_err(x, &err);
        } else if ((about.st_mode & 077) != 0) {
                doctor_say(x, DOCTOR_BROKEN,
                                str_format(x->arena, "签名密钥对其他人开放（权限 %04o）",
                                                (unsigned)(about.st_mode & 07777)),
                                "请运行 chmod 600 keys/log.key，并查明是否已经外泄");
        } else if (file_exists(doctor_path(x, "keys/log.key.next")) && !next_is_good(x, &err)) {
                doctor_say_err(x, &err);
                x->finding->advice = STR_LIT(
                                "正在更换的新密钥读不出：请从保存它的地方取回 keys/log.key.next");
        } else {
                doctor_say(x, DOCTOR_FINE, note_key_format(x->arena, &x->signer.key), "");
        }
}

/* ---- The table ---- */

enum needs {
        NEEDS_NOTHING,
        NEEDS_SETTINGS,
        NEEDS_JOURNAL,
        NEEDS_STORE,
        NEEDS_STORE_AND_KEY,
        NEEDS_TABLES
};

static const struct check {
        const char *name, *label;
        enum needs needs;
        void (*run)(struct examining *x);
} checks[] = {
        { "settings", "设置", NEEDS_NOTHING, check_settings },
        { "folder", "目录", NEEDS_SETTINGS, check_folder },
        { "owner", "属主", NEEDS_SETTINGS, check_owner },
        { "disk", "磁盘", NEEDS_SETTINGS, check_disk },
        { "key", "签名密钥", NEEDS_SETTINGS, check_key },
        { "journal", "写前日志", NEEDS_SETTINGS, check_journal },
        { "store", "存储", NEEDS_JOURNAL, check_store },
        { "users", "使用者", NEEDS_STORE, check_users },
        { "signature", "密钥与存证点", NEEDS_STORE_AND_KEY, check_signature },
        { "signed", "存证点", NEEDS_STORE, check_signed },
        { "tree", "存证树", NEEDS_STORE, check_tree },
        { "published", "公布的存证", NEEDS_STORE_AND_KEY, check_published },
        { "clock", "主机时间", NEEDS_STORE, check_clock },
        { "tables", "读表", NEEDS_STORE, check_tables },
        { "erasure", "依法删除", NEEDS_STORE, check_erasure },
        { "calendar", "放假安排", NEEDS_TABLES, check_calendar },
        { "rules", "启用的定义", NEEDS_TABLES, check_rules },
        { "definitions", "程序定义", NEEDS_STORE, check_definitions },
        { "timers", "到期处理", NEEDS_STORE, check_timers },
        { "endless", "期限", NEEDS_STORE, check_endless },
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
        case NEEDS_JOURNAL:
                return x->journal_is_whole;
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
