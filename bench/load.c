/*
 * load.c - a client that keeps a daemon busy: so many connections, each a task that asks, waits for the answer and asks again.
 *
 *   load MODE PORT CONNECTIONS SECONDS [RATE]
 *
 * Modes: submit (POST /jobs), finish (and GET /results/ID?wait=), bulk (1,000 jobs a request), floor (POST / and an answer),
 * put (beanstalkd: put), reserve (beanstalkd: put, reserve, delete).  With RATE so many are begun each second in all, and times count
 * from when each should have begun; else each begins when the one before is done.  Prints one line of JSON.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <penstock/io.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MAX = 1 << 20, BULK = 1000, TIMES_MAX = 1 << 24, ID_BYTES = 36 };

struct connection {
	int fd;
	size_t number, bytes;
	char answer[ANSWER_MAX];
};

struct mode {
	const char *name;
	void (*operate)(struct connection *connection);
	size_t jobs; /* in one operation */
};

static struct {
	const struct mode *mode;
	uint16_t port;
	size_t connections;
	int64_t begin_ns, end_ns, step_ns;
	struct pen_waitgroup *alive;
	char *bulk;
	size_t bulk_bytes;
	uint32_t *times_us;
	size_t n;
} load;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void ready(const struct connection *connection, enum pen_io_events event)
{
	if (pen_io_wait(NULL, connection->fd, event) < 0)
		die("wait");
}

static void say(struct connection *connection, const char *data, size_t bytes)
{
	connection->bytes = 0;
	while (bytes > 0) {
		ssize_t n = send(connection->fd, data, bytes, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			die("send");
		if (n < 0) {
			ready(connection, PEN_IO_WRITE);
			continue;
		}
		data += n;
		bytes -= (size_t)n;
	}
}

static void hear_more(struct connection *connection)
{
	ssize_t n;

	while ((n = recv(connection->fd, connection->answer + connection->bytes,
			ANSWER_MAX - 1 - connection->bytes, 0)) < 0) {
		if (errno != EAGAIN)
			die("recv");
		ready(connection, PEN_IO_READ);
	}
	if (n == 0) {
		fprintf(stderr, "the other side has hung up\n");
		exit(1);
	}
	connection->bytes += (size_t)n;
	connection->answer[connection->bytes] = 0;
}

/* The body of the answer, which has a Content-Length. */
static const char *hear(struct connection *connection, int status)
{
	const char *end, *length;
	size_t whole;

	ready(connection, PEN_IO_READ);
	do
		hear_more(connection);
	while (!(end = strstr(connection->answer, "\r\n\r\n")));
	length = strcasestr(connection->answer, "content-length:");
	if (!length || atoi(connection->answer + strlen("HTTP/1.1 ")) != status) {
		fprintf(stderr, "%s\n", connection->answer);
		exit(1);
	}
	whole = (size_t)(end + 4 - connection->answer) +
		strtoul(length + strlen("content-length:"), NULL, 10);
	while (connection->bytes < whole)
		hear_more(connection);
	return connection->answer + whole - strtoul(length + strlen("content-length:"), NULL, 10);
}

#define JOB "{\"kind\":\"echo\",\"spec\":{\"order\":17,\"to\":\"someone@example.org\"}}"
#define POST(path, type, body_bytes) \
	"POST " path " HTTP/1.1\r\nHost: x\r\nContent-Type: application/" type \
	"\r\nContent-Length: " body_bytes "\r\n\r\n"

static const char post[] = POST("/jobs", "json", "62") JOB;
_Static_assert(sizeof(JOB) == 63, "so says the header");

static void submit(struct connection *connection)
{
	say(connection, post, sizeof post - 1);
	hear(connection, 202);
}

static void finish(struct connection *connection)
{
	char get[128];
	const char *id;

	say(connection, post, sizeof post - 1);
	id = strstr(hear(connection, 202), "\"id\":\"");
	if (!id)
		die("no id");
	id += strlen("\"id\":\"");
	say(connection, get,
		(size_t)snprintf(get, sizeof get, "GET /results/%.*s?wait=30s HTTP/1.1\r\nHost: x\r\n\r\n",
			ID_BYTES, id));
	hear(connection, 200);
}

static void submit_bulk(struct connection *connection)
{
	say(connection, load.bulk, load.bulk_bytes);
	hear(connection, 200);
}

static void expect(struct connection *connection, const char *word)
{
	connection->bytes = 0;
	ready(connection, PEN_IO_READ);
	do
		hear_more(connection);
	while (connection->answer[connection->bytes - 1] != '\n');
	if (strncmp(connection->answer, word, strlen(word)) != 0) {
		fprintf(stderr, "%s\n", connection->answer);
		exit(1);
	}
}

static void put(struct connection *connection)
{
	static const char put[] = "put 0 0 60 62\r\n" JOB "\r\n";

	say(connection, put, sizeof put - 1);
	expect(connection, "INSERTED");
}

static void reserve(struct connection *connection)
{
	static const char reserve[] = "reserve\r\n";
	char delete[64];

	put(connection);
	say(connection, reserve, sizeof reserve - 1);
	expect(connection, "RESERVED");
	say(connection, delete,
		(size_t)snprintf(delete, sizeof delete, "delete %ld\r\n",
			strtol(connection->answer + strlen("RESERVED "), NULL, 10)));
	expect(connection, "DELETED");
}

static void floor_of_it(struct connection *connection)
{
	say(connection, post, sizeof post - 1);
	hear(connection, 200);
}

static const struct mode modes[] = {
	{"submit",  submit,      1   },
	{"finish",  finish,      1   },
	{"bulk",    submit_bulk, BULK},
	{"floor",   floor_of_it, 1   },
	{"put",     put,         1   },
	{"reserve", reserve,     1   },
};

static int64_t begin_of(const struct connection *connection, size_t turn)
{
	return load.begin_ns + load.step_ns * (int64_t)(turn * load.connections + connection->number);
}

static void keep_busy(void *arg)
{
	struct connection *connection = arg;

	for (size_t turn = 0;; turn++) {
		int64_t begin_ns = load.step_ns ? begin_of(connection, turn) : pen_now_ns();

		if (begin_ns >= load.end_ns)
			break;
		if (load.step_ns && pen_sleep(NULL, begin_ns - pen_now_ns()) < 0)
			die("sleep");
		load.mode->operate(connection);
		if (load.n < TIMES_MAX)
			load.times_us[load.n++] = (uint32_t)((pen_now_ns() - begin_ns) / 1000);
	}
	close(connection->fd);
	free(connection);
	pen_waitgroup_done(load.alive);
}

static void connect_one(size_t number)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(load.port)};
	struct connection *connection = malloc(sizeof *connection);

	if (!connection)
		die("malloc");
	connection->number = number;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(connection->fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	if (fcntl(connection->fd, F_SETFL, O_NONBLOCK) < 0 || pen_go(keep_busy, connection) < 0)
		die("connection");
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The time runs from here on, as those that are connected begin when this task waits. */
static void begin(double seconds)
{
	load.begin_ns = pen_now_ns();
	load.end_ns = load.begin_ns + (int64_t)(seconds * (double)PEN_SECOND);
}

static int run(void *arg)
{
	double seconds;

	load.alive = pen_waitgroup_new();
	if (!load.alive)
		die("waitgroup");
	pen_waitgroup_add(load.alive, (ptrdiff_t)load.connections);
	for (size_t i = 0; i < load.connections; i++)
		connect_one(i);
	begin(*(double *)arg);
	if (pen_waitgroup_wait(NULL, load.alive) < 0)
		die("wait");
	seconds = (double)(pen_now_ns() - load.begin_ns) / PEN_SECOND;
	qsort(load.times_us, load.n, sizeof *load.times_us, by_size);
	printf("{\"jobs\": %zu, \"seconds\": %.3f, \"p50_us\": %u, \"p99_us\": %u, \"max_us\": %u}\n",
		load.n * load.mode->jobs, seconds, load.times_us[load.n / 2],
		load.times_us[load.n - load.n / 100 - 1], load.times_us[load.n - 1]);
	pen_waitgroup_free(load.alive);
	return 0;
}

static void make_bulk(void)
{
	size_t body = BULK * sizeof JOB; /* each with its end of line */

	load.bulk = malloc(body + 256);
	if (!load.bulk)
		die("malloc");
	load.bulk_bytes = (size_t)sprintf(load.bulk,
		"POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: "
		"%zu\r\n\r\n",
		body);
	for (int i = 0; i < BULK; i++) {
		memcpy(load.bulk + load.bulk_bytes, JOB "\n", sizeof JOB);
		load.bulk_bytes += sizeof JOB;
	}
}

int main(int argc, char **argv)
{
	struct pen_run_options options = {.loops = 1};
	double seconds;

	for (size_t i = 0; argc >= 5 && i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			load.mode = &modes[i];
	if (!load.mode) {
		fprintf(stderr,
			"usage: load submit|finish|bulk|floor|put|reserve PORT CONNECTIONS SECONDS [RATE]\n");
		return 2;
	}
	load.port = (uint16_t)atoi(argv[2]);
	load.connections = strtoul(argv[3], NULL, 10);
	seconds = atof(argv[4]);
	if (argc > 5)
		load.step_ns = (int64_t)((double)PEN_SECOND / atof(argv[5]));
	load.times_us = malloc(TIMES_MAX * sizeof *load.times_us);
	if (!load.times_us)
		die("malloc");
	make_bulk();
	return pen_run(&options, run, &seconds);
}
