/* procedure/merge.c - how a version takes what its `base` says (docs/procedures.md section 1). */
#include <assert.h>

#include "procedure/yaml.h"

static const struct yaml_pair *find(const struct yaml *map, struct str key)
{
        for (size_t i = 0; i < map->n; i++)
                if (str_eq(map->pairs[i].key, key))
                        return &map->pairs[i];
        return NULL;
}

/* Both are maps: what `base` has, in its order, then what only `over` has. */
static struct yaml merge_maps(struct arena *arena, const struct yaml *base, const struct yaml *over)
{
        struct yaml_pair *pairs = arena_new_array(arena, base->n + over->n, struct yaml_pair);
        size_t n = 0;
        for (size_t i = 0; i < base->n; i++) {
                const struct yaml_pair *pair = &base->pairs[i];
                const struct yaml_pair *newer = find(over, pair->key);
                if (newer == NULL) {
                        pairs[n++] = *pair;
                } else if (newer->value.kind != YAML_NULL) {
                        pairs[n] = *newer;
                        pairs[n++].value = yaml_merge(arena, &pair->value, &newer->value);
                }
        }
        for (size_t i = 0; i < over->n; i++)
                if (find(base, over->pairs[i].key) == NULL)
                        pairs[n++] = over->pairs[i];
        return (struct yaml){ .kind = YAML_MAP, .line = over->line, .pairs = pairs, .n = n };
}

struct yaml yaml_merge(struct arena *arena, const struct yaml *base, const struct yaml *over)
{
        assert(arena && base && over);

        if (base->kind != YAML_MAP || over->kind != YAML_MAP)
                return *over;
        return merge_maps(arena, base, over);
}
