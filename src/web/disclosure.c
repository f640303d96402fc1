#include "web/disclosure.h"

#include "procedure/open.h"

bool disclosure_matter(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, struct str number, struct date today,
                struct matter **ret, struct err *err)
{
        int64_t id;
        bool seen;
        if (!matter_find_seen(snapshot, number, today, &id, &seen, err))
                return false;
        if (!seen)
                return err_set(err, E_NOT_FOUND, "%s", "");
        return matter_read(arena, snapshot, catalogue, id, ret, err);
}

/* ---- How much of a matter ---- */

static bool is_assigned(const struct matter *matter, struct str staff)
{
        for (size_t i = 0; i < matter->n_assigned; i++)
                if (str_eq(matter->assigned[i], staff))
                        return true;
        return false;
}

bool disclosure_sight(struct snapshot *snapshot, const struct viewer *viewer,
                const struct matter *matter, struct date today, enum sight *ret, struct err *err)
{
        bool seen;
        *ret = SIGHT_ALL;
        if (viewer->kind == VIEWER_STAFF &&
                        (viewer_has(viewer, matter->version->procedure->name, matter->unit) ||
                                        is_assigned(matter, viewer->actor.id)))
                return true;
        if (!matter_is_seen(snapshot, matter->id, today, &seen, err))
                return false;
        *ret = seen ? SIGHT_PUBLIC : SIGHT_NONE;
        return true;
}

bool disclosure_open(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, const struct viewer *viewer, struct str number,
                struct date today, struct matter **ret, enum sight *ret_sight, struct err *err)
{
        struct matter *matter;
        if (!matter_read_by_number(arena, snapshot, catalogue, number, &matter, err))
                return err->code == E_NOT_FOUND ? err_set(err, E_NOT_FOUND, "%s", "") : false;
        if (!disclosure_sight(snapshot, viewer, matter, today, ret_sight, err))
                return false;
        if (*ret_sight == SIGHT_NONE)
                return err_set(err, E_NOT_FOUND, "%s", "");
        *ret = matter;
        return true;
}

/* ---- Fields ---- */

bool disclosure_sees(enum sight sight, const struct field *field)
{
        return sight == SIGHT_ALL || (sight == SIGHT_PUBLIC && field->class == CLASS_PUBLIC);
}

bool disclosure_field(const struct field *field)
{
        return disclosure_sees(SIGHT_PUBLIC, field);
}

struct value disclosure_value_seen(struct arena *arena, enum sight sight, const struct field *field,
                const struct value *value)
{
        if (!disclosure_sees(sight, field))
                return value_null();
        if (sight == SIGHT_ALL || field->type != FIELD_LIST || field->n_items == 0 ||
                        value->kind != VALUE_LIST)
                return *value;
        return open_value(arena, field, value);
}

struct value disclosure_value(
                struct arena *arena, const struct field *field, const struct value *value)
{
        return disclosure_value_seen(arena, SIGHT_PUBLIC, field, value);
}

bool disclosure_paper(enum sight sight, const struct document *document)
{
        return sight == SIGHT_ALL || (sight != SIGHT_NONE && document->class == CLASS_PUBLIC);
}

bool disclosure_document(const struct document *document)
{
        return disclosure_paper(SIGHT_PUBLIC, document);
}

bool disclosure_register(const struct reg *reg)
{
        return reg != NULL && reg->public;
}

bool disclosure_publication(const struct publication_row *row, struct date today)
{
        return date_cmp(row->from, today) <= 0 &&
               (date_is_none(row->until) || date_cmp(today, row->until) < 0);
}

bool disclosure_procedure(const struct procedure *procedure)
{
        return procedure->visible != VISIBLE_NEVER;
}
