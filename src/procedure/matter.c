#include "procedure/matter.h"

#include <assert.h>

#include "base/limits.h"

struct matter *matter_new(struct arena *arena, const struct version *version)
{
        struct matter *matter = arena_new(arena, struct matter);
        matter->version = version;
        matter->fields = arena_new_array(arena, version->n_fields, struct value);
        matter->clocks = arena_new_array(arena, version->n_clocks, struct matter_clock);
        return matter;
}

struct matter *matter_copy(struct arena *arena, const struct matter *matter)
{
        const struct version *version = matter->version;
        struct matter *copy = arena_new(arena, struct matter);
        *copy = *matter;
        copy->fields = arena_grow(
                        arena, matter->fields, version->n_fields, 0, sizeof(*copy->fields));
        copy->clocks = arena_grow(
                        arena, matter->clocks, version->n_clocks, 0, sizeof(*copy->clocks));
        return copy;
}

const struct deed *matter_did(const struct matter *matter, struct str act, size_t *ret_count)
{
        const struct deed *last = NULL;
        *ret_count = 0;
        for (size_t i = 0; i < matter->n_deeds; i++) {
                if (!str_eq(matter->deeds[i].name, act))
                        continue;
                last = &matter->deeds[i];
                ++*ret_count;
        }
        return last;
}

/* ---- Folding ---- */

struct fold {
        struct arena *arena;
        struct matter *matter;
        const struct fact *fact;
        const struct act *act; /* NULL: one of the kernel's own */
        int64_t seq;
        struct err *err;
};

static bool broken(struct fold *fold, const char *what)
{
        return err_set(fold->err, E_MATTER_FOLD, "%.*s #%lld：%s", STR_FMT(fold->fact->act),
                        (long long)fold->seq, what);
}

static bool read_int(const struct value *v, int64_t *ret)
{
        return v != NULL && v->kind == VALUE_NUMBER && decimal_to_int(v->number, ret);
}

static bool read_text(const struct value *v, struct str *ret)
{
        if (v == NULL || v->kind != VALUE_STRING)
                return false;
        *ret = v->string;
        return true;
}

static bool read_date(const struct value *v, struct date *ret)
{
        struct err err;
        if (v == NULL)
                return false;
        if (v->kind == VALUE_DATE) {
                *ret = v->date;
                return true;
        }
        if (v->kind == VALUE_MOMENT) {
                *ret = moment_date(v->moment);
                return true;
        }
        return v->kind == VALUE_STRING && date_parse(v->string, ret, &err);
}

static bool read_moment(const struct value *v, struct moment *ret)
{
        struct err err;
        struct date date;
        if (v == NULL)
                return false;
        if (v->kind == VALUE_MOMENT) {
                *ret = v->moment;
                return true;
        }
        if (v->kind == VALUE_STRING && moment_parse(v->string, ret, &err))
                return true;
        if (!read_date(v, &date))
                return false;
        *ret = moment_of(date, 0, 0, 0);
        return true;
}

static const struct value *member(const struct value *context, const char *name)
{
        return context != NULL && context->kind == VALUE_CONTEXT ? value_get(context, str_of(name))
                                                                 : NULL;
}

/* When what the act does to clocks takes effect. What a timer does belongs to the moment at which
 * the term ended, however late the program came to it. */
static struct moment effect(const struct fold *fold)
{
        struct moment due;
        return read_moment(member(&fold->fact->data, "$due"), &due) ? due : fold->fact->time;
}

static bool list_has(const struct value *list, struct str text)
{
        if (list == NULL || list->kind != VALUE_LIST)
                return false;
        for (size_t i = 0; i < list->list.n; i++)
                if (list->list.items[i].kind == VALUE_STRING &&
                                str_eq(list->list.items[i].string, text))
                        return true;
        return false;
}

static bool contains(const size_t *indexes, size_t n, size_t index)
{
        for (size_t i = 0; i < n; i++)
                if (indexes[i] == index)
                        return true;
        return false;
}

static void clock_end(struct matter_clock *clock, enum clock_status status, struct moment now)
{
        clock->status = status;
        clock->ended = now;
}

static bool clock_pause(struct fold *fold, struct matter_clock *clock, struct date day)
{
        if (clock->status != CLOCK_RUNNING)
                return true;
        if (clock->n_pauses == MATTER_PAUSES_MAX)
                return broken(fold, "中止次数过多");
        struct deadline_pause *pauses =
                        arena_grow(fold->arena, clock->pauses, clock->n_pauses, 1, sizeof(*pauses));
        pauses[clock->n_pauses++] = (struct deadline_pause){ .from = day, .until = DATE_NONE };
        clock->pauses = pauses;
        clock->status = CLOCK_PAUSED;
        return true;
}

/* The day of the resumption does not count either: the rest runs from the next. What a
 * timer does when a day has ended, in the first moment of the next, belongs to the day
 * that ended. */
static void clock_resume(struct fold *fold, struct matter_clock *clock)
{
        if (clock->status != CLOCK_PAUSED)
                return;
        struct moment before = { .second = effect(fold).second - 1 };
        struct date day = moment_date(before);
        struct deadline_pause *pauses =
                        arena_grow(fold->arena, clock->pauses, clock->n_pauses, 0, sizeof(*pauses));
        pauses[clock->n_pauses - 1].until = date_next(day);
        clock->pauses = pauses;
        clock->status = CLOCK_RUNNING;
}

static bool clock_start(struct fold *fold, struct matter_clock *clock, const struct value *given)
{
        if (member(given, "skip") != NULL)
                return true;
        *clock = (struct matter_clock){
                .status = CLOCK_RUNNING, .started = effect(fold), .target = DATE_NONE
        };
        const struct value *from = member(given, "from");
        const struct value *target = member(given, "target");
        int64_t length = 0;
        if (from != NULL && !read_moment(from, &clock->started))
                return broken(fold, "期限起算日不是日期");
        if (target != NULL && !read_date(target, &clock->target))
                return broken(fold, "期限目标日不是日期");
        if (member(given, "length") != NULL &&
                        (!read_int(member(given, "length"), &length) || length < 1 ||
                                        length > MATTER_LENGTH_MAX))
                return broken(fold, "期限长度不正确");
        clock->length = (int)length;
        return true;
}

static bool is_open(const struct matter_clock *clock)
{
        return clock->status == CLOCK_RUNNING || clock->status == CLOCK_PAUSED;
}

static void clock_stop(struct fold *fold, size_t index)
{
        struct matter_clock *clock = &fold->matter->clocks[index];
        struct str name = fold->matter->version->clocks[index].name;
        if (clock->status == CLOCK_EXPIRED) {
                clock_end(clock, CLOCK_STOPPED, effect(fold));
                return;
        }
        if (!is_open(clock))
                return;
        clock_end(clock, CLOCK_STOPPED, effect(fold));
        clock->late = list_has(member(&fold->fact->data, "$late"), name);
}

static bool fold_clock_step(struct fold *fold, const struct clock_step *step)
{
        struct matter_clock *clock = &fold->matter->clocks[step->clock];
        const struct clock_definition *definition = &fold->matter->version->clocks[step->clock];
        struct date day = moment_date(effect(fold));
        const struct value *given = member(&fold->fact->data, "$clocks");
        if (given != NULL && given->kind == VALUE_CONTEXT)
                given = value_get(given, definition->name);

        int64_t by = definition->extend_by;
        switch (step->verb) {
        case CLOCK_START:
                return clock_start(fold, clock, given);
        case CLOCK_STOP:
                clock_stop(fold, step->clock);
                return true;
        case CLOCK_VOID:
                if (clock->status != CLOCK_NONE)
                        clock_end(clock, CLOCK_VOIDED, effect(fold));
                return true;
        case CLOCK_PAUSE:
                return clock_pause(fold, clock, day);
        case CLOCK_RESUME:
                clock_resume(fold, clock);
                return true;
        case CLOCK_EXTEND:
                if (member(given, "by") != NULL && !read_int(member(given, "by"), &by))
                        return broken(fold, "延长的长度不正确");
                if (by < 0 || by > MATTER_LENGTH_MAX || clock->extended > MATTER_LENGTH_MAX)
                        return broken(fold, "延长的长度不正确");
                clock->extended += (int)by;
                /* More time was given: what was said of the old end is said anew. */
                clock->warned = CLOCK_QUIET;
                return true;
        }
        return broken(fold, "不认识的期限操作");
}

/* Entering a state in which a clock does not count pauses it, leaving resumes it;
 * a final state ends whatever still runs. */
static bool fold_state_clocks(struct fold *fold, size_t from, size_t to)
{
        const struct version *version = fold->matter->version;
        struct date day = moment_date(effect(fold));
        for (size_t i = 0; i < version->n_clocks; i++) {
                const struct clock_definition *definition = &version->clocks[i];
                struct matter_clock *clock = &fold->matter->clocks[i];
                bool was = contains(definition->paused_in, definition->n_paused_in, from);
                bool is = contains(definition->paused_in, definition->n_paused_in, to);
                if (is && !clock_pause(fold, clock, day))
                        return false;
                if (was && !is)
                        clock_resume(fold, clock);
                if (version->states[to].final && is_open(clock))
                        clock_stop(fold, i);
        }
        return true;
}

static bool fold_state(struct fold *fold)
{
        const struct version *version = fold->matter->version;
        size_t from = fold->matter->state;
        size_t to = from;
        struct str name;
        if (member(&fold->fact->data, "$to") != NULL) {
                if (!read_text(member(&fold->fact->data, "$to"), &name))
                        return broken(fold, "状态不正确");
                int index = version_state(version, name);
                if (index < 0)
                        return broken(fold, "没有这个状态");
                to = (size_t)index;
        } else if (fold->act->n_to == 1) {
                to = fold->act->to[0].state;
        }
        fold->matter->state = to;
        return fold_state_clocks(fold, from, to);
}

static bool fold_documents(struct fold *fold)
{
        struct matter *matter = fold->matter;
        const struct value *numbers = member(&fold->fact->data, "$documents");
        if (numbers == NULL)
                return true;
        if (numbers->kind != VALUE_CONTEXT)
                return broken(fold, "文书编号不正确");
        for (size_t i = 0; i < numbers->context.n; i++) {
                const struct member *m = &numbers->context.members[i];
                int document = version_document(matter->version, m->name);
                struct str number;
                if (document < 0 || !read_text(&m->value, &number))
                        return broken(fold, "没有这种文书");
                struct issued_document *documents = arena_grow(fold->arena, matter->documents,
                                matter->n_documents, 1, sizeof(*documents));
                documents[matter->n_documents++] = (struct issued_document){
                        .document = (size_t)document,
                        .number = number,
                        .seq = fold->seq,
                        .time = fold->fact->time,
                };
                matter->documents = documents;
        }
        return true;
}

static void fold_publications(struct fold *fold)
{
        struct matter *matter = fold->matter;
        struct date day = moment_date(fold->fact->time);
        size_t n = matter->n_publications;
        struct published *rows = arena_grow(fold->arena, matter->publications, n,
                        fold->act->n_publishes, sizeof(*rows));
        for (size_t i = 0; i < n; i++) {
                bool ends = contains(fold->act->withdraws, fold->act->n_withdraws,
                                            rows[i].publication) ||
                            contains(fold->act->publishes, fold->act->n_publishes,
                                            rows[i].publication);
                if (ends && (date_is_none(rows[i].until) || date_cmp(rows[i].until, day) > 0))
                        rows[i].until = day;
        }
        for (size_t i = 0; i < fold->act->n_publishes; i++) {
                size_t publication = fold->act->publishes[i];
                int days = matter->version->publications[publication].days;
                rows[n++] = (struct published){
                        .publication = publication,
                        .from = day,
                        .seq = fold->seq,
                        .until = days > 0 ? date_add_days(day, days) : DATE_NONE,
                };
        }
        matter->publications = rows;
        matter->n_publications = n;
}

static bool fold_people(
                struct fold *fold, const char *name, bool adds, const struct str **list, size_t *n)
{
        const struct value *given = member(&fold->fact->data, name);
        if (given == NULL)
                return true;
        if (given->kind != VALUE_LIST)
                return broken(fold, "人员名单不正确");
        size_t old = adds ? *n : 0;
        struct str *people = arena_grow(fold->arena, *list, old, given->list.n, sizeof(*people));
        for (size_t i = 0; i < given->list.n; i++)
                if (!read_text(&given->list.items[i], &people[old++]))
                        return broken(fold, "人员名单不正确");
        *list = people;
        *n = old;
        return true;
}

static void add_deed(struct fold *fold, size_t act)
{
        struct matter *matter = fold->matter;
        struct deed *deeds =
                        arena_grow(fold->arena, matter->deeds, matter->n_deeds, 1, sizeof(*deeds));
        deeds[matter->n_deeds++] = (struct deed){
                .act = act,
                .name = fold->fact->act,
                .actor = fold->fact->actor,
                .time = fold->fact->time,
                .seq = fold->seq,
        };
        matter->deeds = deeds;
        matter->last_seq = fold->seq;
        matter->changed = fold->fact->time;
}

static bool fold_timer(struct fold *fold, bool warning)
{
        struct str name, level;
        const struct value *data = &fold->fact->data;
        if (!read_text(member(data, "$clock"), &name))
                return broken(fold, "缺少期限名称");
        int index = version_clock(fold->matter->version, name);
        if (index < 0)
                return broken(fold, "没有这个期限");
        struct matter_clock *clock = &fold->matter->clocks[index];
        if (!warning) {
                clock_end(clock, CLOCK_EXPIRED, fold->fact->time);
                clock->late = true;
        } else if (read_text(member(data, "$level"), &level)) {
                clock->warned = str_is(level, "red") ? CLOCK_RED : CLOCK_YELLOW;
        } else {
                return broken(fold, "缺少预警级别");
        }
        add_deed(fold, SIZE_MAX);
        return true;
}

/* What staff record among themselves changes nothing but that it was done: a finished matter is
 * not finished later by it. Texts may have been erased. */
static bool fold_among_staff(struct fold *fold)
{
        struct moment changed = fold->matter->changed;
        if (fold->matter->n_deeds == 0)
                return broken(fold, "办件还没有开始");
        add_deed(fold, SIZE_MAX);
        fold->matter->changed = changed;
        return true;
}

/* The deed's name says whose code it was: those before are void. */
static bool fold_code(struct fold *fold)
{
        struct fact named = *fold->fact;
        struct str party;
        if (!read_text(member(&fold->fact->data, "$party"), &party))
                return broken(fold, "缺少当事人");
        named.act = str_format(fold->arena, "%.*s.%.*s", STR_FMT(named.act), STR_FMT(party));
        fold->fact = &named;
        return fold_among_staff(fold);
}

static bool fold_fields(struct fold *fold)
{
        const struct value *data = &fold->fact->data;
        for (size_t i = 0; i < data->context.n; i++) {
                const struct member *m = &data->context.members[i];
                if (m->name.n == 0 || m->name.p[0] == '$')
                        continue;
                int index = version_field(fold->matter->version, m->name);
                if (index < 0)
                        return broken(fold, "没有这个字段");
                fold->matter->fields[index] = m->value;
        }
        return true;
}

static bool fold_birth(struct fold *fold)
{
        struct matter *matter = fold->matter;
        const struct value *data = &fold->fact->data;
        int64_t parent = 0;
        if (!read_text(member(data, "$number"), &matter->number) ||
                        !read_text(member(data, "$unit"), &matter->unit))
                return broken(fold, "缺少办件编号或单位");
        if (member(data, "$parent") != NULL && !read_int(member(data, "$parent"), &parent))
                return broken(fold, "上级办件不正确");
        matter->parent = parent;
        matter->id = fold->seq;
        matter->created = fold->fact->time;
        return true;
}

static bool fold_move(struct fold *fold)
{
        struct matter *matter = fold->matter;
        const struct value *unit = member(&fold->fact->data, "$unit");
        if (unit == NULL)
                return true;
        if (matter->home.n == 0)
                matter->home = matter->unit;
        return read_text(unit, &matter->unit) || broken(fold, "单位不正确");
}

static bool fold_expired(struct fold *fold)
{
        struct str name;
        if (!read_text(member(&fold->fact->data, "$expired"), &name))
                return true;
        int index = version_clock(fold->matter->version, name);
        if (index < 0)
                return broken(fold, "没有这个期限");
        clock_end(&fold->matter->clocks[index], CLOCK_EXPIRED, effect(fold));
        fold->matter->clocks[index].late = true;
        return true;
}

static bool fold_act(struct fold *fold, size_t act)
{
        struct matter *matter = fold->matter;
        fold->act = &matter->version->acts[act];
        if (!(matter->n_deeds == 0 ? fold_birth(fold) : fold_move(fold)))
                return false;
        if (!fold_fields(fold) || !fold_expired(fold))
                return false;
        for (size_t i = 0; i < fold->act->n_clock_steps; i++)
                if (!fold_clock_step(fold, &fold->act->clock_steps[i]))
                        return false;
        if (!fold_state(fold) || !fold_documents(fold))
                return false;
        if (!fold_people(fold, "$recused", true, &matter->recused, &matter->n_recused) ||
                        !fold_people(fold, "$assigned", false, &matter->assigned,
                                        &matter->n_assigned))
                return false;
        if (fold->act->n_publishes + fold->act->n_withdraws != 0)
                fold_publications(fold);
        add_deed(fold, act);
        return true;
}

bool matter_apply(struct arena *arena, struct matter *matter, const struct fact *fact, int64_t seq,
                struct err *err)
{
        assert(arena && matter && fact && err);
        struct fold fold = {
                .arena = arena, .matter = matter, .fact = fact, .seq = seq, .err = err
        };
        if (fact->data.kind != VALUE_CONTEXT)
                return broken(&fold, "内容不是一组字段");
        if (str_is(fact->act, "sys_warn") || str_is(fact->act, "sys_expire"))
                return fold_timer(&fold, str_is(fact->act, "sys_warn"));
        if (str_is(fact->act, "sys_note"))
                return fold_among_staff(&fold);
        if (str_is(fact->act, "sys_code"))
                return fold_code(&fold);
        int act = version_act(matter->version, fact->act);
        if (act < 0)
                return broken(&fold, "没有这个动作");
        return fold_act(&fold, (size_t)act);
}

/* ---- Typing what JSON gave back ---- */

static bool type_number(struct value *v, struct err *err)
{
        struct decimal d;
        if (v->kind == VALUE_NUMBER)
                return true;
        if (v->kind != VALUE_STRING || !decimal_parse(v->string, &d, err))
                return false;
        *v = value_number(d);
        return true;
}

static bool type_field(
                struct arena *arena, const struct field *field, struct value *v, struct err *err);

static bool type_items(
                struct arena *arena, const struct field *field, struct value *v, struct err *err)
{
        if (v->kind != VALUE_LIST)
                return err_field(err, E_MATTER_FOLD, field->name, "不是列表");
        struct value *rows = arena_new_array(arena, v->list.n, struct value);
        for (size_t i = 0; i < v->list.n; i++) {
                rows[i] = v->list.items[i];
                if (rows[i].kind != VALUE_CONTEXT)
                        continue;
                size_t n = rows[i].context.n;
                struct member *members =
                                arena_grow(arena, rows[i].context.members, n, 0, sizeof(*members));
                for (size_t k = 0; k < n; k++)
                        for (size_t f = 0; f < field->n_items; f++)
                                if (str_eq(field->items[f].name, members[k].name) &&
                                                !type_field(arena, &field->items[f],
                                                                &members[k].value, err))
                                        return false;
                rows[i].context.members = members;
        }
        v->list.items = rows;
        return true;
}

static bool type_field(
                struct arena *arena, const struct field *field, struct value *v, struct err *err)
{
        if (v->kind == VALUE_NULL)
                return true;
        switch (field->type) {
        case FIELD_INTEGER:
        case FIELD_DECIMAL:
        case FIELD_MONEY:
                if (!type_number(v, err))
                        return err_field(err, E_MATTER_FOLD, field->name, "不是数值");
                return true;
        case FIELD_DATE: {
                struct date date;
                if (!read_date(v, &date))
                        return err_field(err, E_MATTER_FOLD, field->name, "不是日期");
                *v = value_date(date);
                return true;
        }
        case FIELD_DATETIME: {
                struct moment moment;
                if (!read_moment(v, &moment))
                        return err_field(err, E_MATTER_FOLD, field->name, "不是时间");
                *v = value_moment(moment);
                return true;
        }
        case FIELD_LIST:
                return field->n_items == 0 || type_items(arena, field, v, err);
        default:
                return true;
        }
}

bool matter_type_data(struct arena *arena, const struct version *version, struct value *data,
                struct err *err)
{
        if (data->kind != VALUE_CONTEXT)
                return err_set(err, E_MATTER_FOLD, "内容不是一组字段");
        size_t n = data->context.n;
        struct member *members = arena_grow(arena, data->context.members, n, 0, sizeof(*members));
        for (size_t i = 0; i < n; i++) {
                if (members[i].name.n == 0 || members[i].name.p[0] == '$')
                        continue;
                int field = version_field(version, members[i].name);
                if (field < 0)
                        return err_field(err, E_MATTER_FOLD, members[i].name, "没有这个字段");
                if (!type_field(arena, &version->fields[field], &members[i].value, err))
                        return false;
        }
        data->context.members = members;
        return true;
}
