/* web/worker.h - one thread for what takes long (checking a password), so that readers do not
 * wait behind it.
 *
 * One thing after the other, in the order it came: whoever floods the sign-in page uses up this
 * thread and no other. Past WORKER_WAITING_MAX nothing is taken. */
#ifndef WEB_WORKER_H
#define WEB_WORKER_H

#include "base/base.h"

#define WORKER_WAITING_MAX 64u

struct worker;

typedef void worker_job(void *user);

struct worker *worker_open(void);
void worker_close(struct worker **worker); /* does what waits first */

/* False: too many wait. */
MUST_CHECK bool worker_put(struct worker *worker, worker_job *job, void *user);

#endif
