/* bench/bench_load.c - requests at a steady rate, whatever the server does with them.
 *
 * The n-th request is due at n / RATE seconds, and its time counts from then: a server that
 * stands still for a second is charged for all that was due in it. One thread, keep-alive
 * connections, paths taken in turn from a file.
 *
 * usage: bench_load PORT RATE SECONDS PATHS [--connections N] [--idle N] [--half N] [--slow N]
 *   --connections N   that ask (16)
 *   --cookie TEXT     sent with each of them: somebody who has signed in
 *   --idle N          that are opened and never say a word
 *   --half N          that send half of a request's head and no more
 *   --slow N          that send a head by one byte a second, and read nothing
 *
 * Prints "name value" lines: requests, errors, p50_ms, p90_ms, p99_ms, max_ms; of the others
 * how many could be opened, and how many the server had closed by the end. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/bench.h"

#define CONNECTIONS_MAX 256
#define PATHS_MAX       1000
#define OTHERS_MAX      20000
#define ANSWER_BYTES    (1 << 20)

struct connection {
        int fd;
        bool busy;
        double due; /* of the request under way */
        char *bytes;
        size_t n;
};

static struct sockaddr_in address = { .sin_family = AF_INET };
static struct connection connections[CONNECTIONS_MAX];
static struct pollfd polled[CONNECTIONS_MAX];
static char paths[PATHS_MAX][512];
static int others[OTHERS_MAX];
static int n_paths, n_others;
static const char *cookie = ""; /* "" = none */
static double *times;
static size_t n_times, n_errors;

static int connect_one(void)
{
        int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
                close(fd);
                return -1;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        return fd;
}

static void read_paths(const char *file)
{
        FILE *f = fopen(file, "r");
        if (f == NULL)
                die("cannot read the paths");
        while (n_paths < PATHS_MAX && fgets(paths[n_paths], sizeof(paths[0]), f) != NULL) {
                paths[n_paths][strcspn(paths[n_paths], "\n")] = '\0';
                n_paths += paths[n_paths][0] == '/';
        }
        fclose(f);
        if (n_paths == 0)
                die("no paths");
}

/* ---- Those that only hold a connection ---- */

enum other { IDLE, HALF, SLOW };

static int n_slow;

static void open_others(enum other kind, int n)
{
        static const char half[] = "GET /matters HTTP/1.1\r\nHost: 127.0.0.1\r\nX-";
        for (int i = 0; i < n && n_others < OTHERS_MAX; i++) {
                int fd = connect_one();
                if (fd < 0)
                        break;
                if (kind == HALF && send(fd, half, sizeof(half) - 1, MSG_NOSIGNAL) < 0)
                        die("cannot send");
                if (kind == SLOW)
                        n_slow++;
                others[n_others++] = fd;
        }
}

/* A byte for each of the slow ones, which were opened last. */
static void drip(void)
{
        for (int i = n_others - n_slow; i < n_others; i++)
                (void)!send(others[i], "G", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int closed_others(void)
{
        int n = 0;
        char byte;
        for (int i = 0; i < n_others; i++) {
                ssize_t got = recv(others[i], &byte, 1, MSG_DONTWAIT);
                n += got == 0 || (got < 0 && errno != EAGAIN);
        }
        return n;
}

/* ---- Those that ask ---- */

static void reopen(struct connection *c)
{
        if (c->fd >= 0)
                close(c->fd);
        c->fd = connect_one();
        c->busy = false;
        c->n = 0;
}

static void ask(struct connection *c, size_t n, double due)
{
        char text[1200];
        int length = snprintf(text, sizeof(text),
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n%s%s%s\r\n",
                        paths[n % (size_t)n_paths], cookie[0] != '\0' ? "Cookie: " : "", cookie,
                        cookie[0] != '\0' ? "\r\n" : "");
        c->due = due;
        c->n = 0;
        c->busy = send(c->fd, text, (size_t)length, MSG_NOSIGNAL) == length;
        if (!c->busy) {
                n_errors++;
                reopen(c);
        }
}

/* The answer is whole once the head and as many bytes as it names are there. */
static bool is_whole(struct connection *c, bool *ret_good)
{
        static const char name[] = "Content-Length: ";
        c->bytes[c->n] = '\0';
        const char *end = strstr(c->bytes, "\r\n\r\n");
        const char *length = strstr(c->bytes, name);
        if (end == NULL || length == NULL || length > end)
                return false;
        *ret_good = strncmp(c->bytes, "HTTP/1.1 200", 12) == 0;
        size_t body = strtoul(length + sizeof(name) - 1, NULL, 10);
        return c->n >= (size_t)(end + 4 - c->bytes) + body;
}

static void take(struct connection *c)
{
        bool good = false;
        ssize_t got = recv(c->fd, c->bytes + c->n, ANSWER_BYTES - 1 - c->n, MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN)
                return;
        if (got <= 0) {
                n_errors += c->busy;
                reopen(c);
                return;
        }
        c->n += (size_t)got;
        if (!is_whole(c, &good))
                return;
        if (good)
                times[n_times++] = (now_seconds() - c->due) * 1e3;
        else
                n_errors++;
        c->busy = false;
}

static int wait_for_answers(int n, double until)
{
        double left = until - now_seconds();
        struct timespec wait = { 0, (long)(1e9 * (left > 0 && left < 1 ? left : 0)) };
        for (int i = 0; i < n; i++)
                polled[i] = (struct pollfd){ connections[i].fd, POLLIN, 0 };
        return ppoll(polled, (nfds_t)n, &wait, NULL);
}

static void run(int n, double rate, double seconds)
{
        size_t total = (size_t)(rate * seconds), asked = 0;
        double start = now_seconds(), dripped = start;
        while (n_times + n_errors < total && now_seconds() < start + seconds + 10) {
                double now = now_seconds();
                for (int i = 0; i < n && asked < total && start + (double)asked / rate <= now; i++)
                        if (!connections[i].busy) {
                                ask(&connections[i], asked, start + (double)asked / rate);
                                asked++;
                        }
                double due = start + (double)asked / rate;
                if (wait_for_answers(n, due > now || asked >= total ? due : now + 0.001) > 0)
                        for (int i = 0; i < n; i++)
                                if (polled[i].revents != 0)
                                        take(&connections[i]);
                if (n_slow > 0 && now - dripped > 1) {
                        drip();
                        dripped = now;
                }
        }
        n_errors += total - n_times - n_errors;
}

static void print_times(void)
{
        qsort(times, n_times, sizeof(*times), double_cmp);
        printf("requests %zu\nerrors %zu\n", n_times, n_errors);
        static const double at[] = { 0.5, 0.9, 0.99, 1 };
        static const char *const names[] = { "p50_ms", "p90_ms", "p99_ms", "max_ms" };
        for (size_t i = 0; i < 4 && n_times > 0; i++) {
                size_t k = (size_t)(at[i] * (double)n_times);
                printf("%s %.2f\n", names[i], times[k < n_times ? k : n_times - 1]);
        }
        if (n_others > 0)
                printf("others %d\nothers_closed %d\n", n_others, closed_others());
}

static int option(int argc, char **argv, const char *name, int otherwise, int most)
{
        for (int i = 5; i + 1 < argc; i++)
                if (strcmp(argv[i], name) == 0)
                        otherwise = (int)strtol(argv[i + 1], NULL, 10);
        return otherwise < most ? otherwise : most;
}

int main(int argc, char **argv)
{
        if (argc < 5) {
                fprintf(stderr, "usage: bench_load PORT RATE SECONDS PATHS [options]\n");
                return 2;
        }
        double rate = strtod(argv[2], NULL), seconds = strtod(argv[3], NULL);
        int n = option(argc, argv, "--connections", 16, CONNECTIONS_MAX);
        for (int i = 5; i + 1 < argc; i++)
                if (strcmp(argv[i], "--cookie") == 0 && strlen(argv[i + 1]) < 500)
                        cookie = argv[i + 1];
        if (rate <= 0 || seconds <= 0 || rate * seconds > 1e7 || n < 1)
                die("no such rate");
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons((uint16_t)number_argument(argc, argv, 1, 0));
        read_paths(argv[4]);
        times = calloc((size_t)(rate * seconds) + 1, sizeof(*times));
        open_others(IDLE, option(argc, argv, "--idle", 0, OTHERS_MAX));
        open_others(HALF, option(argc, argv, "--half", 0, OTHERS_MAX));
        open_others(SLOW, option(argc, argv, "--slow", 0, OTHERS_MAX));
        for (int i = 0; i < n; i++) {
                connections[i] = (struct connection){ .fd = -1, .bytes = malloc(ANSWER_BYTES) };
                if (connections[i].bytes == NULL || times == NULL)
                        abort();
                reopen(&connections[i]);
                if (connections[i].fd < 0)
                        die("cannot connect");
        }
        run(n, rate, seconds);
        print_times();
        return n_errors > 0;
}
