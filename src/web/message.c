#include "web/message.h"

#include <string.h>

/* Version 0.9.75 parses in place: it puts a NUL over the CR and one over the LF of each line,
 * and moves a folded value elsewhere. So behind a value that stood on a whole line come two
 * NULs, and between a name and its value only the colon (now NUL) and blanks. 1.0 refuses
 * bare line feeds and folds by itself. */
#if MHD_VERSION < 0x00097600
static bool ends_whole(const char *text, size_t n)
{
        return text[n] == '\0' && text[n + 1] == '\0';
}

/* One blank between each two, and no NUL in the target: the library would cut it off there. */
static bool is_line_whole(const struct message_line *line)
{
        return line->target == line->method + strlen(line->method) + 1 &&
               line->version == line->target + line->n_target + 1;
}

static bool is_folded(const char *name, size_t n_name, const char *value)
{
        const char *between = name + n_name;
        if (value < between || value - between > 4096)
                return true;
        while (between < value && (*between == '\0' || *between == ' ' || *between == '\t'))
                between++;
        return between < value;
}
#else
static bool ends_whole(const char *text, size_t n)
{
        return text[n] == '\0';
}

static bool is_line_whole(const struct message_line *line)
{
        (void)line;
        return true;
}

static bool is_folded(const char *name, size_t n_name, const char *value)
{
        (void)name, (void)n_name, (void)value;
        return false;
}
#endif

struct gathered {
        struct guard_field fields[GUARD_FIELDS_MAX + 1];
        size_t n;
};

/* The library leaves blanks behind a value standing. */
static struct str trimmed(const char *value, size_t n)
{
        while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
                n--;
        return (struct str){ value, n };
}

static enum MHD_Result gather(void *cls, enum MHD_ValueKind kind, const char *name, size_t n_name,
                const char *value, size_t n_value)
{
        struct gathered *all = cls;
        (void)kind;
        if (all->n == N_ELEMENTS(all->fields))
                return MHD_NO;
        all->fields[all->n++] = (struct guard_field){
                .name = { name, n_name },
                .value = trimmed(value, value != NULL ? n_value : 0),
                .broken = value == NULL || !ends_whole(value, n_value) ||
                          is_folded(name, n_name, value),
        };
        return MHD_YES;
}

bool message_check(struct MHD_Connection *mhd, const struct message_line *line,
                struct guard_verdict *ret, struct err *err)
{
        struct gathered all = { .n = 0 };
        MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, gather, &all);
        struct guard_request request = {
                .method = str_of(line->method),
                .version = str_of(line->version),
                .broken = !is_line_whole(line) || !ends_whole(line->version, strlen(line->version)),
                .fields = all.fields,
                .n_fields = all.n,
        };
        return guard_check(&request, ret, err);
}
