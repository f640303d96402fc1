#include "hook/message.h"

#include <assert.h>

#include "desk/history.h"
#include "ledger/merkle.h"
#include "procedure/decide.h"
#include "procedure/open.h"
#include "projection/kinds.h"
#include "projection/matter_read.h"

/* ---- The filter ---- */

static struct str procedure_of(struct str word)
{
        return str_split(&word, '.');
}

static bool has_act(const struct procedure *procedure, struct str act)
{
        for (size_t i = 0; i < procedure->n_versions; i++)
                if (version_act(procedure->versions[i], act) >= 0)
                        return true;
        return false;
}

/* "register:units" -> units; NULL: it names none that is public, with a key that is. */
static const struct reg *public_register(const struct catalogue *catalogue, struct str name)
{
        struct str prefix = STR_LIT(REGISTER_PREFIX);
        const struct reg *reg = str_starts(name, prefix)
                                                ? catalogue_register(catalogue,
                                                                  str_slice(name, prefix.n, name.n))
                                                : NULL;
        if (reg == NULL || !reg->public)
                return NULL;
        for (size_t i = 0; i < reg->n_fields; i++)
                if (str_eq(reg->fields[i].name, reg->key) && reg->fields[i].class != CLASS_PUBLIC)
                        return NULL;
        return reg;
}

static bool is_word(const struct catalogue *catalogue, struct str word)
{
        struct str act = word, name = str_split(&act, '.');
        if (public_register(catalogue, name) != NULL)
                return word.n == name.n || str_is(act, "put") || str_is(act, "end");
        const struct procedure *procedure = catalogue_procedure(catalogue, procedure_of(word));
        if (procedure == NULL || procedure->visible == VISIBLE_NEVER)
                return false;
        size_t n = procedure->name.n;
        return word.n == n || has_act(procedure, str_slice(word, n + 1, word.n));
}

bool message_filter_check(const struct catalogue *catalogue, struct str filter, struct err *err)
{
        if (filter.n > MESSAGE_FILTER_BYTES)
                return err_set(err, E_HOOK_FILTER, "最多 %u 字节", MESSAGE_FILTER_BYTES);
        while (filter.n != 0) {
                struct str word = str_split(&filter, ' ');
                if (word.n != 0 && !is_word(catalogue, word))
                        return err_set(err, E_HOOK_FILTER,
                                        "没有可以公开的程序、动作或者名录「%.*s」", STR_FMT(word));
        }
        return true;
}

static bool takes(struct str filter, struct str procedure, struct str act)
{
        bool any = str_starts(procedure, STR_LIT(REGISTER_PREFIX)); /* asked for by name alone */
        while (filter.n != 0) {
                struct str word = str_split(&filter, ' '), rest = word;
                if (word.n == 0)
                        continue;
                any = true;
                if (str_eq(str_split(&rest, '.'), procedure) && (rest.n == 0 || str_eq(rest, act)))
                        return true;
        }
        return !any;
}

/* ---- The body ---- */

/* In the order of the event's data, which is sorted. */
static struct value public_fields(
                struct arena *arena, const struct version *version, const struct value *data)
{
        struct member *members = arena_new_array(arena, data->context.n, struct member);
        size_t n = 0;
        for (size_t i = 0; i < data->context.n; i++) {
                const struct member *member = &data->context.members[i];
                int at = version_field(version, member->name);
                if (at >= 0 && version->fields[at].class == CLASS_PUBLIC)
                        members[n++] = (struct member){ member->name,
                                open_value(arena, &version->fields[at], &member->value) };
        }
        return value_context(members, n);
}

static struct str url_of(struct arena *arena, struct str before, struct str number)
{
        static const char hex[] = "0123456789ABCDEF";
        struct buf url = BUF(arena);
        buf_str_add(&url, before);
        for (size_t i = 0; i < number.n; i++) {
                unsigned char c = (unsigned char)number.p[i];
                bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                             (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
                if (plain) {
                        buf_char(&url, (char)c);
                        continue;
                }
                buf_char(&url, '%');
                buf_char(&url, hex[c >> 4]);
                buf_char(&url, hex[c & 15]);
        }
        return buf_str(&url);
}

static struct str leaf_hex(struct arena *arena, enum ledger_hash hash, struct str leaf)
{
        struct hash leaf_hash = merkle_leaf(hash, leaf);
        char *hex = arena_alloc(arena, HASH_HEX);
        hash_write_hex(leaf_hash.b, HASH_BYTES, hex);
        return (struct str){ hex, HASH_HEX };
}

static struct str whole_body(struct arena *arena, const struct past_event *event, struct str kind,
                const struct member *data, size_t n)
{
        struct buf out = BUF(arena);
        struct member members[] = {
                { STR_LIT("data"), value_context(data, n) },
                { STR_LIT("timestamp"), value_moment(event->leaf.time) },
                { STR_LIT("type"), value_string(str_format(arena, "%.*s.%.*s", STR_FMT(kind),
                                                   STR_FMT(event->leaf.act))) },
        };
        struct value body = value_context(members, N_ELEMENTS(members));
        value_write_json(&out, &body);
        return buf_str(&out);
}

static struct str body_of(struct arena *arena, const struct past_event *event,
                const struct matter *matter, struct value fields, struct str leaf)
{
        struct str procedure = matter->version->procedure->name;
        struct member data[] = {
                { STR_LIT("act"), value_string(event->leaf.act) },
                { STR_LIT("fields"), fields },
                { STR_LIT("leaf"), value_string(leaf) },
                { STR_LIT("matter"), value_string(matter->number) },
                { STR_LIT("position"), value_int(event->leaf.seq) },
                { STR_LIT("procedure"), value_string(procedure) },
                { STR_LIT("url"),
                                value_string(url_of(arena, STR_LIT("/matters/"), matter->number)) },
        };
        return whole_body(arena, event, procedure, data, N_ELEMENTS(data));
}

/* "permit@2019" */
static struct str leaf_procedure(const struct leaf *leaf)
{
        struct str text = leaf->procedure;
        return str_split(&text, '@');
}

/* Acts of the definition, and that a term ran out or is about to: what the matter's page shows to
 * strangers. Whatever else the kernel records (notes of staff) is none of it. */
static bool is_shown(const struct version *version, struct str act)
{
        return version_act(version, act) >= 0 || str_is(act, ACT_WARN) || str_is(act, ACT_EXPIRE);
}

/* ---- An entry of a register ---- */

static struct value entry_fields(
                struct arena *arena, const struct reg *reg, const struct value *set)
{
        struct member *members = arena_new_array(arena, reg->n_fields, struct member);
        size_t n = 0;
        for (size_t i = 0; i < reg->n_fields; i++) {
                const struct value *value = set != NULL && set->kind == VALUE_CONTEXT
                                                            ? value_get(set, reg->fields[i].name)
                                                            : NULL;
                if (value != NULL && reg->fields[i].class == CLASS_PUBLIC)
                        members[n++] = (struct member){ reg->fields[i].name,
                                open_value(arena, &reg->fields[i], value) };
        }
        bool unique = value_sort_members(members, n);
        assert(unique);
        return value_context(members, n);
}

static struct date day_of(const struct value *write, const char *name)
{
        const struct value *value = value_get(write, str_of(name));
        struct date day;
        struct err err;
        if (value != NULL && value->kind == VALUE_DATE)
                return value->date;
        return value != NULL && value->kind == VALUE_STRING && date_parse(value->string, &day, &err)
                               ? day
                               : DATE_NONE;
}

/* What its keeper wrote, by an act of the register's own: one entry. NULL: it was erased. */
static const struct value *the_write(const struct past_event *event)
{
        const struct value *writes = value_get(&event->fact.data, STR_LIT("$writes"));
        return writes != NULL && writes->kind == VALUE_LIST && writes->list.n == 1 &&
                                               writes->list.items[0].kind == VALUE_CONTEXT
                               ? &writes->list.items[0]
                               : NULL;
}

static bool message_of_entry(struct arena *arena, const struct catalogue *catalogue,
                const struct past_event *event, struct str leaf, struct date today,
                struct message *ret)
{
        const struct reg *reg = public_register(catalogue, event->leaf.procedure);
        const struct value *write = reg != NULL ? the_write(event) : NULL;
        const struct value *key = write != NULL ? value_get(write, STR_LIT("key")) : NULL;
        if (key == NULL || key->kind != VALUE_STRING)
                return false;
        struct date from = day_of(write, "from");
        if (!date_is_none(from) && date_cmp(from, today) > 0)
                return false;
        struct str page = str_format(arena, "/registers/%.*s?key=", STR_FMT(reg->name));
        const struct member data[] = {
                { STR_LIT("act"), value_string(event->leaf.act) },
                { STR_LIT("fields"), entry_fields(arena, reg, value_get(write, STR_LIT("set"))) },
                { STR_LIT("key"), *key },
                { STR_LIT("leaf"), value_string(leaf) },
                { STR_LIT("position"), value_int(event->leaf.seq) },
                { STR_LIT("register"), value_string(reg->name) },
                { STR_LIT("url"), value_string(url_of(arena, page, key->string)) },
        };
        ret->body = whole_body(arena, event, event->leaf.procedure, data, N_ELEMENTS(data));
        return true;
}

static struct message message_new(
                struct arena *arena, const struct past_event *event, struct str leaf)
{
        return (struct message){ .position = event->leaf.seq,
                .id = str_format(arena, "ev_%lld_%.*s", (long long)event->leaf.seq, 16, leaf.p) };
}

bool message_of(struct arena *arena, struct snapshot *snapshot, const struct catalogue *catalogue,
                enum ledger_hash hash, struct str filter, int64_t position, struct date today,
                struct message *ret, bool *ret_any, struct err *err)
{
        struct past_event event;
        struct matter *matter;
        int64_t id;
        bool seen;
        *ret_any = false;
        if (!history_event(arena, snapshot, position, &event, &id, err))
                return false;
        if (!takes(filter, leaf_procedure(&event.leaf), event.leaf.act))
                return true;
        struct str leaf = leaf_hex(arena, hash, event.leaf_bytes);
        struct message message = message_new(arena, &event, leaf);
        if (id == 0) {
                *ret_any = message_of_entry(arena, catalogue, &event, leaf, today, &message);
                if (*ret_any)
                        *ret = message;
                return true;
        }
        if (!matter_is_seen(snapshot, id, today, &seen, err))
                return false;
        if (!seen)
                return true;
        if (!matter_read(arena, snapshot, catalogue, id, &matter, err))
                return false;
        if (!is_shown(matter->version, event.leaf.act))
                return true;
        struct value fields = public_fields(arena, matter->version, &event.fact.data);
        message.body = body_of(arena, &event, matter, fields, leaf);
        *ret = message;
        *ret_any = true;
        return true;
}

/* ---- The signature ---- */

struct str message_secret_text(struct arena *arena, struct str secret)
{
        struct str text = hash_base64(arena, secret.p, secret.n);
        return str_format(arena, "whsec_%.*s", STR_FMT(text));
}

void message_headers(struct arena *arena, const struct message *message, struct str secret,
                struct moment now, struct str ret[MESSAGE_HEADERS])
{
        struct hmac hmac;
        const long long seconds = now.second;
        hmac_init(&hmac, LEDGER_SHA256, secret.p, secret.n);
        struct hash hash =
                        hmac_bytes(&hmac, str_format(arena, "%.*s.%lld.%.*s", STR_FMT(message->id),
                                                          seconds, STR_FMT(message->body)));
        struct str signature = hash_base64(arena, hash.b, HASH_BYTES);
        ret[0] = str_format(arena, "webhook-id: %.*s", STR_FMT(message->id));
        ret[1] = str_format(arena, "webhook-timestamp: %lld", seconds);
        ret[2] = str_format(arena, "webhook-signature: v1,%.*s", STR_FMT(signature));
        ret[3] = str_format(arena, "Plumbline-Log-Position: %lld", (long long)message->position);
}
