/*
 * notify.c - the notification protocol of sd_notify(3); without a manager nothing happens.
 *
 * sd_notify() itself waits while the manager's queue is full, and all tasks of the loop with it.  Here a status that finds no
 * room is left out, the next one says more; only READY=1 must arrive, and the task parks until it can.
 */
#include <errno.h>
#include <penstock/io.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/parse.h"
#include "daemon/daemon.h"

enum { NOTICE_MAX = 256 };

/* A path, or with an @ in front a name in the abstract namespace.  -1: there is no manager, or it cannot be reached. */
static int connect_to_manager(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *name = getenv("NOTIFY_SOCKET");
	size_t bytes = name ? strlen(name) : 0;
	int fd;

	if (bytes < 2 || bytes >= sizeof address.sun_path)
		return -1;
	memcpy(address.sun_path, name, bytes);
	if (name[0] == '@')
		address.sun_path[0] = 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address,
			       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes)) < 0)
		fd = fd_close(fd);
	return fd;
}

static void notify(bool must_arrive, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void notify(bool must_arrive, const char *format, ...)
{
	CLEANUP(fd_closep) int fd = connect_to_manager();
	char text[NOTICE_MAX];
	va_list args;

	if (fd < 0)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	while (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0 && errno == EAGAIN && must_arrive)
		if (pen_io_wait(NULL, fd, PEN_IO_WRITE) < 0)
			break;
}

void notify_ready(const char *address)
{
	notify(true, "READY=1\nSTATUS=serving on %s", address);
}

void notify_stopping(size_t running, int64_t left_ns, int64_t grace_ns)
{
	char left[DURATION_TEXT];

	format_duration(left_ns / PEN_SECOND * PEN_SECOND, left);
	notify(false, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%lld\nSTATUS=draining: %zu jobs running, %s left",
		(long long)((left_ns + grace_ns) / PEN_US), running, left);
}

void notify_status(const char *text)
{
	notify(false, "STATUS=%s", text);
}
