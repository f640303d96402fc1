/* procedure/read_number.c - the formats of numbers (文号), of matters and of documents. */
#include "procedure/number.h"
#include "procedure/read.h"

static bool is_parameter(const struct version *v, struct str token)
{
        for (size_t i = 0; i < v->n_parameters; i++)
                if (str_eq(v->parameters[i].name, token) &&
                                v->parameters[i].value.kind == VALUE_STRING)
                        return true;
        return false;
}

static bool is_fixed(struct str token, bool document)
{
        static const char *const tokens[] = { "prefix", "region", "organ", "year", "date" };
        for (size_t i = 0; i < N_ELEMENTS(tokens); i++)
                if (str_is(token, tokens[i]))
                        return true;
        return document && str_is(token, "number");
}

static void read_token(struct reader *r, const struct version *v, struct str token, int line,
                bool document, struct str where)
{
        if (number_is_counter(token) || is_fixed(token, document) || is_parameter(v, token))
                return;
        int field = version_field(v, token);
        if (field < 0)
                read_fault(r, line,
                                "%.*s：编号格式中不认识的“{%.*s}”，可用 {prefix} {region} {organ} "
                                "{year} {date} {n} {n:4}、文字参数、字段，文书还可用 {number}",
                                STR_FMT(where), STR_FMT(token));
        else if (!number_holds_field(&v->fields[field]))
                read_fault(r, line,
                                "%.*s：编号格式中的字段“%.*s”应是文字（max 不超过 %d）、选项、整数或者日期",
                                STR_FMT(where), STR_FMT(token), NUMBER_FIELD_MAX);
}

void read_number_format(struct reader *r, const struct version *v, struct str format, int line,
                bool document, struct str where)
{
        struct str rest = format, before, token;
        int counters = 0;
        bool named = false;
        if (format.n == 0)
                return;
        while (number_next_token(&rest, &before, &token)) {
                counters += number_is_counter(token);
                named = named || str_is(token, "number");
                read_token(r, v, token, line, document, where);
        }
        if (str_find(before, STR_LIT("{")) != SIZE_MAX)
                read_fault(r, line, "%.*s：编号格式的花括号没有配对", STR_FMT(where));
        else if (counters != 1 && !(counters == 0 && document && named))
                read_fault(r, line, "%.*s：编号格式中 {n} 应当正好出现一次%s", STR_FMT(where),
                                document ? "（用 {number} 的文书可以没有）" : "");
}
