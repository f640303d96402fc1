/* The papers that an accepted act issues: which, under which number, to whom; and who is told.
 *
 * Whom a paper goes to is noted in the event, so that a page asks no expression again; for one
 * that does not say, fact_recipients() has the rule. */
#include "procedure/decide_run.h"
#include "procedure/number.h"

/* People by their names, each once. */
struct people {
        struct value *names;
        size_t n;
};

static void add_person(struct decision_run *run, struct people *people, struct str name)
{
        for (size_t i = 0; i < people->n; i++)
                if (str_eq(people->names[i].string, name))
                        return;
        people->names = arena_push(run->arena, people->names, people->n, sizeof(*people->names));
        people->names[people->n++] = value_string(name);
}

static bool address(struct decision_run *run, const struct document *document, struct people *told,
                struct value *ret)
{
        struct people to = { 0 };
        for (size_t i = 0; i < document->n_to; i++) {
                bool holds = true;
                if (document->to[i].when != NULL &&
                                !scope_holds(&run->scope, document->to[i].when, &holds, run->err))
                        return false;
                if (!holds)
                        continue;
                add_person(run, &to, document->to[i].who);
                add_person(run, told, document->to[i].who);
        }
        *ret = value_list(to.names, to.n);
        return true;
}

static bool is_issued(struct decision_run *run, size_t i, bool *ret)
{
        const struct act *act = run->act;
        *ret = true;
        return act->documents_when == NULL || act->documents_when[i] == NULL ||
               scope_holds(&run->scope, act->documents_when[i], ret, run->err);
}

bool issue_papers(struct decision_run *run, struct str matter_number, struct buf *message)
{
        const struct act *act = run->act;
        struct member *numbers = arena_new_array(run->arena, act->n_documents, struct member);
        struct member *recipients = arena_new_array(run->arena, act->n_documents, struct member);
        struct people told = { 0 };
        size_t n = 0, n_addressed = 0;
        for (size_t i = 0; i < act->n_notifies; i++)
                add_person(run, &told, act->notifies[i]);
        for (size_t i = 0; i < act->n_documents; i++) {
                const struct document *document = &run->version->documents[act->documents[i]];
                struct str number = matter_number;
                struct value to;
                bool issued;
                if (!is_issued(run, i, &issued))
                        return false;
                if (!issued)
                        continue;
                if (document->is_addressed) {
                        if (!address(run, document, &told, &to))
                                return false;
                        recipients[n_addressed++] = (struct member){ document->name, to };
                }
                if (document->number.n != 0 && !number_allocate(&run->scope, document->number,
                                                               matter_number, &number, run->err))
                        return false;
                numbers[n++] = (struct member){ document->name, value_string(number) };
                buf_format(message, " %.*s %.*s", STR_FMT(document->label), STR_FMT(number));
        }
        if (n != 0)
                run_record(run, STR_LIT("$documents"), sorted_context(numbers, n));
        if (n_addressed != 0)
                run_record(run, STR_LIT("$recipients"), sorted_context(recipients, n_addressed));
        if (told.n != 0)
                run_record(run, STR_LIT("$notified"), value_list(told.names, told.n));
        return true;
}
