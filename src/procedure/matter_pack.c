/* The row form of a matter: one packed list, positions instead of names. */
#include "procedure/matter.h"

/* The ninth stands only in a matter that has moved. */
#define N_PARTS 9

static void pack_texts(struct buf *buf, const struct str *texts, size_t n)
{
        value_pack_list(buf, n);
        for (size_t i = 0; i < n; i++)
                value_pack_text(buf, texts[i]);
}

static void pack_clock(struct buf *buf, const struct matter_clock *clock)
{
        const struct value none = value_null();
        if (clock->status == CLOCK_NONE) {
                value_pack(buf, &none);
                return;
        }
        value_pack_list(buf, 8 + 2 * clock->n_pauses);
        value_pack_integer(buf, clock->status);
        value_pack_integer(buf, clock->warned);
        value_pack_integer(buf, clock->started.second);
        value_pack_integer(buf, clock->length);
        value_pack_integer(buf, clock->extended);
        value_pack_integer(buf, clock->target.day);
        value_pack_integer(buf, clock->ended.second);
        value_pack_integer(buf, clock->late);
        for (size_t i = 0; i < clock->n_pauses; i++) {
                value_pack_integer(buf, clock->pauses[i].from.day);
                value_pack_integer(buf, clock->pauses[i].until.day);
        }
}

static void pack_clocks(struct buf *buf, const struct matter *matter)
{
        value_pack_list(buf, matter->version->n_clocks);
        for (size_t i = 0; i < matter->version->n_clocks; i++)
                pack_clock(buf, &matter->clocks[i]);
}

static void pack_deeds(struct buf *buf, const struct matter *matter)
{
        value_pack_list(buf, 4 * matter->n_deeds);
        for (size_t i = 0; i < matter->n_deeds; i++) {
                const struct deed *deed = &matter->deeds[i];
                if (deed->act == SIZE_MAX)
                        value_pack_text(buf, deed->name);
                else
                        value_pack_integer(buf, (int64_t)deed->act);
                value_pack_text(buf, deed->actor);
                value_pack_integer(buf, deed->time.second);
                value_pack_integer(buf, deed->seq);
        }
}

static void pack_documents(struct buf *buf, const struct matter *matter)
{
        value_pack_list(buf, 4 * matter->n_documents);
        for (size_t i = 0; i < matter->n_documents; i++) {
                const struct issued_document *document = &matter->documents[i];
                value_pack_integer(buf, (int64_t)document->document);
                value_pack_text(buf, document->number);
                value_pack_integer(buf, document->seq);
                value_pack_integer(buf, document->time.second);
        }
}

static void pack_publications(struct buf *buf, const struct matter *matter)
{
        value_pack_list(buf, 4 * matter->n_publications);
        for (size_t i = 0; i < matter->n_publications; i++) {
                const struct published *row = &matter->publications[i];
                value_pack_integer(buf, (int64_t)row->publication);
                value_pack_integer(buf, row->from.day);
                value_pack_integer(buf, row->until.day);
                value_pack_integer(buf, row->seq);
        }
}

void matter_pack(struct buf *buf, const struct matter *matter)
{
        const struct value fields = value_list(matter->fields, matter->version->n_fields);
        bool moved = matter->home.n != 0;
        value_pack_list(buf, moved ? N_PARTS : N_PARTS - 1);
        value_pack_list(buf, 3);
        value_pack_integer(buf, matter->created.second);
        value_pack_integer(buf, matter->changed.second);
        value_pack_integer(buf, matter->last_seq);
        value_pack(buf, &fields);
        pack_clocks(buf, matter);
        pack_deeds(buf, matter);
        pack_documents(buf, matter);
        pack_publications(buf, matter);
        pack_texts(buf, matter->recused, matter->n_recused);
        pack_texts(buf, matter->assigned, matter->n_assigned);
        if (moved)
                value_pack_text(buf, matter->home);
}

/* ---- and back: every position is checked, since the row may be damaged ---- */

struct cursor {
        const struct value *items;
        size_t n, at;
        bool ok;
};

static struct cursor cursor_of(const struct value *list)
{
        bool ok = list->kind == VALUE_LIST;
        return (struct cursor){ ok ? list->list.items : NULL, ok ? list->list.n : 0, 0, ok };
}

static const struct value *take(struct cursor *cursor, enum value_kind kind)
{
        static const struct value none = { .kind = VALUE_NULL };
        if (cursor->at == cursor->n || cursor->items[cursor->at].kind != kind) {
                cursor->ok = false;
                return &none;
        }
        return &cursor->items[cursor->at++];
}

static int64_t take_whole(struct cursor *cursor)
{
        const struct value *v = take(cursor, VALUE_DURATION);
        return cursor->ok ? v->integer : 0;
}

static struct str take_text(struct cursor *cursor)
{
        const struct value *v = take(cursor, VALUE_STRING);
        return cursor->ok ? v->string : (struct str){ "", 0 };
}

static bool unpack_texts(struct arena *arena, const struct value *list, const struct str **ret,
                size_t *ret_n)
{
        struct cursor cursor = cursor_of(list);
        struct str *texts = arena_new_array(arena, cursor.n, struct str);
        for (size_t i = 0; i < cursor.n; i++)
                texts[i] = take_text(&cursor);
        *ret = texts;
        *ret_n = cursor.n;
        return cursor.ok;
}

static bool unpack_clock(struct arena *arena, const struct value *v, struct matter_clock *ret)
{
        if (v->kind == VALUE_NULL)
                return true;
        struct cursor cursor = cursor_of(v);
        if (cursor.n < 8 || cursor.n % 2 != 0 || cursor.n > 8 + 2 * MATTER_PAUSES_MAX)
                return false;
        int64_t status = take_whole(&cursor), warned = take_whole(&cursor);
        if (status < CLOCK_NONE || status > CLOCK_VOIDED || warned < CLOCK_QUIET ||
                        warned > CLOCK_RED)
                return false;
        ret->status = (enum clock_status)status;
        ret->warned = (enum clock_warning)warned;
        ret->started.second = take_whole(&cursor);
        ret->length = (int)take_whole(&cursor);
        ret->extended = (int)take_whole(&cursor);
        ret->target.day = (int32_t)take_whole(&cursor);
        ret->ended.second = take_whole(&cursor);
        ret->late = take_whole(&cursor) != 0;
        ret->n_pauses = (cursor.n - 8) / 2;
        struct deadline_pause *pauses =
                        arena_new_array(arena, ret->n_pauses, struct deadline_pause);
        for (size_t i = 0; i < ret->n_pauses; i++) {
                pauses[i].from.day = (int32_t)take_whole(&cursor);
                pauses[i].until.day = (int32_t)take_whole(&cursor);
        }
        ret->pauses = pauses;
        return cursor.ok;
}

static bool unpack_clocks(struct arena *arena, const struct value *list, struct matter *matter)
{
        if (list->kind != VALUE_LIST || list->list.n != matter->version->n_clocks)
                return false;
        for (size_t i = 0; i < list->list.n; i++)
                if (!unpack_clock(arena, &list->list.items[i], &matter->clocks[i]))
                        return false;
        return true;
}

static bool unpack_deeds(struct arena *arena, const struct value *list, struct matter *matter)
{
        struct cursor cursor = cursor_of(list);
        size_t n = cursor.n / 4;
        struct deed *deeds = arena_new_array(arena, n, struct deed);
        for (size_t i = 0; i < n; i++) {
                deeds[i].act = SIZE_MAX;
                if (cursor.items[4 * i].kind == VALUE_STRING) {
                        deeds[i].name = take_text(&cursor);
                } else {
                        int64_t act = take_whole(&cursor);
                        if (act < 0 || (size_t)act >= matter->version->n_acts)
                                return false;
                        deeds[i].act = (size_t)act;
                        deeds[i].name = matter->version->acts[act].name;
                }
                deeds[i].actor = take_text(&cursor);
                deeds[i].time.second = take_whole(&cursor);
                deeds[i].seq = take_whole(&cursor);
        }
        matter->deeds = deeds;
        matter->n_deeds = n;
        return cursor.ok && cursor.at == cursor.n;
}

static bool unpack_documents(struct arena *arena, const struct value *list, struct matter *matter)
{
        struct cursor cursor = cursor_of(list);
        size_t n = cursor.n / 4;
        struct issued_document *rows = arena_new_array(arena, n, struct issued_document);
        for (size_t i = 0; i < n; i++) {
                int64_t document = take_whole(&cursor);
                if (document < 0 || (size_t)document >= matter->version->n_documents)
                        return false;
                rows[i].document = (size_t)document;
                rows[i].number = take_text(&cursor);
                rows[i].seq = take_whole(&cursor);
                rows[i].time.second = take_whole(&cursor);
        }
        matter->documents = rows;
        matter->n_documents = n;
        return cursor.ok && cursor.at == cursor.n;
}

static bool unpack_publications(
                struct arena *arena, const struct value *list, struct matter *matter)
{
        struct cursor cursor = cursor_of(list);
        size_t n = cursor.n / 4;
        struct published *rows = arena_new_array(arena, n, struct published);
        for (size_t i = 0; i < n; i++) {
                int64_t publication = take_whole(&cursor);
                if (publication < 0 || (size_t)publication >= matter->version->n_publications)
                        return false;
                rows[i].publication = (size_t)publication;
                rows[i].from.day = (int32_t)take_whole(&cursor);
                rows[i].until.day = (int32_t)take_whole(&cursor);
                rows[i].seq = take_whole(&cursor);
        }
        matter->publications = rows;
        matter->n_publications = n;
        return cursor.ok && cursor.at == cursor.n;
}

static bool unpack_times(const struct value *list, struct matter *matter)
{
        struct cursor cursor = cursor_of(list);
        matter->created.second = take_whole(&cursor);
        matter->changed.second = take_whole(&cursor);
        matter->last_seq = take_whole(&cursor);
        return cursor.ok;
}

static bool unpack_fields(const struct value *list, struct matter *matter)
{
        size_t n = matter->version->n_fields;
        if (list->kind != VALUE_LIST || list->list.n != n)
                return false;
        if (n != 0)
                memcpy(matter->fields, list->list.items, n * sizeof(*matter->fields));
        return true;
}

bool matter_unpack(struct arena *arena, struct str packed, struct matter *matter, struct err *err)
{
        struct value all;
        if (!value_unpack(arena, packed, &all, err))
                return false;
        if (all.kind != VALUE_LIST || (all.list.n != N_PARTS && all.list.n != N_PARTS - 1))
                return err_set(err, E_PACK, "办件");
        const struct value *parts = all.list.items;
        if (!unpack_times(&parts[0], matter) || !unpack_fields(&parts[1], matter) ||
                        !unpack_clocks(arena, &parts[2], matter) ||
                        !unpack_deeds(arena, &parts[3], matter) ||
                        !unpack_documents(arena, &parts[4], matter) ||
                        !unpack_publications(arena, &parts[5], matter) ||
                        !unpack_texts(arena, &parts[6], &matter->recused, &matter->n_recused) ||
                        !unpack_texts(arena, &parts[7], &matter->assigned, &matter->n_assigned))
                return err_set(err, E_PACK, "办件");
        if (all.list.n == N_PARTS && parts[N_PARTS - 1].kind != VALUE_STRING)
                return err_set(err, E_PACK, "办件");
        if (all.list.n == N_PARTS)
                matter->home = parts[N_PARTS - 1].string;
        return true;
}
