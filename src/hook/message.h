/* hook/message.h - what a subscriber is told of an event, and how he knows that it is ours.
 *
 * The body is what a stranger may read on the matter's page of that event, and nothing else:
 *   {"data":{"act","fields","leaf","matter","position","procedure","url"},"timestamp","type"}
 * fields: those of class public, lists without their closed members. An event of a matter that
 * strangers may not see on that day has no body: nobody is told of it. Who acted is never told.
 * Of a public register, whose keeper put or ended an entry, to whoever asked for that register:
 *   {"data":{"act","fields","key","leaf","position","register","url"},"timestamp","type"}
 * unless its key is closed, or the entry has not begun on that day.
 *
 * Headers as Standard Webhooks 1.0 has them: webhook-id (the same each time an event is sent),
 * webhook-timestamp, webhook-signature "v1," and the base64 of HMAC-SHA-256 under the
 * subscription's secret of "ID.TIMESTAMP.BODY". Besides Plumbline-Log-Position: where in the
 * ledger it stands, so that it can be asked for with its proof. */
#ifndef HOOK_MESSAGE_H
#define HOOK_MESSAGE_H

#include "base/date.h"
#include "ledger/hash.h"
#include "procedure/definition.h"
#include "store/store.h"

#define MESSAGE_SECRET_BYTES 32u
#define MESSAGE_HEADERS      4u
#define MESSAGE_FILTER_BYTES 500u

struct message {
        int64_t position;
        struct str id, body;
};

/* What is told of the event at `position`, if it is one that the filter takes and a stranger may
 * see `today`; *ret_any false: it is not. `filter`: see message_filter_check(). */
MUST_CHECK bool message_of(struct arena *arena, struct snapshot *snapshot,
                const struct catalogue *catalogue, enum ledger_hash hash, struct str filter,
                int64_t position, struct date today, struct message *ret, bool *ret_any,
                struct err *err);

/* Its headers, as lines, for a first or a further try at `now`. */
void message_headers(struct arena *arena, const struct message *message, struct str secret,
                struct moment now, struct str ret[MESSAGE_HEADERS]);

/* "whsec_" and the secret in base64: how it is shown, once. */
struct str message_secret_text(struct arena *arena, struct str secret);

/* Words with blanks between them, "permit", "permit.decide", "register:units"; empty takes all
 * acts on matters. E_HOOK_FILTER names a word that is neither a procedure strangers may see
 * something of, nor an act of one, nor a public register. */
MUST_CHECK bool message_filter_check(
                const struct catalogue *catalogue, struct str filter, struct err *err);

#endif
