/* transfers.c - multi handles and their pumps; see transfers.h. */
#include "work/transfers.h"

#include <errno.h>
#include <penstock/chan.h>
#include <penstock/io.h>
#include <penstock/task.h>
#include <penstock/time.h>
#include <penstock/waitgroup.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "base/cleanup.h"
#include "base/fd.h"

/* A busy multi handle that kept fewer connections than it has transfers would close what it needs again at once. */
enum { CONNECTIONS_KEPT = TRANSFERS_A_MULTI };

enum {
	EASY_KEPT = 64, /* idle easy handles a loop keeps */
	EVENTS_A_TURN = 64,
	RECEIVE_BUFFER = 4 << 10, /* half of what a call in flight costs is libcurl's buffer */
	SEND_BUFFER = 16 << 10,
};

struct multi {
	struct multi *next;
	CURLM *curl;
	int epoll_fd; /* the sockets, and timer_fd: all that the pump waits for */
	int timer_fd;
	size_t active;
	struct transfers *transfers;
};

struct loop_transfers {
	struct multi *multis;
	CURL *easy[EASY_KEPT];
	size_t n_easy;
};

struct transfers {
	struct pen_ctx *ctx; /* of the pumps */
	struct pen_waitgroup *pumps;
	size_t n_loops;
	struct loop_transfers loops[];
};

/* One call of transfers_perform(), on its stack. */
struct transfer {
	struct pen_chan *done; /* closed when finished */
	bool finished;
	int error; /* what the system refused; 0: libcurl's verdict counts */
	CURLcode code;
};

static struct loop_transfers *loop_here(struct transfers *transfers)
{
	return &transfers->loops[pen_loop_self()];
}

int transfers_new(struct transfers **ret_transfers)
{
	size_t n = pen_loops();
	struct transfers *transfers = calloc(1, sizeof *transfers + n * sizeof transfers->loops[0]);

	if (!transfers)
		return -ENOMEM;
	transfers->n_loops = n;
	transfers->pumps = pen_waitgroup_new();
	if (!transfers->pumps)
		goto free_transfers;
	if (pen_ctx_with_cancel(&transfers->ctx, NULL) < 0)
		goto free_pumps;
	*ret_transfers = transfers;
	return 0;
free_pumps:
	pen_waitgroup_free(transfers->pumps);
free_transfers:
	free(transfers);
	return -ENOMEM;
}

void transfers_free(struct transfers *transfers)
{
	if (!transfers)
		return;
	pen_ctx_cancel(transfers->ctx, "no transfer is left");
	if (pen_waitgroup_wait(NULL, transfers->pumps) < 0)
		return; /* never: nothing ends this wait but the pumps */
	for (size_t i = 0; i < transfers->n_loops; i++)
		while (transfers->loops[i].n_easy > 0)
			curl_easy_cleanup(transfers->loops[i].easy[--transfers->loops[i].n_easy]);
	pen_ctx_unref(transfers->ctx);
	pen_waitgroup_free(transfers->pumps);
	free(transfers);
}

static bool set_buffers(CURL *easy)
{
	return curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BUFFER) == CURLE_OK;
}

CURL *transfers_take_easy(struct transfers *transfers)
{
	struct loop_transfers *loop = loop_here(transfers);
	CURL *easy;

	if (loop->n_easy > 0)
		return loop->easy[--loop->n_easy];
	easy = curl_easy_init();
	if (easy && !set_buffers(easy)) {
		curl_easy_cleanup(easy);
		return NULL;
	}
	return easy;
}

/*
 * A reset forgets how large the buffers are, but not the buffers: one that a failed transfer has left cannot be given its
 * size again, and would be taken for a larger one.  Such a handle is not kept.
 */
void transfers_give_easy(struct transfers *transfers, CURL *easy)
{
	struct loop_transfers *loop = loop_here(transfers);

	curl_easy_reset(easy);
	if (loop->n_easy < EASY_KEPT && set_buffers(easy))
		loop->easy[loop->n_easy++] = easy;
	else
		curl_easy_cleanup(easy);
}

static struct transfer *transfer_of(CURL *easy)
{
	struct transfer *transfer = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
	return transfer;
}

/* The first verdict counts.  Never parks: libcurl's callbacks may call it. */
static void finish(struct transfer *transfer, int error, CURLcode code)
{
	if (!transfer || transfer->finished)
		return;
	transfer->finished = true;
	transfer->error = error;
	transfer->code = code;
	pen_chan_close(transfer->done);
}

void transfers_give_up(CURL *easy, int error)
{
	finish(transfer_of(easy), error, CURLE_OK);
}

/*
 * libcurl says what it waits for on a socket.  `known` marks those in the epoll set already.  A socket that cannot be watched fails
 * its own transfer; to tell libcurl would fail all of the multi handle.
 */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	static const uint32_t events[] = {
		[CURL_POLL_IN] = EPOLLIN, [CURL_POLL_OUT] = EPOLLOUT, [CURL_POLL_INOUT] = EPOLLIN | EPOLLOUT};
	struct multi *multi = arg;
	struct epoll_event event = {.data.fd = fd};

	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(multi->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	event.events = events[what];
	if (epoll_ctl(multi->epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0)
		finish(transfer_of(easy), -errno, CURLE_OK);
	else
		curl_multi_assign(multi->curl, fd, multi);
	return 0;
}

/* libcurl says when it wants to be called; -1: never. */
static int on_timer(CURLM *curl, long timeout_ms, void *arg)
{
	struct multi *multi = arg;
	struct itimerspec when = {0};

	(void)curl;
	if (timeout_ms == 0)
		when.it_value.tv_nsec = 1;
	else if (timeout_ms > 0)
		when.it_value = (struct timespec){
			.tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000};
	return timerfd_settime(multi->timer_fd, 0, &when, NULL);
}

/* Tell those whose transfers are done. */
static void reap(struct multi *multi)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi->curl, &left)))
		if (message->msg == CURLMSG_DONE)
			finish(transfer_of(message->easy_handle), 0, message->data.result);
}

static void act(struct multi *multi, curl_socket_t fd, int what)
{
	int running;

	curl_multi_socket_action(multi->curl, fd, what, &running);
	reap(multi);
}

static void pump_turn(struct multi *multi)
{
	struct epoll_event events[EVENTS_A_TURN];
	int n = epoll_wait(multi->epoll_fd, events, EVENTS_A_TURN, 0);

	for (int i = 0; i < n; i++) {
		uint32_t what = events[i].events;
		uint64_t times;

		if (events[i].data.fd != multi->timer_fd)
			act(multi, events[i].data.fd,
				(what & EPOLLIN ? CURL_CSELECT_IN : 0) |
					(what & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
					(what & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0));
		else if (read(multi->timer_fd, &times, sizeof times) == sizeof times)
			act(multi, CURL_SOCKET_TIMEOUT, 0);
	}
}

static void multi_free(struct multi *multi)
{
	if (multi->curl)
		curl_multi_cleanup(multi->curl);
	fd_close(multi->timer_fd);
	fd_close(multi->epoll_fd);
	free(multi);
}

/* Ends with the pumps' context, when no transfer is left.  Without the memory to wait it looks again and again. */
static void pump(void *arg)
{
	struct multi *multi = arg;
	struct transfers *transfers = multi->transfers;

	while (pen_ctx_err(transfers->ctx) == 0) {
		if (pen_io_wait(transfers->ctx, multi->epoll_fd, PEN_IO_READ) < 0)
			pen_yield();
		pump_turn(multi);
	}
	multi_free(multi);
	pen_waitgroup_done(transfers->pumps);
}

static int multi_open(struct multi *multi)
{
	struct epoll_event event = {.events = EPOLLIN};

	multi->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (multi->epoll_fd < 0)
		return -errno;
	multi->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (multi->timer_fd < 0)
		return -errno;
	event.data.fd = multi->timer_fd;
	if (epoll_ctl(multi->epoll_fd, EPOLL_CTL_ADD, multi->timer_fd, &event) < 0)
		return -errno;
	multi->curl = curl_multi_init();
	if (!multi->curl)
		return -ENOMEM;
	curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, multi);
	curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, multi);
	curl_multi_setopt(multi->curl, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
	return 0;
}

static int multi_new(struct transfers *transfers, struct multi **ret_multi)
{
	struct multi *multi = calloc(1, sizeof *multi);
	int r;

	if (!multi)
		return -ENOMEM;
	*multi = (struct multi){.epoll_fd = -1, .timer_fd = -1, .transfers = transfers};
	r = multi_open(multi);
	pen_waitgroup_add(transfers->pumps, 1);
	if (r == 0)
		r = pen_go(pump, multi);
	if (r < 0) {
		pen_waitgroup_done(transfers->pumps);
		multi_free(multi);
		return r;
	}
	multi->next = loop_here(transfers)->multis;
	loop_here(transfers)->multis = multi;
	*ret_multi = multi;
	return 0;
}

/* The first multi handle of this loop with room, else a new one. */
static int multi_with_room(struct transfers *transfers, struct multi **ret_multi)
{
	for (struct multi *multi = loop_here(transfers)->multis; multi; multi = multi->next) {
		if (multi->active < TRANSFERS_A_MULTI) {
			*ret_multi = multi;
			return 0;
		}
	}
	return multi_new(transfers, ret_multi);
}

static int perform(struct pen_ctx *ctx, struct multi *multi, CURL *easy, struct transfer *transfer)
{
	int r;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	if (curl_multi_add_handle(multi->curl, easy) != CURLM_OK)
		return -ENOMEM;
	multi->active++;
	r = pen_chan_recv(ctx, transfer->done, NULL);
	curl_multi_remove_handle(multi->curl, easy);
	multi->active--;
	return transfer->finished ? transfer->error : r;
}

int transfers_perform(struct pen_ctx *ctx, struct transfers *transfers, CURL *easy, CURLcode *ret_code)
{
	struct transfer transfer = {.done = pen_chan_new(0, 0)};
	struct multi *multi;
	int r = transfer.done ? multi_with_room(transfers, &multi) : -ENOMEM;

	if (r == 0)
		r = perform(ctx, multi, easy, &transfer);
	if (r == 0)
		*ret_code = transfer.code;
	pen_chan_free(transfer.done);
	return r;
}
