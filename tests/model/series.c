/* Document numbers (文号): each series counts 1, 2, 3 ... without a gap or a double. */
#include "model.h"

#include <stdlib.h>

#include "desk/history.h"
#include "projection/matter_read.h"

struct taken {
        struct str series; /* with {n} where the number stands */
        int64_t n, seq;
};

struct takings {
        struct model *model;
        struct taken *rows;
        size_t n, capacity;
};

static struct str parameter_of(const struct version *version, struct str token)
{
        for (size_t i = 0; i < version->n_parameters; i++)
                if (str_eq(version->parameters[i].name, token) &&
                                version->parameters[i].value.kind == VALUE_STRING)
                        return version->parameters[i].value.string;
        return (struct str){ NULL, 0 };
}

static void add_token(struct buf *buf, const struct model *model, const struct version *version,
                const struct matter *matter, struct moment time, struct str token)
{
        const struct site_facts *site = site_facts(model->site);
        struct str text = parameter_of(version, token);
        int year, month, day;
        date_parts(moment_date(time), &year, &month, &day);
        if (text.p != NULL)
                buf_str_add(buf, text);
        else if (str_is(token, "prefix"))
                buf_str_add(buf, site->prefix);
        else if (str_is(token, "region"))
                buf_str_add(buf, site->region);
        else if (str_is(token, "organ"))
                buf_str_add(buf, site->organ);
        else if (str_is(token, "number"))
                buf_str_add(buf, matter->number);
        else if (str_is(token, "year"))
                buf_format(buf, "%d", year);
        else if (str_is(token, "date"))
                buf_format(buf, "%04d%02d%02d", year, month, day);
        else
                buf_format(buf, "{%.*s}", STR_FMT(token));
}

/* The format with everything filled in but the number; split around that. */
static bool split_format(struct model *model, const struct matter *matter, struct str format,
                struct moment time, struct str *head, struct str *tail, struct str *series)
{
        struct buf buf = BUF(model->arena);
        while (format.n > 0) {
                size_t open = str_find(format, STR_LIT("{"));
                size_t close = str_find(format, STR_LIT("}"));
                if (open == SIZE_MAX) {
                        buf_str_add(&buf, format);
                        break;
                }
                buf_str_add(&buf, str_slice(format, 0, open));
                add_token(&buf, model, matter->version, matter, time,
                                str_slice(format, open + 1, close));
                format = str_slice(format, close + 1, format.n);
        }
        *series = buf_str(&buf);
        size_t at = str_find(*series, STR_LIT("{n"));
        if (at == SIZE_MAX)
                return false;
        *head = str_slice(*series, 0, at);
        struct str rest = str_slice(*series, at, series->n);
        *tail = str_slice(rest, str_find(rest, STR_LIT("}")) + 1, rest.n);
        return true;
}

static void take(struct takings *takings, const struct matter *matter, struct str format,
                struct str number, const struct past_event *event)
{
        struct model *model = takings->model;
        struct str head, tail, series;
        int64_t n;
        if (format.n == 0 || !split_format(model, matter, format, event->leaf.time, &head, &tail,
                                             &series))
                return;
        if (!str_starts(number, head) || !str_ends(number, tail) ||
                        !str_to_int(str_slice(number, head.n, number.n - tail.n), &n))
                model_fail(model, "number %.*s does not suit %.*s", STR_FMT(number),
                                STR_FMT(series));
        if (takings->n == takings->capacity) {
                takings->capacity = 2 * takings->capacity + 256;
                takings->rows = realloc(takings->rows, takings->capacity * sizeof(struct taken));
                if (takings->rows == NULL)
                        abort();
        }
        takings->rows[takings->n++] = (struct taken){ series, n, event->id };
}

static void take_event(struct takings *takings, const struct matter *matter,
                const struct past_event *event)
{
        const struct version *version = matter->version;
        const struct value *number = value_get(&event->fact.data, STR_LIT("$number"));
        const struct value *documents = value_get(&event->fact.data, STR_LIT("$documents"));
        if (number != NULL)
                take(takings, matter, version->number, number->string, event);
        if (documents == NULL)
                return;
        for (size_t i = 0; i < documents->context.n; i++) {
                const struct member *m = &documents->context.members[i];
                int index = version_document(version, m->name);
                take(takings, matter, version->documents[index].number, m->value.string, event);
        }
}

/* A warning of each level and an expiry at most once in one running of a clock. */
static void check_once_each(struct model *model, const struct matter *matter,
                const struct past_event *events, size_t n)
{
        for (size_t c = 0; c < matter->version->n_clocks; c++) {
                struct str name = matter->version->clocks[c].name;
                int given[3] = { 0, 0, 0 };
                for (size_t i = 0; i < n; i++) {
                        const struct value *data = &events[i].fact.data;
                        const struct value *clock = value_get(data, STR_LIT("$clock"));
                        const struct value *level = value_get(data, STR_LIT("$level"));
                        const struct value *expired = value_get(data, STR_LIT("$expired"));
                        int act = version_act(matter->version, events[i].leaf.act);
                        if (clock != NULL && str_eq(clock->string, name))
                                given[level == NULL ? 2 : str_is(level->string, "red") ? 1 : 0]++;
                        else if (expired != NULL && str_eq(expired->string, name))
                                given[2]++;
                        if (given[0] > 1 || given[1] > 1 || given[2] > 1)
                                model_fail(model, "%.*s: clock %.*s told twice by event %lld",
                                                STR_FMT(matter->number), STR_FMT(name),
                                                (long long)events[i].id);
                        for (size_t k = 0; act >= 0 && k < matter->version->acts[act].n_clock_steps;
                                        k++) {
                                const struct clock_step *step =
                                                &matter->version->acts[act].clock_steps[k];
                                if (step->clock == c && (step->verb == CLOCK_START ||
                                                                        step->verb == CLOCK_EXTEND))
                                        given[0] = given[1] = given[2] = 0;
                        }
                }
        }
}

static int by_series(const void *a, const void *b)
{
        const struct taken *x = a, *y = b;
        int order = str_cmp(x->series, y->series);
        if (order != 0)
                return order;
        return x->n != y->n ? (x->n > y->n) - (x->n < y->n) : (x->seq > y->seq) - (x->seq < y->seq);
}

static void check_runs(struct takings *takings, struct snapshot *snapshot)
{
        struct model *model = takings->model;
        const struct taken *rows = takings->rows;
        if (takings->n > 0)
                qsort(takings->rows, takings->n, sizeof(*takings->rows), by_series);
        for (size_t i = 0; i < takings->n; i++) {
                bool same = i > 0 && str_eq(rows[i].series, rows[i - 1].series);
                bool last = i + 1 == takings->n || !str_eq(rows[i].series, rows[i + 1].series);
                int64_t due = same ? rows[i - 1].n + 1 : 1, counter;
                bool found;
                if (rows[i].n != due || (same && rows[i].seq < rows[i - 1].seq))
                        model_fail(model, "series %.*s: %lld where %lld is due (event %lld)",
                                        STR_FMT(rows[i].series), (long long)rows[i].n,
                                        (long long)due, (long long)rows[i].seq);
                if (!last)
                        continue;
                model_must(model,
                                snapshot_int(snapshot, Q_COUNTER_GET,
                                                PARAMS(param_text(rows[i].series)), &counter,
                                                &found, &model->err),
                                "counter");
                if (!found || counter != rows[i].n)
                        model_fail(model, "series %.*s: its counter stands at %lld, not %lld",
                                        STR_FMT(rows[i].series), (long long)counter,
                                        (long long)rows[i].n);
        }
}

void check_series(struct model *model, struct snapshot *snapshot)
{
        struct takings takings = { .model = model };
        for (size_t i = 0; i < model->n_matters; i++) {
                struct matter *matter;
                const struct past_event *events;
                size_t n;
                model_must(model,
                                matter_read(model->arena, snapshot, site_catalogue(model->site),
                                                model->matters[i], &matter, &model->err) &&
                                                history_read(model->arena, snapshot,
                                                                matter->version, matter->id,
                                                                &events, &n, &model->err),
                                "history");
                for (size_t k = 0; k < n; k++)
                        take_event(&takings, matter, &events[k]);
                check_once_each(model, matter, events, n);
        }
        check_runs(&takings, snapshot);
        free(takings.rows);
}
