#include "desk/simulate.h"

#include <assert.h>
#include <stdlib.h>

#include "desk/crew.h"
#include "desk/family.h"
#include "desk/freeze.h"
#include "desk/hasty.h"
#include "desk/timers.h"
#include "projection/matter_read.h"
#include "store/store.h"

#define WINDOW_SECONDS 3600 /* acts that go in together span so much time at most */
#define WINDOW_ACTS    1000 /* several windows are in memory: the last ones are being written */
#define STEP_SECONDS   1200 /* two acts on one matter lie at least so far apart */
#define CHILD_SECONDS  60   /* and the same act on one sub-matter and on the next */

/* A matter on its way: its path, and what is needed to go on. */
struct walker {
        const struct scenario_stream *stream;
        const struct scenario_path *path;
        uint64_t seed;
        int64_t matter; /* id; 0 = not begun */
        struct str unit;
        const struct str *children; /* numbers, newest last; malloc'ed */
        uint32_t n_children;
        uint32_t index;   /* in its path */
        uint32_t begun;   /* which submission of this window begins it, from 1; 0 = none */
        uint64_t asked;   /* the step and target that were put into the queue last */
        int64_t *targets; /* sub-matters its step acts on, ids; malloc'ed; NULL = not yet known */
        uint32_t n_targets;
        bool over;
};

struct appointment { /* an entry of the queue: who is due when, for what */
        struct moment time;
        uint32_t walker;
        uint32_t step, target; /* target: which of the sub-matters */
};

/* An act that is due, and what comes after it if all goes as it should. */
struct planned {
        struct appointment due, next;
        bool has_next;
};

struct year {
        struct crews crews; /* its arena is that of the whole year */
        struct desk *desk;
        const struct scenario *scenario;
        const struct calendar_set *calendars;
        struct arena *arena;            /* of one window */
        struct submission *submissions; /* of one window, WINDOW_ACTS at most */
        struct planned *planned;
        const struct hasty *hasty;
        struct walker *walkers;
        size_t n_walkers, n_keys;
        struct appointment *heap;
        size_t n_heap;
        struct simulate_result *result;
        simulate_told *told;
        void *user;
        struct date told_day;
        int64_t timer; /* seconds: none falls due before; next_timer() */
        bool timer_known;
        struct err *err;
};

/* ---- The queue: a binary heap, earliest first, ties by walker ---- */

static bool earlier(const struct appointment *a, const struct appointment *b)
{
        if (a->time.second != b->time.second)
                return a->time.second < b->time.second;
        return a->walker < b->walker;
}

static void heap_swap(struct appointment *a, struct appointment *b)
{
        struct appointment t = *a;
        *a = *b;
        *b = t;
}

static void heap_push(struct year *year, struct appointment new)
{
        size_t i = year->n_heap++;
        year->heap[i] = new;
        while (i > 0 && earlier(&year->heap[i], &year->heap[(i - 1) / 2])) {
                heap_swap(&year->heap[i], &year->heap[(i - 1) / 2]);
                i = (i - 1) / 2;
        }
}

static struct appointment heap_pop(struct year *year)
{
        struct appointment first = year->heap[0];
        year->heap[0] = year->heap[--year->n_heap];
        for (size_t i = 0;;) {
                size_t least = i;
                for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++)
                        if (child < year->n_heap && earlier(&year->heap[child], &year->heap[least]))
                                least = child;
                if (least == i)
                        return first;
                heap_swap(&year->heap[i], &year->heap[least]);
                i = least;
        }
}

/* ---- When: all of a matter's moments follow from its seed ---- */

static const struct calendar *calendar_on(const struct year *year, struct date day)
{
        return calendar_as_known(year->calendars, day);
}

static struct moment at_some_hour(
                const struct scenario_stream *stream, struct date day, uint64_t number)
{
        size_t span = (size_t)(stream->minute_to - stream->minute_from) * 60;
        struct moment m = moment_of(day, 0, 0, 0);
        m.second += stream->minute_from * 60 + (int64_t)scenario_below(number, span);
        return m;
}

static struct date working_day(
                const struct year *year, const struct scenario_stream *stream, struct date day)
{
        return stream->working_days ? calendar_on_or_after(calendar_on(year, day), day) : day;
}

static struct moment arrival(const struct year *year, const struct walker *w, struct date to)
{
        const struct scenario_path *path = w->path;
        if (!date_is_none(path->steps[0].on_date))
                return at_some_hour(w->stream, path->steps[0].on_date, scenario_mix(w->seed, 12));
        size_t span = (size_t)(to.day - path->from.day) + 1;
        struct date day = date_add_days(
                        path->from, (int)scenario_below(scenario_mix(w->seed, 11), span));
        day = working_day(year, w->stream, day);
        if (w->stream->working_days && date_cmp(day, to) > 0)
                day = calendar_on_or_before(calendar_on(year, to), to);
        return at_some_hour(w->stream, day, scenario_mix(w->seed, 12));
}

/* The moment of the step after `from`. */
static struct moment later(
                const struct year *year, const struct walker *w, uint32_t step, struct moment from)
{
        const struct delay *delay = &w->path->steps[step].after;
        uint64_t number = scenario_mix(w->seed, 100 + step);
        int n = delay->min + (int)scenario_below(number, (size_t)(delay->max - delay->min) + 1);
        struct date day = moment_date(from), next = day, fixed = w->path->steps[step].on_date;
        if (!date_is_none(fixed) && date_cmp(fixed, day) > 0)
                return at_some_hour(w->stream, fixed, scenario_mix(number, 1));
        switch (delay->unit) {
        case DELAY_SAME_DAY:
                return (struct moment){ from.second + STEP_SECONDS +
                                        (int64_t)scenario_below(number, 1200) };
        case DELAY_HOURS:
                return (struct moment){ from.second + (n > 0 ? n * 3600 : STEP_SECONDS) };
        case DELAY_WORKING_DAYS:
                if (!calendar_add_working_days(calendar_on(year, day), day, n, &next))
                        next = date_add_days(day, n);
                break;
        case DELAY_DAYS:
                next = working_day(year, w->stream, date_add_days(day, n));
                break;
        }
        struct moment m = at_some_hour(w->stream, next, scenario_mix(number, 1));
        if (m.second < from.second + STEP_SECONDS)
                m.second = from.second + STEP_SECONDS;
        return m;
}

/* The moment of step `step`: walked from the arrival, which is moved forward in the
 * window until the last step fits in before `finish`. */
static struct moment moment_of_step(const struct year *year, const struct walker *w, uint32_t step)
{
        struct date to = w->path->to;
        for (int tries = 0;; tries++) {
                struct moment m = arrival(year, w, to), wanted = m;
                for (uint32_t i = 1; i < w->path->n_steps; i++) {
                        m = later(year, w, i, m);
                        if (i == step)
                                wanted = m;
                }
                int over = moment_date(m).day - w->path->finish.day;
                struct date sooner = date_add_days(to, -(over > 7 ? over : 7));
                if (over <= 0 || tries == 60 || date_cmp(sooner, w->path->from) < 0)
                        return wanted;
                to = sooner;
        }
}

/* ---- Who: somebody of the role, for the matter's unit or one above it ---- */

static struct str actor_of(struct year *year, const struct walker *w, uint32_t step)
{
        const struct scenario_step *s = &w->path->steps[step];
        if (s->by_party)
                return s->by;
        if (s->by_assigned)
                return STR_LIT(""); /* known when the matter is: aim() */
        struct str unit = s->unit.n != 0 ? s->unit : w->unit;
        const struct crew *crew = crew_of(&year->crews, s->by, unit);
        if (crew->n == 0)
                return STR_LIT("");
        uint64_t number = scenario_mix(w->seed, 7);
        for (size_t i = 0; i < s->by.n; i++)
                number = scenario_mix(number, (unsigned char)s->by.p[i]);
        size_t at = scenario_below(number, crew->n);
        for (size_t tries = 0; tries < crew->n; tries++) {
                struct str id = crew->people[(at + tries) % crew->n]->id;
                bool taken = false;
                for (uint32_t k = 0; k < step && !taken; k++)
                        for (size_t d = 0; d < s->n_differs; d++)
                                taken = taken || (str_eq(w->path->steps[k].act, s->differs[d]) &&
                                                                 str_eq(actor_of(year, w, k), id));
                if (!taken)
                        return id;
        }
        return crew->people[at]->id;
}

/* ---- One act ---- */

static bool child_number(
                struct year *year, const struct walker *w, struct str procedure, struct str *ret)
{
        struct snapshot *snapshot;
        bool found = false;
        struct site *site = desk_site(year->desk);
        if (!desk_settle(year->desk, year->err) ||
                        !snapshot_open(site_store(site), &snapshot, year->err))
                return false;
        for (uint32_t i = w->n_children; i > 0 && !found; i--) {
                struct matter *matter;
                struct err err;
                if (!matter_read_by_number(year->arena, snapshot, site_catalogue(site),
                                    w->children[i - 1], &matter, &err))
                        continue;
                found = procedure.n == 0 || str_eq(matter->version->procedure->name, procedure);
                *ret = w->children[i - 1];
        }
        snapshot_close(&snapshot);
        return found;
}

/* The sub-matters that a step acts on, asked when its turn comes. */
static bool find_targets(struct year *year, struct walker *w, const struct scenario_step *step)
{
        const int64_t *ids;
        size_t n;
        if (w->targets != NULL)
                return true;
        if (!desk_settle(year->desk, year->err) ||
                        !family_below(year->arena, desk_site(year->desk), w->matter,
                                        step->procedure, &ids, &n, year->err))
                return false;
        size_t from = step->slice_from != 0 ? step->slice_from - 1 : 0;
        size_t to = step->slice_to != 0 ? step->slice_to : n;
        if (to > n || from >= to)
                return err_field(year->err, E_SCENARIO, step->act,
                                "要办第 %zu 至 %zu 个子办件，只有 %zu 个", from + 1, to, n);
        w->n_targets = (uint32_t)(to - from);
        w->targets = malloc(w->n_targets * sizeof(*w->targets));
        if (w->targets == NULL)
                abort();
        memcpy(w->targets, ids + from, w->n_targets * sizeof(*w->targets));
        return true;
}

static void drop_targets(struct walker *w)
{
        free(w->targets);
        w->targets = NULL;
        w->n_targets = 0;
}

/* Which matter the act is on, and who does it where that depends on the matter. */
static bool aim(struct year *year, struct walker *w, const struct scenario_step *step,
                uint32_t target, struct submission *s)
{
        int64_t matter = w->matter;
        if (w->begun != 0) {
                s->same_as = w->begun;
                return true;
        }
        if (matter == 0) {
                s->procedure = w->stream->procedure;
                s->unit = w->unit;
                return true;
        }
        if (step->on == STEP_CHILD) {
                if (child_number(year, w, step->procedure, &s->matter))
                        return true;
                return err_field(year->err, E_SCENARIO, step->act, "没有子办件可办");
        }
        if (step->on == STEP_CHILDREN) {
                if (!find_targets(year, w, step))
                        return false;
                matter = w->targets[target];
        }
        s->matter = str_format(year->arena, "#%lld", (long long)matter);
        if (!step->by_assigned)
                return true;
        return desk_settle(year->desk, year->err) &&
               family_assignee(year->arena, desk_site(year->desk), matter, &s->actor, year->err);
}

static bool prepare(struct year *year, const struct appointment *due, struct submission *s)
{
        struct walker *w = &year->walkers[due->walker];
        const struct scenario_step *step = &w->path->steps[due->step];
        *s = (struct submission){ .act = step->act,
                .time = due->time,
                .by = step->by_party ? BY_PARTY : BY_STAFF,
                .actor = actor_of(year, w, due->step) };
        if (!aim(year, w, step, due->target, s))
                return false;
        if (s->actor.n == 0)
                return err_field(year->err, E_SCENARIO, step->by, "「%.*s」没有人担任这个岗位",
                                STR_FMT(w->unit));
        s->key = str_format(year->arena, "sim-%09zu", ++year->n_keys);
        struct scenario_case one = { .scenario = year->scenario,
                .path = w->path,
                .seed = w->seed,
                .index = w->index,
                .child = w->targets != NULL ? due->target + 1 : 0,
                .today = moment_date(due->time) };
        return scenario_give(year->arena, &one, &step->give, &s->fields, year->err);
}

static void note_fault(struct year *year, const struct appointment *due, const struct err *err)
{
        const struct walker *w = &year->walkers[due->walker];
        const struct scenario_step *step = &w->path->steps[due->step];
        struct simulate_result *result = year->result;
        if (result->n_faults++ < SIMULATE_FAULTS_KEPT)
                result->faults[result->n_faults - 1] =
                                (struct simulate_fault){ .stream = w->stream->name,
                                        .path = w->path->name,
                                        .act = step->act,
                                        .line = step->line,
                                        .time = due->time,
                                        .err = *err };
}

static void keep_children(struct walker *w, const struct receipt *receipt)
{
        if (receipt->n_followed == 0)
                return;
        size_t n = w->n_children + receipt->n_followed;
        struct str *kept = realloc((void *)w->children, n * sizeof(*kept));
        if (kept == NULL)
                abort();
        for (size_t i = 0; i < receipt->n_followed; i++) {
                struct str number = receipt->followed[i].name;
                char *copy = strndup(number.p, number.n);
                if (copy == NULL)
                        abort();
                kept[w->n_children + i] = (struct str){ copy, number.n };
        }
        w->children = kept;
        w->n_children = (uint32_t)n;
}

/* Whether the path has a step after this one that acts on a sub-matter. */
static bool needs_children(const struct walker *w, uint32_t step)
{
        for (uint32_t i = step + 1; i < w->path->n_steps; i++)
                if (w->path->steps[i].on == STEP_CHILD)
                        return true;
        return false;
}

static void drop_children(struct walker *w)
{
        for (uint32_t i = 0; i < w->n_children; i++)
                free((void *)w->children[i].p);
        free((void *)w->children);
        w->children = NULL;
        w->n_children = 0;
}

/* What is due after this one, if all goes as it should; false: nothing. */
static bool next_of(const struct year *year, const struct appointment *due, struct appointment *ret)
{
        const struct walker *w = &year->walkers[due->walker];
        const struct scenario_step *step = &w->path->steps[due->step];
        *ret = *due;
        if (due->target + 1 < w->n_targets) { /* the same act on the next sub-matter */
                ret->target++;
                ret->time.second += CHILD_SECONDS;
                return true;
        }
        if (due->step + 1 == w->path->n_steps)
                return false;
        ret->target = 0;
        ret->step++;
        ret->time = moment_of_step(year, w, ret->step);
        if (step->on == STEP_CHILDREN && ret->time.second < due->time.second + STEP_SECONDS)
                ret->time.second = due->time.second + STEP_SECONDS;
        return date_cmp(moment_date(ret->time), year->scenario->until) <= 0;
}

/* Puts it into the queue, unless it is or was there. */
static void ask(struct year *year, const struct appointment *next)
{
        struct walker *w = &year->walkers[next->walker];
        uint64_t place = (uint64_t)next->step << 32 | next->target;
        if (place <= w->asked)
                return;
        w->asked = place;
        heap_push(year, *next);
}

/* What the answer changes. What life does after an act that failed is not looked at. */
static void go_on(
                struct year *year, const struct planned *planned, const struct desk_answer *answer)
{
        const struct appointment *due = &planned->due, *next = &planned->next;
        struct walker *w = &year->walkers[due->walker];
        const struct scenario_step *step = &w->path->steps[due->step];
        struct err none = { .code = E_NONE };
        w->begun = 0;
        year->result->n_acts++;
        year->result->n_refused += !answer->done;
        if (w->over)
                return;
        if (answer->done == step->expect_refused)
                note_fault(year, due, answer->done ? &none : &answer->err);
        if (answer->done && w->matter == 0) {
                w->matter = answer->receipt.matter;
                year->result->n_matters++;
        }
        if (answer->done && needs_children(w, due->step))
                keep_children(w, &answer->receipt);
        w->over = w->matter == 0 || (!answer->done && !step->expect_refused) || !planned->has_next;
        if (!w->over)
                ask(year, next);
        else
                drop_children(w);
        if (w->over || next->step != due->step)
                drop_targets(w);
}

/* ---- The year ---- */

static int64_t midnight_after(int64_t second)
{
        const struct moment moment = { second };
        return moment_of(date_next(moment_date(moment)), 0, 0, 0).second;
}

/* When a timer falls due first, or later: looking it up waits for all that is on its way to the
 * store, so what was looked up, and what clocks were set to since, holds until timers have run. */
static bool next_timer(struct year *year, int64_t *ret)
{
        struct moment next;
        bool any;
        int64_t set = timers_set_since(year->desk);
        if (!year->timer_known) {
                if (!timers_next(year->desk, &next, &any, year->err))
                        return false;
                year->timer = any ? next.second : INT64_MAX;
                year->timer_known = true;
        } else if (set < year->timer) {
                year->timer = set;
        }
        *ret = year->timer;
        return true;
}

static bool run_timers(struct year *year, struct moment until)
{
        size_t n;
        int64_t next;
        if (!next_timer(year, &next))
                return false;
        if (next > until.second)
                return true;
        year->timer_known = false;
        if (!timers_run(year->desk, until, NULL, NULL, &n, year->err))
                return false;
        year->result->n_timers += n;
        return true;
}

static void tell(struct year *year, struct date day)
{
        if (year->told == NULL || date_cmp(day, year->told_day) == 0)
                return;
        year->told_day = day;
        struct simulate_progress progress = { day, year->result->n_acts, year->scenario->n_acts };
        year->told(year->user, &progress);
}

/* Whether what is next needs nothing of this one's answer: then it may go into the same
 * window, behind it. */
static bool may_follow_at_once(const struct walker *w, const struct appointment *due,
                const struct appointment *next)
{
        const struct scenario_step *step = &w->path->steps[due->step];
        const struct scenario_step *then = &w->path->steps[next->step];
        if (next->step == due->step)
                return !step->expect_refused;
        return step->on == STEP_SELF && then->on == STEP_SELF && !then->by_assigned &&
               (w->matter != 0 || !w->path->steps[0].expect_refused);
}

/* Takes one that was handed in further, or ends the window before it is due again. */
static void look_ahead(struct year *year, struct planned *planned, int64_t *end)
{
        const struct appointment *due = &planned->due, *next = &planned->next;
        struct walker *w = &year->walkers[due->walker];
        planned->has_next = next_of(year, due, &planned->next);
        if (!planned->has_next || next->time.second >= *end)
                return;
        if (may_follow_at_once(w, due, next))
                ask(year, next);
        else
                *end = next->time.second;
}

/* The end of a window that begins now: no timer may fall due inside it. Those that are known
 * end it; those that its own acts set fall due at a midnight, which ends it too, or a day or
 * more later, or are those of a hasty act (desk/hasty.h), behind which it ends (fill_window). */
static bool window_end(struct year *year, int64_t begin, int64_t *ret)
{
        int64_t next, midnight = midnight_after(begin);
        *ret = begin + WINDOW_SECONDS < midnight ? begin + WINDOW_SECONDS : midnight;
        if (!next_timer(year, &next))
                return false;
        if (next > begin && next < *ret)
                *ret = next;
        return true;
}

static size_t fill_window(struct year *year, int64_t end)
{
        size_t n = 0;
        while (n < WINDOW_ACTS && year->n_heap > 0 && year->heap[0].time.second < end) {
                struct planned *planned = &year->planned[n];
                struct submission *submission = &year->submissions[n];
                planned->due = heap_pop(year);
                struct walker *w = &year->walkers[planned->due.walker];
                if (w->over)
                        continue;
                if (!prepare(year, &planned->due, submission)) {
                        note_fault(year, &planned->due, year->err);
                        w->over = true;
                        continue;
                }
                n++;
                if (w->matter == 0 && w->begun == 0)
                        w->begun = (uint32_t)n;
                look_ahead(year, planned, &end);
                if (hasty_is(year->hasty, submission))
                        end = planned->due.time.second;
        }
        return n;
}

static bool run_window(struct year *year)
{
        int64_t end;
        if (!run_timers(year, year->heap[0].time) ||
                        !window_end(year, year->heap[0].time.second, &end))
                return false;
        size_t n = fill_window(year, end);
        struct desk_answer *answers = arena_new_array(year->arena, n, struct desk_answer);
        if (!desk_submit_many(year->arena, year->desk, year->submissions, n, answers, year->err))
                return false;
        for (size_t i = 0; i < n; i++)
                go_on(year, &year->planned[i], &answers[i]);
        if (n > 0)
                tell(year, moment_date(year->planned[n - 1].due.time));
        arena_reset(year->arena);
        return true;
}

static void set_out(struct year *year)
{
        const struct scenario *s = year->scenario;
        for (size_t i = 0; i < s->n_streams; i++) {
                const struct scenario_stream *stream = &s->streams[i];
                for (size_t p = 0; p < stream->n_paths; p++) {
                        for (size_t k = 0; k < stream->paths[p].count; k++) {
                                uint32_t id = (uint32_t)year->n_walkers++;
                                struct walker *w = &year->walkers[id];
                                *w = (struct walker){ .stream = stream,
                                        .path = &stream->paths[p],
                                        .seed = scenario_mix(s->seed, id),
                                        .index = (uint32_t)k };
                                int64_t at = (int64_t)scenario_below(scenario_mix(w->seed, 3),
                                                (size_t)stream->total_weight);
                                size_t u = 0;
                                while ((at -= stream->units[u].weight) >= 0)
                                        u++;
                                w->unit = stream->units[u].text;
                                heap_push(year, (struct appointment){
                                                                .time = moment_of_step(year, w, 0),
                                                                .walker = id });
                        }
                }
        }
}

static bool put_all(struct year *year, const struct submission *submissions, size_t n)
{
        struct desk_answer *answers = arena_new_array(year->arena, n, struct desk_answer);
        if (!desk_submit_many(year->arena, year->desk, submissions, n, answers, year->err))
                return false;
        for (size_t i = 0; i < n; i++) {
                if (answers[i].done)
                        continue;
                *year->err = answers[i].err;
                return false;
        }
        arena_reset(year->arena);
        return true;
}

struct moment simulate_beginning(const struct scenario *scenario)
{
        return moment_of(date_add_days(scenario->from, -2), 8, 0, 0);
}

static struct value staff_fields(
                struct arena *arena, const struct scenario_staff *staff, size_t index)
{
        static const char *const names[] = { "陈", "林", "黄", "张", "李", "王", "吴", "刘" };
        struct value *role = arena_new(arena, struct value);
        *role = value_string(staff->role);
        struct member *members = arena_new_array(arena, 4, struct member);
        members[0] = (struct member){ STR_LIT("id"), value_string(staff->id) };
        members[1] = (struct member){ STR_LIT("name"),
                value_string(str_format(
                                arena, "%s工%04zu", names[index % N_ELEMENTS(names)], index + 1)) };
        members[2] = (struct member){ STR_LIT("roles"), value_list(role, 1) };
        members[3] = (struct member){ STR_LIT("unit"), value_string(staff->unit) };
        return value_context(members, 4);
}

static bool set_up(struct year *year)
{
        const struct scenario *s = year->scenario;
        struct moment start = simulate_beginning(s);
        size_t n = s->n_entries + s->n_staff;
        struct submission *puts = arena_new_array(year->arena, n, struct submission);
        for (size_t i = 0; i < n; i++) {
                puts[i] = (struct submission){ .act = STR_LIT("put"),
                        .by = BY_SYSTEM,
                        .actor = STR_LIT("system"),
                        .time = start };
                puts[i].key = str_format(year->arena, "setup-%zu", i);
                if (i < s->n_entries) {
                        puts[i].reg = s->entries[i].reg;
                        puts[i].fields = s->entries[i].fields;
                } else {
                        puts[i].reg = STR_LIT("staff");
                        puts[i].fields = staff_fields(
                                        year->arena, &s->staff[i - s->n_entries], i - s->n_entries);
                }
        }
        desk_time_is(year->desk, start);
        if (!put_all(year, puts, n))
                return false;
        for (size_t i = 0; i < s->n_frozen; i++) {
                size_t rows;
                if (!report_load_year(year->desk, s->frozen[i].report, s->frozen[i].year,
                                    s->frozen[i].tsv, STR_LIT("system"), &rows, year->err))
                        return false;
        }
        return true;
}

static bool live(struct year *year)
{
        const struct scenario *s = year->scenario;
        if (!set_up(year))
                return false;
        set_out(year);
        year->hasty = hasty_acts(year->crews.arena, site_catalogue(desk_site(year->desk)));
        while (year->n_heap > 0)
                if (!run_window(year))
                        return false;
        if (!run_timers(year, moment_of(s->until, 23, 59, 59)))
                return false;
        if (s->freeze_report.n == 0)
                return true;
        if (!run_timers(year, moment_of(s->freeze_on, 8, 0, 0)))
                return false;
        desk_time_is(year->desk, moment_of(s->freeze_on, 8, 0, 0));
        return report_freeze_year(year->desk, s->freeze_report, date_year(s->until),
                        STR_LIT("system"), year->err);
}

bool simulate_run(struct desk *desk, const struct scenario *scenario, simulate_told *told,
                void *user, struct simulate_result *ret, struct err *err)
{
        struct simulate_result result = { 0 };
        struct year year = { .desk = desk,
                .scenario = scenario,
                .result = &result,
                .calendars = site_calendars(desk_site(desk)),
                .told = told,
                .user = user,
                .told_day = DATE_NONE,
                .err = err };
        year.arena = arena_open();
        year.crews = (struct crews){ .arena = arena_open(), .scenario = scenario };
        year.submissions = arena_new_array(year.crews.arena, WINDOW_ACTS, struct submission);
        year.planned = arena_new_array(year.crews.arena, WINDOW_ACTS, struct planned);
        year.walkers = calloc(scenario->n_matters + 1, sizeof(*year.walkers));
        year.heap = calloc(scenario->n_matters + 1, sizeof(*year.heap));
        if (year.walkers == NULL || year.heap == NULL)
                abort();
        bool ok = live(&year);
        for (size_t i = 0; i < year.n_walkers; i++) {
                drop_children(&year.walkers[i]);
                drop_targets(&year.walkers[i]);
        }
        free(year.walkers);
        free(year.heap);
        arena_close(&year.arena);
        arena_close(&year.crews.arena);
        *ret = result;
        return ok;
}
