/* projection/list.h - rows of a statement gathered into an array; for this room only. */
#ifndef PROJECTION_LIST_H
#define PROJECTION_LIST_H

#include "base/date.h"
#include "store/store.h"

struct list {
        struct arena *arena;
        size_t size; /* of an item */
        void *items;
        size_t n, capacity;
};

#define LIST(in_arena, type) ((struct list){ .arena = (in_arena), .size = sizeof(type) })

/* Room for one more, zeroed. */
static inline void *list_add(struct list *list)
{
        if (list->n == list->capacity) {
                list->capacity = list->capacity == 0 ? 8 : 2 * list->capacity;
                void *wider = arena_array(list->arena, list->capacity, list->size);
                if (list->n != 0)
                        memcpy(wider, list->items, list->n * list->size);
                list->items = wider;
        }
        return (char *)list->items + list->size * list->n++;
}

static inline struct date list_day(const struct rows *rows, int column)
{
        return rows_is_null(rows, column) ? DATE_NONE
                                          : (struct date){ (int32_t)rows_int(rows, column) };
}

static inline struct store_param list_text_or_null(struct str s)
{
        return s.n != 0 ? param_text(s) : param_null();
}

static inline struct store_param list_day_or_null(struct date d)
{
        return date_is_none(d) ? param_null() : param_int(d.day);
}

#endif
