#include "web/token.h"

#include "account/secret.h"

#define FORM_COOKIE       "pl-form"
#define COOKIE_BYTES      18u
#define COOKIE_CHARACTERS 24u

/* The secret of this browser that the token is made from; empty = it has none yet. */
static struct str of_browser(const struct visit *visit, const char **ret_purpose)
{
        *ret_purpose = "form of a session";
        if (visit->viewer.has_session)
                return visit->viewer.session.token;
        *ret_purpose = "form of a stranger";
        struct str cookie = visit_cookie(visit, FORM_COOKIE);
        return cookie.n == COOKIE_CHARACTERS ? cookie : STR_LIT("");
}

bool token_make(struct visit *visit, struct str *ret, struct err *err)
{
        const char *purpose;
        struct str secret = of_browser(visit, &purpose);
        if (secret.n == 0) {
                if (!secret_text(visit->arena, COOKIE_BYTES, &secret, err))
                        return false;
                visit->answer->cookies[0] = visit_cookie_set(visit, FORM_COOKIE, secret);
        }
        visit->is_personal = true;
        *ret = secret_token(visit->arena, &visit->portal->secret, purpose, secret);
        return true;
}

/* "https://host:port" of this very server; absent is fine (old browsers), "null" is not. */
static bool is_same_origin(const struct visit *visit)
{
        struct str origin = http_header(visit->request, "Origin");
        struct str site = http_header(visit->request, "Sec-Fetch-Site");
        struct str host = http_header(visit->request, "Host");
        if (site.n != 0 && !str_is(site, "same-origin") && !str_is(site, "none"))
                return false;
        if (origin.n == 0)
                return true;
        size_t at = str_find(origin, STR_LIT("://"));
        return at != SIZE_MAX && str_eq(str_slice(origin, at + 3, origin.n), host);
}

bool token_check(struct visit *visit, struct err *err)
{
        const char *purpose;
        struct str secret = of_browser(visit, &purpose);
        struct str given = posted_text(&visit->posted, STR_LIT("token"));
        struct str right = secret_token(visit->arena, &visit->portal->secret, purpose, secret);
        if (secret.n != 0 && is_same_origin(visit) && secret_eq(given, right))
                return true;
        return err_set(err, E_FORM_TOKEN, "%s", "");
}
