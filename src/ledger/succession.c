#include "ledger/succession.h"

#include <assert.h>

static bool field_key(struct arena *arena, const struct value *fields, const char *name,
                struct note_key *ret, struct err *err)
{
        const struct value *text = value_get(fields, str_of(name));
        if (text == NULL || text->kind != VALUE_STRING)
                return err_field(err, E_SUCCESSION, str_of(name), "没有出示这个字段");
        return note_key_parse(arena, text->string, ret, err);
}

static bool is_known(const struct succession *s, const struct note_key *key)
{
        for (size_t i = 0; i < s->n; i++)
                if (memcmp(s->keys[i].public_key, key->public_key, sizeof(key->public_key)) == 0 &&
                                s->keys[i].algorithm == key->algorithm)
                        return true;
        return false;
}

/* A changeover is signed by both keys: the old one hands over, the new one is there. */
static bool check_both(struct arena *arena, struct str note, const struct note_key *from,
                const struct note_key *key, struct err *err)
{
        struct str text;
        return (note_open(arena, note, from, 1, &text, err) &&
                               note_open(arena, note, key, 1, &text, err)) ||
               err_set(err, E_SUCCESSION, "交接时的存证点没有新旧两把密钥的签名");
}

static bool take(struct arena *arena, struct succession *s, const struct proof_shown *shown,
                struct err *err)
{
        struct note_key from, key;
        if (!str_is(shown->leaf.procedure, SUCCESSION_PROCEDURE) ||
                        !str_is(shown->leaf.act, SUCCESSION_ACT))
                return err_set(err, E_SUCCESSION, "不是更换密钥的记录");
        if (!field_key(arena, &shown->fields, "from", &from, err) ||
                        !field_key(arena, &shown->fields, "key", &key, err) ||
                        !check_both(arena, shown->note, &from, &key, err))
                return false;
        if (!str_eq(from.name, s->keys[0].name) || !str_eq(key.name, s->keys[0].name) ||
                        (!is_known(s, &from) && !is_known(s, &key)))
                return err_set(err, E_SUCCESSION, "交出或接手的密钥不是这个账本的");
        if (shown->head.size <= s->since)
                return err_set(err, E_SUCCESSION, "交接的次序不正确");
        if (!is_known(s, &key)) {
                if (s->n == SUCCESSION_KEYS_MAX)
                        return err_set(err, E_LIMIT, "密钥超过 %u 把", SUCCESSION_KEYS_MAX);
                s->keys[s->n++] = key;
        }
        s->since = shown->head.size;
        s->root = shown->head.root;
        s->newest = key;
        return true;
}

bool succession_read(struct arena *arena, struct str text, const struct note_key *keys,
                size_t n_keys, struct succession *ret, struct err *err)
{
        assert(arena && n_keys != 0 && ret && err);
        if (n_keys > SUCCESSION_KEYS_MAX || text.n > SUCCESSION_BYTES_MAX)
                return err_set(err, E_LIMIT, "密钥交接的记录过长");
        struct succession *s = arena_new(arena, struct succession);
        for (size_t i = 0; i < n_keys; i++)
                s->keys[i] = keys[i];
        s->n = n_keys;
        while (text.n > 0) {
                struct proof_shown shown;
                struct str rest = text, line = str_split(&rest, '\n');
                size_t n = line.n < text.n ? line.n + 1 : line.n;
                line = str_slice(text, 0, n);
                text = str_slice(text, n, text.n);
                if (!proof_check(arena, line, s->keys, s->n, &shown, err)) {
                        if (s->since == 0 && err->code == E_NOTE_UNSIGNED)
                                continue;
                        return false;
                }
                if (!take(arena, s, &shown, err))
                        return false;
        }
        *ret = *s;
        return true;
}

bool succession_open(struct arena *arena, struct str note, struct str origin,
                const struct succession *s, struct checkpoint *ret, struct err *err)
{
        struct checkpoint head;
        struct str text;
        if (!checkpoint_open(arena, note, origin, s->keys, s->n, &head, err))
                return false;
        if (s->since != 0 && head.size > s->since &&
                        !note_open(arena, note, &s->newest, 1, &text, err))
                return err_set(err, E_SUCCESSION, "密钥在第 %llu 条处已更换，此后须由新密钥签名",
                                (unsigned long long)s->since);
        *ret = head;
        return true;
}

/* The last line of the text, its line end with it, taken off. */
static struct str take_last(struct str *text)
{
        size_t at = text->n - 1;
        while (at > 0 && text->p[at - 1] != '\n')
                at--;
        struct str line = str_slice(*text, at, text->n);
        *text = str_slice(*text, 0, at);
        return line;
}

bool succession_back(struct arena *arena, struct str text, const struct note_key *keys,
                size_t n_keys, struct succession *ret, struct err *err)
{
        assert(arena && n_keys != 0 && n_keys <= SUCCESSION_KEYS_MAX && ret && err);
        struct succession *s = arena_new(arena, struct succession);
        for (size_t i = 0; i < n_keys; i++)
                s->keys[s->n++] = keys[i];
        while (text.n > 0) {
                struct proof_shown shown;
                struct note_key from, key;
                if (!proof_check(arena, take_last(&text), s->keys, s->n, &shown, err) ||
                                !field_key(arena, &shown.fields, "from", &from, err) ||
                                !field_key(arena, &shown.fields, "key", &key, err) ||
                                !check_both(arena, shown.note, &from, &key, err))
                        return false;
                if (s->n + 2 > SUCCESSION_KEYS_MAX)
                        return err_set(err, E_LIMIT, "密钥超过 %u 把", SUCCESSION_KEYS_MAX);
                if (s->since == 0) {
                        s->since = shown.head.size;
                        s->newest = key;
                }
                if (!is_known(s, &key))
                        s->keys[s->n++] = key;
                if (!is_known(s, &from))
                        s->keys[s->n++] = from;
        }
        *ret = *s;
        return true;
}
