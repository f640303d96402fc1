#include "desk/statement.h"

#include <assert.h>

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t word_end(struct str text, size_t at)
{
        if (text.p[at] == '"') {
                size_t end = at + 1;
                while (end < text.n && text.p[end] != '"')
                        end++;
                return end < text.n ? end + 1 : end;
        }
        while (at < text.n && !is_blank(text.p[at]))
                at++;
        return at;
}

bool statement_parse(struct arena *arena, struct str text, struct statement *ret, struct err *err)
{
        assert(arena && ret && err);
        struct statement s = { .json = value_context(NULL, 0) };
        size_t at = 0;
        while (true) {
                while (at < text.n && is_blank(text.p[at]))
                        at++;
                if (at == text.n)
                        break;
                if (text.p[at] == '{' || text.p[at] == '[') {
                        struct str json = str_slice(text, at, text.n);
                        if (!value_parse_json(arena, json, &s.json, err))
                                return false;
                        s.has_json = true;
                        break;
                }
                if (s.n == STATEMENT_WORDS_MAX)
                        return err_set(err, E_REHEARSAL, "一行超过 %u 个词", STATEMENT_WORDS_MAX);
                size_t end = word_end(text, at);
                struct str word = str_slice(text, at, end);
                if (word.p[0] == '"') {
                        bool closed = word.n > 1 && word.p[word.n - 1] == '"';
                        word = str_slice(word, 1, closed ? word.n - 1 : word.n);
                }
                s.words[s.n++] = word;
                at = end;
        }
        *ret = s;
        return true;
}

struct str statement_after(const struct statement *statement, size_t from, const char *keyword)
{
        for (size_t i = from; i + 1 < statement->n; i++)
                if (str_is(statement->words[i], keyword))
                        return statement->words[i + 1];
        return (struct str){ NULL, 0 };
}

static struct str take_line(struct lines *lines)
{
        struct str line = str_split(&lines->rest, '\n');
        if (line.n > 0 && line.p[line.n - 1] == '\r')
                line.n--;
        lines->next++;
        return line;
}

enum line_kind lines_next(struct lines *lines, struct str *ret)
{
        if (lines->rest.p == NULL || lines->rest.n == 0)
                return LINE_END;
        struct str line = take_line(lines);
        lines->line = lines->next;
        *ret = line;
        if (str_trim(line).n == 0)
                return LINE_BLANK;
        if (line.p[0] == '<')
                return LINE_ANSWER;
        if (str_starts(line, STR_LIT("# ")))
                return LINE_HEADING;
        if (line.p[0] == '#')
                return LINE_REMARK;
        while (lines->rest.n > 0 && (lines->rest.p[0] == ' ' || lines->rest.p[0] == '\t')) {
                struct str more = take_line(lines);
                ret->n = (size_t)(more.p + more.n - ret->p);
        }
        return LINE_STATEMENT;
}
