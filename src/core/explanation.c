/* explanation.c - see explanation.h. */
#include "core/explanation.h"

#include "core/lane.h"

_Static_assert(WAIT_ENDPOINT + LANE_COMMAND == WAIT_COMMAND && WAIT_ENDPOINT + LANE_KEY == WAIT_KEY &&
		       LANE_ENDPOINT == 0,
	"who waits for a lane has a reason by its sort");

const char *wait_reason_name(enum wait_reason reason)
{
	static const char *const names[WAIT_REASONS] = {
		[WAIT_NOT_DUE] = "not-yet-due",
		[WAIT_DRAIN] = "draining",
		[WAIT_PAUSE] = "paused",
		[WAIT_TENANT] = "tenant-limit",
		[WAIT_RATE] = "rate",
		[WAIT_ENDPOINT] = "endpoint-limit",
		[WAIT_COMMAND] = "command-limit",
		[WAIT_KEY] = "key-limit",
		[WAIT_BREAKER] = "endpoint-breaker",
		[WAIT_OTHERS] = "behind-others",
		[WAIT_WORKER] = "no-free-worker",
		[WAIT_NOTHING] = "about-to-start",
	};

	return names[reason];
}
