#include "store/lease.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

/* Of this machine, as it stands in a holder's name. */
#define MACHINE_BYTES 49u

static void machine_name(char to[MACHINE_BYTES])
{
        char name[64] = "";
        (void)gethostname(name, sizeof(name) - 1);
        snprintf(to, MACHINE_BYTES, "%.48s", name);
}

void lease_holder(char to[LEASE_HOLDER_BYTES])
{
        char machine[MACHINE_BYTES];
        uint64_t number = 0;
        machine_name(machine);
        if (getrandom(&number, sizeof(number), 0) != sizeof(number))
                number = (uint64_t)getppid(); /* machine and process remain */
        snprintf(to, LEASE_HOLDER_BYTES, "%s/%d/%016llx", machine, (int)getpid(),
                        (unsigned long long)number);
}

struct str lease_process(struct str holder)
{
        struct str rest = holder, machine = str_split(&rest, '/'), process = str_split(&rest, '/');
        return str_slice(holder, 0, machine.n + 1 + process.n);
}

bool lease_is_left(struct str holder)
{
        char here[MACHINE_BYTES];
        struct str machine = str_split(&holder, '/'), process = str_split(&holder, '/');
        int64_t pid;
        machine_name(here);
        return str_is(machine, here) && str_to_int(process, &pid) && pid > 0 && pid <= INT32_MAX &&
               kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

bool lease_take(struct store *store, struct str name, struct str holder, int seconds,
                bool *ret_held, struct err *err)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        if (!store_begin(store, &tx, err) ||
                        !tx_run(tx, Q_LEASE_TAKE,
                                        PARAMS(param_text(name), param_text(holder),
                                                        param_int(seconds)),
                                        err))
                return false;
        bool held = tx_changed(tx) > 0;
        if (!tx_commit(&tx, err))
                return false;
        *ret_held = held;
        return true;
}

bool lease_give(struct store *store, struct str name, struct str holder, struct err *err)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        return store_begin(store, &tx, err) &&
               tx_run(tx, Q_LEASE_GIVE, PARAMS(param_text(name), param_text(holder)), err) &&
               tx_commit(&tx, err);
}
