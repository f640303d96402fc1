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

/* A list of rows of `width` parts each. */
static bool unpack_rows(struct unpacker *u, size_t width, size_t *ret_n)
{
        size_t n;
        if (!unpack_list(u, &n) || n % width != 0)
                return false;
        *ret_n = n / width;
        return true;
}

static bool unpack_int(struct unpacker *u, int *ret)
{
        int64_t n;
        if (!unpack_integer(u, &n))
                return false;
        *ret = (int)n;
        return true;
}

static bool unpack_day(struct unpacker *u, struct date *ret)
{
        int64_t day;
        if (!unpack_integer(u, &day))
                return false;
        ret->day = (int32_t)day;
        return true;
}

/* What stands at a place of the version: acts, documents, publications. */
static bool unpack_index(struct unpacker *u, size_t n, size_t *ret)
{
        int64_t index;
        if (!unpack_integer(u, &index) || index < 0 || (size_t)index >= n)
                return false;
        *ret = (size_t)index;
        return true;
}

static bool unpack_texts(struct unpacker *u, const struct str **ret, size_t *ret_n)
{
        size_t n;
        if (!unpack_list(u, &n))
                return false;
        struct str *texts = arena_new_array(u->arena, n, struct str);
        for (size_t i = 0; i < n; i++)
                if (!unpack_text(u, &texts[i]))
                        return false;
        *ret = texts;
        *ret_n = n;
        return true;
}

static bool unpack_pauses(struct unpacker *u, struct matter_clock *ret)
{
        struct deadline_pause *pauses =
                        arena_new_array(u->arena, ret->n_pauses, struct deadline_pause);
        for (size_t i = 0; i < ret->n_pauses; i++)
                if (!unpack_day(u, &pauses[i].from) || !unpack_day(u, &pauses[i].until))
                        return false;
        ret->pauses = pauses;
        return true;
}

static bool unpack_clock(struct unpacker *u, struct matter_clock *ret)
{
        size_t n;
        int64_t status, warned, late;
        if (unpack_next(u) == VALUE_NULL)
                return unpack_null(u);
        if (!unpack_list(u, &n) || n < 8 || n % 2 != 0 || n > 8 + 2 * MATTER_PAUSES_MAX)
                return false;
        if (!unpack_integer(u, &status) || status < CLOCK_NONE || status > CLOCK_VOIDED ||
                        !unpack_integer(u, &warned) || warned < CLOCK_QUIET || warned > CLOCK_RED)
                return false;
        ret->status = (enum clock_status)status;
        ret->warned = (enum clock_warning)warned;
        if (!unpack_integer(u, &ret->started.second) || !unpack_int(u, &ret->length) ||
                        !unpack_int(u, &ret->extended) || !unpack_day(u, &ret->target) ||
                        !unpack_integer(u, &ret->ended.second) || !unpack_integer(u, &late))
                return false;
        ret->late = late != 0;
        ret->n_pauses = (n - 8) / 2;
        return unpack_pauses(u, ret);
}

static bool unpack_clocks(struct unpacker *u, struct matter *matter)
{
        size_t n;
        if (!unpack_list(u, &n) || n != matter->version->n_clocks)
                return false;
        for (size_t i = 0; i < n; i++)
                if (!unpack_clock(u, &matter->clocks[i]))
                        return false;
        return true;
}

static bool unpack_deed(struct unpacker *u, const struct version *version, struct deed *ret)
{
        if (unpack_next(u) == VALUE_STRING) {
                ret->act = SIZE_MAX;
                if (!unpack_text(u, &ret->name))
                        return false;
        } else {
                if (!unpack_index(u, version->n_acts, &ret->act))
                        return false;
                ret->name = version->acts[ret->act].name;
        }
        return unpack_text(u, &ret->actor) && unpack_integer(u, &ret->time.second) &&
               unpack_integer(u, &ret->seq);
}

static bool unpack_deeds(struct unpacker *u, struct matter *matter)
{
        if (!unpack_rows(u, 4, &matter->n_deeds))
                return false;
        struct deed *deeds = arena_new_array(u->arena, matter->n_deeds, struct deed);
        for (size_t i = 0; i < matter->n_deeds; i++)
                if (!unpack_deed(u, matter->version, &deeds[i]))
                        return false;
        matter->deeds = deeds;
        return true;
}

static bool unpack_documents(struct unpacker *u, struct matter *matter)
{
        size_t n;
        if (!unpack_rows(u, 4, &n))
                return false;
        struct issued_document *rows = arena_new_array(u->arena, n, struct issued_document);
        for (size_t i = 0; i < n; i++)
                if (!unpack_index(u, matter->version->n_documents, &rows[i].document) ||
                                !unpack_text(u, &rows[i].number) ||
                                !unpack_integer(u, &rows[i].seq) ||
                                !unpack_integer(u, &rows[i].time.second))
                        return false;
        matter->documents = rows;
        matter->n_documents = n;
        return true;
}

static bool unpack_publications(struct unpacker *u, struct matter *matter)
{
        size_t n;
        if (!unpack_rows(u, 4, &n))
                return false;
        struct published *rows = arena_new_array(u->arena, n, struct published);
        for (size_t i = 0; i < n; i++)
                if (!unpack_index(u, matter->version->n_publications, &rows[i].publication) ||
                                !unpack_day(u, &rows[i].from) || !unpack_day(u, &rows[i].until) ||
                                !unpack_integer(u, &rows[i].seq))
                        return false;
        matter->publications = rows;
        matter->n_publications = n;
        return true;
}

static bool unpack_times(struct unpacker *u, struct matter *matter)
{
        size_t n;
        return unpack_list(u, &n) && n == 3 && unpack_integer(u, &matter->created.second) &&
               unpack_integer(u, &matter->changed.second) && unpack_integer(u, &matter->last_seq);
}

static bool unpack_fields(struct unpacker *u, struct matter *matter)
{
        size_t n;
        return unpack_list(u, &n) && n == matter->version->n_fields &&
               unpack_values(u, n, matter->fields);
}

static bool unpack_matter(struct unpacker *u, struct matter *matter)
{
        size_t n;
        return unpack_list(u, &n) && (n == N_PARTS || n == N_PARTS - 1) &&
               unpack_times(u, matter) && unpack_fields(u, matter) && unpack_clocks(u, matter) &&
               unpack_deeds(u, matter) && unpack_documents(u, matter) &&
               unpack_publications(u, matter) &&
               unpack_texts(u, &matter->recused, &matter->n_recused) &&
               unpack_texts(u, &matter->assigned, &matter->n_assigned) &&
               (n < N_PARTS || unpack_text(u, &matter->home)) && unpack_at_end(u);
}

bool matter_unpack(struct arena *arena, struct str packed, struct matter *matter, struct err *err)
{
        struct unpacker u = unpacker_of(arena, packed);
        return unpack_matter(&u, matter) || err_set(err, E_PACK, "办件");
}
