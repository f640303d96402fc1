/* Which addresses may be told, as texts and as they are resolved. */
#include "hook/target.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void test_texts(void **state)
{
        (void)state;
        static const struct {
                const char *why, *url, *host; /* host NULL: refused */
        } rows[] = {
                { "https to a name", "https://oa.example.gov.cn/hook", "oa.example.gov.cn" },
                { "with a port and a query", "https://a.example:8443/h?k=1", "a.example" },
                { "no path", "https://a.example", "a.example" },
                { "https to a number: looked at when it is connected", "https://10.0.0.1/",
                                "10.0.0.1" },
                { "IPv6", "https://[2400:da00::6666]:444/x", "[2400:da00::6666]" },
                { "http to a host that is named", "http://127.0.0.1:9000/in", "127.0.0.1" },
                { "another that is named", "http://[::1]:9000/in", "[::1]" },
                { "http elsewhere", "http://a.example/", NULL },
                { "http to a number that begins like a named one", "http://127.0.0.11/", NULL },
                { "http to localhost, which is not named", "http://localhost/", NULL },
                { "another scheme", "ftp://a.example/", NULL },
                { "a file", "file:///etc/passwd", NULL },
                { "none", "a.example", NULL },
                { "nothing", "", NULL },
                { "no host", "https:///x", NULL },
                { "user and password", "https://u:p@a.example/", NULL },
                { "a named host as user", "http://127.0.0.1@evil.example/", NULL },
                { "a fragment", "https://a.example/#x", NULL },
                { "a blank", "https://a.example/ x", NULL },
                { "a line end", "https://a.example/\r\nX: y", NULL },
                { "a backslash", "https://a.example\\@b/", NULL },
                { "Chinese", "https://司法.cn/", NULL },
                { "port 0", "https://a.example:0/", NULL },
                { "a port that is none", "https://a.example:x/", NULL },
                { "a port without a number", "https://a.example:/", NULL },
                { "too large a port", "https://a.example:65536/", NULL },
                { "an open bracket", "https://[::1/", NULL },
                { "no IPv6 in brackets", "https://[x]/", NULL },
                { "a zone", "https://[fe80::1%25eth0]/", NULL },
                { "a name that begins with a dot", "https://.example/", NULL },
        };
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct err err = { 0 };
                struct str host = { 0 };
                bool ok = target_check(
                                str_of(rows[i].url), STR_LIT("127.0.0.1 [::1]"), &host, &err);
                if (ok != (rows[i].host != NULL) || (ok && !str_is(host, rows[i].host)))
                        fail_msg("%s: %s", rows[i].why, ok ? "taken" : err.detail);
                if (!ok)
                        assert_int_equal(err.code, E_HOOK_TARGET);
        }
}

static void test_too_long(void **state)
{
        (void)state;
        char url[TARGET_BYTES + 2] = "https://a.example/";
        struct err err;
        struct str host;
        memset(url + 18, 'x', sizeof(url) - 19);
        assert_false(target_check(str_of(url), STR_LIT(""), &host, &err));
        url[TARGET_BYTES] = '\0';
        assert_true(target_check(str_of(url), STR_LIT(""), &host, &err));
}

static bool is_public(const char *text)
{
        struct sockaddr_in four = { .sin_family = AF_INET };
        struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
        if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
                return target_is_public((const struct sockaddr *)&four);
        assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
        return target_is_public((const struct sockaddr *)&six);
}

static void test_addresses(void **state)
{
        (void)state;
        static const char *const open[] = { "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0",
                "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "169.253.1.1",
                "172.15.255.255", "172.32.0.0", "192.167.1.1", "192.169.0.1", "198.17.0.1",
                "198.20.0.1", "223.255.255.255", "2400:da00::6666", "2606:4700::1111",
                "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1" };
        static const char *const closed[] = { "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1",
                "100.127.255.255", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1",
                "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1",
                "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1",
                "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fdff::1",
                "ff02::1", "2001:db8::1", "2001::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
                "64:ff9b::7f00:1", "2002:7f00:1::1", "2002:a00:1::", "::7f00:1" };
        for (size_t i = 0; i < N_ELEMENTS(open); i++)
                if (!is_public(open[i]))
                        fail_msg("%s is a public address", open[i]);
        for (size_t i = 0; i < N_ELEMENTS(closed); i++)
                if (is_public(closed[i]))
                        fail_msg("%s is no public address", closed[i]);
        struct sockaddr local = { .sa_family = AF_UNIX };
        assert_false(target_is_public(&local));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_texts),
                cmocka_unit_test(test_too_long),
                cmocka_unit_test(test_addresses),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
