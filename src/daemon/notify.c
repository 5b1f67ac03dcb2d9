/* notify.c - the notification protocol of systemd, by sd-daemon; without a manager nothing happens. */
#include <systemd/sd-daemon.h>

#include "base/parse.h"
#include "daemon/daemon.h"

void notify_ready(const char *address)
{
	sd_notifyf(0, "READY=1\nSTATUS=serving on %s", address);
}

void notify_stopping(size_t running, int64_t left_ns)
{
	char left[DURATION_TEXT];

	format_duration(left_ns / PEN_SECOND * PEN_SECOND, left);
	sd_notifyf(0, "STOPPING=1\nSTATUS=draining: %zu jobs running, %s left", running, left);
}

void notify_status(const char *text)
{
	sd_notifyf(0, "STATUS=%s", text);
}
