#include "desk/compat.h"

#include <assert.h>

#include "procedure/yaml.h"

static bool is_for_people(struct str key)
{
        static const char *const keys[] = { "label", "help", "hint", "note", "line" };
        for (size_t i = 0; i < N_ELEMENTS(keys); i++)
                if (str_is(key, keys[i]))
                        return true;
        return false;
}

static const struct yaml_pair *find(const struct yaml *map, struct str key)
{
        for (size_t i = 0; i < map->n; i++)
                if (str_eq(map->pairs[i].key, key))
                        return &map->pairs[i];
        return NULL;
}

static bool same(const struct yaml *a, const struct yaml *b);

/* Everything in `a` that is not for people stands in `b` just so. */
static bool holds(const struct yaml *a, const struct yaml *b)
{
        for (size_t i = 0; i < a->n; i++) {
                const struct yaml_pair *pair = find(b, a->pairs[i].key);
                if (is_for_people(a->pairs[i].key))
                        continue;
                if (pair == NULL || !same(&a->pairs[i].value, &pair->value))
                        return false;
        }
        return true;
}

static bool same(const struct yaml *a, const struct yaml *b)
{
        if (a->kind != b->kind)
                return false;
        if (a->kind == YAML_MAP)
                return holds(a, b) && holds(b, a);
        if (a->kind == YAML_TEXT)
                return str_eq(a->text, b->text);
        if (a->n != b->n)
                return false;
        for (size_t i = 0; i < a->n; i++)
                if (!same(&a->items[i], &b->items[i]))
                        return false;
        return true;
}

static const struct yaml *version_tree(const struct yaml *root, struct str name)
{
        const struct yaml *versions = yaml_get(root, "versions");
        for (size_t i = 0; versions != NULL && i < versions->n; i++) {
                const struct yaml *own = yaml_get(&versions->items[i], "version");
                if (own != NULL && str_eq(own->text, name))
                        return &versions->items[i];
        }
        return NULL;
}

/* A version says what it said if its own part does and its base does. */
static bool same_version(const struct yaml *old, const struct yaml *fresh, struct str name)
{
        const struct yaml *a = version_tree(old, name), *b = version_tree(fresh, name);
        if (a == NULL || b == NULL || !same(a, b))
                return false;
        const struct yaml *base = yaml_get(a, "base");
        return base == NULL || str_eq(base->text, name) || same_version(old, fresh, base->text);
}

static bool is_used(struct snapshot *snapshot, const struct version *version, bool *ret,
                struct err *err)
{
        int64_t id;
        return snapshot_int(snapshot, Q_MATTER_OF_VERSION,
                        PARAMS(param_text(version->procedure->name), param_text(version->name)),
                        &id, ret, err);
}

/* What the versions of `old` become; those that `fresh` adds behind them. `fresh` may be NULL. */
static bool compare_versions(struct arena *arena, struct snapshot *snapshot,
                const struct procedure *old, const struct procedure *fresh,
                struct version_change *ret, struct err *err)
{
        const struct yaml *old_tree, *fresh_tree = NULL;
        bool same_text = fresh != NULL && str_eq(old->source, fresh->source);
        int line;
        if (!yaml_parse(arena, old->source, &old_tree, &line, err) ||
                        (fresh != NULL &&
                                        !yaml_parse(arena, fresh->source, &fresh_tree, &line, err)))
                return false;
        for (size_t i = 0; i < old->n_versions; i++) {
                const struct version *version = old->versions[i];
                struct version_change change = { .version = version };
                bool stays = fresh != NULL && procedure_version(fresh, version->name) != NULL;
                if (same_text || (fresh_tree != NULL &&
                                                 same_version(old_tree, fresh_tree, version->name)))
                        change.kind = VERSION_SAME;
                else
                        change.kind = stays ? VERSION_CHANGED : VERSION_GONE;
                if (change.kind != VERSION_SAME &&
                                !is_used(snapshot, version, &change.is_used, err))
                        return false;
                ret[i] = change;
        }
        return true;
}

static bool check_procedure(struct arena *arena, struct snapshot *snapshot,
                const struct procedure *old, const struct procedure *fresh, struct err *err)
{
        struct version_change *changes =
                        arena_new_array(arena, old->n_versions, struct version_change);
        if (fresh != NULL && str_eq(old->source, fresh->source))
                return true;
        if (!compare_versions(arena, snapshot, old, fresh, changes, err))
                return false;
        for (size_t i = 0; i < old->n_versions; i++)
                if (changes[i].is_used)
                        return err_field(err, E_DEFINITION_PINNED, changes[i].version->name, "%.*s",
                                        STR_FMT(old->label));
        return true;
}

bool definitions_changes(struct arena *arena, struct snapshot *snapshot,
                const struct procedure *old, const struct procedure *fresh,
                const struct version_change **ret, size_t *ret_n, struct err *err)
{
        size_t n_old = old != NULL ? old->n_versions : 0, n = n_old;
        struct version_change *changes =
                        arena_new_array(arena, n_old + fresh->n_versions, struct version_change);
        if (old != NULL && !compare_versions(arena, snapshot, old, fresh, changes, err))
                return false;
        for (size_t i = 0; i < fresh->n_versions; i++)
                if (old == NULL || procedure_version(old, fresh->versions[i]->name) == NULL)
                        changes[n++] = (struct version_change){ fresh->versions[i], VERSION_NEW,
                                false };
        *ret = changes;
        *ret_n = n;
        return true;
}

bool definitions_compatible(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *old, const struct catalogue *fresh, struct err *err)
{
        assert(arena && snapshot && old && fresh && err);
        for (size_t i = 0; i < old->n_procedures; i++) {
                const struct procedure *procedure = old->procedures[i];
                if (!check_procedure(arena, snapshot, procedure,
                                    catalogue_procedure(fresh, procedure->name), err))
                        return false;
        }
        return true;
}
