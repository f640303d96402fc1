#include "rules/feel_builtin.h"

#include <assert.h>
#include <stdlib.h>

#include "rules/feel_scan.h"

static const struct builtin *const tables[] = {
        feel_conversions,
        feel_strings,
        feel_lists,
        feel_numbers,
        feel_dates,
        feel_contexts,
        feel_ranges,
};

const struct builtin *builtin_next(struct str name, const struct builtin *after)
{
        bool behind = after == NULL;
        for (size_t i = 0; i < N_ELEMENTS(tables); i++)
                for (const struct builtin *row = tables[i]; row->name != NULL; row++) {
                        if (behind && str_is(name, row->name))
                                return row;
                        behind = behind || row == after;
                }
        return NULL;
}

size_t builtin_match(struct str text, size_t from, struct str *ret_name)
{
        size_t best = 0;
        for (size_t i = 0; i < N_ELEMENTS(tables); i++)
                for (const struct builtin *row = tables[i]; row->name != NULL; row++) {
                        if (row->name[0] != text.p[from])
                                continue;
                        size_t end = scan_known_name(text, from, str_of(row->name));
                        if (end <= best)
                                continue;
                        best = end;
                        *ret_name = str_of(row->name);
                }
        return best;
}

size_t builtin_params(const struct builtin *builtin, struct param params[8])
{
        struct str rest = str_of(builtin->params);
        size_t n = 0;
        while (rest.n != 0) {
                struct str one = str_split(&rest, ',');
                assert(n < 8);
                struct param *param = &params[n++];
                *param = (struct param){ .name = str_split(&one, ':'), .letter = one.p[0] };
                for (size_t i = 1; i < one.n; i++) {
                        param->optional = param->optional || one.p[i] == '?';
                        param->nullable = param->nullable || one.p[i] == '~';
                        param->variadic = param->variadic || one.p[i] == '*';
                }
                param->nullable = param->nullable || param->letter == 'a';
        }
        return n;
}

bool builtin_takes(const struct param *params, size_t n_params, size_t n)
{
        size_t least = 0;
        bool variadic = n_params != 0 && params[n_params - 1].variadic;
        for (size_t i = 0; i < n_params; i++)
                least += !params[i].optional;
        return n >= least && (n <= n_params || variadic);
}

/* ---- Types ---- */

static const struct {
        char letter;
        enum feel_kind kind;
} letters[] = {
        { 'n', FEEL_NUMBER },
        { 's', FEEL_STRING },
        { 'b', FEEL_BOOLEAN },
        { 'd', FEEL_DATE },
        { 't', FEEL_TIME },
        { 'm', FEEL_DATE_TIME },
        { 'D', FEEL_DURATION },
        { 'Y', FEEL_MONTHS },
        { 'l', FEEL_LIST },
        { 'c', FEEL_CONTEXT },
        { 'f', FEEL_FUNCTION },
        { 'r', FEEL_RANGE },
        { 'm', FEEL_DATE },
        { 'x', FEEL_DATE },
        { 'x', FEEL_DATE_TIME },
        { 'u', FEEL_DURATION },
        { 'u', FEEL_MONTHS },
        { 'N', FEEL_LIST },
};

static bool is_letter_of(char letter, enum feel_kind kind)
{
        for (size_t i = 0; i < N_ELEMENTS(letters); i++)
                if (letters[i].letter == letter && letters[i].kind == kind)
                        return true;
        return false;
}

bool builtin_accepts(char letter, const struct feel_type *type)
{
        if (letter == 'a' || letter == 'l' || type->kind == FEEL_ANY || type->kind == FEEL_NULL)
                return true; /* any value is a list of one */
        if (letter == 'N')
                return builtin_accepts('n', type->kind == FEEL_LIST ? type->item : type);
        return is_letter_of(letter, type->kind);
}

const struct feel_type *builtin_result(const struct builtin *builtin, const struct feel_type *first)
{
        const struct feel_type *any = feel_type_of(FEEL_ANY);
        if (builtin->result == 'i')
                return first->kind == FEEL_LIST ? first->item : any;
        if (builtin->result == 'L')
                return first->kind == FEEL_LIST ? first : feel_type_of(FEEL_LIST);
        for (size_t i = 0; i < N_ELEMENTS(letters); i++)
                if (letters[i].letter == builtin->result && builtin->result != 'x' &&
                                builtin->result != 'u')
                        return feel_type_of(letters[i].kind);
        return any;
}

/* ---- Converting arguments ---- */

static bool is_value_of(char letter, const struct value *v)
{
        switch (letter) {
        case 'a':
                return true;
        case 'n':
                return kind_of(v) == VALUE_NUMBER;
        case 's':
                return kind_of(v) == VALUE_STRING;
        case 'b':
                return kind_of(v) == VALUE_BOOL;
        case 'd':
                return kind_of(v) == VALUE_DATE;
        case 't':
                return kind_of(v) == VALUE_TIME || kind_of(v) == KIND_OFFSET_TIME;
        case 'm':
                return kind_of(v) == VALUE_MOMENT || kind_of(v) == KIND_OFFSET_MOMENT;
        case 'x':
                return is_value_of('d', v) || is_value_of('m', v);
        case 'D':
                return kind_of(v) == VALUE_DURATION;
        case 'Y':
                return kind_of(v) == VALUE_MONTHS;
        case 'u':
                return is_value_of('D', v) || is_value_of('Y', v);
        case 'l':
        case 'N':
                return kind_of(v) == VALUE_LIST;
        case 'c':
                return kind_of(v) == VALUE_CONTEXT;
        case 'f':
                return kind_of(v) == KIND_FUNCTION;
        case 'r':
                return kind_of(v) == KIND_RANGE;
        default:
                abort();
        }
}

bool builtin_convert(struct machine *m, char letter, struct value *v)
{
        if (is_value_of(letter, v))
                return true;
        if (letter == 'l' || letter == 'N') {
                struct value *one = arena_new(m->arena, struct value);
                *one = *v;
                *v = value_list(one, 1);
                return true;
        }
        if (letter == 'm' && kind_of(v) == VALUE_DATE) {
                *v = value_moment(moment_of(v->date, 0, 0, 0));
                return true;
        }
        if (kind_of(v) == VALUE_LIST && v->list.n == 1 &&
                        kind_of(&v->list.items[0]) != VALUE_LIST) {
                *v = v->list.items[0];
                return builtin_convert(m, letter, v);
        }
        return false;
}

bool builtin_convert_to(
                struct machine *m, const struct feel_type *type, struct value *v, bool *ret_fits)
{
        *ret_fits = true;
        if (type->kind == FEEL_ANY || value_is_null(*v))
                return true;
        if (!feel_instance(m, v, type, ret_fits))
                return false;
        for (size_t i = 0; i < N_ELEMENTS(letters) && !*ret_fits; i++) {
                if (letters[i].kind != type->kind)
                        continue;
                struct value converted = *v;
                if (builtin_convert(m, letters[i].letter, &converted)) {
                        *v = converted;
                        return feel_instance(m, v, type, ret_fits);
                }
                break;
        }
        return true;
}

bool builtin_call(struct machine *m, const struct builtin *builtin, const char *kinds,
                struct value *args, size_t n, struct value *ret)
{
        *ret = value_null();
        for (size_t i = 0; i < n; i++) {
                if (value_is_null(args[i])) {
                        if (!kinds[n + i])
                                return true;
                } else if (!builtin_convert(m, kinds[i], &args[i])) {
                        return true;
                }
        }
        return builtin->call(m, args, n, ret);
}
