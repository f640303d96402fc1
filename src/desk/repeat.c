#include "desk/repeat.h"

#include <assert.h>

#include "desk/history.h"

#define CONTENT_NAME "$content"
#define KEY_NAME     "$key"
#define CONTENT_HEX  32u

struct str repeat_digest(struct arena *arena, const struct submission *submission)
{
        const struct submission *s = submission;
        const struct str parts[] = { s->procedure, s->matter, s->reg, s->act, s->actor,
                s->on_behalf, s->unit };
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < N_ELEMENTS(parts); i++)
                value_write_json_string(&buf, parts[i]);
        buf_int(&buf, s->by);
        const struct value nothing = value_context(NULL, 0);
        value_write_json(&buf, s->fields.kind == VALUE_NULL ? &nothing : &s->fields);
        struct hash hash = hash_bytes(LEDGER_SHA256, buf_str(&buf));
        char *hex = arena_alloc(arena, HASH_HEX);
        hash_write_hex(hash.b, HASH_BYTES, hex);
        return (struct str){ hex, CONTENT_HEX };
}

struct fact repeat_sign(
                struct arena *arena, const struct fact *fact, struct str key, struct str digest)
{
        struct fact with = *fact;
        size_t n = fact->data.context.n;
        struct member *members = arena_new_array(arena, n + 2, struct member);
        /* The kernel's names come first: hardly anything is left to be moved. */
        members[0] = (struct member){ STR_LIT(CONTENT_NAME), value_string(digest) };
        members[1] = (struct member){ STR_LIT(KEY_NAME), value_string(key) };
        if (n > 0)
                memcpy(members + 2, fact->data.context.members, n * sizeof(*members));
        bool unique = value_sort_members(members, n + 2);
        assert(unique);
        with.data = value_context(members, n + 2);
        return with;
}

bool repeat_find(struct writer *writer, const struct submission *submission, struct str digest,
                int64_t *ret_id, struct err *err)
{
        struct snapshot *snapshot = tx_snapshot(writer->tx);
        struct past_event event;
        int64_t id, matter;
        bool found;
        *ret_id = 0;
        if (!snapshot_int(snapshot, Q_RECEIPT_GET, PARAMS(param_text(submission->key)), &id, &found,
                            err))
                return false;
        if (!found)
                return true;
        if (!history_event(writer->arena, snapshot, id, &event, &matter, err))
                return false;
        const struct value *content = value_get(&event.fact.data, STR_LIT(CONTENT_NAME));
        if (!event.erased && (content == NULL || content->kind != VALUE_STRING ||
                                             !str_eq(content->string, digest)))
                return err_field(err, E_DESK_KEY, submission->key, "第 %lld 号事件", (long long)id);
        *ret_id = id;
        return true;
}
