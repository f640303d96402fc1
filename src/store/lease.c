#include "store/lease.h"

#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

void lease_holder(char to[LEASE_HOLDER_BYTES])
{
        char machine[64] = "";
        uint64_t number = 0;
        (void)gethostname(machine, sizeof(machine) - 1);
        if (getrandom(&number, sizeof(number), 0) != sizeof(number))
                number = (uint64_t)getppid(); /* machine and process remain */
        snprintf(to, LEASE_HOLDER_BYTES, "%.48s/%d/%016llx", machine, (int)getpid(),
                        (unsigned long long)number);
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
