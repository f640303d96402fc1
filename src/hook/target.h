/* hook/target.h - where notices may be sent.
 *
 * An administrator writes the address; even so it must not lead him where only this machine can go
 * (server-side request forgery). So: https to a host whose address, as it is resolved when the
 * connection is opened, is a public one; and besides, the hosts that site.yaml names as
 * `receivers`, by http too and wherever they stand. Whoever writes site.yaml runs the machine.
 * Refused: other schemes, user and password, fragments, blanks. Pure. */
#ifndef HOOK_TARGET_H
#define HOOK_TARGET_H

#include <sys/socket.h>

#include "base/err.h"

#define TARGET_BYTES 500u

/* `receivers`: hosts with blanks between them, as site.yaml has them ("127.0.0.1 [::1] oa.lan").
 * *ret_host: the host of the address. E_HOOK_TARGET says what is wrong with it. */
MUST_CHECK bool target_check(
                struct str url, struct str receivers, struct str *ret_host, struct err *err);

/* Does the host stand among the receivers? */
bool target_is_named(struct str host, struct str receivers);

/* Is it an address of the public net? Loopback, private, link-local, shared, reserved and
 * multicast ones are not; nor one of IPv6 that carries such a one (RFC 6890, RFC 6052). */
bool target_is_public(const struct sockaddr *address);

#endif
