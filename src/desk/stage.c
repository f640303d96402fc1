#include "desk/stage.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "desk/definitions.h"
#include "desk/freeze.h"
#include "desk/timers.h"

/* ---- Setting up ---- */

static struct moment stage_now(void *user)
{
        const struct stage *stage = user;
        return stage->now;
}

/* A counter, so that the same file gives the same bytes everywhere. */
static bool stage_entropy(void *user, uint8_t *to, size_t n)
{
        struct stage *stage = user;
        uint64_t x = ++stage->entropy;
        memset(to, 0, n);
        memcpy(to, &x, n < sizeof(x) ? n : sizeof(x));
        return true;
}

bool stage_open(struct arena *arena, const struct site_config *config,
                const struct catalogue *catalogue, const struct calendar_set *calendars,
                struct buf *out, struct stage **ret, struct err *err)
{
        struct stage *stage = arena_new(arena, struct stage);
        struct date day;
        bool ok = date_of(2021, 3, 1, &day);
        assert(ok);
        stage->arena = arena;
        stage->out = out;
        stage->now = moment_of(day, 9, 0, 0);
        if (!site_open_memory(config, catalogue, calendars, &stage->site, err))
                return false;
        struct desk_options options = {
                .clock = { stage_now, stage },
                .entropy = stage_entropy,
                .entropy_user = stage,
                .without_thread = true,
        };
        if (!desk_open(stage->site, &options, &stage->desk, err)) {
                site_close(&stage->site);
                return false;
        }
        *ret = stage;
        return true;
}

void stage_close(struct stage **closing)
{
        struct err ignored;
        if (*closing == NULL)
                return;
        if (!desk_close(&(*closing)->desk, &ignored)) {
                /* In memory: there is nothing to lose. */
        }
        site_close(&(*closing)->site);
        *closing = NULL;
}

void stage_say(struct stage *stage, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        int n = vsnprintf(NULL, 0, format, args);
        va_end(args);
        assert(n >= 0);
        char *line = arena_alloc(stage->arena, (size_t)n + 1);
        va_start(args, format);
        vsnprintf(line, (size_t)n + 1, format, args);
        va_end(args);
        buf_c(stage->out, "< ");
        for (const char *p = line; *p != '\0'; p++) {
                buf_char(stage->out, *p);
                if (*p == '\n')
                        buf_c(stage->out, "< ");
        }
        buf_char(stage->out, '\n');
}

static void refuse(struct stage *stage, const struct err *err)
{
        const struct err_text *text = err_text(err->code);
        struct str sentence = err_sentence(stage->arena, err);
        stage_say(stage, "拒绝（%s %s）：%.*s", err_kind_name(text->kind), text->name,
                        STR_FMT(sentence));
}

/* ---- Names of matters ---- */

bool stage_matter(const struct stage *stage, struct str name, int64_t *ret)
{
        for (size_t i = 0; i < stage->n_names; i++)
                if (str_eq(stage->names[i].name, name)) {
                        *ret = stage->names[i].matter;
                        return true;
                }
        return false;
}

void stage_name_matter(struct stage *stage, struct str name, int64_t matter)
{
        for (size_t i = 0; i < stage->n_names; i++)
                if (str_eq(stage->names[i].name, name)) {
                        stage->names[i].matter = matter;
                        return;
                }
        stage->names = arena_push(
                        stage->arena, stage->names, stage->n_names, sizeof(*stage->names));
        stage->names[stage->n_names++] =
                        (struct stage_name){ str_copy(stage->arena, name), matter };
}

/* ---- People and units ---- */

static struct value text_member(struct str text)
{
        return value_string(text);
}

static bool put(struct stage *stage, const char *reg, struct member *members, size_t n,
                struct err *err)
{
        struct receipt receipt;
        if (!value_sort_members(members, n))
                return err_set(err, E_REHEARSAL, "字段重复");
        struct submission s = {
                .reg = str_of(reg),
                .act = STR_LIT("put"),
                .by = BY_SYSTEM,
                .fields = value_context(members, n),
        };
        return desk_submit(stage->arena, stage->desk, &s, &receipt, err);
}

static bool put_unit(struct stage *stage, struct str id, struct str name, struct str parent,
                const struct value *more, struct err *err)
{
        size_t n_more = more != NULL ? more->context.n : 0, n = 0;
        struct member *members = arena_new_array(stage->arena, n_more + 3, struct member);
        members[n++] = (struct member){ STR_LIT("id"), text_member(id) };
        members[n++] = (struct member){ STR_LIT("name"), text_member(name) };
        if (parent.n > 0)
                members[n++] = (struct member){ STR_LIT("parent"), text_member(parent) };
        for (size_t i = 0; i < n_more; i++)
                members[n++] = more->context.members[i];
        if (!put(stage, "units", members, n, err))
                return false;
        if (stage->unit.n == 0)
                stage->unit = str_copy(stage->arena, id);
        return true;
}

/* A scenario that names no unit plays in the bureau itself. */
static bool need_unit(struct stage *stage, struct err *err)
{
        return stage->unit.n > 0 ||
               put_unit(stage, STR_LIT("bureau"), site_facts(stage->site)->organ, STR_LIT(""), NULL,
                               err);
}

static bool has_person(const struct stage *stage, struct str id)
{
        for (size_t i = 0; i < stage->n_people; i++)
                if (str_eq(stage->people[i], id))
                        return true;
        return false;
}

static bool put_person(struct stage *stage, struct str id, struct str name, struct str unit,
                struct str roles, const struct value *more, struct err *err)
{
        size_t n_more = more != NULL ? more->context.n : 0, n = 0, n_roles = 0;
        struct value *list = arena_new_array(stage->arena, roles.n + 1, struct value);
        while (roles.p != NULL && roles.n > 0)
                list[n_roles++] = value_string(str_split(&roles, ','));
        struct member *members = arena_new_array(stage->arena, n_more + 4, struct member);
        members[n++] = (struct member){ STR_LIT("id"), text_member(id) };
        members[n++] = (struct member){ STR_LIT("name"), text_member(name) };
        members[n++] = (struct member){ STR_LIT("roles"), value_list(list, n_roles) };
        members[n++] = (struct member){ STR_LIT("unit"), text_member(unit) };
        for (size_t i = 0; i < n_more; i++)
                members[n++] = more->context.members[i];
        if (!put(stage, "staff", members, n, err))
                return false;
        if (has_person(stage, id))
                return true;
        stage->people = arena_push(
                        stage->arena, stage->people, stage->n_people, sizeof(*stage->people));
        stage->people[stage->n_people++] = str_copy(stage->arena, id);
        return true;
}

/* "ROLE", "ROLE#2", "ROLE@UNIT#2": made on first use. */
static bool role_person(struct stage *stage, struct str who, struct err *err)
{
        struct str role = who, unit = stage->unit;
        size_t at = str_find(who, STR_LIT("#"));
        if (at != SIZE_MAX)
                role = str_slice(who, 0, at);
        size_t of = str_find(role, STR_LIT("@"));
        if (of != SIZE_MAX) {
                unit = str_slice(role, of + 1, role.n);
                role = str_slice(role, 0, of);
        }
        if (role.n == 0 || unit.n == 0)
                return err_set(err, E_REHEARSAL, "不认识的人：%.*s", STR_FMT(who));
        return put_person(stage, who, who, unit, role, NULL, err);
}

static bool set_actor(struct stage *stage, const struct version *version, struct str who,
                struct submission *s, struct err *err)
{
        s->actor = who;
        if (who.n == 0)
                return err_set(err, E_REHEARSAL, "缺少“by 谁”");
        if (str_is(who, "system")) {
                s->by = BY_SYSTEM;
                return true;
        }
        if (version != NULL && version_party(version, who) >= 0) {
                s->by = BY_PARTY;
                return true;
        }
        s->by = BY_STAFF;
        return has_person(stage, who) || role_person(stage, who, err);
}

/* ---- Answers ---- */

static void say_receipt(struct stage *stage, const struct receipt *r, bool is_begin)
{
        struct buf line = BUF(stage->arena);
        if (is_begin)
                buf_format(&line, "已登记 %.*s 〔%.*s〕", STR_FMT(r->number),
                                STR_FMT(r->state_label));
        else
                buf_format(&line, "已办理 %.*s 〔%.*s〕", STR_FMT(r->act_label),
                                STR_FMT(r->state_label));
        for (size_t i = 0; i < r->n_documents; i++)
                buf_format(&line, "%s%.*s %.*s", i == 0 ? " " : "、",
                                STR_FMT(r->documents[i].label), STR_FMT(r->documents[i].text));
        if (r->repeated)
                buf_c(&line, "（重复提交，未再办理）");
        stage_say(stage, "%.*s", STR_FMT(buf_str(&line)));
        for (size_t i = 0; i < r->n_clocks; i++)
                stage_say(stage, "期限 %.*s 至 %.*s%s", STR_FMT(r->clocks[i].label),
                                STR_FMT(r->clocks[i].text),
                                r->clocks[i].provisional ? "（暂定）" : "");
        for (size_t i = 0; i < r->n_warnings; i++)
                stage_say(stage, "提醒 %.*s", STR_FMT(r->warnings[i]));
        for (size_t i = 0; i < r->n_followed; i++)
                stage_say(stage, "随即 %.*s %.*s 〔%.*s〕", STR_FMT(r->followed[i].label),
                                STR_FMT(r->followed[i].name), STR_FMT(r->followed[i].text));
}

static void say_look(void *user, const struct timer_look *look)
{
        struct stage *stage = user;
        const struct receipt *r = &look->receipt;
        char due[26];
        moment_write(look->due, due);
        due[10] = ' ';
        due[16] = '\0';
        if (look->kind != TIMER_EXPIRED) {
                stage_say(stage, "%s %.*s %.*s：%s预警", due, STR_FMT(r->number),
                                STR_FMT(look->label), look->kind == TIMER_RED ? "红色" : "黄色");
                return;
        }
        stage_say(stage, "%s %.*s %.*s：届满", due, STR_FMT(r->number), STR_FMT(look->label));
        if (look->acted)
                say_receipt(stage, r, false);
        if (look->refused.code != E_NONE)
                refuse(stage, &look->refused);
}

/* ---- Statements ---- */

static bool submit(struct stage *stage, const struct statement *st, struct submission *s,
                bool is_begin, struct err *err)
{
        struct receipt receipt;
        struct err refused;
        (void)err;
        s->act = str_copy(stage->arena, s->act);
        s->fields = st->json;
        s->on_behalf = statement_after(st, 1, "for");
        s->key = statement_after(st, 1, "key");
        if (!desk_submit(stage->arena, stage->desk, s, &receipt, &refused)) {
                refuse(stage, &refused);
                return true;
        }
        struct str as = statement_after(st, 1, "as");
        if (as.n > 0)
                stage_name_matter(stage, as, receipt.matter);
        say_receipt(stage, &receipt, is_begin);
        return true;
}

static bool play_begin(struct stage *stage, const struct statement *st,
                const struct procedure *procedure, struct str act, struct err *err)
{
        struct submission s = { .procedure = procedure->name, .act = act };
        const struct version *version = procedure_version_on(procedure, moment_date(stage->now));
        s.unit = statement_after(st, 1, "unit");
        if (!set_actor(stage, version, statement_after(st, 1, "by"), &s, err))
                return false;
        if (s.unit.n == 0 && s.by != BY_STAFF)
                s.unit = stage->unit;
        return submit(stage, st, &s, true, err);
}

static bool play_act(struct stage *stage, const struct statement *st, struct err *err)
{
        size_t dot = str_find(st->words[0], STR_LIT("."));
        if (dot == SIZE_MAX)
                return err_set(err, E_REHEARSAL, "不认识的语句：%.*s", STR_FMT(st->words[0]));
        struct str subject = str_slice(st->words[0], 0, dot);
        struct str act = str_slice(st->words[0], dot + 1, st->words[0].n);
        int64_t matter;
        if (!need_unit(stage, err))
                return false;
        if (!stage_matter(stage, subject, &matter)) {
                const struct procedure *procedure =
                                catalogue_procedure(site_catalogue(stage->site), subject);
                if (procedure == NULL)
                        return err_set(err, E_REHEARSAL, "没有程序或办件 %.*s", STR_FMT(subject));
                return play_begin(stage, st, procedure, act, err);
        }
        const struct version *version;
        if (!stage_version(stage, matter, &version, err))
                return false;
        struct submission s = { .act = act,
                .matter = str_format(stage->arena, "#%lld", (long long)matter) };
        return set_actor(stage, version, statement_after(st, 1, "by"), &s, err) &&
               submit(stage, st, &s, false, err);
}

static bool play_time(struct stage *stage, const struct statement *st, struct err *err)
{
        struct moment until, next;
        struct str text = st->n > 2 ? str_format(stage->arena, "%.*s %.*s", STR_FMT(st->words[1]),
                                                      STR_FMT(st->words[2]))
                                    : str_format(stage->arena, "%.*s 09:00",
                                                      STR_FMT(st->words[st->n - 1]));
        if (!moment_parse(text, &until, err))
                return false;
        bool fresh = stage->n_names == 0 && stage->n_people == 0 && stage->unit.n == 0;
        if (until.second < stage->now.second && !fresh)
                return err_set(err, E_REHEARSAL, "时间不能倒退");
        for (bool any = !fresh; any;) {
                size_t n;
                if (!timers_next(stage->desk, &next, &any, err))
                        return false;
                if (!any || next.second > until.second)
                        break;
                if (next.second > stage->now.second)
                        stage->now = next;
                if (!timers_run(stage->desk, stage->now, say_look, stage, &n, err))
                        return false;
        }
        stage->now = until;
        return true;
}

static bool play_put(struct stage *stage, const struct statement *st, bool ends, struct err *err)
{
        if (st->n < 2)
                return err_set(err, E_REHEARSAL, "缺少名录名称");
        struct submission s = { .reg = st->words[1],
                .act = ends ? STR_LIT("end") : STR_LIT("put"),
                .by = BY_SYSTEM,
                .fields = st->json };
        const struct reg *reg = catalogue_register(site_catalogue(stage->site), s.reg);
        struct str by = statement_after(st, 2, "by");
        struct receipt receipt;
        struct err refused;
        if (!need_unit(stage, err))
                return false;
        if (by.n > 0 && !set_actor(stage, NULL, by, &s, err))
                return false;
        if (ends && st->n >= 3 && !st->has_json && reg != NULL) {
                struct member *members = arena_new_array(stage->arena, 2, struct member);
                struct str on = statement_after(st, 3, "on");
                size_t n = 0;
                if (on.n > 0)
                        members[n++] = (struct member){ STR_LIT("$end"), value_string(on) };
                members[n++] = (struct member){ reg->key, value_string(st->words[2]) };
                s.fields = value_context(members, n);
        }
        if (!desk_submit(stage->arena, stage->desk, &s, &receipt, &refused))
                refuse(stage, &refused);
        else if (by.n > 0)
                stage_say(stage, "已%s %.*s %.*s", ends ? "终止" : "登记",
                                STR_FMT(receipt.state_label), STR_FMT(receipt.number));
        return true;
}

static bool play_unit(struct stage *stage, const struct statement *st, struct err *err)
{
        if (st->n < 2)
                return err_set(err, E_REHEARSAL, "用法：unit 标识 名称 [in 上级] [{…}]");
        struct str name = st->n > 2 ? st->words[2] : st->words[1];
        return put_unit(stage, st->words[1], name, statement_after(st, 3, "in"), &st->json, err);
}

static bool play_staff(struct stage *stage, const struct statement *st, struct err *err)
{
        if (st->n < 3)
                return err_set(err, E_REHEARSAL, "用法：staff 标识 姓名 unit 单位 roles 岗位,岗位");
        if (!need_unit(stage, err))
                return false;
        struct str unit = statement_after(st, 3, "unit");
        return put_person(stage, st->words[1], st->words[2], unit.n > 0 ? unit : stage->unit,
                        statement_after(st, 3, "roles"), &st->json, err);
}

static bool play_freeze(struct stage *stage, const struct statement *st, struct err *err)
{
        int64_t year;
        struct err refused;
        if (st->n < 3 || !str_to_int(st->words[2], &year) || year < DATE_MIN_YEAR ||
                        year > DATE_MAX_YEAR)
                return err_set(err, E_REHEARSAL, "用法：freeze 报告 年份");
        if (report_freeze_year(stage->desk, st->words[1], (int)year, STR_LIT("system"), &refused))
                stage_say(stage, "已冻结 %.*s %lld", STR_FMT(st->words[1]), (long long)year);
        else
                refuse(stage, &refused);
        return true;
}

bool stage_play(struct stage *stage, struct str text, struct err *err)
{
        struct statement st;
        bool known = false;
        if (!statement_parse(stage->arena, text, &st, err))
                return false;
        if (st.n == 0)
                return err_set(err, E_REHEARSAL, "没有语句");
        if (st.json.kind != VALUE_CONTEXT)
                return err_set(err, E_REHEARSAL, "字段应当写成 {\"名称\": 值}");
        if (str_is(st.words[0], "time"))
                return play_time(stage, &st, err);
        if (str_is(st.words[0], "unit"))
                return play_unit(stage, &st, err);
        if (str_is(st.words[0], "staff"))
                return play_staff(stage, &st, err);
        if (str_is(st.words[0], "put") || str_is(st.words[0], "end"))
                return play_put(stage, &st, str_is(st.words[0], "end"), err);
        if (str_is(st.words[0], "freeze"))
                return play_freeze(stage, &st, err);
        if (!stage_show(stage, &st, &known, err))
                return false;
        return known || play_act(stage, &st, err);
}
