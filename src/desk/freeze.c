#include "desk/freeze.h"

#include <assert.h>

#include "desk/desk_state.h"
#include "projection/projection.h"
#include "projection/report.h"
#include "projection/world.h"

struct freeze_job {
        struct job job;
        struct str report, actor;
        int year;
        struct value data; /* of load; null = computed here */
};

static bool run_freeze(struct writer *w, struct job *job, struct err *err)
{
        struct freeze_job *j = (struct freeze_job *)job;
        struct fact fact = {
                .reg = STR_LIT(KIND_REPORT),
                .act = STR_LIT(ACT_LOAD_FROZEN),
                .actor = j->actor,
                .time = w->now,
                .data = j->data,
        };
        int64_t seq;
        if (!writer_mark(w, err))
                return false;
        if (j->data.kind == VALUE_NULL) {
                fact.act = STR_LIT(ACT_FREEZE);
                struct world world;
                world_open(&world, tx_snapshot(w->tx), w->circumstances.catalogue,
                                site_calendars(desk_site(w->desk)), w->circumstances.site, w->now);
                if (!report_freeze(w->arena, &world, j->report, j->year, &fact.data, err))
                        return false;
        }
        return writer_record(w, &fact, NULL, STR_LIT(""), &seq, err);
}

bool report_freeze_year(
                struct desk *desk, struct str report, int year, struct str actor, struct err *err)
{
        struct freeze_job job = { .job = { .run = run_freeze },
                .report = report,
                .actor = actor,
                .year = year,
                .data = value_null() };
        return desk_do(desk, &job.job, err);
}

static bool parse_line(struct arena *arena, struct str line, int number, struct value *ret,
                struct err *err)
{
        struct str id = str_split(&line, '\t'), indicator = str_split(&line, '\t');
        struct str text = str_split(&line, '\t'), unit = str_split(&line, '\t');
        struct str qualifier = line.n > 0 ? str_trim(line) : STR_LIT("=");
        struct decimal value;
        if (id.n == 0 || unit.p == NULL || !decimal_parse(str_trim(text), &value, err))
                return err_set(err, E_FREEZE_LINE, "第 %d 行", number);
        struct member *members = arena_new_array(arena, 6, struct member);
        members[0] = (struct member){ STR_LIT("id"), value_string(id) };
        members[1] = (struct member){ STR_LIT("indicator"), value_string(indicator) };
        members[2] = (struct member){ STR_LIT("qualifier"), value_string(qualifier) };
        members[3] = (struct member){ STR_LIT("shown"), value_string(str_trim(text)) };
        members[4] = (struct member){ STR_LIT("unit"), value_string(str_trim(unit)) };
        members[5] = (struct member){ STR_LIT("value"),
                value_string(decimal_format(arena, value)) };
        *ret = value_context(members, 6);
        return true;
}

static bool parse_figures(struct arena *arena, struct str tsv, struct value *ret, struct err *err)
{
        size_t n = 0, capacity = 1;
        for (size_t i = 0; i < tsv.n; i++)
                capacity += tsv.p[i] == '\n';
        struct value *figures = arena_new_array(arena, capacity, struct value);
        for (int number = 1; tsv.n > 0; number++) {
                struct str line = str_split(&tsv, '\n');
                if (str_trim(line).n == 0 || line.p[0] == '#')
                        continue;
                if (!parse_line(arena, line, number, &figures[n++], err))
                        return false;
        }
        if (n == 0)
                return err_set(err, E_FREEZE_LINE, "没有一行数据");
        *ret = value_list(figures, n);
        return true;
}

bool report_load_year(struct desk *desk, struct str report, int year, struct str tsv,
                struct str actor, size_t *ret_n, struct err *err)
{
        if (!str_is_utf8(tsv))
                return err_set(err, E_UTF8, "上年数据");
        struct arena *arena = arena_open();
        struct member members[3];
        struct value figures;
        bool ok = parse_figures(arena, tsv, &figures, err);
        if (ok) {
                members[0] = (struct member){ STR_LIT("figures"), figures };
                members[1] = (struct member){ STR_LIT("report"), value_string(report) };
                members[2] = (struct member){ STR_LIT("year"), value_int(year) };
                struct freeze_job job = { .job = { .run = run_freeze },
                        .report = report,
                        .actor = actor,
                        .year = year,
                        .data = value_context(members, 3) };
                ok = desk_do(desk, &job.job, err);
                *ret_n = figures.list.n;
        }
        arena_close(&arena);
        return ok;
}
