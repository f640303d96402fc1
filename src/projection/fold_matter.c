/* An act on a matter, folded: its row and everything that hangs on it. */
#include <assert.h>

#include "base/limits.h"
#include "projection/fold.h"
#include "projection/list.h"
#include "projection/search.h"
#include "screen/mask.h"

static bool eval_text(struct fold *fold, const struct matter *matter,
                const struct feel_expression *expression, struct str *ret)
{
        struct value v;
        if (!matter_eval(fold->arena, matter, expression, NULL, &fold->world.circumstances, &v,
                            fold->err))
                return false;
        *ret = v.kind == VALUE_NULL     ? STR_LIT("")
               : v.kind == VALUE_STRING ? v.string
                                        : value_text(fold->arena, &v);
        return true;
}

static const struct state *state_of(const struct matter *matter)
{
        return &matter->version->states[matter->state];
}

/* ---- The row ---- */

/* Until when a stranger may see the matter: a day number; 0 = not (yet). */
static int64_t visible_until(const struct matter *matter)
{
        int64_t until = 0;
        if (matter->version->procedure->visible == VISIBLE_ALWAYS)
                return INT32_MAX;
        if (matter->version->procedure->visible == VISIBLE_NEVER)
                return 0;
        for (size_t i = 0; i < matter->n_publications; i++) {
                const struct published *p = &matter->publications[i];
                int64_t end = date_is_none(p->until) ? INT32_MAX : p->until.day;
                if (end > p->from.day && end > until)
                        until = end;
        }
        return until;
}

static bool make_row(struct fold *fold)
{
        const struct matter *m = fold->after;
        const struct version *v = m->version;
        /* About as long as it was: mostly no need to grow. */
        size_t room = fold->old.body.n + 256;
        struct buf body = {
                .arena = fold->arena, .p = arena_alloc(fold->arena, room), .capacity = room
        };
        matter_pack(&body, m);
        fold->row = fold->old;
        fold->row.id = m->id;
        fold->row.parent = m->parent;
        fold->row.last_seq = fold->id;
        fold->row.visible_until = visible_until(m);
        fold->row.number = m->number;
        fold->row.procedure = v->procedure->name;
        fold->row.version = v->name;
        fold->row.state = state_of(m)->name;
        fold->row.unit = m->unit;
        fold->row.body = buf_str(&body);
        if (fold->before == NULL)
                fold->row.title = STR_LIT("");
        return v->title == NULL || !reads_changed(&fold->plan->title, &fold->changes) ||
               eval_text(fold, m, v->title, &fold->row.title);
}

static bool insert_row(struct fold *fold)
{
        const struct matter *m = fold->after;
        const struct matter_row *row = &fold->row;
        return tx_put(fold->tx, Q_MATTER_NEW,
                        PARAMS(param_int(row->id), param_text(row->number),
                                        param_text(row->procedure), param_text(row->version),
                                        param_text(row->state), param_int(state_of(m)->final),
                                        param_text(row->unit), param_int(row->parent),
                                        param_int(m->created.second), param_int(m->changed.second),
                                        param_text(row->title), param_int(row->visible_until),
                                        param_int(row->last_seq), param_blob(row->body),
                                        param_blob(row->counted)),
                        fold->err);
}

static bool update_row(struct fold *fold)
{
        const struct matter *m = fold->after;
        const struct matter_row *row = &fold->row, *old = &fold->old;
        if (!tx_put(fold->tx, Q_MATTER_SET,
                            PARAMS(param_int(row->id), param_text(row->state),
                                            param_int(m->changed.second), param_int(row->last_seq),
                                            param_blob(row->body), param_blob(row->counted)),
                            fold->err))
                return false;
        bool final = state_of(m)->final;
        if (final != state_of(fold->before)->final &&
                        !tx_put(fold->tx, Q_MATTER_SET_FINAL,
                                        PARAMS(param_int(row->id), param_int(final)), fold->err))
                return false;
        if (!str_eq(row->unit, old->unit) &&
                        !tx_put(fold->tx, Q_MATTER_SET_UNIT,
                                        PARAMS(param_int(row->id), param_text(row->unit)),
                                        fold->err))
                return false;
        if (str_eq(row->title, old->title) && row->visible_until == old->visible_until)
                return true;
        return tx_put(fold->tx, Q_MATTER_SET_SEEN,
                        PARAMS(param_int(row->id), param_text(row->title),
                                        param_int(row->visible_until)),
                        fold->err);
}

/* ---- Clocks ---- */

static bool write_clock(struct fold *fold, size_t i)
{
        const struct matter_clock *clock = &fold->after->clocks[i];
        const struct calendar *calendar = fold->world.calendar;
        struct deadline deadline;
        struct moment look;
        bool counts = matter_deadline(
                        fold->after, i, calendar, moment_date(fold->world.now), &deadline);
        bool looks = matter_next_look(fold->after, i, calendar, fold->projection->site->yellow,
                        fold->projection->site->red, &look);
        if (looks && look.second < fold->projection->soonest_look)
                fold->projection->soonest_look = look.second;
        return tx_put(fold->tx, Q_CLOCK_PUT,
                        PARAMS(param_int(fold->after->id), param_int((int64_t)i),
                                        param_int(clock->status), param_int(clock->warned),
                                        counts ? param_int(deadline.last_day.day) : param_null(),
                                        counts ? param_int(deadline.due.second) : param_null(),
                                        looks ? param_int(look.second) : param_null(),
                                        param_int(clock->late),
                                        param_int(counts && deadline.provisional)),
                        fold->err);
}

static bool write_clocks(struct fold *fold)
{
        const struct version *v = fold->after->version;
        for (size_t i = 0; i < v->n_clocks; i++) {
                bool changed = fold->changes.all ? fold->after->clocks[i].status != CLOCK_NONE
                                                 : fold->changes.slots[version_slot_clocks(v) + i];
                if (changed && !write_clock(fold, i))
                        return false;
        }
        return true;
}

/* ---- Documents and publications ---- */

static bool write_documents(struct fold *fold)
{
        const struct matter *m = fold->after;
        for (size_t i = fold->before != NULL ? fold->before->n_documents : 0; i < m->n_documents;
                        i++) {
                const struct issued_document *d = &m->documents[i];
                if (!tx_put(fold->tx, Q_DOCUMENT_PUT,
                                    PARAMS(param_int(m->id), param_int(d->seq),
                                                    param_text(m->version->documents[d->document]
                                                                                    .name),
                                                    param_text(d->number),
                                                    param_int(d->time.second)),
                                    fold->err))
                        return false;
        }
        return true;
}

static struct value line(struct arena *arena, const struct field *field, struct value value)
{
        struct member *members = arena_new_array(arena, 3, struct member);
        members[0] = (struct member){ STR_LIT("field"), value_string(field->name) };
        members[1] = (struct member){ STR_LIT("label"), value_string(field->label) };
        members[2] = (struct member){ STR_LIT("value"), value };
        return value_context(members, 3);
}

/* A kind that nobody knows shows nothing. */
static struct value masked_value(struct arena *arena, struct str mask, const struct value *v)
{
        enum identifier_kind kind;
        if (v->kind != VALUE_STRING || !identifier_kind_of(mask, &kind))
                return value_string(STR_LIT("***"));
        return value_string(mask_text(arena, kind, MASK_PUBLIC, v->string));
}

/* What a stranger sees: shown fields as they are, masked ones never. */
static struct str shown(struct fold *fold, const struct publication *publication)
{
        const struct matter *m = fold->after;
        struct value *lines = arena_new_array(
                        fold->arena, publication->n_shows + publication->n_masked, struct value);
        size_t n = 0;
        for (size_t i = 0; i < publication->n_shows; i++) {
                size_t f = publication->shows[i];
                if (!value_is_null(m->fields[f]))
                        lines[n++] = line(fold->arena, &m->version->fields[f], m->fields[f]);
        }
        for (size_t i = 0; i < publication->n_masked; i++) {
                const struct masked_field *masked = &publication->masked[i];
                if (!value_is_null(m->fields[masked->field]))
                        lines[n++] = line(fold->arena, &m->version->fields[masked->field],
                                        masked_value(fold->arena, masked->mask,
                                                        &m->fields[masked->field]));
        }
        struct value list = value_list(lines, n);
        struct buf buf = BUF(fold->arena);
        value_pack(&buf, &list);
        return buf_str(&buf);
}

static bool publish(struct fold *fold, const struct published *p)
{
        const struct matter *m = fold->after;
        const struct publication *publication = &m->version->publications[p->publication];
        struct str title = fold->row.title;
        if (publication->title != NULL && !eval_text(fold, m, publication->title, &title))
                return false;
        return tx_put(fold->tx, Q_PUBLICATION_PUT,
                        PARAMS(param_int(m->id), param_int(p->seq), param_text(publication->name),
                                        param_text(m->version->procedure->name),
                                        param_text(m->unit), param_int(p->from.day),
                                        list_day_or_null(p->until), param_text(title),
                                        param_blob(shown(fold, publication))),
                        fold->err);
}

static bool write_publications(struct fold *fold)
{
        const struct matter *m = fold->after;
        size_t n_before = fold->before != NULL ? fold->before->n_publications : 0;
        for (size_t i = 0; i < m->n_publications; i++) {
                const struct published *p = &m->publications[i];
                if (i >= n_before) {
                        if (!publish(fold, p))
                                return false;
                } else if (date_cmp(p->until, fold->before->publications[i].until) != 0) {
                        if (!tx_put(fold->tx, Q_PUBLICATION_END,
                                            PARAMS(param_int(m->id), param_int(p->seq),
                                                            param_text(m->version->publications[p->publication]
                                                                                            .name),
                                                            list_day_or_null(p->until)),
                                            fold->err))
                                return false;
                }
        }
        return true;
}

/* ---- Keys, and whose work it is ---- */

static bool key_text(struct fold *fold, const struct matter *matter, const struct plan_key *key,
                struct str *ret)
{
        *ret = STR_LIT("");
        return matter == NULL || eval_text(fold, matter, key->value, ret);
}

static bool write_keys(struct fold *fold)
{
        for (size_t i = 0; i < fold->plan->n_keys; i++) {
                const struct plan_key *key = &fold->plan->keys[i];
                struct str old, new;
                if (!reads_changed(&key->reads, &fold->changes))
                        continue;
                if (!key_text(fold, fold->before, key, &old) ||
                                !key_text(fold, fold->after, key, &new))
                        return false;
                if (str_eq(old, new))
                        continue;
                if (old.n != 0 && !tx_put(fold->tx, Q_KEY_DROP,
                                                  PARAMS(param_text(key->name), param_text(old),
                                                                  param_int(fold->after->id)),
                                                  fold->err))
                        return false;
                if (new.n != 0 && !tx_put(fold->tx, Q_KEY_PUT,
                                                  PARAMS(param_text(key->name), param_text(new),
                                                                  param_int(fold->after->id)),
                                                  fold->err))
                        return false;
        }
        return true;
}

static bool has(const struct str *texts, size_t n, struct str text)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(texts[i], text))
                        return true;
        return false;
}

/* Runs the statement for each of `a` that is not among `b`. */
static bool each_not_in(struct fold *fold, enum query query, const struct str *a, size_t n_a,
                const struct str *b, size_t n_b)
{
        for (size_t i = 0; i < n_a; i++)
                if (!has(b, n_b, a[i]) &&
                                !tx_put(fold->tx, query,
                                                PARAMS(param_text(a[i]),
                                                                param_int(fold->after->id)),
                                                fold->err))
                        return false;
        return true;
}

static bool write_assigned(struct fold *fold)
{
        const struct matter *a = fold->after, *b = fold->before;
        const struct str *was = b != NULL ? b->assigned : NULL;
        size_t n_was = b != NULL ? b->n_assigned : 0;
        if (was == a->assigned && n_was == a->n_assigned)
                return true;
        return each_not_in(fold, Q_ASSIGNED_DROP, was, n_was, a->assigned, a->n_assigned) &&
               each_not_in(fold, Q_ASSIGNED_PUT, a->assigned, a->n_assigned, was, n_was);
}

/* ---- Search ---- */

static bool search_changed(const struct fold *fold)
{
        const struct version *v = fold->after->version;
        if (fold->changes.all || !str_eq(fold->row.title, fold->old.title))
                return true;
        for (size_t i = 0; i < v->n_fields; i++)
                if (fold->plan->searched[i] != SEARCHED_NOT && fold->changes.slots[i])
                        return true;
        return false;
}

static void split_fields(const struct fold *fold, enum searched which, struct buf *buf)
{
        const struct version *v = fold->after->version;
        for (size_t i = 0; i < v->n_fields; i++)
                if (fold->plan->searched[i] == which && fold->after->fields[i].kind == VALUE_STRING)
                        search_split(buf, fold->after->fields[i].string);
}

static bool write_search(struct fold *fold)
{
        struct buf public = BUF(fold->arena), staff = BUF(fold->arena);
        if (!search_changed(fold))
                return true;
        search_split(&public, fold->row.number);
        search_split(&public, fold->row.title);
        split_fields(fold, SEARCHED_PUBLIC, &public);
        split_fields(fold, SEARCHED_STAFF, &staff);
        if (fold->before != NULL)
                return tx_put(fold->tx, Q_SEARCH_SET,
                                PARAMS(param_int(fold->after->id), param_text(buf_str(&public)),
                                                param_text(buf_str(&staff))),
                                fold->err);
        return tx_put(fold->tx, Q_SEARCH_PUT,
                        PARAMS(param_int(fold->after->id), param_text(buf_str(&public)),
                                        param_text(buf_str(&staff))),
                        fold->err);
}

/* ---- Messages ---- */

struct message {
        const char *kind;
        struct str body;
        int64_t n;
};

static bool send(struct fold *fold, struct message *message, struct str to)
{
        return tx_put(fold->tx, Q_OUTBOX_PUT,
                        PARAMS(param_int(fold->id), param_int(message->n++),
                                        param_text(str_of(message->kind)), param_text(to),
                                        param_int(fold->after->id), param_text(message->body)),
                        fold->err);
}

/* `papers`: what goes to him; an empty list is left out. */
static struct str message_body(struct fold *fold, struct str about, struct value papers)
{
        const struct matter *m = fold->after;
        struct member members[5];
        size_t n = 0;
        members[n++] = (struct member){ STR_LIT("about"), value_string(about) };
        members[n++] = (struct member){ STR_LIT("number"), value_string(m->number) };
        if (papers.list.n != 0)
                members[n++] = (struct member){ STR_LIT("papers"), papers };
        members[n++] = (struct member){ STR_LIT("procedure"),
                value_string(m->version->procedure->label) };
        members[n++] = (struct member){ STR_LIT("state"), value_string(state_of(m)->label) };
        struct value body = value_context(members, n);
        struct buf buf = BUF(fold->arena);
        value_write_json(&buf, &body);
        return buf_str(&buf);
}

/* The papers of this event that are noted to go to him, as their labels. */
static struct value papers_for(struct fold *fold, struct str whom)
{
        const struct matter *m = fold->after;
        if (fold_data(fold, "$recipients") == NULL)
                return value_list(NULL, 0);
        struct value *labels = arena_new_array(fold->arena, m->n_documents, struct value);
        size_t n = 0;
        for (size_t i = 0; i < m->n_documents; i++) {
                const struct issued_document *issued = &m->documents[i];
                if (issued->seq != fold->id)
                        continue;
                struct recipients to = fact_recipients(fold->arena, fold->fact, issued->document);
                if (to.is_noted && recipients_has(&to, whom))
                        labels[n++] = value_string(m->version->documents[issued->document].label);
        }
        return value_list(labels, n);
}

static bool write_notices(struct fold *fold)
{
        const struct value *whom = fold_data(fold, "$notified");
        if (whom == NULL || whom->kind != VALUE_LIST)
                return true;
        int act = version_act(fold->after->version, fold->fact->act);
        struct str about = act >= 0 ? fold->after->version->acts[act].label : fold->fact->act;
        struct message message = { .kind = "notice" };
        for (size_t i = 0; i < whom->list.n; i++) {
                if (whom->list.items[i].kind != VALUE_STRING)
                        continue;
                struct str to = whom->list.items[i].string;
                message.body = message_body(fold, about, papers_for(fold, to));
                if (!send(fold, &message, to))
                        return false;
        }
        return true;
}

/* To whoever the matter is assigned to, else to its unit. */
static bool send_concerned(struct fold *fold, struct message *message)
{
        for (size_t i = 0; i < fold->after->n_assigned; i++)
                if (!send(fold, message, fold->after->assigned[i]))
                        return false;
        if (fold->after->n_assigned != 0)
                return true;
        return send(fold, message,
                        str_format(fold->arena, "unit:%.*s", STR_FMT(fold->after->unit)));
}

static bool write_warning(struct fold *fold)
{
        bool warns = str_is(fold->fact->act, ACT_WARN);
        const struct value *name = fold_data(fold, "$clock");
        if ((!warns && !str_is(fold->fact->act, ACT_EXPIRE)) || name == NULL ||
                        name->kind != VALUE_STRING)
                return true;
        int clock = version_clock(fold->after->version, name->string);
        struct message message = { .kind = warns ? "warning" : "expired",
                .body = message_body(fold,
                                clock >= 0 ? fold->after->version->clocks[clock].label
                                           : name->string,
                                value_list(NULL, 0)) };
        return send_concerned(fold, &message);
}

/* ---- A new calendar ---- */

static struct str moved_body(struct fold *fold, size_t clock, struct date from, struct date to)
{
        const struct matter *m = fold->after;
        const struct member members[] = {
                { STR_LIT("about"), value_string(m->version->clocks[clock].label) },
                { STR_LIT("from"), value_date(from) },
                { STR_LIT("number"), value_string(m->number) },
                { STR_LIT("procedure"), value_string(m->version->procedure->label) },
                { STR_LIT("to"), value_date(to) },
        };
        struct value body = value_context(members, N_ELEMENTS(members));
        struct buf buf = BUF(fold->arena);
        value_write_json(&buf, &body);
        return buf_str(&buf);
}

/* The last days as the table has them; DATE_NONE where it has none. */
static bool old_days(struct fold *fold, struct date *days)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        size_t n = fold->after->version->n_clocks;
        for (size_t i = 0; i < n; i++)
                days[i] = DATE_NONE;
        if (!snapshot_rows(tx_snapshot(fold->tx), Q_CLOCKS_OF, PARAMS(param_int(fold->after->id)),
                            &rows, fold->err))
                return false;
        while (rows_next(&rows)) {
                int64_t clock = rows_int(&rows, 0);
                if (clock >= 0 && (size_t)clock < n && !rows_is_null(&rows, 3))
                        days[clock] = (struct date){ (int32_t)rows_int(&rows, 3) };
        }
        return rows_end(&rows, fold->err);
}

static bool tell_moved(struct fold *fold, size_t clock, struct date from)
{
        struct deadline deadline;
        if (date_is_none(from) ||
                        !matter_deadline(fold->after, clock, fold->world.calendar,
                                        moment_date(fold->world.now), &deadline) ||
                        date_cmp(deadline.last_day, from) == 0)
                return true;
        struct message message = { .kind = "moved",
                .n = fold->n_messages,
                .body = moved_body(fold, clock, from, deadline.last_day) };
        bool ok = send_concerned(fold, &message);
        fold->n_messages = message.n;
        return ok;
}

bool fold_clocks_again(struct fold *fold)
{
        size_t n = fold->after->version->n_clocks;
        struct date *days = arena_new_array(fold->arena, n, struct date);
        if (!old_days(fold, days))
                return false;
        for (size_t i = 0; i < n; i++) {
                enum clock_status status = fold->after->clocks[i].status;
                if ((status == CLOCK_RUNNING || status == CLOCK_PAUSED) &&
                                (!write_clock(fold, i) || !tell_moved(fold, i, days[i])))
                        return false;
        }
        return true;
}

/* ---- All of it ---- */

bool fold_matter(struct fold *fold)
{
        bool found = true;
        assert(fold->after != NULL && fold->after->version == fold->plan->version);
        if (fold->before != NULL &&
                        !matter_row_get(fold->arena, tx_snapshot(fold->tx), fold->projection->cache,
                                        fold->after->id, &fold->old, &found, fold->err))
                return false;
        if (!found)
                return fold_broken(fold, "办件不在读表中");
        fold->changes = changes_of(fold->arena, fold->before, fold->after);
        if (!make_row(fold) || !fold_contributions(fold, false))
                return false;
        if (!(fold->before == NULL ? insert_row(fold) : update_row(fold)))
                return false;
        matter_row_keep(fold->arena, fold->projection->cache, &fold->row);
        if (fold->before == NULL)
                cache_put_number(fold->projection->cache, fold->row.number, fold->row.id);
        return write_clocks(fold) && write_documents(fold) && write_publications(fold) &&
               write_keys(fold) && write_assigned(fold) && write_search(fold) &&
               fold_writes(fold) && write_notices(fold) && write_warning(fold);
}
