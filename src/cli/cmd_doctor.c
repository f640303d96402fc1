/* cli/cmd_doctor.c - what is wrong with a site, a line for each check. */
#include "cli/commands.h"
#include "cli/data.h"
#include "desk/doctor.h"

bool cmd_doctor(struct cli *cli, struct err *err)
{
        static const char *const grades[] = { "正常", "未查", "注意", "故障" };
        struct site_data data;
        struct err none;
        bool has_data = data_read(cli->arena, cli_option(cli, "data"), &data, &none);
        if (!has_data && cli_has(cli, "data")) {
                *err = none;
                return false;
        }
        struct doctor_options options = { .data = has_data ? &data : NULL,
                .published = cli_option(cli, "published"),
                .deep = cli_has(cli, "deep") };
        struct doctor_finding findings[DOCTOR_CHECKS_MAX];
        size_t n = site_examine(cli->arena, cli->site_dir, &options, findings);
        size_t n_of[N_ELEMENTS(grades)] = { 0 };
        for (size_t i = 0; i < n; i++) {
                const struct doctor_finding *f = &findings[i];
                n_of[f->grade]++;
                printf("%s  %s：%.*s\n", grades[f->grade], f->label, STR_FMT(f->said));
                if (f->advice.n > 0)
                        printf("      → %.*s\n", STR_FMT(f->advice));
        }
        if (n_of[DOCTOR_BROKEN] > 0)
                return err_set(err, E_DOCTOR_BROKEN, "%zu 项", n_of[DOCTOR_BROKEN]);
        if (n_of[DOCTOR_WARNING] > 0)
                return err_set(err, E_DOCTOR_WARNING, "%zu 项", n_of[DOCTOR_WARNING]);
        return true;
}
