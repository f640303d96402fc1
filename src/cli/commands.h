/* cli/commands.h - what the rows of the command table run; one file for each group. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

/* cmd_site.c */
bool cmd_help(struct cli *cli, struct err *err);
bool cmd_version(struct cli *cli, struct err *err);
bool cmd_init(struct cli *cli, struct err *err);
bool cmd_copy(struct cli *cli, struct err *err);
bool cmd_user_add(struct cli *cli, struct err *err);
bool cmd_user_end(struct cli *cli, struct err *err);
bool cmd_user_list(struct cli *cli, struct err *err);

/* cmd_backup.c */
bool cmd_backup(struct cli *cli, struct err *err);
bool cmd_restore(struct cli *cli, struct err *err);

/* cmd_account.c */
bool cmd_user_password(struct cli *cli, struct err *err);
bool cmd_user_factor(struct cli *cli, struct err *err);
bool cmd_user_demo(struct cli *cli, struct err *err);

/* cmd_matter.c */
bool cmd_act(struct cli *cli, struct err *err);
bool cmd_show(struct cli *cli, struct err *err);
bool cmd_list(struct cli *cli, struct err *err);
bool cmd_clock_explain(struct cli *cli, struct err *err);
bool cmd_clock_run(struct cli *cli, struct err *err);
bool cmd_import(struct cli *cli, struct err *err);

/* cmd_report.c */
bool cmd_report(struct cli *cli, struct err *err);
bool cmd_report_freeze(struct cli *cli, struct err *err);
bool cmd_report_load(struct cli *cli, struct err *err);
bool cmd_figure(struct cli *cli, struct err *err);
bool cmd_recount(struct cli *cli, struct err *err);

/* cmd_ledger.c */
bool cmd_verify(struct cli *cli, struct err *err);
bool cmd_rebuild(struct cli *cli, struct err *err);

/* Folds the log of a site into a store beside it, and compares all rows (E_REBUILD_DIFFERS). */
bool cli_rebuild_and_compare(struct cli *cli, struct site *site, struct err *err);

/* cmd_doctor.c */
bool cmd_doctor(struct cli *cli, struct err *err);

/* cmd_erase.c */
bool cmd_erase(struct cli *cli, struct err *err);

/* cmd_log.c */
bool cmd_verify_folder(struct cli *cli, struct err *err);
bool cmd_log_export(struct cli *cli, struct err *err);
bool cmd_log_import(struct cli *cli, struct err *err);
bool cmd_log_rotate(struct cli *cli, struct err *err);
bool cmd_log_auditor(struct cli *cli, struct err *err);
bool cmd_log_key(struct cli *cli, struct err *err);

/* cmd_witness.c */
bool cmd_witness_init(struct cli *cli, struct err *err);
bool cmd_witness_key(struct cli *cli, struct err *err);
bool cmd_witness_cosign(struct cli *cli, struct err *err);
bool cmd_witness_watch(struct cli *cli, struct err *err);
bool cmd_witness_serve(struct cli *cli, struct err *err);
bool cmd_log_witness(struct cli *cli, struct err *err);

/* cmd_proof.c */
bool cmd_proof(struct cli *cli, struct err *err);
bool cmd_proof_check(struct cli *cli, struct err *err);
bool cmd_proof_consistency(struct cli *cli, struct err *err);
bool cmd_proof_qr(struct cli *cli, struct err *err);

/* cmd_definition.c */
bool cmd_procedure_lint(struct cli *cli, struct err *err);
bool cmd_procedure_list(struct cli *cli, struct err *err);
bool cmd_procedure_show(struct cli *cli, struct err *err);
bool cmd_definition_activate(struct cli *cli, struct err *err);
bool cmd_calendar_load(struct cli *cli, struct err *err);
bool cmd_rehearse(struct cli *cli, struct err *err);
bool cmd_draw_export(struct cli *cli, struct err *err);
bool cmd_draw_verify(struct cli *cli, struct err *err);

/* cmd_year.c */
bool cmd_run_year(struct cli *cli, struct err *err);

/* cmd_serve.c */
bool cmd_serve(struct cli *cli, struct err *err);

/* cmd_probe.c */
bool cmd_probe(struct cli *cli, struct err *err);

#endif
