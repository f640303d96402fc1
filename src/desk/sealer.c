#include "desk/sealer.h"

#include <assert.h>

#include "store/ids.h"

#define ORGAN 0 /* the first of the store */

void sealer_open(struct sealer *sealer, enum ledger_hash algorithm)
{
        sealer->arena = arena_open();
        sealer->algorithm = algorithm;
        sealer_forget(sealer);
}

void sealer_close(struct sealer *sealer)
{
        arena_close(&sealer->arena);
}

void sealer_forget(struct sealer *sealer)
{
        sealer->knows = false;
        tiles_forget(&sealer->tiles);
}

bool sealer_start(struct sealer *sealer, struct str packed, struct err *err)
{
        sealer->knows = merkle_frontier_unpack(packed, &sealer->frontier, err);
        return sealer->knows;
}

/* ---- Beside the statements ---- */

/* Whose act it was is not known here: only a careful turn can tell. */
static bool refuse(const struct sealing *sealing, struct err *err)
{
        if (!sealing->careful)
                err->code = E_STORE_CONFLICT;
        return false;
}

static bool seal(struct tx *tx, void *user, struct err *err)
{
        struct sealing *s = user;
        struct sealer *sealer = s->sealer;
        struct str secret = { (const char *)s->event.secret, EVENT_SECRET_BYTES };
        assert(sealer->frontier.size == (uint64_t)s->event.seq);
        arena_reset(sealer->arena);
        if (!s->made && !ledger_seal(sealer->arena, sealer->algorithm, &s->event, &s->sealed, err))
                return refuse(s, err);
        return tx_work_run(tx, Q_EVENT_ADD,
                               PARAMS(param_int(s->id),
                                               s->matter != 0 ? param_int(s->matter) : param_null(),
                                               s->previous != 0 ? param_int(s->previous)
                                                                : param_null(),
                                               param_blob(s->sealed.leaf),
                                               param_text(s->sealed.disclosed), param_blob(secret),
                                               s->key.n > 0 ? param_text(s->key) : param_null()),
                               err) &&
               tiles_append(&sealer->tiles, tx, sealer->algorithm, &sealer->frontier,
                               &s->sealed.leaf_hash, err);
}

static bool end(struct tx *tx, void *user, struct err *err)
{
        struct sealer *sealer = user;
        arena_reset(sealer->arena);
        struct str packed = merkle_frontier_pack(sealer->arena, &sealer->frontier);
        return tx_work_run(tx, Q_LEDGER_SET,
                        PARAMS(param_int(ORGAN), param_int((int64_t)sealer->frontier.size),
                                        param_blob(packed)),
                        err);
}

/* ---- Handing over ---- */

bool sealer_put(struct arena *arena, struct tx *tx, struct sealing *sealing, struct err *err)
{
        if (tx_is_behind(tx)) {
                sealing->made = ledger_seal(arena, sealing->sealer->algorithm, &sealing->event,
                                &sealing->sealed, err);
                if (!sealing->made)
                        return false;
        }
        return tx_put_work(tx, seal, sealing, err);
}

bool sealer_end(struct sealer *sealer, struct tx *tx, struct err *err)
{
        return tx_put_work(tx, end, sealer, err);
}
