#include "ledger/event.h"

#include <assert.h>

#include "base/limits.h"
#include "ledger/commitment.h"
#include "ledger/fields.h"
#include "ledger/merkle.h"

#define SEQ_MAX       (((int64_t)1 << 53) - 1) /* the last integer JSON readers agree on */
#define LEAF_MAX      4096u                    /* seven texts and what stands between */
#define MOMENT_LENGTH 25

static bool check_text(const char *member, struct str text, bool optional, struct err *err)
{
        if (text.n == 0 && optional)
                return true;
        if (text.n == 0)
                return err_field(err, E_EVENT_TEXT, str_of(member), "不能为空");
        if (text.n > LIMIT_EVENT_TEXT_BYTES)
                return err_field(err, E_EVENT_TEXT, str_of(member), "超过 %u 字节",
                                LIMIT_EVENT_TEXT_BYTES);
        if (!fields_is_plain(text))
                return err_field(err, E_EVENT_TEXT, str_of(member), "有不允许的字符");
        return true;
}

static bool check_head(const struct event *event, struct err *err)
{
        if (!check_text("organ", event->organ, false, err) ||
                        !check_text("matter", event->matter, true, err) ||
                        !check_text("procedure", event->procedure, false, err) ||
                        !check_text("act", event->act, false, err) ||
                        !check_text("actor", event->actor, false, err) ||
                        !check_text("on_behalf", event->on_behalf, true, err))
                return false;
        if (event->seq < 0 || event->seq > SEQ_MAX)
                return err_field(err, E_EVENT_TEXT, STR_LIT("seq"), "序号超出范围");
        int64_t second = event->time.second;
        int year = second > -((int64_t)1 << 40) && second < (int64_t)1 << 40
                                   ? date_year(moment_date(event->time))
                                   : 0;
        if (year < DATE_MIN_YEAR || year > DATE_MAX_YEAR)
                return err_field(err, E_EVENT_TEXT, STR_LIT("time"), "时间超出范围");
        return true;
}

/* Writes data as JSON and commits to each field from the text just written. */
static bool write_data(const struct event *event, enum ledger_hash algorithm, struct buf *buf,
                struct hash *ret, struct err *err)
{
        if (event->data.kind != VALUE_CONTEXT)
                return err_set(err, E_EVENT_FIELD, "数据不是一组字段");
        size_t n = event->data.context.n;
        if (n > LIMIT_EVENT_FIELDS)
                return err_set(err, E_LIMIT, "一个事件最多 %u 个字段", LIMIT_EVENT_FIELDS);
        struct commitment commitment;
        commitment_start(&commitment, algorithm, event->secret);
        for (size_t i = 0; i < n; i++) {
                const struct member *member = &event->data.context.members[i];
                struct str name = member->name;
                if (name.n == 0 || name.n > LIMIT_KEY_BYTES || !fields_is_plain(name))
                        return err_field(err, E_EVENT_FIELD, name, "字段名称不正确");
                if (i != 0 && str_cmp(member[-1].name, name) >= 0)
                        return err_field(err, E_EVENT_FIELD, name, "字段重复或未排序");
                buf_add(buf, i == 0 ? "{\"" : ",\"", 2);
                buf_str_add(buf, name);
                buf_add(buf, "\":", 2);
                size_t from = buf->n;
                value_write_json(buf, &member->value);
                if (buf->n >= LIMIT_EVENT_BYTES)
                        return err_field(err, E_LIMIT, name, "一个事件最多 %u 字节",
                                        LIMIT_EVENT_BYTES);
                commitment_add(&commitment, name, str_slice(buf_str(buf), from, buf->n));
        }
        buf_c(buf, n == 0 ? "{}" : "}");
        *ret = commitment_finish(&commitment);
        return true;
}

/* Text between two pieces of the leaf's frame: the leaf is bounded by check_head(). */
struct pen {
        char *to;
};

static void put(struct pen *pen, const char *p, size_t n)
{
        memcpy(pen->to, p, n);
        pen->to += n;
}

#define PUT(pen, literal) put((pen), "" literal, sizeof(literal) - 1)

static void put_text(struct pen *pen, struct str text)
{
        if (text.n == 0) {
                PUT(pen, "null");
                return;
        }
        *pen->to++ = '"';
        put(pen, text.p, text.n);
        *pen->to++ = '"';
}

static void put_number(struct pen *pen, int64_t number)
{
        char digits[20], *from = digits + sizeof(digits);
        do
                *--from = (char)('0' + number % 10);
        while ((number /= 10) != 0);
        put(pen, from, (size_t)(digits + sizeof(digits) - from));
}

static struct str write_leaf(
                struct arena *arena, const struct event *event, const struct hash *data)
{
        char text[LEAF_MAX];
        struct pen pen = { text };
        PUT(&pen, "{\"act\":");
        put_text(&pen, event->act);
        PUT(&pen, ",\"actor\":");
        put_text(&pen, event->actor);
        PUT(&pen, ",\"data\":\"");
        hash_write_hex(data->b, HASH_BYTES, pen.to);
        pen.to += HASH_HEX;
        PUT(&pen, "\",\"matter\":");
        put_text(&pen, event->matter);
        PUT(&pen, ",\"on_behalf\":");
        put_text(&pen, event->on_behalf);
        PUT(&pen, ",\"organ\":");
        put_text(&pen, event->organ);
        PUT(&pen, ",\"procedure\":");
        put_text(&pen, event->procedure);
        PUT(&pen, ",\"seq\":");
        put_number(&pen, event->seq);
        PUT(&pen, ",\"time\":\"");
        char moment[26];
        moment_write(event->time, moment);
        put(&pen, moment, MOMENT_LENGTH);
        PUT(&pen, "\"}");
        assert((size_t)(pen.to - text) <= sizeof(text));
        return str_copy(arena, (struct str){ text, (size_t)(pen.to - text) });
}

bool ledger_seal(struct arena *arena, enum ledger_hash algorithm, const struct event *event,
                struct sealed *ret, struct err *err)
{
        assert(arena && event && ret && err);
        if (!check_head(event, err))
                return false;
        struct buf buf = { .arena = arena, .p = arena_alloc(arena, 512), .capacity = 512 };
        struct hash data;
        if (!write_data(event, algorithm, &buf, &data, err))
                return false;
        struct str leaf = write_leaf(arena, event, &data);
        *ret = (struct sealed){
                .leaf = leaf,
                .leaf_hash = merkle_leaf(algorithm, leaf),
                .disclosed = buf_str(&buf),
        };
        return true;
}

/* The leaf's bytes not yet read; the first thing that does not fit empties it for good. */
struct eye {
        struct str rest;
        bool bad;
};

static void see_str(struct eye *eye, struct str expected)
{
        if (!eye->bad && str_starts(eye->rest, expected))
                eye->rest = str_slice(eye->rest, expected.n, eye->rest.n);
        else
                eye->bad = true;
}

#define SEE(eye, literal) see_str((eye), STR_LIT(literal))

static struct str see_text(struct eye *eye, bool optional)
{
        struct str none = { NULL, 0 };
        if (optional && str_starts(eye->rest, STR_LIT("null"))) {
                SEE(eye, "null");
                return none;
        }
        SEE(eye, "\"");
        const char *quote = eye->bad ? NULL : memchr(eye->rest.p, '"', eye->rest.n);
        if (quote == NULL) {
                eye->bad = true;
                return none;
        }
        struct str text = str_slice(eye->rest, 0, (size_t)(quote - eye->rest.p));
        eye->rest = str_slice(eye->rest, text.n + 1, eye->rest.n);
        if (text.n == 0 || text.n > LIMIT_EVENT_TEXT_BYTES || !fields_is_plain(text))
                eye->bad = true;
        return text;
}

static int64_t see_number(struct eye *eye)
{
        size_t n = 0;
        while (n < eye->rest.n && eye->rest.p[n] >= '0' && eye->rest.p[n] <= '9')
                n++;
        struct str digits = str_slice(eye->rest, 0, n);
        int64_t number = 0;
        if (n == 0 || n > 16 || (n > 1 && digits.p[0] == '0') || !str_to_int(digits, &number) ||
                        number > SEQ_MAX)
                eye->bad = true;
        eye->rest = str_slice(eye->rest, n, eye->rest.n);
        return number;
}

static struct moment see_moment(struct eye *eye)
{
        struct moment moment = { 0 };
        struct str text = see_text(eye, false);
        struct err err;
        char again[26];
        if (eye->bad || text.n != MOMENT_LENGTH || !moment_parse(text, &moment, &err)) {
                eye->bad = true;
                return moment;
        }
        moment_write(moment, again);
        eye->bad = !str_is(text, again);
        return moment;
}

bool ledger_parse_leaf(struct str bytes, struct leaf *ret, struct err *err)
{
        assert(ret && err);
        struct eye eye = { bytes, bytes.n == 0 || bytes.n > LEAF_MAX };
        struct leaf leaf;
        SEE(&eye, "{\"act\":");
        leaf.act = see_text(&eye, false);
        SEE(&eye, ",\"actor\":");
        leaf.actor = see_text(&eye, false);
        SEE(&eye, ",\"data\":");
        if (!hash_parse_hex(see_text(&eye, false), leaf.data.b, HASH_BYTES))
                eye.bad = true;
        SEE(&eye, ",\"matter\":");
        leaf.matter = see_text(&eye, true);
        SEE(&eye, ",\"on_behalf\":");
        leaf.on_behalf = see_text(&eye, true);
        SEE(&eye, ",\"organ\":");
        leaf.organ = see_text(&eye, false);
        SEE(&eye, ",\"procedure\":");
        leaf.procedure = see_text(&eye, false);
        SEE(&eye, ",\"seq\":");
        leaf.seq = see_number(&eye);
        SEE(&eye, ",\"time\":");
        leaf.time = see_moment(&eye);
        SEE(&eye, "}");
        if (eye.bad || eye.rest.n != 0)
                return err_set(err, E_EVENT_LEAF, "在倒数第 %zu 字节附近", eye.rest.n);
        *ret = leaf;
        return true;
}

bool ledger_check_event(enum ledger_hash algorithm, const struct leaf *leaf, struct str disclosed,
                const uint8_t secret[EVENT_SECRET_BYTES], size_t *n_fields, struct err *err)
{
        struct commitment commitment;
        if (!commitment_read(&commitment, algorithm, secret, disclosed, err))
                return false;
        struct hash data = commitment_finish(&commitment);
        if (!hash_eq(&data, &leaf->data))
                return err_set(err, E_EVENT_CHANGED, "第 %lld 条", (long long)leaf->seq);
        if (n_fields != NULL)
                *n_fields = commitment.n;
        return true;
}
