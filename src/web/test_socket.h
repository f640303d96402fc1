/* web/test_socket.h - raw bytes to a server on this machine, and what comes back; for the
 * tests of this room. */
#ifndef WEB_TEST_SOCKET_H
#define WEB_TEST_SOCKET_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/str.h"

#define TEST_WAIT_SECONDS 8 /* longer, and the server hangs */

static inline int test_connect(int port)
{
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        struct timeval wait = { .tv_sec = TEST_WAIT_SECONDS };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
                abort();
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
        return fd;
}

static inline void test_send(int fd, struct str bytes)
{
        for (size_t sent = 0; sent < bytes.n;) {
                ssize_t n = send(fd, bytes.p + sent, bytes.n - sent, MSG_NOSIGNAL);
                if (n <= 0)
                        return; /* the server has closed: the answer tells */
                sent += (size_t)n;
        }
}

/* All that comes until the server closes; *ret_closed false: it did not, in time. */
static inline struct str test_receive(struct arena *arena, int fd, bool *ret_closed)
{
        struct buf buf = BUF(arena);
        char piece[65536];
        ssize_t n;
        while ((n = recv(fd, piece, sizeof(piece), 0)) > 0)
                buf_add(&buf, piece, (size_t)n);
        *ret_closed = n == 0 || buf.n != 0;
        return buf_str(&buf);
}

/* One request, one answer; the writing side is closed behind the request. */
static inline struct str test_exchange(
                struct arena *arena, int port, struct str bytes, bool *ret_closed)
{
        int fd = test_connect(port);
        test_send(fd, bytes);
        shutdown(fd, SHUT_WR);
        struct str answer = test_receive(arena, fd, ret_closed);
        close(fd);
        return answer;
}

static inline int test_status(struct str answer)
{
        int status = 0;
        if (answer.n < 12 || memcmp(answer.p, "HTTP/1.", 7) != 0)
                return 0;
        for (size_t i = 9; i < 12; i++)
                status = status * 10 + answer.p[i] - '0';
        return status;
}

static inline struct str test_body(struct str answer)
{
        size_t at = str_find(answer, STR_LIT("\r\n\r\n"));
        return at == SIZE_MAX ? STR_LIT("") : str_slice(answer, at + 4, answer.n);
}

static inline struct str test_head(struct str answer)
{
        size_t at = str_find(answer, STR_LIT("\r\n\r\n"));
        return at == SIZE_MAX ? answer : str_slice(answer, 0, at + 2);
}

/* GET (or another method) with further header lines, each with its CR LF. */
static inline struct str test_ask(struct arena *arena, int port, const char *method,
                struct str address, const char *lines)
{
        bool closed;
        struct str answer = test_exchange(arena, port,
                        str_format(arena,
                                        "%s %.*s HTTP/1.1\r\nHost: localhost\r\n"
                                        "Connection: close\r\n%s\r\n",
                                        method, STR_FMT(address), lines),
                        &closed);
        return closed ? answer : STR_LIT("");
}

#endif
