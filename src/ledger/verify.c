#include "ledger/verify.h"

#include <assert.h>
#include <inttypes.h>

void verify_start(struct verify *verify, const struct verify_config *config)
{
        assert(config->organ.n != 0);
        *verify = (struct verify){ .config = config, .time = { INT64_MIN } };
}

static bool problem(struct verify *verify, const struct err *err)
{
        struct verify_report *report = &verify->report;
        if (report->n_problems++ == 0) {
                report->problem = *err;
                report->problem_at = report->n_events;
        }
        return false;
}

static void warn(struct verify *verify, const struct err *err)
{
        struct verify_report *report = &verify->report;
        if (report->n_warnings++ == 0) {
                report->warning = *err;
                report->warning_at = report->n_events;
        }
}

static bool look_at_fields(struct arena *arena, enum ledger_hash algorithm, const struct leaf *leaf,
                const struct verify_record *record, struct verify_finding *ret)
{
        if (record->disclosed.p != NULL && record->secret != NULL) {
                ret->kept = VERIFY_WHOLE;
                return ledger_check_event(algorithm, leaf, record->disclosed, record->secret,
                                &ret->n_fields, &ret->problem);
        }
        /* One without the other cannot be checked, and so must not pass for erased. */
        if (record->disclosed.p != NULL || record->secret != NULL)
                return err_set(&ret->problem, E_EVENT_CHANGED, "第 %lld 条缺少内容或密钥",
                                (long long)leaf->seq);
        if (record->proof.n == 0) {
                ret->kept = VERIFY_ERASED;
                return true;
        }
        struct value shown;
        ret->kept = VERIFY_PARTLY;
        if (!ledger_check_fields(arena, algorithm, leaf, record->proof, &shown, &ret->problem))
                return false;
        ret->n_fields = shown.context.n;
        return true;
}

void verify_look(struct arena *arena, const struct verify_config *config,
                const struct verify_record *record, struct verify_finding *ret)
{
        struct leaf leaf;
        ret->leaf_hash = merkle_leaf(config->algorithm, record->leaf);
        ret->n_fields = 0;
        ret->kept = VERIFY_WHOLE;
        ret->has_leaf = ledger_parse_leaf(record->leaf, &leaf, &ret->problem);
        ret->has_problem = true;
        if (!ret->has_leaf)
                return;
        ret->seq = leaf.seq;
        ret->time = leaf.time;
        ret->has_problem = !look_at_fields(arena, config->algorithm, &leaf, record, ret);
        if (!ret->has_problem && !str_eq(leaf.organ, config->organ)) {
                ret->has_problem = true;
                err_set(&ret->problem, E_VERIFY_ORGAN, "%.*s", STR_FMT(leaf.organ));
        }
}

static void add_seq(struct verify *verify, int64_t seq)
{
        struct err err;
        if (seq != verify->next_seq) {
                err_set(&err, E_VERIFY_SEQ, "应为 %" PRId64 "，实为 %" PRId64, verify->next_seq,
                                seq);
                problem(verify, &err);
        }
        verify->next_seq = seq + 1;
}

static void add_time(struct verify *verify, struct moment time)
{
        struct err err;
        char before[26], now[26];
        if (time.second < verify->time.second) {
                moment_write(verify->time, before);
                moment_write(time, now);
                err_set(&err, E_VERIFY_TIME, "前一条 %s，这一条 %s", before, now);
                if (verify->config->time_may_go_back)
                        warn(verify, &err);
                else
                        problem(verify, &err);
        }
        verify->time = time;
}

void verify_add(struct verify *verify, const struct verify_finding *finding)
{
        struct verify_report *report = &verify->report;
        if (finding->has_problem)
                problem(verify, &finding->problem);
        if (finding->has_leaf) {
                add_seq(verify, finding->seq);
                add_time(verify, finding->time);
        } else {
                verify->next_seq++;
        }
        if (!finding->has_problem) {
                report->n_fields += finding->n_fields;
                report->n_partly += finding->kept == VERIFY_PARTLY;
                report->n_erased += finding->kept == VERIFY_ERASED;
        }
        merkle_append(verify->config->algorithm, &verify->frontier, &finding->leaf_hash, NULL,
                        NULL);
        report->n_events++;
        report->n_unsigned++;
}

bool verify_event(struct arena *arena, struct verify *verify, const struct verify_record *record)
{
        uint64_t before = verify->report.n_problems;
        struct verify_finding finding;
        verify_look(arena, verify->config, record, &finding);
        verify_add(verify, &finding);
        return verify->report.n_problems == before;
}

bool verify_checkpoint(struct arena *arena, struct verify *verify, struct str note)
{
        const struct verify_config *config = verify->config;
        struct checkpoint checkpoint;
        struct err err;
        if (!checkpoint_open(arena, note, config->origin, config->keys, config->n_keys, &checkpoint,
                            &err))
                return problem(verify, &err);
        if (checkpoint.size != verify->report.n_events) {
                err_set(&err, E_VERIFY_ORDER, "存证点 %" PRIu64 " 条，账本到此 %" PRIu64 " 条",
                                checkpoint.size, verify->report.n_events);
                return problem(verify, &err);
        }
        struct hash root = merkle_root(config->algorithm, &verify->frontier);
        if (!hash_eq(&root, &checkpoint.root)) {
                err_set(&err, E_VERIFY_ROOT, "前 %" PRIu64 " 条", checkpoint.size);
                return problem(verify, &err);
        }
        /* A head of the empty ledger is sound, but vouches for nothing. */
        if (checkpoint.size != 0)
                verify->report.n_checkpoints++;
        verify->report.n_unsigned = 0;
        return true;
}

bool verify_finish(struct verify *verify, struct verify_report *ret, struct err *err)
{
        struct verify_report *report = &verify->report;
        report->root = merkle_root(verify->config->algorithm, &verify->frontier);
        *ret = *report;
        if (report->n_problems != 0) {
                *err = report->problem;
                return false;
        }
        if (report->n_events == 0)
                return err_set(err, E_VERIFY_NOTHING, "账本里没有事件");
        if (report->n_checkpoints == 0 && !verify->config->without_checkpoints)
                return err_set(err, E_VERIFY_NOTHING, "没有已签名的存证点");
        return true;
}
