/* draw/pool.h - who may be drawn, and who may inspect, frozen before the draw.
 *
 * A pool (检查对象名录库 and 执法检查人员名录库) is checked, sorted by id and
 * numbered from 1. Its canonical text is what is published before anything
 * random is known; its SHA-256 goes into the seed, so a pool changed after the
 * freeze cannot give the announced draw. docs/draw-format.md has the lines.
 *
 * Refused: an id that stands twice, an empty or control character in any text,
 * weight 0, a recusal from an object that is not in the pool. */
#ifndef DRAW_POOL_H
#define DRAW_POOL_H

#include "base/date.h"
#include "base/err.h"
#include "base/str.h"

#define POOL_WEIGHT_MAX 100 /* tickets of one object: risk A..D is 1..4, room for more */
#define POOL_TEXT_MAX   256 /* bytes of one name, unit or reason */

struct pool_object {
        struct str id;       /* 对象编号, unique; at most LIMIT_KEY_BYTES */
        struct str name;     /* 名称, may be empty */
        struct str stratum;  /* 层: object kind and scale; at most LIMIT_NAME_BYTES */
        struct str region;   /* GB/T 2260 district, for the cross-district rule; may be empty */
        uint32_t weight;     /* 1..POOL_WEIGHT_MAX tickets (信用风险) */
        struct str excluded; /* why it is not drawn this time; empty = it is in the draw */
};

enum pool_inspector_kind {
        POOL_OFFICER, /* 执法人员 */
        POOL_GUEST,   /* 受邀人员: never one of the two */
};

struct pool_inspector {
        struct str id;   /* unique among inspectors */
        struct str name; /* may be empty */
        struct str unit;
        struct str district; /* GB/T 2260, compared with the object's region; may be empty */
        enum pool_inspector_kind kind;
        struct date valid_to;       /* last day of the enforcement certificate; DATE_NONE = none */
        bool lead;                  /* may lead a team (带队) */
        uint32_t load;              /* tasks this year, before this draw */
        const struct str *recusals; /* object ids */
        size_t n_recusals;
};

struct pool {
        const struct pool_object *objects; /* by id; the published number is index + 1 */
        size_t n_objects;
        const struct pool_inspector *inspectors; /* by id */
        size_t n_inspectors;
};

struct pool_hash {
        uint8_t bytes[32];
};

/* Checks, copies, sorts and numbers; the texts themselves stay the caller's.
 * Recusals are sorted too, each object once. */
MUST_CHECK bool pool_freeze(struct arena *arena, const struct pool_object *objects,
                size_t n_objects, const struct pool_inspector *inspectors, size_t n_inspectors,
                struct pool *ret, struct err *err);

/* The canonical text, one line for each object, inspector and recusal. */
struct str pool_text(struct arena *arena, const struct pool *pool);

/* SHA-256 of the canonical text. */
struct pool_hash pool_hash(struct arena *arena, const struct pool *pool);

/* Index of the object or inspector with this id, or SIZE_MAX. */
size_t pool_find_object(const struct pool *pool, struct str id);
size_t pool_find_inspector(const struct pool *pool, struct str id);

bool pool_is_recused(const struct pool_inspector *inspector, struct str object_id);

#endif
