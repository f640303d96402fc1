#include "desk/draw_trial.h"

#include "desk/coming.h"
#include "desk/people.h"

static const struct version *draws(
                const struct catalogue *catalogue, struct str name, struct date today)
{
        const struct procedure *procedure = catalogue_procedure(catalogue, name);
        const struct version *version =
                        procedure != NULL ? procedure_version_on(procedure, today) : NULL;
        return version != NULL && version->draw.announced >= 0 ? version : NULL;
}

bool draw_trial_is_for(const struct catalogue *catalogue, const struct version *version,
                const struct act *act, struct date today)
{
        if (act->from_new && version->draw.announced >= 0)
                return true;
        for (size_t i = 0; i < act->n_opens; i++)
                if (draws(catalogue, act->opens[i].procedure, today) != NULL)
                        return true;
        return false;
}

static bool try_one(struct arena *arena, const struct version *version, const struct actor *actor,
                const struct act_request *request, const struct circumstances *circumstances,
                struct draw_trial *ret, struct err *err)
{
        struct draw_trial one = { .version = version };
        if (!procedure_try(arena, version, NULL, actor, request, circumstances, &one.trial, err))
                return false;
        one.act = &version->acts[version_act(version, request->act)];
        *ret = one;
        return true;
}

/* What is refused before a rule is asked is told like a rule: the act itself would be done. */
static void try_opened(struct arena *arena, const struct consequence *next, int64_t parent,
                const struct version *version, const struct circumstances *circumstances,
                struct draw_trial *ret)
{
        struct act_request request = next->request;
        struct err *why = arena_new(arena, struct err);
        int index = version_act(version, request.act);
        request.parent = parent;
        if (!try_one(arena, version, people_system(), &request, circumstances, ret, why))
                *ret = (struct draw_trial){ version, index >= 0 ? &version->acts[index] : NULL,
                        { NULL, why, 1 } };
}

static bool try_all(struct arena *arena, const struct world *world, const struct version *version,
                const struct matter *matter, const struct actor *actor,
                const struct act_request *request, struct draw_trial **ret, size_t *ret_n,
                struct err *err)
{
        const struct circumstances *circumstances = &world->circumstances;
        struct outcome outcome;
        *ret_n = 0;
        if (matter == NULL && version->draw.announced >= 0) {
                *ret = arena_new(arena, struct draw_trial);
                *ret_n = 1;
                return try_one(arena, version, actor, request, circumstances, *ret, err);
        }
        if (!procedure_decide(arena, version, matter, actor, request, circumstances, &outcome, err))
                return false;
        *ret = arena_new_array(arena, outcome.n_consequences, struct draw_trial);
        for (size_t i = 0; i < outcome.n_consequences; i++) {
                const struct consequence *next = &outcome.consequences[i];
                const struct version *opened =
                                next->procedure == NULL
                                                ? NULL
                                                : draws(world->catalogue, next->procedure->name,
                                                                  moment_date(world->now));
                if (opened != NULL)
                        try_opened(arena, next, matter != NULL ? matter->id : 0, opened,
                                        circumstances, &(*ret)[(*ret_n)++]);
        }
        return true;
}

bool draw_trials(struct arena *arena, const struct world *world, const struct version *version,
                const struct matter *matter, const struct actor *actor,
                const struct act_request *request, const struct draw_trial **ret, size_t *ret_n,
                struct err *err)
{
        struct coming coming;
        struct draw_trial *all = NULL;
        size_t n = 0;
        coming_open(&coming, arena, world);
        bool done = try_all(arena, &coming.world, version, matter, actor, request, &all, &n, err);
        if (!coming_end(&coming, done, err))
                return false;
        *ret = all;
        *ret_n = n;
        return true;
}
