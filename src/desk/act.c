/* desk/act.c - one submission: found, decided, recorded, and what follows from it. */
#include <assert.h>

#include "base/limits.h"
#include "desk/act.h"
#include "desk/desk_state.h"
#include "desk/history.h"
#include "desk/people.h"
#include "desk/repeat.h"
#include "projection/projection.h"
#include "projection/register_read.h"
#include "store/ids.h"

/* What a submission has brought about so far, for its receipt. */
struct doing {
        struct writer *writer;
        struct arena *arena;
        struct receipt *receipt;
        struct receipt_line *followed;
        size_t n_followed;
        struct str key; /* of the first event; empty from the second on */
        struct str digest;
        struct moment due; /* act_request.due, of all that follows too */
        struct err *err;
};

/* One act with everything resolved. */
struct deed_request {
        const struct version *version;
        struct matter *matter; /* NULL: begins one */
        const struct actor *actor;
        struct act_request request;
};

static struct str date_text(struct arena *arena, struct date day)
{
        return date_is_none(day) ? STR_LIT("") : date_format(arena, day);
}

static void add_followed(struct doing *doing, const struct matter *matter, const struct act *act)
{
        doing->followed = arena_push(
                        doing->arena, doing->followed, doing->n_followed, sizeof(*doing->followed));
        doing->followed[doing->n_followed++] = (struct receipt_line){
                .name = matter->number,
                .label = str_format(doing->arena, "%.*s·%.*s",
                                STR_FMT(matter->version->procedure->label), STR_FMT(act->label)),
                .text = matter->version->states[matter->state].label,
        };
}

/* ---- The receipt ---- */

static void tell_documents(struct doing *doing, const struct matter *matter, const struct act *act)
{
        struct receipt *receipt = doing->receipt;
        struct receipt_line *lines =
                        arena_new_array(doing->arena, act->n_documents, struct receipt_line);
        for (size_t i = 0; i < matter->n_documents; i++) {
                const struct issued_document *issued = &matter->documents[i];
                const struct document *document = &matter->version->documents[issued->document];
                if (issued->seq == receipt->seq && receipt->n_documents < act->n_documents)
                        lines[receipt->n_documents++] = (struct receipt_line){ document->name,
                                document->label, issued->number, false };
        }
        receipt->documents = lines;
}

static void tell_clocks(struct doing *doing, const struct matter *matter, const struct act *act)
{
        struct writer *w = doing->writer;
        struct receipt *receipt = doing->receipt;
        struct receipt_line *lines =
                        arena_new_array(doing->arena, act->n_clock_steps, struct receipt_line);
        for (size_t i = 0; i < act->n_clock_steps; i++) {
                const struct clock_step *step = &act->clock_steps[i];
                const struct clock_definition *clock = &matter->version->clocks[step->clock];
                enum clock_status status = matter->clocks[step->clock].status;
                struct deadline deadline;
                if ((step->verb != CLOCK_START && step->verb != CLOCK_EXTEND) ||
                                (status != CLOCK_RUNNING && status != CLOCK_PAUSED) ||
                                !matter_deadline(matter, step->clock, w->circumstances.calendar,
                                                w->today, &deadline))
                        continue;
                lines[receipt->n_clocks++] = (struct receipt_line){ clock->name, clock->label,
                        date_text(doing->arena, deadline.last_day), deadline.provisional };
        }
        receipt->clocks = lines;
}

static void tell_matter(struct doing *doing, const struct matter *matter, const struct act *act)
{
        struct receipt *receipt = doing->receipt;
        const struct state *state = &matter->version->states[matter->state];
        receipt->matter = matter->id;
        receipt->number = matter->number;
        receipt->state = state->name;
        receipt->state_label = state->label;
        receipt->act_label = act->label;
        receipt->hint = act->hint;
        receipt->begins = matter->n_deeds == 1;
        tell_documents(doing, matter, act);
        tell_clocks(doing, matter, act);
}

/* ---- Doing ---- */

static bool do_deed(struct doing *doing, const struct deed_request *deed, unsigned depth);

/* The first event of a submission settles its key. */
static bool record(struct doing *doing, const struct fact *fact, struct matter *matter,
                int64_t *ret_seq)
{
        struct str key = doing->key;
        struct fact signed_fact = *fact;
        doing->key = STR_LIT("");
        if (key.n > 0)
                signed_fact = repeat_sign(doing->arena, fact, key, doing->digest);
        return writer_record(doing->writer, &signed_fact, matter, key, ret_seq, doing->err);
}

static bool find_version(
                struct doing *doing, const struct procedure *procedure, const struct version **ret)
{
        *ret = procedure_version_on(procedure, doing->writer->today);
        if (*ret != NULL)
                return true;
        return err_field(doing->err, E_DESK_NO_VERSION, procedure->label, "%.*s 尚未施行",
                        STR_FMT(date_format(doing->arena, doing->writer->today)));
}

static bool follow(struct doing *doing, const struct consequence *next, const struct matter *from,
                unsigned depth)
{
        struct writer *w = doing->writer;
        if (depth > DESK_DEPTH_MAX || ++w->n_followed > DESK_FOLLOW_MAX)
                return err_set(doing->err, E_DESK_DEPTH, "最多 %u 层、%u 件", DESK_DEPTH_MAX,
                                DESK_FOLLOW_MAX);
        struct deed_request deed = { .actor = people_system(), .request = next->request };
        deed.request.due = doing->due;
        if (next->on_parent) {
                if (!writer_matter(w, from->parent, &deed.matter, doing->err))
                        return false;
                deed.version = deed.matter->version;
        } else if (next->child.n != 0) {
                int64_t child;
                if (!writer_find(w, next->child, &child, doing->err) ||
                                !writer_matter(w, child, &deed.matter, doing->err))
                        return false;
                assert(deed.matter->parent == from->id);
                deed.version = deed.matter->version;
        } else {
                deed.request.parent = from->id;
                if (!find_version(doing, next->procedure, &deed.version))
                        return false;
        }
        return do_deed(doing, &deed, depth);
}

/* A child that ended at once may have moved the matter on. */
static bool tell_state_again(struct doing *doing, int64_t id)
{
        struct matter *matter;
        if (!writer_matter(doing->writer, id, &matter, doing->err))
                return false;
        doing->receipt->state = matter->version->states[matter->state].name;
        doing->receipt->state_label = matter->version->states[matter->state].label;
        return true;
}

static bool do_deed(struct doing *doing, const struct deed_request *deed, unsigned depth)
{
        struct writer *w = doing->writer;
        struct outcome outcome;
        if (!procedure_decide(doing->arena, deed->version, deed->matter, deed->actor,
                            &deed->request, &w->circumstances, &outcome, doing->err))
                return false;
        struct matter *matter = deed->matter != NULL ? deed->matter
                                                     : matter_new(doing->arena, deed->version);
        int64_t seq;
        if (!record(doing, &outcome.fact, matter, &seq))
                return false;
        int index = version_act(deed->version, outcome.fact.act);
        assert(index >= 0);
        const struct act *act = &deed->version->acts[index];
        if (depth == 0) {
                doing->receipt->seq = seq;
                tell_matter(doing, matter, act);
                doing->receipt->warnings = outcome.warnings;
                doing->receipt->n_warnings = outcome.n_warnings;
        } else {
                add_followed(doing, matter, act);
        }
        for (size_t i = 0; i < outcome.n_consequences; i++)
                if (!follow(doing, &outcome.consequences[i], matter, depth + 1))
                        return false;
        return depth > 0 || outcome.n_consequences == 0 || tell_state_again(doing, matter->id);
}

static void tell_among_staff(struct doing *doing, const struct matter *matter, struct str act)
{
        const struct state *state = &matter->version->states[matter->state];
        struct receipt *receipt = doing->receipt;
        receipt->matter = matter->id;
        receipt->number = matter->number;
        receipt->state = state->name;
        receipt->state_label = state->label;
        receipt->act_label = str_is(act, ACT_NOTE) ? STR_LIT("备注") : STR_LIT("补发查询码");
}

static bool do_among_staff(struct doing *doing, const struct deed_request *deed)
{
        struct fact fact;
        bool note = str_is(deed->request.act, ACT_NOTE);
        if (!(note ? procedure_note : procedure_code)(doing->arena, deed->matter, deed->actor,
                            &deed->request.fields, &doing->writer->circumstances, &fact,
                            doing->err) ||
                        !record(doing, &fact, deed->matter, &doing->receipt->seq))
                return false;
        tell_among_staff(doing, deed->matter, fact.act);
        return true;
}

/* Is the entry still the one that its keeper had before him, or is there still none? */
static bool entry_is_as_seen(struct doing *doing, const struct submission *s, const struct reg *reg)
{
        struct writer *w = doing->writer;
        const struct value *key = value_get(&s->fields, reg->key);
        const struct register_row *rows;
        int64_t stands = SUBMISSION_NONE_SEEN;
        size_t n;
        if (s->seen == 0 || key == NULL || key->kind != VALUE_STRING)
                return true;
        if (!register_history(doing->arena, tx_snapshot(w->tx), w->circumstances.catalogue,
                            reg->name, key->string, &rows, &n, doing->err))
                return false;
        for (size_t i = 0; i < n; i++)
                if ((date_is_none(rows[i].until) || date_cmp(w->today, rows[i].until) < 0) &&
                                rows[i].id > stands)
                        stands = rows[i].id;
        return stands == s->seen || err_field(doing->err, E_DESK_ENTRY_SEEN, key->string, "%s", "");
}

static bool do_register(struct doing *doing, const struct submission *s, const struct actor *actor)
{
        struct writer *w = doing->writer;
        const struct reg *reg = catalogue_register(w->circumstances.catalogue, s->reg);
        if (reg == NULL)
                return err_field(doing->err, E_NOT_FOUND, s->reg, "没有这个名录");
        struct fact fact;
        int64_t seq;
        if (!entry_is_as_seen(doing, s, reg))
                return false;
        if (!register_decide(doing->arena, reg, actor, s->act, &s->fields, &w->circumstances, &fact,
                            doing->err) ||
                        !record(doing, &fact, NULL, &seq))
                return false;
        const struct value *key = value_get(&s->fields, reg->key);
        doing->receipt->seq = seq;
        doing->receipt->act_label = str_is(s->act, "end") ? STR_LIT("终止") : STR_LIT("登记");
        doing->receipt->state_label = reg->label;
        doing->receipt->number =
                        key != NULL && key->kind == VALUE_STRING ? key->string : STR_LIT("");
        return true;
}

static bool do_on_matter(struct doing *doing, const struct submission *s, int64_t matter,
                const struct actor *actor)
{
        struct writer *w = doing->writer;
        struct deed_request deed = {
                .actor = actor,
                .request = { .act = s->act, .unit = s->unit, .fields = s->fields },
        };
        if (s->procedure.n > 0) {
                const struct procedure *procedure =
                                catalogue_procedure(w->circumstances.catalogue, s->procedure);
                if (procedure == NULL)
                        return err_field(doing->err, E_NOT_FOUND, s->procedure, "没有这个程序");
                if (!find_version(doing, procedure, &deed.version))
                        return false;
                return do_deed(doing, &deed, 0);
        }
        if (matter == 0 && !writer_find(w, s->matter, &matter, doing->err))
                return false;
        if (!writer_matter(w, matter, &deed.matter, doing->err))
                return false;
        if (s->seen != 0 && s->seen != deed.matter->last_seq)
                return err_set(doing->err, E_DESK_SEEN, "%s", "");
        deed.version = deed.matter->version;
        return act_is_among_staff(s->act) ? do_among_staff(doing, &deed) : do_deed(doing, &deed, 0);
}

/* The answer of an event that was recorded before, from the record. Warnings and what
 * followed are told once only. */
static bool tell_again(struct writer *writer, int64_t id, struct receipt *ret, struct err *err)
{
        struct snapshot *snapshot = tx_snapshot(writer->tx);
        struct receipt receipt = { .seq = id_seq(id), .repeated = true };
        struct doing doing = {
                .writer = writer, .arena = writer->arena, .receipt = &receipt, .err = err
        };
        struct past_event event;
        struct matter *matter;
        int64_t matter_id;
        if (!history_event(writer->arena, snapshot, id, &event, &matter_id, err))
                return false;
        receipt.time = event.leaf.time;
        if (matter_id == 0) {
                receipt.act_label = event.leaf.act;
                *ret = receipt;
                return true;
        }
        if (!writer_matter(writer, matter_id, &matter, err) ||
                        !history_matter_at(writer->arena, snapshot, matter->version, matter_id, id,
                                        &matter, err))
                return false;
        int act = version_act(matter->version, event.leaf.act);
        if (act >= 0)
                tell_matter(&doing, matter, &matter->version->acts[act]);
        else if (act_is_among_staff(event.leaf.act))
                tell_among_staff(&doing, matter, event.leaf.act);
        *ret = receipt;
        return true;
}

static bool check_shape(const struct submission *s, struct err *err)
{
        int n = (s->procedure.n > 0) + (s->matter.n > 0 || s->same_as > 0) + (s->reg.n > 0);
        if (n != 1)
                return err_set(err, E_DESK_SHAPE, "要指明程序、办件或者名录，三者之一");
        if (s->act.n == 0)
                return err_set(err, E_DESK_SHAPE, "没有指明动作");
        if (s->fields.kind != VALUE_CONTEXT && s->fields.kind != VALUE_NULL)
                return err_set(err, E_DESK_SHAPE, "字段应当是一组“名称: 值”");
        if (s->key.n > LIMIT_KEY_BYTES || (s->key.n > 0 && !str_is_utf8(s->key)))
                return err_set(err, E_LIMIT, "幂等键最长 %u 字节", LIMIT_KEY_BYTES);
        return true;
}

/* Does it, whatever its key. */
static bool do_submission(struct writer *writer, const struct submission *s, int64_t matter,
                struct str digest, struct receipt *ret, struct err *err)
{
        if (writer->desk->options.times_given) {
                if (s->time.second < writer->tip.time.second && writer->tip.next_seq > 0)
                        return err_set(err, E_DESK_CLOCK, "办理时间早于最新记录");
                writer_set_time(writer, s->time);
        }
        struct receipt receipt = { 0 };
        struct actor actor;
        if (!writer_mark(writer, err) ||
                        !people_actor(writer->arena, &writer->circumstances, s, &actor, err))
                return false;
        struct doing doing = { .writer = writer,
                .arena = writer->arena,
                .receipt = &receipt,
                .key = s->key,
                .digest = digest,
                .err = err };
        if (!(s->reg.n > 0 ? do_register(&doing, s, &actor)
                           : do_on_matter(&doing, s, matter, &actor)))
                return false;
        receipt.time = writer->now;
        receipt.followed = doing.followed;
        receipt.n_followed = doing.n_followed;
        *ret = receipt;
        return true;
}

/* Was it done before? Then *ret_again, with the answer from the record. */
static bool look_for_key(struct writer *writer, const struct submission *s, struct str digest,
                struct receipt *ret, bool *ret_again, struct err *err)
{
        int64_t settled;
        if (!repeat_find(writer, s, digest, &settled, err))
                return false;
        *ret_again = settled != 0;
        return settled == 0 || tell_again(writer, settled, ret, err);
}

/* Hardly any key has come before, and asking would wait for all that is on its way to the
 * store. So unless it is known or suspected, a key is not looked up: the store refuses one
 * that stands already, and then the turn is done again with every key looked up; and an act
 * that is refused may be so because it was done before. */
bool writer_act(struct writer *writer, const struct submission *submission, int64_t matter,
                struct str digest, struct receipt *ret, struct err *err)
{
        assert(writer && submission && ret && err);
        struct submission s = *submission;
        bool again = false;
        if (!check_shape(&s, err))
                return false;
        if (s.fields.kind == VALUE_NULL)
                s.fields = value_context(NULL, 0);
        if (s.key.n > 0 && digest.n == 0)
                digest = repeat_digest(writer->arena, &s);
        bool asks = s.key.n > 0 && (writer->asks || projection_settled(writer->projection, s.key));
        if (asks && !look_for_key(writer, &s, digest, ret, &again, err))
                return false;
        if (again)
                return true;
        uint64_t runs = tx_runs(writer->tx);
        if (do_submission(writer, &s, matter, digest, ret, err))
                return true;
        if (asks || s.key.n == 0 || tx_runs(writer->tx) != runs)
                return false;
        struct err why = *err;
        if (!look_for_key(writer, &s, digest, ret, &again, err))
                return false;
        if (!again)
                *err = why;
        return again;
}

bool act_by_system(struct writer *writer, struct matter *matter, const struct act_request *request,
                struct receipt *ret, struct err *err)
{
        struct receipt receipt = { .time = writer->now };
        struct doing doing = { .writer = writer,
                .arena = writer->arena,
                .receipt = &receipt,
                .due = request->due,
                .err = err };
        struct deed_request deed = { matter->version, matter, people_system(), *request };
        if (!do_deed(&doing, &deed, 0))
                return false;
        receipt.followed = doing.followed;
        receipt.n_followed = doing.n_followed;
        *ret = receipt;
        return true;
}
