/* web/test_browser.h - a browser for tests of the workbench: it keeps its cookies and the token of
 * the page that it looks at. */
#ifndef WEB_TEST_BROWSER_H
#define WEB_TEST_BROWSER_H

#include "web/test_town.h"

#define PASSWORD "Correct-horse-9"

static struct test_town *town; /* of the test that includes this */

/* ---- A browser ---- */

struct browser {
        struct str session, form, matter, draft; /* cookies */
        struct str token;                        /* of the page it looks at */
};

static inline struct str between(struct str text, const char *before, char after)
{
        size_t at = str_find(text, str_of(before));
        if (at == SIZE_MAX)
                return STR_LIT("");
        struct str rest = str_slice(text, at + strlen(before), text.n);
        return str_split(&rest, after);
}

static inline void take_cookies(struct browser *b, struct str answer)
{
        struct str session = between(answer, "Set-Cookie: pl-session=", ';');
        struct str form = between(answer, "Set-Cookie: pl-form=", ';');
        if (str_find(answer, STR_LIT("Set-Cookie: pl-session=")) != SIZE_MAX)
                b->session = session;
        if (form.n != 0)
                b->form = form;
        if (str_find(answer, STR_LIT("Set-Cookie: pl_track=")) != SIZE_MAX)
                b->matter = between(answer, "Set-Cookie: pl_track=", ';');
        if (str_find(answer, STR_LIT("Set-Cookie: pl_draft=")) != SIZE_MAX)
                b->draft = between(answer, "Set-Cookie: pl_draft=", ';');
}

static inline struct str ask(struct browser *b, const char *method, const char *address,
                const char *lines, struct str body)
{
        bool closed;
        struct buf buf = BUF(town->arena);
        buf_format(&buf, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s", method,
                        address, lines);
        buf_format(&buf, "Cookie: a=b%s%.*s%s%.*s%s%.*s%s%.*s\r\n",
                        b->session.n != 0 ? "; pl-session=" : "", STR_FMT(b->session),
                        b->form.n != 0 ? "; pl-form=" : "", STR_FMT(b->form),
                        b->matter.n != 0 ? "; pl_track=" : "", STR_FMT(b->matter),
                        b->draft.n != 0 ? "; pl_draft=" : "", STR_FMT(b->draft));
        if (strcmp(method, "POST") == 0)
                buf_format(&buf, "Content-Length: %zu\r\n", body.n);
        buf_c(&buf, "\r\n");
        buf_str_add(&buf, body);
        struct str answer = test_exchange(town->arena, town->port, buf_str(&buf), &closed);
        assert_true(closed);
        take_cookies(b, answer);
        struct str token = between(answer, "name=\"token\" value=\"", '"');
        if (token.n != 0)
                b->token = token;
        return answer;
}

static inline struct str look(struct browser *b, const char *address)
{
        return ask(b, "GET", address, "", STR_LIT(""));
}

#define FORM_LINE "Content-Type: application/x-www-form-urlencoded\r\n"

static inline void add_pair(struct buf *buf, const char *name, struct str value)
{
        buf_format(buf, "%s%s=", buf->n == 0 ? "" : "&", name);
        address_encode(buf, value);
}

/* Pairs of names and values, ended by NULL; the token goes with them. */
static inline struct str post_as(struct browser *b, const char *address, const char *lines,
                struct str token, const char *const *pairs)
{
        struct buf body = BUF(town->arena);
        add_pair(&body, "token", token);
        for (; *pairs != NULL; pairs += 2)
                add_pair(&body, pairs[0], str_of(pairs[1]));
        return ask(b, "POST", address, str_format(town->arena, FORM_LINE "%s", lines).p,
                        buf_str(&body));
}

#define POST(b, address, ...)                                                                      \
        post_as((b), (address), "", (b)->token, (const char *const[]){ __VA_ARGS__, NULL })

static inline struct str location(struct str answer)
{
        return between(answer, "Location: ", '\r');
}

static inline void expect(struct str answer, int status, const char *says)
{
        if (test_status(answer) != status || !test_has(answer, says))
                fail_msg("%d, wanted %d and %s:\n%s", test_status(answer), status, says,
                                str_c(town->arena, str_cut(answer, 9000)));
}

static inline struct browser sign_in(const char *id)
{
        struct browser b = { 0 };
        look(&b, "/work/sign-in");
        struct str answer = POST(&b, "/work/sign-in", "id", id, "password", PASSWORD, "to", "");
        assert_int_equal(test_status(answer), 303);
        return b;
}

#endif
