/* test_io.c - waiting for a descriptor ends with what it waits for, with its context or with its time. */
#include <errno.h>
#include <fcntl.h>
#include <penstock/io.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crew.h"

enum { PENDING = 1, FDS = 200 };

struct pipe {
	int from, to;
};

static struct pipe new_pipe(void)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	return (struct pipe){ends[0], ends[1]};
}

static void fill(int fd)
{
	char some[4096] = {0};

	while (write(fd, some, sizeof(some)) > 0)
		;
	ck_assert_int_eq(errno, EAGAIN);
}

static void empty(int fd)
{
	char some[4096];

	while (read(fd, some, sizeof(some)) > 0)
		;
}

static void put_byte(int fd)
{
	ck_assert_int_eq(write(fd, "x", 1), 1);
}

static void close_both(struct pipe pipe)
{
	close(pipe.from);
	close(pipe.to);
}

/* One who waits in a task of its own. */
struct waiter {
	struct pen_ctx *ctx;
	int fd;
	enum pen_io_events event;
	int result;
};

static void wait_once(void *arg)
{
	struct waiter *waiter = arg;

	waiter->result = pen_io_wait(waiter->ctx, waiter->fd, waiter->event);
}

static void wait_later(struct waiter *waiter)
{
	waiter->result = PENDING;
	ck_assert_int_eq(pen_go(wait_once, waiter), 0);
	let_others_park();
	ck_assert_int_eq(waiter->result, PENDING);
}

/* The loop looks at its descriptors some time later. */
static void await(const struct waiter *waiter, int expected)
{
	while (waiter->result == PENDING)
		pen_yield();
	ck_assert_int_eq(waiter->result, expected);
}

KIND_TEST(what_is_ready_is_not_waited_for)
{
	struct pipe pipe = new_pipe();

	ck_assert_int_eq(pen_io_wait(NULL, pipe.to, PEN_IO_WRITE), 0);
	put_byte(pipe.to);
	ck_assert_int_eq(pen_io_wait(NULL, pipe.from, PEN_IO_READ), 0);
	close_both(pipe);
}

TASK_TEST(a_wait_ends_once_there_is_something_to_read)
{
	struct pipe pipe = new_pipe();
	struct waiter waiter = {.fd = pipe.from, .event = PEN_IO_READ};

	wait_later(&waiter);
	put_byte(pipe.to);
	await(&waiter, 0);
	empty(pipe.from);
	wait_later(&waiter); /* and again */
	put_byte(pipe.to);
	await(&waiter, 0);
	close_both(pipe);
}

TASK_TEST(a_wait_ends_once_there_is_room_to_write)
{
	struct pipe pipe = new_pipe();
	struct waiter waiter = {.fd = pipe.to, .event = PEN_IO_WRITE};

	fill(pipe.to);
	wait_later(&waiter);
	empty(pipe.from);
	await(&waiter, 0);
	close_both(pipe);
}

TASK_TEST(a_hang_up_ends_a_wait_to_read)
{
	struct pipe pipe = new_pipe();
	struct waiter waiter = {.fd = pipe.from, .event = PEN_IO_READ};

	wait_later(&waiter);
	close(pipe.to);
	await(&waiter, 0);
	ck_assert_int_eq(pen_io_wait(NULL, pipe.from, PEN_IO_READ), 0);
	close(pipe.from);
}

TASK_TEST(an_error_ends_a_wait_to_write)
{
	struct pipe pipe = new_pipe();
	struct waiter waiter = {.fd = pipe.to, .event = PEN_IO_WRITE};

	fill(pipe.to);
	wait_later(&waiter);
	close(pipe.from);
	await(&waiter, 0);
	close(pipe.to);
}

TASK_TEST(one_may_wait_to_read_and_another_to_write)
{
	int ends[2];
	struct waiter reader = {.event = PEN_IO_READ}, writer = {.event = PEN_IO_WRITE};

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	reader.fd = writer.fd = ends[0];
	fill(ends[0]);
	wait_later(&reader);
	wait_later(&writer);
	put_byte(ends[1]);
	await(&reader, 0);
	ck_assert_int_eq(writer.result, PENDING);
	empty(ends[1]);
	await(&writer, 0);
	close(ends[0]);
	close(ends[1]);
}

TASK_TEST(of_two_who_wait_for_the_same_the_second_is_sent_away)
{
	struct pipe pipe = new_pipe();
	struct waiter waiter = {.fd = pipe.from, .event = PEN_IO_READ};

	wait_later(&waiter);
	ck_assert_int_eq(pen_io_wait(NULL, pipe.from, PEN_IO_READ), -EBUSY);
	put_byte(pipe.to);
	await(&waiter, 0);
	ck_assert_int_eq(pen_io_wait(NULL, pipe.from, PEN_IO_READ), 0);
	close_both(pipe);
}

KIND_TEST(a_wait_ends_with_its_context)
{
	struct pipe pipe = new_pipe();
	struct pen_ctx *ended = ctx_canceled(), *soon = ctx_soon_late();

	put_byte(pipe.to);
	ck_assert_int_eq(pen_io_wait(ended, pipe.from, PEN_IO_READ), -ECANCELED);
	empty(pipe.from);
	ck_assert_int_eq(pen_io_wait(soon, pipe.from, PEN_IO_READ), -ETIMEDOUT);
	ck_assert_int_eq(pen_ctx_err(soon), -ETIMEDOUT);
	pen_ctx_unref(ended);
	pen_ctx_unref(soon);
	close_both(pipe);
}

TASK_TEST(a_wait_is_canceled_and_another_may_take_its_place)
{
	struct pipe pipe = new_pipe();
	struct waiter waiter = {.fd = pipe.from, .event = PEN_IO_READ}, next = waiter;

	ck_assert_int_eq(pen_ctx_with_cancel(&waiter.ctx, NULL), 0);
	wait_later(&waiter);
	pen_ctx_cancel(waiter.ctx, NULL);
	wait_later(&next); /* while the first has not yet left */
	await(&waiter, -ECANCELED);
	put_byte(pipe.to);
	await(&next, 0);
	pen_ctx_unref(waiter.ctx);
	close_both(pipe);
}

KIND_TEST(a_wait_gives_up_at_its_time_and_not_before)
{
	struct pipe pipe = new_pipe();
	int64_t until_ns = pen_now_ns() + PEN_MS;

	ck_assert_int_eq(pen_io_wait_until(NULL, pipe.from, PEN_IO_READ, until_ns), -ETIMEDOUT);
	ck_assert_int_ge(pen_now_ns(), until_ns);
	ck_assert_int_eq(pen_io_wait_until(NULL, pipe.from, PEN_IO_READ, 0), -ETIMEDOUT);
	put_byte(pipe.to);
	ck_assert_int_eq(pen_io_wait_until(NULL, pipe.from, PEN_IO_READ, PEN_NEVER), 0);
	close_both(pipe);
}

KIND_TEST(what_is_not_open_is_a_bad_descriptor)
{
	struct pipe pipe = new_pipe();

	close_both(pipe);
	ck_assert_int_eq(pen_io_wait(NULL, pipe.from, PEN_IO_READ), -EBADF);
	ck_assert_int_eq(pen_io_wait(NULL, -1, PEN_IO_READ), -EBADF);
}

/* What poll(2) calls always ready, epoll does not take. */
TASK_TEST(a_task_cannot_wait_for_a_plain_file)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pen_io_wait(NULL, fd, PEN_IO_READ), -EPERM);
	ck_assert_int_eq(pen_io_wait(NULL, fd, PEN_IO_READ), -EPERM);
	close(fd);
}

TASK_TEST(a_descriptor_that_was_closed_and_opened_anew_is_another)
{
	for (int i = 0; i < 3; i++) {
		struct pipe pipe = new_pipe();
		struct waiter waiter = {.fd = pipe.from, .event = PEN_IO_READ};

		wait_later(&waiter);
		put_byte(pipe.to);
		await(&waiter, 0);
		close_both(pipe);
	}
}

TASK_TEST(many_wait_at_once_each_for_its_own)
{
	static struct pipe pipes[FDS];
	static struct waiter waiters[FDS];

	for (int i = 0; i < FDS; i++) {
		pipes[i] = new_pipe();
		waiters[i] = (struct waiter){.fd = pipes[i].from, .event = PEN_IO_READ};
		wait_later(&waiters[i]);
	}
	for (int i = 0; i < FDS; i += 2)
		put_byte(pipes[i].to);
	for (int i = 0; i < FDS; i += 2)
		await(&waiters[i], 0);
	for (int i = 1; i < FDS; i += 2) {
		ck_assert_int_eq(waiters[i].result, PENDING);
		put_byte(pipes[i].to);
		await(&waiters[i], 0);
	}
	for (int i = 0; i < FDS; i++)
		close_both(pipes[i]);
}

static void wait_for_byte(void *arg)
{
	ck_assert_int_eq(pen_io_wait(NULL, *(int *)arg, PEN_IO_READ), 0);
}

static void send_byte(void *arg)
{
	put_byte(*(int *)arg);
}

KIND_TEST(one_waits_for_what_another_writes)
{
	for (int i = 0; i < 100; i++) {
		struct pipe pipe = new_pipe();
		struct crew crew;

		crew_init(&crew, kind);
		crew_go(&crew, wait_for_byte, &pipe.from);
		crew_go(&crew, send_byte, &pipe.to);
		crew_join(&crew);
		close_both(pipe);
	}
}

int main(void)
{
	TCase *tcase = tcase_create("io");

	tcase_add_kind_test(tcase, what_is_ready_is_not_waited_for);
	tcase_add_test(tcase, a_wait_ends_once_there_is_something_to_read);
	tcase_add_test(tcase, a_wait_ends_once_there_is_room_to_write);
	tcase_add_test(tcase, a_hang_up_ends_a_wait_to_read);
	tcase_add_test(tcase, an_error_ends_a_wait_to_write);
	tcase_add_test(tcase, one_may_wait_to_read_and_another_to_write);
	tcase_add_test(tcase, of_two_who_wait_for_the_same_the_second_is_sent_away);
	tcase_add_kind_test(tcase, a_wait_ends_with_its_context);
	tcase_add_test(tcase, a_wait_is_canceled_and_another_may_take_its_place);
	tcase_add_kind_test(tcase, a_wait_gives_up_at_its_time_and_not_before);
	tcase_add_kind_test(tcase, what_is_not_open_is_a_bad_descriptor);
	tcase_add_test(tcase, a_task_cannot_wait_for_a_plain_file);
	tcase_add_test(tcase, a_descriptor_that_was_closed_and_opened_anew_is_another);
	tcase_add_test(tcase, many_wait_at_once_each_for_its_own);
	tcase_add_kind_test(tcase, one_waits_for_what_another_writes);
	return crew_run_suite("io", tcase);
}
