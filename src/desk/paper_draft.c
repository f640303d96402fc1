#include "desk/paper_draft.h"

#include "desk/coming.h"
#include "desk/paper.h"
#include "desk/people.h"
#include "projection/matter_read.h"

struct drawing {
        struct arena *arena;
        struct coming coming;
        struct paper_draft *drafts;
        size_t n;
        struct err *err;
};

/* The matter as it would stand, with what the act would have issued last in its list. */
static bool foresee(struct drawing *d, const struct version *version, const struct matter *matter,
                const struct actor *actor, const struct act_request *request, struct matter **ret,
                struct outcome *ret_outcome)
{
        if (!procedure_decide(d->arena, version, matter, actor, request,
                            &d->coming.world.circumstances, ret_outcome, d->err))
                return false;
        *ret = matter != NULL ? matter_copy(d->arena, matter) : matter_new(d->arena, version);
        return matter_apply(d->arena, *ret, &ret_outcome->fact,
                        matter != NULL ? matter->last_seq + 1 : 1, d->err);
}

static bool draw(struct drawing *d, const struct version *version, const struct matter *matter,
                const struct actor *actor, const struct act_request *request, struct str below,
                struct outcome *ret)
{
        struct matter *then;
        if (!foresee(d, version, matter, actor, request, &then, ret))
                return false;
        for (size_t i = matter != NULL ? matter->n_documents : 0; i < then->n_documents; i++) {
                const struct issued_document *issued = &then->documents[i];
                struct paper_draft draft = { .label = version->documents[issued->document].label,
                        .number = issued->number,
                        .to = fact_recipients(d->arena, &ret->fact, issued->document),
                        .version = version,
                        .below = below };
                if (!paper_document(d->arena, then, issued, &d->coming.world.circumstances,
                                    &draft.text, d->err))
                        return false;
                d->drafts = arena_push(d->arena, d->drafts, d->n, sizeof(*d->drafts));
                d->drafts[d->n++] = draft;
        }
        return true;
}

/* What a sub-matter is told follows from this act alone; what would follow from that in turn is
 * not drawn up. */
static bool draw_below(struct drawing *d, const struct consequence *next)
{
        struct matter *child;
        struct outcome ignored;
        return matter_read_by_number(d->arena, d->coming.world.snapshot, d->coming.world.catalogue,
                               next->child, &child, d->err) &&
               draw(d, child->version, child, people_system(), &next->request, child->number,
                               &ignored);
}

bool paper_drafts(struct arena *arena, const struct world *world, const struct version *version,
                const struct matter *matter, const struct actor *actor,
                const struct act_request *request, const struct paper_draft **ret, size_t *ret_n,
                struct err *err)
{
        struct drawing d = { .arena = arena, .err = err };
        struct outcome outcome;
        coming_open(&d.coming, arena, world);
        bool done = draw(&d, version, matter, actor, request, STR_LIT(""), &outcome);
        for (size_t i = 0; done && i < outcome.n_consequences; i++)
                if (outcome.consequences[i].child.n != 0)
                        done = draw_below(&d, &outcome.consequences[i]);
        if (!coming_end(&d.coming, done, err))
                return false;
        *ret = d.drafts;
        *ret_n = d.n;
        return true;
}
