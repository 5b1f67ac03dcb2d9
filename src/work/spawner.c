/* spawner.c - see spawner.h. */
#include "work/spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <penstock/time.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/list.h"

#define ASK_NS (10 * PEN_SECOND) /* that it has to take a request */

struct spawner {
	pthread_mutex_t lock; /* of all below */
	pid_t pid;
	int socket; /* -1: it does not run */
	uint64_t key;
	uint64_t first; /* key that the present process was launched with */
	char path[];
};

int spawner_new(const char *path, struct spawner **ret_spawner)
{
	struct spawner *spawner = calloc(1, sizeof *spawner + strlen(path) + 1);

	if (!spawner)
		return -ENOMEM;
	pthread_mutex_init(&spawner->lock, NULL);
	spawner->socket = -1;
	strcpy(spawner->path, path);
	*ret_spawner = spawner;
	return 0;
}

const char *spawner_path(const struct spawner *spawner)
{
	return spawner->path;
}

/* Somebody may have stopped it.  Its commands end with it. */
static void end(struct spawner *spawner)
{
	if (spawner->socket < 0)
		return;
	spawner->socket = fd_close(spawner->socket);
	kill(spawner->pid, SIGKILL);
	while (waitpid(spawner->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void spawner_free(struct spawner *spawner)
{
	if (!spawner)
		return;
	end(spawner);
	pthread_mutex_destroy(&spawner->lock);
	free(spawner);
}

/* Inits wait for their signals, and are to miss none before they do; commands get none blocked. */
static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t all;
	int r;

	sigfillset(&all);
	r = posix_spawnattr_setsigdefault(attributes, &all);
	if (r == 0)
		r = posix_spawnattr_setsigmask(attributes, &all);
	if (r == 0)
		r = posix_spawnattr_setflags(
			attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	return r;
}

static int spawn(const char *path, int socket, pid_t *ret_pid)
{
	char *const argv[] = {(char *)path, NULL}, *const no_environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int r = posix_spawn_file_actions_init(&actions);

	if (r != 0)
		return -r;
	r = posix_spawnattr_init(&attributes);
	if (r != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return -r;
	}
	r = posix_spawn_file_actions_adddup2(&actions, socket, EXEC_SOCKET_FD);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(&actions, EXEC_SOCKET_FD + 1);
	if (r == 0)
		r = set_attributes(&attributes);
	if (r == 0)
		r = posix_spawn(ret_pid, path, &actions, &attributes, argv, no_environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

static int launch(struct spawner *spawner)
{
	int ends[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	r = spawn(spawner->path, ends[1], &spawner->pid);
	fd_close(ends[1]);
	if (r < 0)
		fd_close(ends[0]);
	else
		spawner->socket = ends[0];
	spawner->first = spawner->key;
	return r;
}

/* A request on its way. */
struct packet {
	struct exec_request request;
	void *body;
	int passed[EXEC_PASSED_MAX];
	size_t n_passed;
};

static int send_packet(int socket, const struct packet *packet)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof packet->passed)];
	size_t fd_bytes = packet->n_passed * sizeof packet->passed[0];
	bool apart = packet->n_passed == EXEC_PASSED_MAX;
	struct iovec parts[] = {
		{(void *)&packet->request, sizeof packet->request           },
		{packet->body,             apart ? 0 : packet->request.bytes}
        };
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

	if (packet->n_passed > 0) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(fd_bytes);
		*CMSG_FIRSTHDR(&message) = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(fd_bytes), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), packet->passed, fd_bytes);
	}
	return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static bool is_gone(int error)
{
	return error == -EPIPE || error == -ECONNRESET || error == -ENOTCONN;
}

/* One that was killed may have left inits, which have its end of the socket too; so the socket does not tell. */
static void note_end(struct spawner *spawner)
{
	if (spawner->socket >= 0 && waitpid(spawner->pid, NULL, WNOHANG) == spawner->pid)
		spawner->socket = fd_close(spawner->socket);
}

/* One that was killed is replaced. */
static int send_once(struct spawner *spawner, const struct packet *packet)
{
	int r;

	note_end(spawner);
	r = spawner->socket < 0 ? launch(spawner) : 0;
	if (r < 0)
		return r;
	kill(spawner->pid, SIGCONT); /* a command may have stopped it */
	r = send_packet(spawner->socket, packet);
	if (!is_gone(r))
		return r;
	end(spawner);
	r = launch(spawner);
	return r < 0 ? r : send_packet(spawner->socket, packet);
}

/* One that was killed has taken its commands with it, and nobody is left to be told. */
static int signal_once(struct spawner *spawner, const struct packet *packet)
{
	note_end(spawner);
	if (spawner->socket < 0 || packet->request.key < spawner->first)
		return -ESRCH;
	kill(spawner->pid, SIGCONT);
	return send_packet(spawner->socket, packet);
}

/* It takes a request at once, unless somebody has stopped it. */
static int ask(struct spawner *spawner, struct packet *packet)
{
	int64_t until_ns = pen_now_ns() + ASK_NS;
	int r;

	for (;;) {
		pthread_mutex_lock(&spawner->lock);
		if (packet->request.signal) {
			r = signal_once(spawner, packet);
		} else {
			packet->request.key = ++spawner->key;
			r = send_once(spawner, packet);
		}
		pthread_mutex_unlock(&spawner->lock);
		if (r != -EAGAIN || pen_now_ns() > until_ns || pen_sleep(NULL, PEN_MS) < 0)
			return r;
	}
}

static size_t bytes_of(char *const texts[], size_t n)
{
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += strlen(texts[i]) + 1;
	return bytes;
}

/* Texts are copied to `at` on, and their places told from `places` on.  Gives where the next text goes. */
static size_t put(char *body, size_t at, uintptr_t *places, char *const texts[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t bytes = strlen(texts[i]) + 1;

		memcpy(body + at, texts[i], bytes);
		places[i] = at;
		at += bytes;
	}
	places[n] = 0;
	return at;
}

static int write_body(struct packet *packet, char *const argv[], char *const env[])
{
	struct exec_request *request = &packet->request;
	size_t n_argv = list_length(argv), n_env = env ? list_length(env) : 0;
	size_t at = (n_argv + n_env + 2) * sizeof(uintptr_t);
	size_t bytes = at + bytes_of(argv, n_argv) + bytes_of(env, n_env);

	packet->body = malloc(bytes);
	if (!packet->body)
		return -ENOMEM;
	at = put(packet->body, at, packet->body, argv, n_argv);
	put(packet->body, at, (uintptr_t *)packet->body + n_argv + 1, env, n_env);
	request->n_argv = (uint32_t)n_argv;
	request->n_env = (uint32_t)n_env;
	request->bytes = (uint32_t)bytes;
	return 0;
}

/* What is too long for a packet goes as a file. */
static int put_apart(struct packet *packet)
{
	size_t bytes = packet->request.bytes;
	int fd = memfd_create("command", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	packet->passed[packet->n_passed++] = fd;
	return write(fd, packet->body, bytes) == (ssize_t)bytes ? 0 : -ENOMEM;
}

int spawner_start(struct spawner *spawner, const struct process_plan *plan, const int passed[EXEC_BODY],
	uint64_t *ret_key)
{
	CLEANUP(freep) char **argv = supervisor_argv(spawner->path, plan);
	struct packet packet = {.n_passed = EXEC_BODY};
	int r = argv ? write_body(&packet, argv, plan->def->env) : -ENOMEM;

	memcpy(packet.passed, passed, EXEC_BODY * sizeof passed[0]);
	if (r == 0 && packet.request.bytes > EXEC_BODY_MAX)
		r = put_apart(&packet);
	if (r == 0)
		r = ask(spawner, &packet);
	if (packet.n_passed == EXEC_PASSED_MAX)
		fd_close(packet.passed[EXEC_BODY]);
	free(packet.body);
	if (r == 0)
		*ret_key = packet.request.key;
	return r;
}

int spawner_signal(struct spawner *spawner, uint64_t key, int number)
{
	struct packet packet = {
		.request = {.key = key, .signal = (uint32_t)number}
        };

	return ask(spawner, &packet);
}
