/*
 * serve.c - requests are taken by threads, each of which starts the init of one command and is suspended until that has ended, as by
 * vfork: the init runs in this process' memory, on a stack of its own and with its thread's errno.  So it costs no more
 * than a thread, while a process with its own memory may cost as much as the command's own start.  Then the thread
 * reports to the daemon, whatever has become of the init.
 *
 *   main, threads    one waits for requests (`turn`), others are behind it or each suspended
 *     init           of one command; shares memory and descriptors with its thread
 *       command      made by vfork, memory of its own once it is the program
 *
 * Each thread has a table of descriptors of its own, where only the socket is while it waits.  What the daemon passes comes to the
 * lowest free numbers, so that it is in its place at once: 0 to 2 for the streams.
 */
#include "exec/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exec/exec.h"
#include "exec/request.h"

enum { INIT_STACK = 64 << 10, THREAD_STACK = 192 << 10 };
enum { REPORT_FD = EXEC_SOCKET_FD + 1, BODY_FD };

struct starter {
	struct starter *next; /* of those that are under way */
	uint64_t key;
	volatile pid_t pid; /* of the init; 0: there is none yet */
	pid_t parent;
	struct exec_request request;
	void *body;
	struct settings settings;
	struct exec_report report;
	_Alignas(void *) char room[EXEC_BODY_MAX]; /* of the body */
	_Alignas(64) char stack[INIT_STACK];       /* of the init */
};

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER; /* to receive */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static struct starter *under_way;
static size_t idle; /* threads that are to receive */

static void *starter_main(void *arg);

static bool start_thread(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int r;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, THREAD_STACK);
	r = pthread_create(&thread, &attributes, starter_main, NULL);
	pthread_attr_destroy(&attributes);
	return r == 0;
}

/* Somebody must be left to receive, be it a signal for a command that is under way. */
static bool be_busy(struct starter *self)
{
	bool all_are;

	pthread_mutex_lock(&lock);
	all_are = idle == 1;
	pthread_mutex_unlock(&lock);
	if (all_are && !start_thread())
		return false;
	pthread_mutex_lock(&lock);
	idle += all_are;
	idle--;
	self->next = under_way;
	under_way = self;
	pthread_mutex_unlock(&lock);
	return true;
}

static void be_over(struct starter *self)
{
	struct starter **at = &under_way;

	pthread_mutex_lock(&lock);
	while (*at != self)
		at = &(*at)->next;
	*at = self->next;
	pthread_mutex_unlock(&lock);
}

static void be_idle(void)
{
	pthread_mutex_lock(&lock);
	idle++;
	pthread_mutex_unlock(&lock);
}

/* As long as it is under way its init is not waited for, so that the number is its own; and it soon has one. */
static void signal_init(const struct exec_request *request)
{
	const struct timespec moment = {.tv_nsec = 100000};
	const struct starter *at;

	pthread_mutex_lock(&lock);
	for (at = under_way; at && at->key != request->key; at = at->next)
		;
	while (at && at->pid == 0)
		nanosleep(&moment, NULL);
	if (at && at->pid > 0) {
		kill(at->pid, (int)request->signal);
		kill(at->pid, SIGCONT); /* the command's processes may have stopped it */
	}
	pthread_mutex_unlock(&lock);
}

static void close_all(void)
{
	close_range(STDIN_FILENO, STDERR_FILENO, 0);
	close_range(REPORT_FD, UINT_MAX, 0);
}

/* Whether it is a start; the daemon's end is ours. */
static bool receive(struct starter *self)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(EXEC_PASSED_MAX * sizeof(int))];
	struct iovec parts[] = {
		{&self->request, sizeof self->request},
                {self->room,     sizeof self->room   }
        };
	struct msghdr message = {
		.msg_iov = parts, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof control};
	ssize_t n = recvmsg(EXEC_SOCKET_FD, &message, 0);

	if (n <= 0)
		_exit(0);
	if (self->request.signal)
		signal_init(&self->request);
	return !self->request.signal;
}

static bool find_body(struct starter *self)
{
	self->body = self->room;
	if (self->request.bytes <= EXEC_BODY_MAX)
		return true;
	self->body = mmap(NULL, self->request.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, BODY_FD, 0);
	close(BODY_FD);
	return self->body != MAP_FAILED;
}

static void forget_body(struct starter *self)
{
	if (self->body != self->room && self->body != MAP_FAILED)
		munmap(self->body, self->request.bytes);
}

/* The places of texts become pointers to them. */
static bool read_body(struct starter *self)
{
	uint32_t n_argv = self->request.n_argv, n = n_argv + self->request.n_env + 2;
	uintptr_t *texts = self->body;

	for (uint32_t i = 0; i < n; i++)
		texts[i] += texts[i] ? (uintptr_t)self->body : 0;
	return settings_read((char **)texts, (char **)(texts + n_argv + 1), &self->settings);
}

static int init_main(void *arg)
{
	struct starter *self = arg;

	init_run(&self->settings, self->parent, &self->report);
	_exit(0);
}

/* Returns when the init has ended. */
static void start_init(struct starter *self)
{
	enum { HOW = CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_PARENT_SETTID | SIGCHLD };

	fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
	self->report = (struct exec_report){.step = EXEC_STEPS};
	if (clone(init_main, self->stack + sizeof self->stack, HOW, self, &self->pid) >= 0)
		return;
	self->report = (struct exec_report){.step = EXEC_FORK, .error = errno};
	self->pid = -1;
}

static void tell(const struct exec_report *report)
{
	while (write(REPORT_FD, report, sizeof *report) < 0 && errno == EINTR)
		;
	close_all();
}

/* An init that was killed at once has left a process that is about to become the command, or to end: it still uses this memory. */
_Noreturn static void retire(void)
{
	for (;;)
		pause();
}

/* Whether the init was killed when there was a command, and perhaps before it could say so. */
static bool has_left(const struct exec_report *report)
{
	return report->step == EXEC_STARTED || (report->step == EXEC_STEPS && report->pid > 0);
}

static void run(struct starter *self)
{
	if (!find_body(self) || !read_body(self)) {
		self->report = (struct exec_report){.step = EXEC_FORK, .error = EINVAL};
		self->pid = -1;
	} else {
		start_init(self);
	}
	be_over(self);
	if (self->pid > 0)
		waitpid(self->pid, NULL, 0);
	if (has_left(&self->report))
		kill(-self->report.pid, SIGKILL);
	forget_body(self);
	tell(&self->report);
	if (self->report.step == EXEC_STEPS)
		retire();
	be_idle();
}

static void refuse(void)
{
	tell(&(struct exec_report){.step = EXEC_FORK, .error = EAGAIN});
}

/* Nothing of another thread's table is kept.  Not by unshare(), for which containers as a rule want a privilege. */
static void leave_table(void)
{
	const struct timespec moment = {.tv_nsec = 10000000};

	while (close_range(REPORT_FD, UINT_MAX, CLOSE_RANGE_UNSHARE) < 0) {
		if (errno != ENOMEM)
			_exit(1);
		nanosleep(&moment, NULL);
	}
	close_all();
}

static void *starter_main(void *arg)
{
	struct starter self; /* large, so not all of it is touched */

	self.parent = getpid();
	leave_table();
	for (;;) {
		bool starts, can;

		pthread_mutex_lock(&turn);
		starts = receive(&self);
		self.key = self.request.key;
		self.pid = 0;
		can = starts && be_busy(&self);
		pthread_mutex_unlock(&turn);
		if (can)
			run(&self);
		else if (starts)
			refuse();
	}
	return arg;
}

void serve(void)
{
	idle = 1;
	starter_main(NULL);
	_exit(0);
}
