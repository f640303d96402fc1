/* What follows from the records: calendars, definitions, what is overdue or undelivered. */
#include "desk/doctor_state.h"

#include "desk/definitions.h"
#include "ledger/event.h"
#include "procedure/problem.h"
#include "projection/projection.h"

#define TIMERS_SLACK 300   /* the timers look each minute */
#define OUTBOX_SLACK 86400 /* a notice should be out in a day */
#define AHEAD_MONTH  11    /* from then on next year's notice is looked for */

/* ---- Calendars and definitions ---- */

static bool year_is_covered(struct examining *x, int year)
{
        struct date first, last;
        return date_of(year, 1, 1, &first) && date_of(year, 12, 31, &last) &&
               calendar_covers(calendar_latest(projection_calendars(x->projection)), first, last);
}

void check_calendar(struct examining *x)
{
        int year, month, day;
        date_parts(moment_date(x->options.now), &year, &month, &day);
        int missing = !year_is_covered(x, year)                               ? year
                      : month >= AHEAD_MONTH && !year_is_covered(x, year + 1) ? year + 1
                                                                              : 0;
        if (missing != 0)
                doctor_say(x, DOCTOR_WARNING, str_format(x->arena, "没有 %d 年的放假通知", missing),
                                "期限暂按周末和法定节日计算；国务院办公厅的通知公布后，请运行 plumbline calendar load");
        else
                doctor_say(x, DOCTOR_FINE, str_format(x->arena, "有 %d 年的放假通知", year), "");
}

/* The definitions in force as the lint has them now. What was accepted once stays in force: a fault
 * that the lint has learned since is told, and keeps nothing from running. */
void check_rules(struct examining *x)
{
        const struct definition_source *in_force;
        struct problems problems;
        struct catalogue catalogue;
        struct err err = { 0 };
        size_t n;
        if (!definitions_in_force(x->arena, x->snapshot, &in_force, &n, &err)) {
                doctor_say_err(x, &err);
                return;
        }
        struct definition_source *sources = arena_new_array(x->arena, n, struct definition_source);
        struct str *names = arena_new_array(x->arena, n, struct str);
        for (size_t i = 0; i < n; i++) {
                names[i] = in_force[i].name;
                sources[i] = (struct definition_source){ names[i], in_force[i].text, false };
        }
        if (n == 0 || catalogue_lint(x->arena, sources, n, &catalogue, &problems)) {
                doctor_say(x, DOCTOR_FINE, str_format(x->arena, "%zu 个，没有问题", n), "");
                return;
        }
        (void)problems_first(&problems, names, &err);
        doctor_say(x, DOCTOR_WARNING,
                        str_format(x->arena, "有 %zu 处问题，第一处：%s：%s", problems.n_faults,
                                        err.field, err.detail),
                        "照常办理；请改正后作为新版本用 plumbline definition activate 启用"
                        "（先用 plumbline procedure lint 检查）");
}

static const struct definition_source *source_of(struct examining *x, struct str name)
{
        const struct site_data *data = x->options.data;
        for (size_t i = 0; i < data->n_definitions; i++)
                if (str_eq(data->definitions[i].name, name))
                        return &data->definitions[i];
        return NULL;
}

void check_definitions(struct examining *x)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct err err = { 0 };
        struct buf names = BUF(x->arena);
        size_t n_other = 0, n_same = 0;
        if (x->options.data == NULL) {
                doctor_say(x, DOCTOR_SKIPPED, STR_LIT("没有找到随程序安装的定义"),
                                "请用 --data 指明目录");
                return;
        }
        if (!snapshot_rows(x->snapshot, Q_ROWS_DEFINITION, NO_PARAMS, &rows, &err)) {
                doctor_say_err(x, &err);
                return;
        }
        while (rows_next(&rows)) {
                const struct definition_source *source = source_of(x, rows_text(&rows, 0));
                bool same = source != NULL && str_eq(source->text, rows_text(&rows, 1));
                n_same += same;
                n_other += source != NULL && !same;
                if (source != NULL && !same && n_other <= DOCTOR_NAMES_SHOWN)
                        buf_format(&names, " %.*s", STR_FMT(source->name));
        }
        size_t n_new = x->options.data->n_definitions - n_same - n_other;
        if (n_other + n_new == 0)
                doctor_say(x, DOCTOR_FINE, str_format(x->arena, "与程序所带的相同，%zu 个", n_same),
                                "");
        else
                doctor_say(x, DOCTOR_WARNING,
                                str_format(x->arena,
                                                "程序所带的定义有 %zu 个不同、%zu 个未启用：%.*s%s",
                                                n_other, n_new, STR_FMT(buf_str(&names)),
                                                n_other > DOCTOR_NAMES_SHOWN ? " 等" : ""),
                                "核对后用 plumbline definition activate 启用；本地改过的可不理会");
}

/* ---- What is overdue, what nobody was told, what nobody needs ---- */

void check_timers(struct examining *x)
{
        struct err err = { 0 };
        int64_t n;
        bool found;
        if (!snapshot_int(x->snapshot, Q_CLOCKS_DUE_COUNT,
                            PARAMS(param_int(x->options.now.second - TIMERS_SLACK)), &n, &found,
                            &err))
                doctor_say_err(x, &err);
        else if (n > 0)
                doctor_say(x, DOCTOR_WARNING,
                                str_format(x->arena, "%lld 个期限的预警或届满没有处理",
                                                (long long)n),
                                "请启动 plumbline serve，或运行 plumbline clock run：依次补记，各记一次");
        else
                doctor_fine(x, "没有积压");
}

/* Their numbers, a few of them. */
static bool endless_matters(struct examining *x, struct str *ret, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct buf names = BUF(x->arena);
        if (!snapshot_rows(x->snapshot, Q_CLOCKS_ENDLESS, PARAMS(param_int(DOCTOR_NAMES_SHOWN)),
                            &rows, err))
                return false;
        while (rows_next(&rows))
                buf_format(&names, " %.*s", STR_FMT(rows_text(&rows, 0)));
        *ret = buf_str(&names);
        return rows_end(&rows, err);
}

/* Begun by an earlier version of the program, which did not refuse a date from which no last day
 * follows (a year mistyped by a century). */
void check_endless(struct examining *x)
{
        struct err err = { 0 };
        struct str names;
        int64_t n = 0;
        bool found;
        if (!snapshot_int(x->snapshot, Q_CLOCKS_ENDLESS_COUNT, NO_PARAMS, &n, &found, &err) ||
                        !endless_matters(x, &names, &err))
                doctor_say_err(x, &err);
        else if (n == 0)
                doctor_fine(x, "都算得出届满日");
        else
                doctor_say(x, DOCTOR_WARNING,
                                str_format(x->arena, "%lld 个正在计算的期限算不出届满日：%.*s%s",
                                                (long long)n, STR_FMT(names),
                                                n > DOCTOR_NAMES_SHOWN ? " 等" : ""),
                                "它们不会预警，也不会届满：请经办人逐件核对起算日期和期限长短，"
                                "停止或者撤销这个期限，按正确的日期另行起算");
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

void check_outbox(struct examining *x)
{
        struct err err = { 0 };
        struct moment oldest;
        int64_t n = 0;
        bool found;
        if (!snapshot_int(x->snapshot, Q_OUTBOX_COUNT, NO_PARAMS, &n, &found, &err) ||
                        !oldest_notice(x, &oldest, &err)) {
                doctor_say_err(x, &err);
                return;
        }
        bool late = x->options.now.second - oldest.second > OUTBOX_SLACK;
        doctor_say(x, late ? DOCTOR_WARNING : DOCTOR_FINE,
                        str_format(x->arena, "%lld 条通知待送", (long long)n),
                        late ? "有的已超过一天：请检查接收通知的系统是否在运行" : "");
}

/* Those that a form brought and no record names (desk/file_sweep.h). */
void check_files(struct examining *x)
{
        struct err err = { 0 };
        int64_t n = 0, bytes = 0;
        bool found;
        if (!snapshot_int(x->snapshot, Q_BLOB_ORPHANS, PARAMS(param_int(0)), &n, &found, &err) ||
                        !snapshot_int(x->snapshot, Q_BLOB_ORPHAN_BYTES, PARAMS(param_int(0)),
                                        &bytes, &found, &err)) {
                doctor_say_err(x, &err);
                return;
        }
        if (n == 0)
                doctor_fine(x, "没有多余的");
        else
                doctor_say(x, DOCTOR_FINE,
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
