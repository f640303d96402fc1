/* Values by the declared type of a field. */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>

#include "screen/identifier.h"

struct reg_keys *model_keys(struct model *model, struct str reg)
{
        for (size_t i = 0; i < model->n_keys; i++)
                if (str_eq(model->keys[i].reg, reg))
                        return &model->keys[i];
        struct reg_keys *grown = realloc(model->keys, (model->n_keys + 1) * sizeof(*grown));
        if (grown == NULL)
                abort();
        model->keys = grown;
        grown[model->n_keys] = (struct reg_keys){ .reg = str_copy(model->life, reg) };
        return &grown[model->n_keys++];
}

void model_add_key(struct model *model, struct str reg, struct str key)
{
        struct reg_keys *keys = model_keys(model, reg);
        for (size_t i = 0; i < keys->n; i++)
                if (str_eq(keys->keys[i], key))
                        return;
        size_t at = keys->n < N_ELEMENTS(keys->keys) ? keys->n++ : model_below(model, keys->n);
        keys->keys[at] = str_copy(model->life, key);
}

static struct str guess_key(struct model *model, struct str reg)
{
        struct reg_keys *keys = model_keys(model, reg);
        if (keys->n == 0 || model_chance(model, 3))
                return STR_LIT("none");
        return keys->keys[model_below(model, keys->n)];
}

/* ---- Texts ---- */

static struct str longest(struct model *model, int64_t n)
{
        struct buf buf = BUF(model->arena);
        for (int64_t i = 0; i < n; i++)
                buf_c(&buf, "文");
        return buf_str(&buf);
}

static struct value guess_text(struct model *model, const struct field *field)
{
        static const char *const words[] = { "甲", "陈某", "厦门某某律师事务所", "律师执业许可",
                "关于办理结果的说明", "同意", "鼓浪屿", "1", "0", "35020020210001", "A-1", "其他",
                "{{number}}", "厦司〔2021〕1号", "\"引号\"与\\斜线", "𠮷野家" };
        int64_t max = field->max_length > 0 ? field->max_length : 500;
        if (model_chance(model, 2) && max <= 2000)
                return value_string(longest(model, max));
        struct str word = str_of(words[model_below(model, N_ELEMENTS(words))]);
        while ((int64_t)str_n_code_points(word) > max)
                word = str_cut(word, word.n - 1);
        return value_string(word);
}

/* ---- Numbers and days ---- */

static struct decimal decimal_text(const char *text)
{
        struct decimal d = decimal_of(0);
        struct err err;
        bool ok = decimal_parse(str_of(text), &d, &err);
        if (!ok)
                abort();
        return d;
}

static struct value guess_number(struct model *model, const struct field *field)
{
        static const char *const edges[] = { "0", "-1", "9007199254740991", "9007199254740993",
                "0.01", "-0.01", "9999999999999999999999999999999999", "922337203685477.5807" };
        static const int usual[] = { 1, 2, 3, 5, 7, 10, 15, 30, 60, 100, 300, 1000, 5000, 30000 };
        if (model_chance(model, 4))
                return value_number(decimal_text(edges[model_below(model, N_ELEMENTS(edges))]));
        if (field->has_min && model_chance(model, 10))
                return value_number(field->min);
        if (field->has_max && model_chance(model, 10))
                return value_number(field->max);
        int64_t n = usual[model_below(model, N_ELEMENTS(usual))], max;
        if (field->has_max && decimal_to_int(field->max, &max) && n > max)
                n = max;
        if (field->type == FIELD_INTEGER || model_chance(model, 60))
                return value_int(n);
        return value_number(decimal_from_scaled(n * 100 + 37, 2));
}

static struct date guess_date(struct model *model)
{
        static const char *const edges[] = { "1800-01-01", "2999-12-31", "2020-02-29", "2021-12-31",
                "2022-01-01", "2020-01-31", "2027-01-01" };
        struct date day = moment_date(model->now);
        struct err err;
        if (model_chance(model, 4) &&
                        date_parse(str_of(edges[model_below(model, N_ELEMENTS(edges))]), &day,
                                        &err))
                return day;
        if (model_chance(model, 40))
                return day;
        int reach = model_chance(model, 80) ? 20 : 700;
        return date_add_days(day, (int)model_below(model, (size_t)(2 * reach)) - reach);
}

/* ---- Identifiers ---- */

static struct value guess_identifier(struct model *model, const struct field *field)
{
        static const struct {
                enum identifier_kind kind;
                const char *text;
        } samples[] = {
                { IDENTIFIER_ORG_CODE, "12345678-8" },
                { IDENTIFIER_BANK_CARD, "6222021234567894" },
                { IDENTIFIER_MOBILE, "13900000000" },
                { IDENTIFIER_PHONE, "0592-5050505" },
                { IDENTIFIER_PASSPORT, "E12345678" },
                { IDENTIFIER_HK_MACAO_PERMIT, "H12345678" },
                { IDENTIFIER_TAIWAN_PERMIT, "12345678" },
                { IDENTIFIER_EMAIL, "a@example.com" },
                { IDENTIFIER_PLATE, "闽D12345" },
                { IDENTIFIER_NAME, "陈某某" },
                { IDENTIFIER_ADDRESS, "厦门市思明区湖滨南路1号" },
        };
        enum identifier_kind kind;
        struct date birth;
        if (!identifier_kind_of(field->identifier, &kind))
                abort();
        if (kind == IDENTIFIER_CREDIT_CODE)
                return value_string(identifier_make_credit_code(model->arena, STR_LIT("31"),
                                STR_LIT("350200"), (int)model_below(model, 40)));
        if (kind == IDENTIFIER_RESIDENT_ID) {
                int age = model_chance(model, 80) ? 20 + (int)model_below(model, 45)
                                                  : (int)model_below(model, 100);
                birth = date_add_days(moment_date(model->now), -366 * age - 1);
                return value_string(identifier_make_resident_id(model->arena, STR_LIT("350203"),
                                birth, (int)model_below(model, 10)));
        }
        for (size_t i = 0; i < N_ELEMENTS(samples); i++)
                if (samples[i].kind == kind)
                        return value_string(str_of(samples[i].text));
        abort();
}

/* ---- Everything ---- */

static struct value guess_options(struct model *model, const struct field *field)
{
        struct value *items = arena_new_array(model->arena, field->n_options, struct value);
        size_t n = 0;
        for (size_t i = 0; i < field->n_options; i++)
                if (model_chance(model, 40))
                        items[n++] = value_string(field->options[i].key);
        return value_list(items, n);
}

static struct value guess_rows(struct model *model, const struct field *field)
{
        size_t n = model_below(model, 4), k;
        struct value *rows = arena_new_array(model->arena, n, struct value);
        for (size_t i = 0; i < n; i++) {
                if (field->n_items == 0) {
                        rows[i] = guess_text(model, field);
                        continue;
                }
                struct member *members =
                                arena_new_array(model->arena, field->n_items, struct member);
                k = 0;
                for (size_t f = 0; f < field->n_items; f++)
                        if (model_chance(model, 92))
                                members[k++] = (struct member){ field->items[f].name,
                                        guess_value(model, &field->items[f]) };
                if (!value_sort_members(members, k))
                        abort();
                rows[i] = value_context(members, k);
        }
        return value_list(rows, n);
}

static struct value guess_file(struct model *model)
{
        char hex[65];
        for (int i = 0; i < 4; i++)
                snprintf(hex + 16 * i, 17, "%016llx", (unsigned long long)model_random(model));
        return value_string(str_copy(model->arena, str_of(hex)));
}

struct value guess_value(struct model *model, const struct field *field)
{
        switch (field->type) {
        case FIELD_TEXT:
        case FIELD_LONG_TEXT:
                return guess_text(model, field);
        case FIELD_INTEGER:
        case FIELD_DECIMAL:
        case FIELD_MONEY:
                return guess_number(model, field);
        case FIELD_BOOL:
                return value_bool(model_chance(model, 65));
        case FIELD_DATE:
                return value_date(guess_date(model));
        case FIELD_DATETIME:
                return value_moment(
                                moment_of(guess_date(model), (int)model_below(model, 24), 0, 0));
        case FIELD_ENUM:
                return value_string(field->options[model_below(model, field->n_options)].key);
        case FIELD_ENUM_SET:
                return guess_options(model, field);
        case FIELD_IDENTIFIER:
                return guess_identifier(model, field);
        case FIELD_REF:
                return value_string(guess_key(model, field->reference));
        case FIELD_STAFF:
                return value_string(guess_key(model, STR_LIT("staff")));
        case FIELD_UNIT:
                return value_string(guess_key(model, STR_LIT("units")));
        case FIELD_FILE:
                return guess_file(model);
        case FIELD_LIST:
                return guess_rows(model, field);
        case FIELD_ANY:
                break;
        }
        return value_null();
}

struct value guess_hostile(struct model *model, const struct field *field)
{
        static const char *const texts[] = { "2021-02-30", "35020319900101001X", "NaN", "1e2", "-0",
                "1e99999999", "\xff\xfe", "\xed\xa0\x80", "a\001b", "'; DROP TABLE event; --",
                "<script>alert(1)</script>", "{{#list}}{{.}}{{/list}}", "\xe2\x80\xae逆向",
                "91350200MA00000000", "$number", "﻿", "", "null" };
        struct value *deep;
        (void)field;
        switch (model_below(model, 6)) {
        case 0:
                return value_string(longest(model, 30000)); /* 90 kB */
        case 1:
                deep = arena_new_array(model->arena, 40, struct value);
                for (size_t i = 39; i > 0; i--)
                        deep[i - 1] = value_list(&deep[i], 1);
                return deep[0];
        case 2:
                return value_number(decimal_text("9999999999999999999999999999999999"));
        case 3:
                return value_context(NULL, 0);
        default:
                return value_string(str_of(texts[model_below(model, N_ELEMENTS(texts))]));
        }
}

struct value guess_fields(struct model *model, const struct version *version, const struct act *act)
{
        struct member *members =
                        arena_new_array(model->arena, act->n_needs + act->n_takes, struct member);
        size_t n = 0;
        for (size_t i = 0; i < act->n_needs; i++) {
                const struct field *field = &version->fields[act->needs[i]];
                members[n++] = (struct member){ field->name, guess_value(model, field) };
        }
        unsigned often = (unsigned)model_below(model, 101);
        for (size_t i = 0; i < act->n_takes; i++) {
                const struct field *field = &version->fields[act->takes[i]];
                if (model_chance(model, often))
                        members[n++] = (struct member){ field->name, guess_value(model, field) };
        }
        if (!value_sort_members(members, n)) /* a field that is needed and taken */
                return value_context(members, 0);
        return value_context(members, n);
}

struct value guess_entry(struct model *model, const struct reg *reg, struct str key)
{
        struct member *members = arena_new_array(model->arena, reg->n_fields + 3, struct member);
        size_t n = 0;
        for (size_t i = 0; i < reg->n_fields; i++)
                if (!str_eq(reg->fields[i].name, reg->key) && model_chance(model, 90))
                        members[n++] = (struct member){ reg->fields[i].name,
                                guess_value(model, &reg->fields[i]) };
        members[n++] = (struct member){ reg->key, value_string(key) };
        if (!value_sort_members(members, n))
                abort();
        return value_context(members, n);
}
