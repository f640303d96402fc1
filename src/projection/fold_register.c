/* Entries of registers, as acts write them. */
#include "projection/fold.h"
#include "projection/list.h"

static bool write_day(
                struct fold *fold, const struct value *write, const char *name, struct date *ret)
{
        const struct value *v = value_get(write, str_of(name));
        if (v == NULL || v->kind == VALUE_NULL)
                return true;
        if (v->kind == VALUE_DATE) {
                *ret = v->date;
                return true;
        }
        return (v->kind == VALUE_STRING && date_parse(v->string, ret, fold->err)) ||
               fold_broken(fold, "名录条目的日期不正确");
}

static bool end_entry(struct fold *fold, struct str reg, struct str key, struct date day)
{
        return tx_put(fold->tx, Q_ENTRY_END,
                        PARAMS(param_text(reg), param_text(key), param_int(day.day)), fold->err);
}

/* A new entry ends the one that stands: an entry's last day is its `until`, stored as
 * the first day on which it no longer holds. */
static bool put_entry(struct fold *fold, struct str reg, struct str key, const struct value *write,
                size_t n)
{
        struct date from = moment_date(fold->fact->time), until = DATE_NONE;
        const struct value *set = value_get(write, STR_LIT("set"));
        const struct reg *definition = catalogue_register(fold->projection->catalogue, reg);
        struct value body = set != NULL ? *set : value_context(NULL, 0);
        struct buf packed = BUF(fold->arena);
        if (!write_day(fold, write, "from", &from) || !write_day(fold, write, "until", &until))
                return false;
        if (definition != NULL && !register_type_entry(fold->arena, definition, &body, fold->err))
                return false;
        value_pack(&packed, &body);
        if (!date_is_none(until))
                until = date_next(until);
        return end_entry(fold, reg, key, from) &&
               tx_put(fold->tx, Q_ENTRY_PUT,
                               PARAMS(param_text(reg), param_text(key), param_int(from.day),
                                               param_int(fold->id), param_int((int64_t)n),
                                               list_day_or_null(until),
                                               param_blob(buf_str(&packed))),
                               fold->err);
}

static bool write_one(struct fold *fold, const struct value *write, size_t n)
{
        if (write->kind != VALUE_CONTEXT)
                return fold_broken(fold, "名录条目不是一组字段");
        const struct value *reg = value_get(write, STR_LIT("register"));
        const struct value *key = value_get(write, STR_LIT("key"));
        if (reg == NULL || reg->kind != VALUE_STRING || key == NULL || key->kind != VALUE_STRING)
                return fold_broken(fold, "名录条目缺少名录或主键");
        cache_drop_entries(fold->projection->cache, reg->string, key->string);
        if (value_get(write, STR_LIT("end")) == NULL)
                return put_entry(fold, reg->string, key->string, write, n);
        struct date end = moment_date(fold->fact->time);
        return write_day(fold, write, "end", &end) &&
               end_entry(fold, reg->string, key->string, end);
}

bool fold_writes(struct fold *fold)
{
        const struct value *writes = fold_data(fold, "$writes");
        if (writes == NULL)
                return true;
        if (writes->kind != VALUE_LIST)
                return fold_broken(fold, "名录条目不是列表");
        for (size_t i = 0; i < writes->list.n; i++)
                if (!write_one(fold, &writes->list.items[i], i))
                        return false;
        return true;
}
