/* What is done next: who acts, on what, with which values, rightly or wrongly. */
#include "model.h"

#include <stdlib.h>

#include "projection/matter_read.h"
#include "projection/register_read.h"
#include "projection/world.h"

#define CANDIDATES 16 /* field values tried in thought before one is handed in */

/* ---- Who ---- */

static void add_role(struct model *model, struct str role)
{
        for (size_t i = 0; i < model->n_roles; i++)
                if (str_eq(model->roles[i], role))
                        return;
        model->roles = arena_grow(
                        model->life, model->roles, model->n_roles, 1, sizeof(*model->roles));
        model->roles[model->n_roles++] = str_copy(model->life, role);
}

static bool is_party(const struct version *version, struct str role)
{
        for (size_t i = 0; i < version->n_parties; i++)
                if (str_eq(version->parties[i].key, role))
                        return true;
        return str_is(role, "system");
}

void model_find_roles(struct model *model)
{
        const struct catalogue *c = site_catalogue(model->site);
        for (size_t i = 0; i < c->n_procedures; i++)
                for (size_t v = 0; v < c->procedures[i]->n_versions; v++) {
                        const struct version *version = c->procedures[i]->versions[v];
                        for (size_t a = 0; a < version->n_acts; a++)
                                for (size_t r = 0; r < version->acts[a].n_roles; r++)
                                        if (!is_party(version, version->acts[a].roles[r]))
                                                add_role(model, version->acts[a].roles[r]);
                }
        for (size_t i = 0; i < c->n_registers; i++)
                for (size_t k = 0; k < c->registers[i]->n_keepers; k++)
                        add_role(model, c->registers[i]->keepers[k]);
}

static void put_entry(struct model *model, const char *reg, struct value fields, struct str key)
{
        struct submission s = model_by_system(reg, "put", fields);
        if (model_hand_in(model, &s, NULL))
                model_add_key(model, str_of(reg), key);
}

/* Units in a tree, people who may do everything and people who may do little. */
void model_put_people(struct model *model)
{
        static const char *const parents[] = { NULL, "u0", "u0", "u1", "u1", "u2" };
        const struct reg *units = catalogue_register(site_catalogue(model->site), STR_LIT("units"));
        model->units = arena_new_array(model->life, N_ELEMENTS(parents), struct str);
        model->staff = arena_new_array(model->life, 64, struct str);
        for (size_t i = 0; i < N_ELEMENTS(parents); i++) {
                struct str id = str_format(model->life, "u%zu", i);
                struct value entry = guess_entry(model, units, id);
                struct member *members =
                                arena_new_array(model->arena, entry.context.n + 1, struct member);
                size_t n = 0;
                for (size_t k = 0; k < entry.context.n; k++)
                        if (!str_is(entry.context.members[k].name, "parent"))
                                members[n++] = entry.context.members[k];
                if (parents[i] != NULL)
                        members[n++] = (struct member){ STR_LIT("parent"),
                                value_string(str_of(parents[i])) };
                if (!value_sort_members(members, n))
                        abort();
                put_entry(model, "units", value_context(members, n), id);
                model->units[model->n_units++] = id;
        }
        for (size_t i = 0; i < 5 * model->n_units; i++) {
                struct str id = str_format(model->life, "p%zu", i);
                size_t n = i % 5 < 4 ? model->n_roles : 2;
                size_t first = i % 5 < 4 ? 0 : model_below(model, model->n_roles);
                struct value *roles = arena_new_array(model->arena, n, struct value);
                for (size_t r = 0; r < n; r++)
                        roles[r] = value_string(model->roles[(first + r) % model->n_roles]);
                struct member members[] = {
                        { STR_LIT("id"), value_string(id) },
                        { STR_LIT("name"), value_string(str_format(model->arena, "张%zu", i)) },
                        { STR_LIT("roles"), value_list(roles, n) },
                        { STR_LIT("unit"), value_string(model->units[i / 5]) },
                };
                put_entry(model, "staff", value_context(members, N_ELEMENTS(members)), id);
                model->staff[model->n_staff++] = id;
        }
}

/* ---- Registers ---- */

static struct str entry_key(struct model *model, const struct reg *reg)
{
        for (size_t i = 0; i < reg->n_fields; i++) {
                if (!str_eq(reg->fields[i].name, reg->key) || reg->fields[i].type == FIELD_TEXT)
                        continue;
                struct value v = guess_value(model, &reg->fields[i]);
                if (v.kind == VALUE_STRING)
                        return v.string;
        }
        return str_format(model->arena, "k%zu", model_below(model, 8));
}

void model_keep_register(struct model *model)
{
        const struct catalogue *c = site_catalogue(model->site);
        const struct reg *reg = c->registers[model_below(model, c->n_registers)];
        bool people = str_is(reg->name, "units") || str_is(reg->name, "staff");
        const char *name = str_c(model->arena, reg->name);
        struct reg_keys *keys = model_keys(model, reg->name);
        if (!people && keys->n > 0 && model_chance(model, 20)) {
                struct str key = keys->keys[model_below(model, keys->n)];
                struct member *members = arena_new_array(model->arena, 2, struct member);
                members[0] = (struct member){ reg->key, value_string(key) };
                struct submission s = model_by_system(name, "end", value_context(members, 1));
                model_hand_in(model, &s, NULL);
                return;
        }
        struct str key = people ? str_format(model->arena, "x%zu", model_below(model, 5))
                                : entry_key(model, reg);
        struct submission s = model_by_system(name, "put", guess_entry(model, reg, key));
        if (model_chance(model, 30)) { /* a keeper, or somebody who is none */
                s.by = BY_STAFF;
                s.actor = model->staff[model_below(model, model->n_staff)];
        }
        if (model_hand_in(model, &s, NULL) && !people)
                model_add_key(model, reg->name, key);
}

/* ---- Acts ---- */

struct coverage *model_coverage_of(
                struct model *model, const struct version *version, const struct act *act)
{
        for (size_t i = 0; i < model->n_coverage; i++)
                if (str_is(version->procedure->name, model->coverage[i].procedure) &&
                                str_is(act->name, model->coverage[i].act))
                        return &model->coverage[i];
        struct coverage *grown = realloc(model->coverage, (model->n_coverage + 1) * sizeof(*grown));
        if (grown == NULL)
                abort();
        model->coverage = grown;
        grown[model->n_coverage] = (struct coverage){ str_c(model->life, version->procedure->name),
                str_c(model->life, act->name), 0, 0 };
        return &grown[model->n_coverage++];
}

static bool may_be_done(const struct act *act, const struct matter *matter)
{
        if (matter == NULL)
                return act->from_new;
        if (act->from_any)
                return !matter->version->states[matter->state].final;
        for (size_t i = 0; i < act->n_from; i++)
                if (act->from[i] == matter->state)
                        return true;
        return false;
}

/* Of the acts that suit the state, one that was seldom done; NULL if there is none. */
const struct act *model_choose_act(
                struct model *model, const struct version *version, const struct matter *matter)
{
        const struct act *chosen = NULL;
        uint64_t best = 0;
        for (size_t i = 0; i < version->n_acts; i++) {
                const struct act *act = &version->acts[i];
                if (!may_be_done(act, matter))
                        continue;
                struct coverage *coverage = model_coverage_of(model, version, act);
                uint64_t worth = (model_random(model) >> 16) /
                                 (1 + coverage->done + coverage->tried / 8);
                if (chosen == NULL || worth > best) {
                        chosen = act;
                        best = worth;
                }
        }
        return chosen;
}

static void choose_actor(struct model *model, const struct version *version, const struct act *act,
                struct submission *s)
{
        struct str role = act->roles[model_below(model, act->n_roles)];
        s->by = BY_STAFF;
        s->actor = model->staff[model_below(model, model->n_staff)];
        if (str_is(role, "system"))
                s->by = BY_SYSTEM;
        else if (is_party(version, role))
                s->by = BY_PARTY;
        if (s->by != BY_STAFF)
                s->actor = role;
        else if (model_chance(model, 70)) /* of the bureau itself: holds its roles everywhere */
                s->actor = model->staff[model_below(model, 5)];
}

/* Would it be accepted? Numbers are taken last, so a reader gets as far as that. */
static bool would_do(struct model *model, struct world *world, const struct version *version,
                const struct matter *matter, const struct submission *s)
{
        struct actor actor = { .id = s->actor, .name = s->actor };
        struct act_request request = { .act = s->act, .unit = s->unit, .fields = s->fields };
        struct outcome outcome;
        struct err err;
        actor.entry = value_context(NULL, 0);
        if (s->by == BY_STAFF && !world_actor(model->arena, world, s->actor, &actor, &err))
                return false;
        return procedure_decide(model->arena, version, matter, &actor, &request,
                               &world->circumstances, &outcome, &err) ||
               err.code == E_FOLD_READER;
}

/* Fields and somebody who could do it, found by trying in thought. */
void model_fill_in(struct model *model, struct world *world, const struct version *version,
                const struct matter *matter, const struct act *act, struct submission *s)
{
        for (int i = 0; i < CANDIDATES; i++) {
                choose_actor(model, version, act, s);
                s->fields = guess_fields(model, version, act);
                if (would_do(model, world, version, matter, s))
                        return;
        }
}

const struct version *model_any_version(struct model *model)
{
        const struct catalogue *c = site_catalogue(model->site);
        const struct version *version = NULL;
        while (version == NULL)
                version = procedure_version_on(c->procedures[model_below(model, c->n_procedures)],
                                moment_date(model->now));
        return version;
}

/* The newest are the likeliest. */
bool model_any_matter(struct model *model, struct snapshot *snapshot, struct matter **ret)
{
        for (int tries = 0; model->n_matters > 0 && tries < 6; tries++) {
                size_t reach = model->n_matters < 60 || model_chance(model, 20) ? model->n_matters
                                                                                : 60;
                int64_t id = model->matters[model->n_matters - 1 - model_below(model, reach)];
                model_must(model,
                                matter_read(model->arena, snapshot, site_catalogue(model->site), id,
                                                ret, &model->err),
                                "matter");
                if (!(*ret)->version->states[(*ret)->state].final || model_chance(model, 10))
                        return true;
        }
        return false;
}

void model_keep_matter(struct model *model, int64_t id)
{
        if (model->n_matters < model->matters_capacity) /* the rest is found at the next check */
                model->matters[model->n_matters++] = id;
}

/* ---- Acts that are wrong ---- */

struct value model_with_member(struct model *model, const struct value *fields, struct str name,
                struct value value)
{
        struct member *members =
                        arena_new_array(model->arena, fields->context.n + 1, struct member);
        size_t n = 0;
        for (size_t i = 0; i < fields->context.n; i++)
                if (!str_eq(fields->context.members[i].name, name))
                        members[n++] = fields->context.members[i];
        members[n++] = (struct member){ name, value };
        if (!value_sort_members(members, n))
                abort();
        return value_context(members, n);
}

struct value model_without(struct model *model, const struct value *fields, size_t at)
{
        struct member *members = arena_new_array(model->arena, fields->context.n, struct member);
        size_t n = 0;
        for (size_t i = 0; i < fields->context.n; i++)
                if (i != at)
                        members[n++] = fields->context.members[i];
        return value_context(members, n);
}

/* Somebody who did an act from which this one must differ. */
static void same_person(const struct matter *matter, const struct act *act, struct submission *s)
{
        for (size_t i = 0; matter != NULL && i < matter->n_deeds; i++)
                for (size_t k = 0; k < act->n_differs_from; k++)
                        if (matter->deeds[i].act == act->differs_from[k]) {
                                s->actor = matter->deeds[i].actor;
                                s->by = BY_STAFF;
                        }
}

enum wrong {
        WRONG_ROLE,
        WRONG_ACTOR,
        WRONG_ACT,
        WRONG_STATE,
        WRONG_MISSING,
        WRONG_UNKNOWN,
        WRONG_KERNEL,
        WRONG_HOSTILE,
        WRONG_SIZE,
        WRONG_PERSON,
        WRONG_SHAPE,
        WRONG_KEY,
        WRONG_UNIT,
        WRONG_MATTER,
        N_WRONG
};

/* Spoils a submission; true if it must be refused now. */
bool model_spoil(struct model *model, const struct matter *matter, const struct version *version,
                const struct act *act, struct submission *s)
{
        const struct field *field =
                        version->n_fields == 0
                                        ? NULL
                                        : &version->fields[model_below(model, version->n_fields)];
        size_t at = model_below(model, s->fields.context.n);
        struct buf big = BUF(model->arena);
        switch ((enum wrong)model_below(model, N_WRONG)) {
        case WRONG_ROLE:
                s->by = model_chance(model, 50) ? BY_PARTY : BY_STAFF;
                s->actor = s->by == BY_PARTY
                                           ? STR_LIT("stranger")
                                           : model->staff[4 + 5 * model_below(model,
                                                                                  model->n_units)];
                return s->by == BY_PARTY;
        case WRONG_ACTOR:
                s->by = BY_STAFF;
                s->actor = STR_LIT("nobody");
                return true;
        case WRONG_ACT:
                s->act = model_chance(model, 50) ? STR_LIT("no_such_act") : STR_LIT("sys_warn");
                return true;
        case WRONG_STATE:
                s->act = version->acts[model_below(model, version->n_acts)].name;
                return false;
        case WRONG_MISSING:
                if (s->fields.context.n == 0)
                        return false;
                s->fields = model_without(model, &s->fields, at);
                return false;
        case WRONG_UNKNOWN:
                s->fields = model_with_member(
                                model, &s->fields, STR_LIT("no_such_field"), value_int(1));
                return true;
        case WRONG_KERNEL:
                s->fields = model_with_member(model, &s->fields, STR_LIT("$number"),
                                value_string(STR_LIT("厦司〔2021〕999号")));
                return true;
        case WRONG_HOSTILE:
                if (field != NULL)
                        s->fields = model_with_member(model, &s->fields, field->name,
                                        guess_hostile(model, field));
                return false;
        case WRONG_SIZE:
                for (int i = 0; i < 900000; i++) /* 10 MB */
                        buf_c(&big, "一个字段");
                if (act->n_needs == 0)
                        return false;
                s->fields = model_with_member(model, &s->fields,
                                version->fields[act->needs[0]].name, value_string(buf_str(&big)));
                return true;
        case WRONG_PERSON:
                same_person(matter, act, s);
                return false;
        case WRONG_SHAPE:
                s->reg = STR_LIT("units");
                return true;
        case WRONG_KEY:
                s->key = str_format(model->arena, "%0130d", 7);
                return true;
        case WRONG_UNIT:
                s->unit = STR_LIT("nowhere");
                return matter == NULL;
        case WRONG_MATTER:
                s->procedure = STR_LIT("");
                s->matter = model_chance(model, 50) ? STR_LIT("#99999999")
                                                    : STR_LIT("没有这个文号");
                return true;
        case N_WRONG:
                break;
        }
        return false;
}

/* ---- Keys ---- */

void model_keep_key(struct model *model, const struct submission *s, int64_t seq)
{
        size_t at = model->n_kept++ % KEPT_KEYS;
        struct submission *kept = &model->kept[at].submission;
        struct arena *life = model->life;
        *kept = *s;
        kept->procedure = str_copy(life, s->procedure);
        kept->matter = str_copy(life, s->matter);
        kept->act = str_copy(life, s->act);
        kept->actor = str_copy(life, s->actor);
        kept->unit = str_copy(life, s->unit);
        kept->key = str_copy(life, s->key);
        kept->fields = value_copy(life, &s->fields);
        model->kept[at].seq = seq;
}

/* The same key again: the same answer; with another content: refused. */
void model_repeat_key(struct model *model)
{
        size_t n = model->n_kept < KEPT_KEYS ? model->n_kept : KEPT_KEYS;
        if (n == 0)
                return;
        const struct kept_key *kept = &model->kept[model_below(model, n)];
        struct submission s = kept->submission;
        struct receipt receipt;
        if (model_chance(model, 50)) {
                if (!model_hand_in(model, &s, &receipt) || !receipt.repeated ||
                                receipt.seq != kept->seq)
                        model_fail(model, "the key %.*s did not give event %lld again",
                                        STR_FMT(s.key), (long long)kept->seq);
                return;
        }
        s.fields = model_with_member(model, &s.fields, STR_LIT("no_such_field"), value_int(2));
        if (model_hand_in(model, &s, &receipt) || model->err.code != E_DESK_KEY)
                model_fail(model, "the key %.*s was taken for two contents", STR_FMT(s.key));
}
