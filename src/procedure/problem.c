#include "procedure/problem.h"

#include <assert.h>
#include <stdlib.h>

static bool is_known(const struct problems *problems, size_t source, int line, struct str text)
{
        for (size_t i = 0; i < problems->n; i++) {
                const struct problem *row = &problems->rows[i];
                if (row->source == source && row->line == line && str_eq(row->text, text))
                        return true;
        }
        return false;
}

void problems_add(struct problems *problems, size_t source, int line, bool remark,
                enum err_code code, struct str text)
{
        assert(problems && problems->arena);

        if (is_known(problems, source, line, text))
                return;
        if (!remark)
                problems->n_faults++;
        if (problems->n == PROBLEMS_MAX) {
                problems->n_left_out++;
                return;
        }
        if (problems->rows == NULL)
                problems->rows = arena_new_array(problems->arena, PROBLEMS_MAX, struct problem);
        problems->rows[problems->n] = (struct problem){
                .source = source,
                .line = line,
                .order = problems->n,
                .remark = remark,
                .code = code,
                .text = text,
        };
        problems->n++;
}

static int problem_cmp(const void *a, const void *b)
{
        const struct problem *x = a, *y = b;
        if (x->source != y->source)
                return x->source < y->source ? -1 : 1;
        if (x->line != y->line)
                return x->line < y->line ? -1 : 1;
        return (x->order > y->order) - (x->order < y->order);
}

void problems_sort(struct problems *problems)
{
        if (problems->n != 0)
                qsort(problems->rows, problems->n, sizeof(*problems->rows), problem_cmp);
}

struct str problems_text(struct problems *problems, const struct str *file_names)
{
        problems_sort(problems);
        struct buf buf = BUF(problems->arena);
        for (size_t i = 0; i < problems->n; i++) {
                const struct problem *row = &problems->rows[i];
                buf_format(&buf, "%.*s:%d: %s", STR_FMT(file_names[row->source]), row->line,
                                row->remark ? "提醒：" : "");
                buf_str_add(&buf, row->text);
                buf_char(&buf, '\n');
        }
        if (problems->n_left_out != 0)
                buf_format(&buf, "另有 %zu 个问题未列出\n", problems->n_left_out);
        return buf_str(&buf);
}

bool problems_first(struct problems *problems, const struct str *file_names, struct err *err)
{
        problems_sort(problems);
        for (size_t i = 0; i < problems->n; i++) {
                const struct problem *row = &problems->rows[i];
                if (row->remark)
                        continue;
                struct str place = str_format(problems->arena, "%.*s:%d",
                                STR_FMT(file_names[row->source]), row->line);
                err_field(err, row->code, place, "%.*s", STR_FMT(row->text));
                return true;
        }
        return false;
}
