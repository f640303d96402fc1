#include "procedure/describe.h"

#include <assert.h>

/* ---- Small parts ---- */

/* The marks between the items of one list. */
static void between(struct buf *buf, size_t i)
{
        buf_c(buf, i != 0 ? "、" : "");
}

struct str describe_length(struct arena *arena, const struct clock_definition *clock)
{
        struct buf buf = BUF(arena);
        if (clock->fixed != NULL) {
                buf_str_add(&buf, feel_text(clock->fixed));
                buf_c(&buf, "前");
                return buf_str(&buf);
        }
        if (clock->before != NULL) {
                buf_str_add(&buf, feel_text(clock->before));
                buf_c(&buf, "前");
        }
        if (clock->length != NULL)
                buf_str_add(&buf, feel_text(clock->length));
        else
                buf_int(&buf, clock->rule.length);
        buf_c(&buf, deadline_unit_zh(clock->rule.unit));
        return buf_str(&buf);
}

struct str describe_people(struct arena *arena, const struct version *v, const struct act *act)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < act->n_roles; i++) {
                between(&buf, i);
                buf_str_add(&buf, act->roles[i]);
                int party = version_party(v, act->roles[i]);
                if (party >= 0)
                        buf_format(&buf, "（%.*s）", STR_FMT(v->parties[party].label));
        }
        return buf_str(&buf);
}

static void write_targets(struct buf *buf, const struct version *v, const struct act *act)
{
        for (size_t i = 0; i < act->n_to; i++) {
                between(buf, i);
                buf_str_add(buf, v->states[act->to[i].state].label);
                if (act->to[i].when != NULL)
                        buf_format(buf, "（当 %.*s）", STR_FMT(feel_text(act->to[i].when)));
        }
        if (act->n_to == 0)
                buf_c(buf, "不变");
}

struct str describe_way(struct arena *arena, const struct version *v, const struct act *act)
{
        struct buf buf = BUF(arena);
        buf_c(&buf, act->from_new ? "新办" : act->from_any ? "任何未终结状态" : "");
        for (size_t i = 0; i < act->n_from; i++) {
                between(&buf, i != 0 || act->from_new);
                buf_str_add(&buf, v->states[act->from[i]].label);
        }
        buf_c(&buf, " → ");
        write_targets(&buf, v, act);
        return buf_str(&buf);
}

/* "；必填：信息名称、申请人" */
static void write_fields(struct buf *buf, const char *what, const struct version *v,
                const size_t *fields, size_t n)
{
        if (n == 0)
                return;
        buf_format(buf, "；%s：", what);
        for (size_t i = 0; i < n; i++) {
                between(buf, i);
                buf_str_add(buf, v->fields[fields[i]].label);
        }
}

/* ---- Acts ---- */

static void write_steps(struct buf *buf, const struct version *v, const struct act *act)
{
        static const char *const verbs[] = {
                [CLOCK_START] = "起算",
                [CLOCK_STOP] = "停止",
                [CLOCK_VOID] = "作废",
                [CLOCK_PAUSE] = "中止",
                [CLOCK_RESUME] = "恢复",
                [CLOCK_EXTEND] = "延长",
        };
        for (size_t i = 0; i < act->n_clock_steps; i++)
                buf_format(buf, "；%s“%.*s”", verbs[act->clock_steps[i].verb],
                                STR_FMT(v->clocks[act->clock_steps[i].clock].label));
}

static void write_rules(struct buf *buf, const struct act *act)
{
        for (size_t i = 0; i < act->n_require; i++) {
                const struct rule *rule = &act->require[i];
                buf_format(buf, "      须 %.*s，否则：%.*s", STR_FMT(rule->source),
                                STR_FMT(rule->say));
                if (rule->basis.n != 0)
                        buf_format(buf, "（%.*s）", STR_FMT(rule->basis));
                buf_char(buf, '\n');
        }
}

static void write_act(struct buf *buf, const struct version *v, const struct act *act)
{
        buf_format(buf, "  %.*s %.*s：%.*s；%.*s", STR_FMT(act->name), STR_FMT(act->label),
                        STR_FMT(describe_people(buf->arena, v, act)),
                        STR_FMT(describe_way(buf->arena, v, act)));
        buf_c(buf, act->once ? "；只能一次" : "");
        buf_c(buf, act->private ? "；只让办理的和收到通知、文书的当事人看到" : "");
        write_fields(buf, "必填", v, act->needs, act->n_needs);
        write_fields(buf, "可填", v, act->takes, act->n_takes);
        if (act->within >= 0)
                buf_format(buf, "；在“%.*s”内", STR_FMT(v->clocks[act->within].label));
        for (size_t i = 0; i < act->n_differs_from; i++)
                buf_format(buf, "%s%.*s", i != 0 ? "、" : "；不得由同一人办过：",
                                STR_FMT(v->acts[act->differs_from[i]].label));
        write_steps(buf, v, act);
        for (size_t i = 0; i < act->n_documents; i++)
                buf_format(buf, "；出具《%.*s》", STR_FMT(v->documents[act->documents[i]].label));
        for (size_t i = 0; i < act->n_publishes; i++)
                buf_format(buf, "；公示“%.*s”", STR_FMT(v->publications[act->publishes[i]].label));
        for (size_t i = 0; i < act->n_opens; i++)
                buf_format(buf, "；开启 %.*s", STR_FMT(act->opens[i].procedure));
        for (size_t i = 0; i < act->n_then; i++)
                if (act->then[i].procedure.n != 0)
                        buf_format(buf, "；告知下级办件 %.*s", STR_FMT(act->then[i].procedure));
        for (size_t i = 0; i < act->n_writes; i++)
                buf_format(buf, "；%s名录 %.*s", act->writes[i].end != NULL ? "终止" : "登记",
                                STR_FMT(act->writes[i].reg));
        buf_c(buf, act->moves != NULL ? "；由另一个单位承办" : "");
        buf_char(buf, '\n');
        write_rules(buf, act);
}

/* ---- Clocks and the rest ---- */

static void write_clock(
                struct buf *buf, const struct version *v, const struct clock_definition *clock)
{
        buf_format(buf, "  %.*s %.*s：%.*s", STR_FMT(clock->name), STR_FMT(clock->label),
                        STR_FMT(describe_length(buf->arena, clock)));
        for (size_t i = 0; i < clock->n_paused_in; i++)
                buf_format(buf, "%s%.*s", i != 0 ? "、" : "；不计入：",
                                STR_FMT(v->states[clock->paused_in[i]].label));
        if (clock->extend_by != 0)
                buf_format(buf, "；可延长%d%s%s", clock->extend_by,
                                deadline_unit_zh(clock->rule.unit),
                                clock->extend_once ? "，一次" : "");
        if (clock->expires >= 0)
                buf_format(buf, "；到期：%.*s", STR_FMT(v->acts[clock->expires].label));
        buf_c(buf, clock->of_party ? "；逾期丧失权利" : "");
        buf_format(buf, "；%.*s\n", STR_FMT(clock->basis));
}

static void write_publication(
                struct buf *buf, const struct version *v, const struct publication *publication)
{
        buf_format(buf, "  %.*s %.*s：", STR_FMT(publication->name), STR_FMT(publication->label));
        for (size_t i = 0; i < publication->n_shows; i++) {
                between(buf, i);
                buf_str_add(buf, v->fields[publication->shows[i]].label);
        }
        for (size_t i = 0; i < publication->n_masked; i++) {
                between(buf, i + publication->n_shows);
                buf_format(buf, "%.*s（脱敏）",
                                STR_FMT(v->fields[publication->masked[i].field].label));
        }
        if (publication->days != 0)
                buf_format(buf, "；%d日", publication->days);
        buf_char(buf, '\n');
}

/* "；发给：applicant、third_party（当 …）" */
static void write_document(struct buf *buf, const struct document *document)
{
        buf_format(buf, "  %.*s %.*s", STR_FMT(document->name), STR_FMT(document->label));
        if (document->is_addressed)
                buf_c(buf, document->n_to != 0 ? "；发给：" : "；只入卷");
        for (size_t i = 0; i < document->n_to; i++) {
                between(buf, i);
                buf_str_add(buf, document->to[i].who);
                if (document->to[i].when != NULL)
                        buf_format(buf, "（当 %.*s）", STR_FMT(feel_text(document->to[i].when)));
        }
        buf_char(buf, '\n');
}

static void write_head(struct buf *buf, const struct version *v)
{
        buf_format(buf, "%.*s（%.*s）%.*s\n", STR_FMT(v->procedure->label),
                        STR_FMT(v->procedure->name), STR_FMT(v->name));
        buf_format(buf, "  %.*s起施行；依据：%.*s\n",
                        STR_FMT(date_format_zh(buf->arena, v->effective)), STR_FMT(v->law));
        buf_format(buf, "  编号：%.*s\n", STR_FMT(v->number));
        if (v->note.n != 0)
                buf_format(buf, "  说明：%.*s\n", STR_FMT(v->note));
}

struct str describe_version(struct arena *arena, const struct version *v)
{
        assert(arena && v);

        struct buf buf = BUF(arena);
        write_head(&buf, v);
        buf_c(&buf, "状态\n");
        for (size_t i = 0; i < v->n_states; i++)
                buf_format(&buf, "  %.*s %.*s%s\n", STR_FMT(v->states[i].name),
                                STR_FMT(v->states[i].label), v->states[i].final ? "（终结）" : "");
        buf_c(&buf, "办理动作\n");
        for (size_t i = 0; i < v->n_acts; i++)
                write_act(&buf, v, &v->acts[i]);
        buf_c(&buf, v->n_clocks != 0 ? "期限\n" : "");
        for (size_t i = 0; i < v->n_clocks; i++)
                write_clock(&buf, v, &v->clocks[i]);
        buf_c(&buf, v->n_documents != 0 ? "文书\n" : "");
        for (size_t i = 0; i < v->n_documents; i++)
                write_document(&buf, &v->documents[i]);
        buf_c(&buf, v->n_publications != 0 ? "公示\n" : "");
        for (size_t i = 0; i < v->n_publications; i++)
                write_publication(&buf, v, &v->publications[i]);
        return buf_str(&buf);
}
