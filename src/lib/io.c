/* io.c - epoll (poller.h), and waiting for a descriptor (io.h) on top of it. */
#include "lib/poller.h"

#include <errno.h>
#include <limits.h>
#include <penstock/ctx.h>
#include <penstock/time.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "lib/loop.h"

enum { EVENTS_A_POLL = 128, READ = 0, WRITE = 1 };

static const uint32_t epoll_events[] = {[READ] = EPOLLIN | EPOLLRDHUP, [WRITE] = EPOLLOUT};

int pen__poller_init(struct pen__poller *poller)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = -1};

	*poller = (struct pen__poller){.event_fd = -1};
	poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (poller->epoll_fd < 0)
		return -errno;
	poller->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (poller->event_fd < 0 ||
		epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, poller->event_fd, &event) < 0) {
		int r = -errno;

		pen__poller_fini(poller);
		return r;
	}
	return 0;
}

void pen__poller_fini(struct pen__poller *poller)
{
	poller->epoll_fd = fd_close(poller->epoll_fd);
	poller->event_fd = fd_close(poller->event_fd);
	free(TAKE_PTR(poller->entries));
}

void pen__poller_wake(struct pen__poller *poller)
{
	uint64_t one = 1;
	ssize_t n = write(poller->event_fd, &one, sizeof one);

	(void)n; /* it can only fail because the counter is full, and then the loop wakes anyway */
}

static void drain_wakes(struct pen__poller *poller)
{
	uint64_t count;
	ssize_t n = read(poller->event_fd, &count, sizeof count);

	(void)n;
}

/* Tell epoll what is waited for on `fd` now.  A descriptor closed and opened anew is not known any more. */
static int arm(struct pen__poller *poller, int fd)
{
	struct pen__poller_entry *entry = &poller->entries[fd];
	struct epoll_event event = {.events = EPOLLONESHOT, .data.fd = fd};
	int op = entry->known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	for (int side = READ; side <= WRITE; side++)
		if (entry->wait[side])
			event.events |= epoll_events[side];
	if (epoll_ctl(poller->epoll_fd, op, fd, &event) < 0) {
		if (errno != ENOENT && errno != EEXIST)
			return -errno;
		op = errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
		if (epoll_ctl(poller->epoll_fd, op, fd, &event) < 0)
			return -errno;
	}
	entry->known = true;
	return 0;
}

static void wake_side(struct pen__poller_entry *entry, int side)
{
	struct pen__wait *wait = entry->wait[side];

	if (wait && pen__wait_claim(wait, side)) {
		entry->wait[side] = NULL;
		pen__wait_wake(wait);
	}
}

static void deliver(struct pen__poller *poller, const struct epoll_event *event)
{
	struct pen__poller_entry *entry = &poller->entries[event->data.fd];
	bool broken = event->events & (EPOLLERR | EPOLLHUP);

	if (broken || (event->events & epoll_events[READ]))
		wake_side(entry, READ);
	if (broken || (event->events & epoll_events[WRITE]))
		wake_side(entry, WRITE);
	if (entry->wait[READ] || entry->wait[WRITE])
		arm(poller, event->data.fd);
}

/* Until then: PEN_NEVER stays so, what is past, however far, is 0. */
static int64_t time_left(int64_t deadline_ns)
{
	int64_t now;

	if (deadline_ns <= 0 || deadline_ns == PEN_NEVER)
		return deadline_ns <= 0 ? 0 : PEN_NEVER;
	now = pen_now_ns();
	return deadline_ns > now ? deadline_ns - now : 0;
}

static int wait_for_events(struct pen__poller *poller, struct epoll_event *events, int64_t deadline_ns)
{
	int64_t left = time_left(deadline_ns);
	struct timespec timeout;

	if (left == PEN_NEVER || left == 0)
		return epoll_wait(poller->epoll_fd, events, EVENTS_A_POLL, left == 0 ? 0 : -1);
	timeout = (struct timespec){.tv_sec = left / PEN_SECOND, .tv_nsec = left % PEN_SECOND};
	return epoll_pwait2(poller->epoll_fd, events, EVENTS_A_POLL, &timeout, NULL);
}

void pen__poller_poll(struct pen__poller *poller, int64_t deadline_ns)
{
	struct epoll_event events[EVENTS_A_POLL];
	int n = wait_for_events(poller, events, deadline_ns);

	for (int i = 0; i < n; i++) {
		if (events[i].data.fd < 0)
			drain_wakes(poller);
		else
			deliver(poller, &events[i]);
	}
}

static int reserve_entry(struct pen__poller *poller, int fd)
{
	size_t n = poller->n_entries ? poller->n_entries : 64;
	struct pen__poller_entry *entries;

	if ((size_t)fd < poller->n_entries)
		return 0;
	while (n <= (size_t)fd)
		n *= 2;
	entries = realloc(poller->entries, n * sizeof *entries);
	if (!entries)
		return -ENOMEM;
	memset(entries + poller->n_entries, 0, (n - poller->n_entries) * sizeof *entries);
	poller->entries = entries;
	poller->n_entries = n;
	return 0;
}

static int task_wait(struct pen__loop *loop, struct pen_ctx *ctx, int fd, int side, int64_t deadline_ns)
{
	struct pen__poller *poller = &loop->poller;
	struct pen__wait wait;
	struct pen__wait *other;
	int r = reserve_entry(poller, fd);

	if (r < 0)
		return r;
	other = poller->entries[fd].wait[side];
	if (other && pen__wait_is_open(other))
		return -EBUSY;
	pen__wait_init(&wait);
	wait.stays = true; /* the entry is this loop's */
	poller->entries[fd].wait[side] = &wait;
	r = arm(poller, fd);
	if (r == 0)
		r = pen__wait_error(pen__wait_park(&wait, ctx, deadline_ns), ctx);
	/* entries may have moved meanwhile; or this wait was claimed, and another has taken the place */
	if (poller->entries[fd].wait[side] == &wait)
		poller->entries[fd].wait[side] = NULL;
	return r;
}

/* A plain thread polls in slices, since a context cannot interrupt poll(2). */
static int thread_wait(struct pen_ctx *ctx, int fd, int side, int64_t deadline_ns)
{
	enum { SLICE_MS = 20 };
	struct pollfd pollfd = {.fd = fd, .events = side == READ ? POLLIN | POLLRDHUP : POLLOUT};

	for (;;) {
		int64_t left = time_left(deadline_ns);
		int r = pen_ctx_err(ctx);

		if (r < 0)
			return r;
		r = poll(&pollfd, 1,
			left == 0                  ? 0
			: left < SLICE_MS * PEN_MS ? (int)(left / PEN_MS) + 1
						   : SLICE_MS);
		if (r > 0)
			return pollfd.revents & POLLNVAL ? -EBADF : 0;
		if (r < 0 && errno != EINTR)
			return -errno;
		if (left == 0)
			return -ETIMEDOUT;
	}
}

int pen_io_wait_until(struct pen_ctx *ctx, int fd, enum pen_io_events event, int64_t deadline_ns)
{
	struct pen__loop *loop = pen__loop_self();
	int side = event == PEN_IO_WRITE ? WRITE : READ;
	int r = pen_ctx_err(ctx);

	if (r < 0)
		return r;
	if (fd < 0)
		return -EBADF;
	return loop && loop->current ? task_wait(loop, ctx, fd, side, deadline_ns)
				     : thread_wait(ctx, fd, side, deadline_ns);
}

int pen_io_wait(struct pen_ctx *ctx, int fd, enum pen_io_events event)
{
	return pen_io_wait_until(ctx, fd, event, PEN_NEVER);
}
