/* The row form of a matter: one packed list, positions instead of names. */
#include "procedure/matter.h"

#define N_PARTS 8

/* Integers are packed as durations: short, signed, and exact. */
static struct value whole(int64_t n)
{
        return (struct value){ .kind = VALUE_DURATION, .integer = n };
}

static struct value list_of(struct arena *arena, size_t n, struct value **ret_items)
{
        *ret_items = arena_new_array(arena, n, struct value);
        return value_list(*ret_items, n);
}

static struct value pack_texts(struct arena *arena, const struct str *texts, size_t n)
{
        struct value *items;
        struct value list = list_of(arena, n, &items);
        for (size_t i = 0; i < n; i++)
                items[i] = value_string(texts[i]);
        return list;
}

static struct value pack_clock(struct arena *arena, const struct matter_clock *clock)
{
        struct value *items;
        if (clock->status == CLOCK_NONE)
                return value_null();
        struct value list = list_of(arena, 8 + 2 * clock->n_pauses, &items);
        items[0] = whole(clock->status);
        items[1] = whole(clock->warned);
        items[2] = whole(clock->started.second);
        items[3] = whole(clock->length);
        items[4] = whole(clock->extended);
        items[5] = whole(clock->target.day);
        items[6] = whole(clock->ended.second);
        items[7] = whole(clock->late);
        for (size_t i = 0; i < clock->n_pauses; i++) {
                items[8 + 2 * i] = whole(clock->pauses[i].from.day);
                items[9 + 2 * i] = whole(clock->pauses[i].until.day);
        }
        return list;
}

static struct value pack_clocks(struct arena *arena, const struct matter *matter)
{
        struct value *items;
        struct value list = list_of(arena, matter->version->n_clocks, &items);
        for (size_t i = 0; i < matter->version->n_clocks; i++)
                items[i] = pack_clock(arena, &matter->clocks[i]);
        return list;
}

static struct value pack_deeds(struct arena *arena, const struct matter *matter)
{
        struct value *items;
        struct value list = list_of(arena, 4 * matter->n_deeds, &items);
        for (size_t i = 0; i < matter->n_deeds; i++) {
                const struct deed *deed = &matter->deeds[i];
                bool own = deed->act == SIZE_MAX;
                items[4 * i] = own ? value_string(deed->name) : whole((int64_t)deed->act);
                items[4 * i + 1] = value_string(deed->actor);
                items[4 * i + 2] = whole(deed->time.second);
                items[4 * i + 3] = whole(deed->seq);
        }
        return list;
}

static struct value pack_documents(struct arena *arena, const struct matter *matter)
{
        struct value *items;
        struct value list = list_of(arena, 4 * matter->n_documents, &items);
        for (size_t i = 0; i < matter->n_documents; i++) {
                const struct issued_document *document = &matter->documents[i];
                items[4 * i] = whole((int64_t)document->document);
                items[4 * i + 1] = value_string(document->number);
                items[4 * i + 2] = whole(document->seq);
                items[4 * i + 3] = whole(document->time.second);
        }
        return list;
}

static struct value pack_publications(struct arena *arena, const struct matter *matter)
{
        struct value *items;
        struct value list = list_of(arena, 4 * matter->n_publications, &items);
        for (size_t i = 0; i < matter->n_publications; i++) {
                const struct published *row = &matter->publications[i];
                items[4 * i] = whole((int64_t)row->publication);
                items[4 * i + 1] = whole(row->from.day);
                items[4 * i + 2] = whole(row->until.day);
                items[4 * i + 3] = whole(row->seq);
        }
        return list;
}

void matter_pack(struct buf *buf, const struct matter *matter)
{
        struct arena *arena = buf->arena;
        struct value *times;
        struct value parts[N_PARTS];
        parts[0] = list_of(arena, 3, &times);
        times[0] = whole(matter->created.second);
        times[1] = whole(matter->changed.second);
        times[2] = whole(matter->last_seq);
        parts[1] = value_list(matter->fields, matter->version->n_fields);
        parts[2] = pack_clocks(arena, matter);
        parts[3] = pack_deeds(arena, matter);
        parts[4] = pack_documents(arena, matter);
        parts[5] = pack_publications(arena, matter);
        parts[6] = pack_texts(arena, matter->recused, matter->n_recused);
        parts[7] = pack_texts(arena, matter->assigned, matter->n_assigned);
        struct value all = value_list(parts, N_PARTS);
        value_pack(buf, &all);
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

static bool unpack_publications(struct arena *arena, const struct value *list,
                struct matter *matter)
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
        if (all.kind != VALUE_LIST || all.list.n != N_PARTS)
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
        return true;
}
