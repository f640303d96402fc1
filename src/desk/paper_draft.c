#include "desk/paper_draft.h"

#include "desk/paper.h"

static bool coming_number(void *user, struct str series, int64_t *ret, struct err *err)
{
        const struct world *world = user;
        int64_t last = 0;
        bool found;
        if (!snapshot_int(world->snapshot, Q_COUNTER_GET, PARAMS(param_text(series)), &last, &found,
                            err))
                return false;
        *ret = last + 1;
        return true;
}

void paper_draft_numbers(struct lookups *lookups)
{
        lookups->next_number = coming_number;
}

/* The matter as it would stand, with what the act would have issued last in its list. */
static bool foresee(struct arena *arena, const struct version *version, const struct matter *matter,
                const struct actor *actor, const struct act_request *request,
                const struct circumstances *circumstances, struct matter **ret,
                struct fact *ret_fact, struct err *err)
{
        struct outcome outcome;
        if (!procedure_decide(arena, version, matter, actor, request, circumstances, &outcome, err))
                return false;
        *ret = matter != NULL ? matter_copy(arena, matter) : matter_new(arena, version);
        *ret_fact = outcome.fact;
        return matter_apply(arena, *ret, ret_fact, matter != NULL ? matter->last_seq + 1 : 1, err);
}

bool paper_drafts(struct arena *arena, const struct world *world, const struct version *version,
                const struct matter *matter, const struct actor *actor,
                const struct act_request *request, const struct paper_draft **ret, size_t *ret_n,
                struct err *err)
{
        struct lookups lookups = world->lookups;
        struct circumstances circumstances = world->circumstances;
        size_t before = matter != NULL ? matter->n_documents : 0;
        struct matter *then;
        struct fact fact;
        paper_draft_numbers(&lookups);
        circumstances.lookups = &lookups;
        if (!foresee(arena, version, matter, actor, request, &circumstances, &then, &fact, err))
                return false;
        struct paper_draft *drafts =
                        arena_new_array(arena, then->n_documents - before, struct paper_draft);
        for (size_t i = before; i < then->n_documents; i++) {
                const struct issued_document *issued = &then->documents[i];
                drafts[i - before].label = version->documents[issued->document].label;
                drafts[i - before].number = issued->number;
                drafts[i - before].to = fact_recipients(arena, &fact, issued->document);
                if (!paper_document(arena, then, issued, &circumstances, &drafts[i - before].text,
                                    err))
                        return false;
        }
        *ret = drafts;
        *ret_n = then->n_documents - before;
        return true;
}
