/* procedure/read_grounds.c - on which grounds personal data is erased. */
#include "procedure/read_file.h"

const struct erasure_ground *read_grounds(struct reader *r, const struct yaml *root, size_t *ret_n)
{
        const struct yaml *map = read_section(r, root, "erasure_grounds", STR_LIT("删除情形"));
        *ret_n = map != NULL ? map->n : 0;
        struct erasure_ground *grounds = arena_new_array(r->arena, *ret_n, struct erasure_ground);
        read_keys(r, root, STR_LIT("删除情形"), "erasure_grounds");
        for (size_t i = 0; i < *ret_n; i++) {
                const struct yaml_pair *pair = &map->pairs[i];
                struct str where = str_format(r->arena, "删除情形 %.*s", STR_FMT(pair->key));
                grounds[i].key = pair->key;
                if (!read_keys(r, &pair->value, where, "say basis"))
                        continue;
                grounds[i].say = read_must(r, &pair->value, "say", where);
                grounds[i].basis = read_must(r, &pair->value, "basis", where);
        }
        if (*ret_n == 0)
                read_fault(r, root->line, "删除情形：一项也没有");
        return grounds;
}
