#include "draw/pool.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "draw/ticket.h"

static bool check_text(struct str text, size_t max, bool required, struct str id, const char *what,
                struct err *err)
{
        if (required && text.n == 0)
                return err_field(err, E_DRAW_POOL, id, "%s为空", what);
        if (text.n > max)
                return err_field(err, E_DRAW_POOL, id, "%s超过%zu字节", what, max);
        if (!str_is_utf8(text))
                return err_field(err, E_DRAW_POOL, id, "%s不是有效的 UTF-8", what);
        for (size_t i = 0; i < text.n; i++)
                if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7F)
                        return err_field(err, E_DRAW_POOL, id, "%s含有控制字符", what);
        return true;
}

static bool check_object(const struct pool_object *object, struct err *err)
{
        if (object->weight < 1 || object->weight > POOL_WEIGHT_MAX)
                return err_field(err, E_DRAW_POOL, object->id, "权重应为1至%d的整数",
                                POOL_WEIGHT_MAX);
        return check_text(object->id, LIMIT_KEY_BYTES, true, object->id, "对象编号", err) &&
               check_text(object->stratum, LIMIT_NAME_BYTES, true, object->id, "层", err) &&
               check_text(object->name, POOL_TEXT_MAX, false, object->id, "名称", err) &&
               check_text(object->region, POOL_TEXT_MAX, false, object->id, "区划", err) &&
               check_text(object->excluded, POOL_TEXT_MAX, false, object->id, "不参加原因", err);
}

static bool check_inspector(const struct pool_inspector *inspector, struct err *err)
{
        struct str id = inspector->id;
        if (inspector->kind != POOL_OFFICER && inspector->kind != POOL_GUEST)
                return err_field(err, E_DRAW_POOL, id, "人员类别不正确");
        if (inspector->kind == POOL_GUEST && inspector->lead)
                return err_field(err, E_DRAW_POOL, id, "受邀人员不能带队");
        return check_text(id, LIMIT_KEY_BYTES, true, id, "人员编号", err) &&
               check_text(inspector->name, POOL_TEXT_MAX, false, id, "姓名", err) &&
               check_text(inspector->unit, POOL_TEXT_MAX, false, id, "单位", err) &&
               check_text(inspector->district, POOL_TEXT_MAX, false, id, "区属", err);
}

static int compare_objects(const void *a, const void *b)
{
        return str_cmp(((const struct pool_object *)a)->id, ((const struct pool_object *)b)->id);
}

static int compare_inspectors(const void *a, const void *b)
{
        return str_cmp(((const struct pool_inspector *)a)->id,
                        ((const struct pool_inspector *)b)->id);
}

static int compare_strs(const void *a, const void *b)
{
        return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool freeze_objects(struct arena *arena, const struct pool_object *objects, size_t n,
                struct pool *pool, struct err *err)
{
        if (n == 0)
                return err_set(err, E_DRAW_POOL, "检查对象名录库为空");
        if (n > LIMIT_POOL_OBJECTS)
                return err_set(err, E_LIMIT, "检查对象超过%u个", LIMIT_POOL_OBJECTS);
        struct pool_object *sorted = arena_new_array(arena, n, struct pool_object);
        for (size_t i = 0; i < n; i++) {
                if (!check_object(&objects[i], err))
                        return false;
                sorted[i] = objects[i];
        }
        qsort(sorted, n, sizeof(*sorted), compare_objects);
        for (size_t i = 1; i < n; i++)
                if (str_eq(sorted[i - 1].id, sorted[i].id))
                        return err_field(err, E_DRAW_POOL, sorted[i].id, "对象编号重复");
        pool->objects = sorted;
        pool->n_objects = n;
        return true;
}

/* Sorted, each object once, all of them in the pool. */
static bool freeze_recusals(struct arena *arena, const struct pool *pool,
                struct pool_inspector *inspector, struct err *err)
{
        size_t n = inspector->n_recusals;
        if (n > LIMIT_LIST_ITEMS)
                return err_field(err, E_LIMIT, inspector->id, "回避对象超过%u个", LIMIT_LIST_ITEMS);
        struct str *sorted = arena_new_array(arena, n, struct str);
        if (n != 0)
                memcpy(sorted, inspector->recusals, n * sizeof(*sorted));
        qsort(sorted, n, sizeof(*sorted), compare_strs);
        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
                if (pool_find_object(pool, sorted[i]) == SIZE_MAX)
                        return err_field(err, E_DRAW_POOL, inspector->id,
                                        "回避对象「%.*s」不在名录库中", STR_FMT(sorted[i]));
                if (kept == 0 || !str_eq(sorted[kept - 1], sorted[i]))
                        sorted[kept++] = sorted[i];
        }
        inspector->recusals = sorted;
        inspector->n_recusals = kept;
        return true;
}

static bool freeze_inspectors(struct arena *arena, const struct pool_inspector *inspectors,
                size_t n, struct pool *pool, struct err *err)
{
        if (n > LIMIT_POOL_INSPECTORS)
                return err_set(err, E_LIMIT, "检查人员超过%u名", LIMIT_POOL_INSPECTORS);
        struct pool_inspector *sorted = arena_new_array(arena, n, struct pool_inspector);
        for (size_t i = 0; i < n; i++) {
                sorted[i] = inspectors[i];
                if (!check_inspector(&inspectors[i], err) ||
                                !freeze_recusals(arena, pool, &sorted[i], err))
                        return false;
        }
        qsort(sorted, n, sizeof(*sorted), compare_inspectors);
        for (size_t i = 1; i < n; i++)
                if (str_eq(sorted[i - 1].id, sorted[i].id))
                        return err_field(err, E_DRAW_POOL, sorted[i].id, "人员编号重复");
        pool->inspectors = sorted;
        pool->n_inspectors = n;
        return true;
}

bool pool_freeze(struct arena *arena, const struct pool_object *objects, size_t n_objects,
                const struct pool_inspector *inspectors, size_t n_inspectors, struct pool *ret,
                struct err *err)
{
        struct pool pool = { 0 };
        if (!freeze_objects(arena, objects, n_objects, &pool, err) ||
                        !freeze_inspectors(arena, inspectors, n_inspectors, &pool, err))
                return false;
        *ret = pool;
        return true;
}

static void add_cell(struct buf *buf, struct str text)
{
        buf_char(buf, '\t');
        buf_str_add(buf, text);
}

static void add_object(struct buf *buf, const struct pool_object *object, size_t number)
{
        buf_format(buf, "object\t%zu", number);
        add_cell(buf, object->id);
        add_cell(buf, object->name);
        add_cell(buf, object->stratum);
        add_cell(buf, object->region);
        buf_format(buf, "\t%u", object->weight);
        add_cell(buf, object->excluded);
        buf_char(buf, '\n');
}

static void add_inspector(struct buf *buf, const struct pool_inspector *inspector, size_t number)
{
        char valid_to[11] = "";
        if (!date_is_none(inspector->valid_to))
                date_write(inspector->valid_to, valid_to);
        buf_format(buf, "inspector\t%zu", number);
        add_cell(buf, inspector->id);
        add_cell(buf, inspector->name);
        add_cell(buf, inspector->unit);
        add_cell(buf, inspector->district);
        buf_format(buf, "\t%s\t%s\t%s\t%u\n", inspector->kind == POOL_OFFICER ? "officer" : "guest",
                        valid_to, inspector->lead ? "lead" : "", inspector->load);
        for (size_t i = 0; i < inspector->n_recusals; i++) {
                buf_c(buf, "recusal");
                add_cell(buf, inspector->id);
                add_cell(buf, inspector->recusals[i]);
                buf_char(buf, '\n');
        }
}

struct str pool_text(struct arena *arena, const struct pool *pool)
{
        struct buf buf = BUF(arena);
        buf_c(&buf, "plumbline-pool 1\n");
        for (size_t i = 0; i < pool->n_objects; i++)
                add_object(&buf, &pool->objects[i], i + 1);
        for (size_t i = 0; i < pool->n_inspectors; i++)
                add_inspector(&buf, &pool->inspectors[i], i + 1);
        return buf_str(&buf);
}

struct pool_hash pool_hash(struct arena *arena, const struct pool *pool)
{
        struct pool_hash hash;
        _cleanup_(hasher_close) struct hasher *hasher = hasher_open();
        hasher_bytes(hasher, pool_text(arena, pool), hash.bytes);
        return hash;
}

size_t pool_find_object(const struct pool *pool, struct str id)
{
        const struct pool_object key = { .id = id };
        const struct pool_object *found =
                        pool->n_objects == 0 ? NULL
                                             : bsearch(&key, pool->objects, pool->n_objects,
                                                               sizeof(key), compare_objects);
        return found != NULL ? (size_t)(found - pool->objects) : SIZE_MAX;
}

size_t pool_find_inspector(const struct pool *pool, struct str id)
{
        const struct pool_inspector key = { .id = id };
        const struct pool_inspector *found =
                        pool->n_inspectors == 0
                                        ? NULL
                                        : bsearch(&key, pool->inspectors, pool->n_inspectors,
                                                          sizeof(key), compare_inspectors);
        return found != NULL ? (size_t)(found - pool->inspectors) : SIZE_MAX;
}

bool pool_is_recused(const struct pool_inspector *inspector, struct str object_id)
{
        return inspector->n_recusals != 0 &&
               bsearch(&object_id, inspector->recusals, inspector->n_recusals, sizeof(struct str),
                               compare_strs) != NULL;
}
