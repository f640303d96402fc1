/* procedure/functions.h - the functions that definitions have beside FEEL's own.
 *
 * Private to the room: procedure_hosts[] joins the two tables. Each gets the
 * scope of the evaluation as `user`. What cannot be worked out is null, as in
 * FEEL; a draw that must not go on fails with the draw room's own refusal. */
#ifndef PROCEDURE_FUNCTIONS_H
#define PROCEDURE_FUNCTIONS_H

#include "procedure/scope.h"

#define HOST(name)                                                                                 \
        bool name(const struct feel_host *self, void *user, struct arena *arena,                   \
                        const struct value *args, size_t n_args, struct value *ret,                \
                        struct err *err)

HOST(host_draw_freeze);
HOST(host_draw_gaps);
HOST(host_draw_sizes);
HOST(host_draw_announcement);
HOST(host_draw_seed);
HOST(host_draw_publication);
HOST(host_draw_select);
HOST(host_draw_pair);
HOST(host_draw_next_object);
HOST(host_draw_next_inspector);

#endif
