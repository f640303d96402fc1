#include "hook/target.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* ---- The address as text ---- */

static bool is_plain(struct str text)
{
        for (size_t i = 0; i < text.n; i++)
                if (text.p[i] <= ' ' || text.p[i] >= 0x7F ||
                                strchr("\"<>\\^`{|}#", text.p[i]) != NULL)
                        return false;
        return true;
}

/* "host", "host:8443" or "[::1]:8080" into its two parts; false if it is none of them. */
static bool split_host(struct str authority, struct str *host, struct str *port)
{
        size_t end = 0;
        if (authority.n != 0 && authority.p[0] == '[') {
                while (end < authority.n && authority.p[end] != ']')
                        end++;
                if (end == authority.n)
                        return false;
                end++;
        } else {
                while (end < authority.n && authority.p[end] != ':')
                        end++;
        }
        *host = str_slice(authority, 0, end);
        *port = str_slice(authority, end, authority.n);
        return host->n != 0;
}

static bool is_port(struct str port)
{
        int64_t n;
        if (port.n == 0)
                return true;
        return port.p[0] == ':' && port.n <= 6 && str_to_int(str_slice(port, 1, port.n), &n) &&
               n > 0 && n < 65536;
}

static bool is_name(struct str host)
{
        for (size_t i = 0; i < host.n; i++) {
                char c = host.p[i];
                bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '-')
                        return false;
        }
        return host.p[0] != '.' && host.p[0] != '-';
}

static bool is_six(struct str host)
{
        struct in6_addr six;
        char text[INET6_ADDRSTRLEN];
        if (host.n < 4 || host.p[0] != '[' || host.n - 2 >= sizeof(text))
                return false;
        memcpy(text, host.p + 1, host.n - 2);
        text[host.n - 2] = '\0';
        return inet_pton(AF_INET6, text, &six) == 1;
}

bool target_is_named(struct str host, struct str receivers)
{
        while (receivers.n != 0) {
                struct str name = str_split(&receivers, ' ');
                if (name.n != 0 && str_eq(name, host))
                        return true;
        }
        return false;
}

static struct str authority_of(struct str rest)
{
        size_t end = 0;
        while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
                end++;
        return str_slice(rest, 0, end);
}

bool target_check(struct str url, struct str receivers, struct str *ret_host, struct err *err)
{
        static const struct str https = STR_LIT("https://"), http = STR_LIT("http://");
        struct str host, port;
        bool secure = str_starts(url, https);
        if (url.n > TARGET_BYTES || !is_plain(url))
                return err_set(err, E_HOOK_TARGET, "最多 %u 字节，只能用 ASCII 字符，没有空格和 #",
                                TARGET_BYTES);
        if (!secure && !str_starts(url, http))
                return err_set(err, E_HOOK_TARGET, "应当以 https:// 开头");
        struct str authority = authority_of(str_slice(url, secure ? https.n : http.n, url.n));
        if (str_find(authority, STR_LIT("@")) != SIZE_MAX)
                return err_set(err, E_HOOK_TARGET, "不能带用户名和密码");
        if (!split_host(authority, &host, &port) || !is_port(port) ||
                        (!is_name(host) && !is_six(host)))
                return err_set(err, E_HOOK_TARGET, "主机名或者端口不正确");
        if (!secure && !target_is_named(host, receivers))
                return err_set(err, E_HOOK_TARGET,
                                "不加密的 http 只能发往 site.yaml 的 receivers 列出的主机");
        *ret_host = host;
        return true;
}

/* ---- The address as it was resolved ---- */

static bool is_public_four(uint32_t address)
{
        static const struct {
                uint32_t net;
                int bits;
        } closed[] = {
                { 0x00000000, 8 },  /* this network */
                { 0x0A000000, 8 },  /* private */
                { 0x64400000, 10 }, /* shared by carriers */
                { 0x7F000000, 8 },  /* loopback */
                { 0xA9FE0000, 16 }, /* link-local */
                { 0xAC100000, 12 }, /* private */
                { 0xC0000000, 24 }, /* protocol assignments */
                { 0xC0000200, 24 }, /* documentation */
                { 0xC0A80000, 16 }, /* private */
                { 0xC6120000, 15 }, /* benchmarks */
                { 0xC6336400, 24 }, /* documentation */
                { 0xCB007100, 24 }, /* documentation */
                { 0xE0000000, 3 },  /* multicast, reserved, broadcast */
        };
        for (size_t i = 0; i < N_ELEMENTS(closed); i++)
                if (address >> (32 - closed[i].bits) == closed[i].net >> (32 - closed[i].bits))
                        return false;
        return true;
}

static uint32_t four_at(const uint8_t *bytes)
{
        return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
               bytes[3];
}

/* Global unicast is 2000::/3; of that not what carries an address of IPv4 that is closed. */
static bool is_public_six(const uint8_t *bytes)
{
        static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };
        static const uint8_t translated[12] = { 0, 0x64, 0xFF, 0x9B };
        static const uint8_t documentation[4] = { 0x20, 0x01, 0x0D, 0xB8 };
        if (memcmp(bytes, mapped, sizeof(mapped)) == 0 ||
                        memcmp(bytes, translated, sizeof(translated)) == 0)
                return is_public_four(four_at(bytes + 12));
        if (bytes[0] == 0x20 && bytes[1] == 0x02) /* 6to4 */
                return is_public_four(four_at(bytes + 2));
        if (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0) /* Teredo */
                return false;
        return (bytes[0] & 0xE0) == 0x20 &&
               memcmp(bytes, documentation, sizeof(documentation)) != 0;
}

bool target_is_public(const struct sockaddr *address)
{
        if (address->sa_family == AF_INET)
                return is_public_four(ntohl(((const struct sockaddr_in *)(const void *)address)
                                                            ->sin_addr.s_addr));
        if (address->sa_family == AF_INET6)
                return is_public_six(((const struct sockaddr_in6 *)(const void *)address)
                                                     ->sin6_addr.s6_addr);
        return false;
}
