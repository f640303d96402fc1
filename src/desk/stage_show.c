/* desk/stage_show.c - the statements of a rehearsal that only look. */
#include "desk/stage.h"

#include "base/limits.h"
#include "desk/history.h"
#include "desk/paper.h"
#include "projection/indicator.h"
#include "projection/matter_read.h"
#include "projection/register_read.h"
#include "projection/report.h"
#include "projection/world.h"
#include "store/store.h"

struct looking {
        struct stage *stage;
        struct arena *arena;
        const struct statement *st;
        struct snapshot *snapshot;
        struct world world;
        const struct catalogue *catalogue;
        struct matter *matter; /* of the name in word 1, if the statement wants one */
        struct str name;
        struct err *err;
};

static struct str word(const struct looking *l, size_t i)
{
        return i < l->st->n ? l->st->words[i] : (struct str){ NULL, 0 };
}

static bool load(struct looking *l, int64_t id)
{
        return matter_read(l->arena, l->snapshot, l->catalogue, id, &l->matter, l->err);
}

bool stage_version(struct stage *stage, int64_t matter, const struct version **ret, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct matter *m;
        if (!snapshot_open(site_store(stage->site), &snapshot, err) ||
                        !matter_read(stage->arena, snapshot, site_catalogue(stage->site), matter,
                                        &m, err))
                return false;
        *ret = m->version;
        return true;
}

/* ---- show NAME [fields|clocks|documents|timeline|publications] ---- */

static void say_state(struct looking *l)
{
        const struct matter *m = l->matter;
        stage_say(l->stage, "%.*s %.*s 〔%.*s〕 %.*s", STR_FMT(m->version->procedure->label),
                        STR_FMT(m->number), STR_FMT(m->version->states[m->state].label),
                        STR_FMT(m->version->name));
}

static bool show_fields(struct looking *l)
{
        for (size_t i = 0; i < l->matter->version->n_fields; i++) {
                const struct field *field = &l->matter->version->fields[i];
                if (value_is_null(l->matter->fields[i]))
                        continue;
                struct str text = paper_field(l->arena, field, &l->matter->fields[i]);
                stage_say(l->stage, "%.*s（%.*s）：%.*s", STR_FMT(field->label),
                                STR_FMT(field->name), STR_FMT(text));
        }
        return true;
}

static bool show_clocks(struct looking *l)
{
        struct date today = moment_date(l->stage->now);
        for (size_t i = 0; i < l->matter->version->n_clocks; i++) {
                const struct clock_definition *clock = &l->matter->version->clocks[i];
                const struct matter_clock *c = &l->matter->clocks[i];
                struct deadline d;
                if (c->status == CLOCK_NONE)
                        continue;
                struct buf line = BUF(l->arena);
                buf_format(&line, "%.*s %s", STR_FMT(clock->label), paper_clock_status(c->status));
                if (matter_deadline(l->matter, i, l->world.circumstances.calendar, today, &d))
                        buf_format(&line, " 至 %.*s%s", STR_FMT(date_format(l->arena, d.last_day)),
                                        d.provisional ? "（暂定）" : "");
                buf_c(&line, paper_clock_late(clock, c));
                buf_format(&line, "（%.*s）", STR_FMT(clock->basis));
                stage_say(l->stage, "%.*s", STR_FMT(buf_str(&line)));
        }
        return true;
}

/* Each document as of its issue: what was filled in later does not change it. */
static bool show_documents(struct looking *l)
{
        struct str wanted = word(l, 3);
        for (size_t i = 0; i < l->matter->n_documents; i++) {
                const struct issued_document *issued = &l->matter->documents[i];
                const struct document *document = &l->matter->version->documents[issued->document];
                struct matter *then;
                struct world world;
                struct str text;
                if (wanted.n > 0 && !str_eq(wanted, document->name))
                        continue;
                world_open(&world, l->snapshot, l->catalogue, site_calendars(l->stage->site),
                                site_facts(l->stage->site), issued->time);
                if (!history_matter_at(l->arena, l->snapshot, l->matter->version, l->matter->id,
                                    issued->seq, &then, l->err) ||
                                !paper_document(l->arena, then, issued, &world.circumstances, &text,
                                                l->err))
                        return false;
                stage_say(l->stage, "【%.*s】%.*s", STR_FMT(document->label),
                                STR_FMT(issued->number));
                while (text.n > 0) {
                        struct str line = str_split(&text, '\n');
                        if (line.n > 0 || text.n > 0)
                                stage_say(l->stage, "%.*s", STR_FMT(line));
                }
        }
        return true;
}

static struct str deed_label(const struct matter *matter, const struct deed *deed)
{
        if (deed->act != SIZE_MAX)
                return matter->version->acts[deed->act].label;
        if (str_is(deed->name, ACT_NOTE))
                return STR_LIT("备注");
        if (str_starts(deed->name, STR_LIT(ACT_CODE)))
                return STR_LIT("补发查询码");
        return str_is(deed->name, ACT_EXPIRE) ? STR_LIT("期限届满") : STR_LIT("期限预警");
}

static bool show_timeline(struct looking *l)
{
        for (size_t i = 0; i < l->matter->n_deeds; i++) {
                const struct deed *deed = &l->matter->deeds[i];
                char time[26];
                moment_write(deed->time, time);
                time[10] = ' ';
                time[16] = '\0';
                stage_say(l->stage, "%s %.*s %.*s", time, STR_FMT(deed_label(l->matter, deed)),
                                STR_FMT(deed->actor));
        }
        return true;
}

static bool show_publications(struct looking *l)
{
        const struct publication_row *rows;
        size_t n;
        if (!publication_rows(l->arena, l->snapshot, l->matter->id, &rows, &n, l->err))
                return false;
        for (size_t i = 0; i < n; i++) {
                const struct publication_row *row = &rows[i];
                struct buf line = BUF(l->arena);
                buf_format(&line, "%.*s 《%.*s》 %.*s起", STR_FMT(row->publication),
                                STR_FMT(row->title), STR_FMT(date_format(l->arena, row->from)));
                if (!date_is_none(row->until))
                        buf_format(&line, "，%.*s止", STR_FMT(date_format(l->arena, row->until)));
                for (size_t k = 0; k < row->shown.list.n; k++) {
                        const struct value *shown = &row->shown.list.items[k];
                        buf_format(&line, "；%.*s：%.*s",
                                        STR_FMT(value_get(shown, STR_LIT("label"))->string),
                                        STR_FMT(value_text(l->arena,
                                                        value_get(shown, STR_LIT("value")))));
                }
                stage_say(l->stage, "%.*s", STR_FMT(buf_str(&line)));
        }
        return true;
}

static bool show(struct looking *l)
{
        struct str what = word(l, 2);
        say_state(l);
        if (what.n == 0 || str_is(what, "fields"))
                return show_fields(l);
        if (str_is(what, "clocks"))
                return show_clocks(l);
        if (str_is(what, "documents"))
                return show_documents(l);
        if (str_is(what, "timeline"))
                return show_timeline(l);
        if (str_is(what, "publications"))
                return show_publications(l);
        return err_set(l->err, E_REHEARSAL,
                        "show 之后写 fields、clocks、documents、timeline 或 publications");
}

static bool at(struct looking *l)
{
        say_state(l);
        return true;
}

/* ---- explain NAME CLOCK ---- */

static bool explain(struct looking *l)
{
        int clock = version_clock(l->matter->version, word(l, 2));
        struct derivation derivation;
        struct err refused;
        if (clock < 0)
                return err_set(l->err, E_REHEARSAL, "没有期限 %.*s", STR_FMT(word(l, 2)));
        if (!paper_derivation(l->arena, l->matter, (size_t)clock, l->world.circumstances.calendar,
                            moment_date(l->stage->now), &derivation, &refused)) {
                stage_say(l->stage, "%.*s", STR_FMT(err_sentence(l->arena, &refused)));
                return true;
        }
        struct str text = str_trim(derivation_format(l->arena, &derivation));
        stage_say(l->stage, "%.*s", STR_FMT(text));
        return true;
}

/* ---- offer NAME by WHO: what could be done now ---- */

static bool offer(struct looking *l)
{
        struct str who = statement_after(l->st, 2, "by");
        struct actor actor = { .id = who, .name = who };
        const struct version *version = l->matter->version;
        struct err *errs = arena_new_array(l->arena, version->n_acts, struct err);
        if (version_party(version, who) < 0 &&
                        !world_actor(l->arena, &l->world, who, &actor, l->err))
                return false;
        procedure_offer(l->arena, l->matter, &actor, &l->world.circumstances, errs);
        for (size_t i = 0; i < version->n_acts; i++)
                if (errs[i].code == E_NONE)
                        stage_say(l->stage, "可办 %.*s（%.*s）", STR_FMT(version->acts[i].label),
                                        STR_FMT(version->acts[i].name));
        return true;
}

/* ---- child NAME PROCEDURE as OTHER [nth N] ---- */

static bool child(struct looking *l)
{
        struct str as = statement_after(l->st, 2, "as"), nth = statement_after(l->st, 2, "nth");
        struct rows rows _cleanup_(rows_close) = { 0 };
        int64_t want = 1, seen = 0, found = 0;
        int64_t parent = l->matter->id;
        if (nth.n > 0 && !str_to_int(nth, &want))
                return err_set(l->err, E_REHEARSAL, "nth 之后写数字");
        if (!snapshot_rows(l->snapshot, Q_MATTER_CHILDREN, PARAMS(param_int(parent)), &rows,
                            l->err))
                return false;
        int64_t ids[LIMIT_PAGE_ROWS];
        size_t n = 0;
        while (n < LIMIT_PAGE_ROWS && rows_next(&rows))
                ids[n++] = rows_int(&rows, 0);
        if (!rows_end(&rows, l->err))
                return false;
        for (size_t i = 0; i < n && found == 0; i++) {
                if (!load(l, ids[i]))
                        return false;
                if (str_eq(l->matter->version->procedure->name, word(l, 2)) && ++seen == want)
                        found = ids[i];
        }
        if (found == 0) {
                stage_say(l->stage, "没有");
                return true;
        }
        if (as.n > 0)
                stage_name_matter(l->stage, as, found);
        say_state(l);
        return true;
}

/* ---- Registers ---- */

static void say_entry(struct looking *l, const struct register_row *row)
{
        struct buf line = BUF(l->arena);
        buf_format(&line, "%.*s %.*s起", STR_FMT(row->key),
                        STR_FMT(date_format(l->arena, row->from)));
        if (!date_is_none(row->until))
                buf_format(&line, "，%.*s前", STR_FMT(date_format(l->arena, row->until)));
        for (size_t i = 0; i < row->entry.context.n; i++) {
                const struct member *m = &row->entry.context.members[i];
                if (str_is(m->name, "key") || value_is_null(m->value) ||
                                (m->value.kind == VALUE_STRING &&
                                                str_eq(m->value.string, row->key)))
                        continue;
                buf_format(&line, "；%.*s：%.*s", STR_FMT(m->name),
                                STR_FMT(value_text(l->arena, &m->value)));
        }
        stage_say(l->stage, "%.*s", STR_FMT(buf_str(&line)));
}

static bool entries(struct looking *l)
{
        const struct register_row *rows;
        size_t n;
        struct str on = statement_after(l->st, 2, "on");
        struct date day = moment_date(l->stage->now);
        if (on.n > 0 && !date_parse(on, &day, l->err))
                return false;
        if (!register_rows(l->arena, l->snapshot, l->catalogue, word(l, 1), day, STR_LIT(""),
                            LIMIT_PAGE_ROWS, &rows, &n, l->err))
                return false;
        for (size_t i = 0; i < n; i++)
                say_entry(l, &rows[i]);
        if (n == 0)
                stage_say(l->stage, "没有");
        return true;
}

static bool entry(struct looking *l)
{
        const struct register_row *rows;
        size_t n;
        if (!register_history(l->arena, l->snapshot, l->catalogue, word(l, 1), word(l, 2), &rows,
                            &n, l->err))
                return false;
        for (size_t i = 0; i < n; i++)
                say_entry(l, &rows[i]);
        if (n == 0)
                stage_say(l->stage, "没有");
        return true;
}

/* ---- Figures ---- */

static bool year_of(struct looking *l, size_t at_word, int *ret)
{
        int64_t year;
        if (!str_to_int(word(l, at_word), &year) || year < DATE_MIN_YEAR || year > DATE_MAX_YEAR)
                return err_set(l->err, E_REHEARSAL, "缺少年份");
        *ret = (int)year;
        return true;
}

static bool figure(struct looking *l)
{
        struct figure f;
        int year;
        struct err refused;
        if (!year_of(l, 2, &year))
                return false;
        if (!indicator_value(l->arena, &l->world, word(l, 1), period_year(year), STR_LIT(""), &f,
                            &refused)) {
                stage_say(l->stage, "%.*s", STR_FMT(err_sentence(l->arena, &refused)));
                return true;
        }
        stage_say(l->stage, "%.*s %d：%.*s%.*s", STR_FMT(f.indicator->label), year, STR_FMT(f.text),
                        STR_FMT(f.indicator->unit));
        return true;
}

static bool report(struct looking *l)
{
        struct report_view view;
        int year;
        if (!year_of(l, 2, &year))
                return false;
        if (!report_read(l->arena, &l->world, word(l, 1), year, &view, l->err))
                return false;
        for (size_t i = 0; i < view.n_lines; i++)
                stage_say(l->stage, "%.*s %.*s", STR_FMT(view.lines[i].id),
                                STR_FMT(view.lines[i].text));
        return true;
}

/* ---- outbox: who was told ---- */

static bool outbox(struct looking *l)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(l->snapshot, Q_OUTBOX_WAITING, PARAMS(param_int(LIMIT_PAGE_ROWS)), &rows,
                            l->err))
                return false;
        bool any = false;
        for (; rows_next(&rows); any = true)
                stage_say(l->stage, "%.*s 致 %.*s：%.*s", STR_FMT(rows_text(&rows, 2)),
                                STR_FMT(rows_text(&rows, 3)), STR_FMT(rows_text(&rows, 5)));
        if (!any)
                stage_say(l->stage, "没有");
        return rows_end(&rows, l->err);
}

/* ---- The table ---- */

static const struct view {
        const char *name;
        bool wants_matter;
        size_t n_words;
        bool (*run)(struct looking *);
} views[] = {
        { "show", true, 2, show },
        { "at", true, 2, at },
        { "explain", true, 3, explain },
        { "offer", true, 4, offer },
        { "child", true, 3, child },
        { "entries", false, 2, entries },
        { "entry", false, 3, entry },
        { "figure", false, 3, figure },
        { "report", false, 3, report },
        { "outbox", false, 1, outbox },
};

static bool look(struct stage *stage, const struct statement *st, const struct view *view,
                struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct looking *l = arena_new(stage->arena, struct looking);
        *l = (struct looking){ .stage = stage,
                .arena = stage->arena,
                .st = st,
                .catalogue = site_catalogue(stage->site),
                .err = err };
        int64_t id;
        if (st->n < view->n_words)
                return err_set(err, E_REHEARSAL, "“%s”后面缺少内容", view->name);
        if (!snapshot_open(site_store(stage->site), &snapshot, err))
                return false;
        l->snapshot = snapshot;
        world_open(&l->world, snapshot, l->catalogue, site_calendars(stage->site),
                        site_facts(stage->site), stage->now);
        if (view->wants_matter) {
                if (!stage_matter(stage, st->words[1], &id))
                        return err_set(err, E_REHEARSAL, "没有办件 %.*s", STR_FMT(st->words[1]));
                if (!load(l, id))
                        return false;
        }
        return view->run(l);
}

bool stage_show(struct stage *stage, const struct statement *statement, bool *ret_known,
                struct err *err)
{
        for (size_t i = 0; i < N_ELEMENTS(views); i++)
                if (str_is(statement->words[0], views[i].name)) {
                        *ret_known = true;
                        return look(stage, statement, &views[i], err);
                }
        *ret_known = false;
        return true;
}
