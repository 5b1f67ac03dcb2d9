/* latest.c - see latest.h. */
#include "store/latest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* At least twice as many slots as operations, so that probing ends soon. */
static size_t slots_for(size_t n)
{
	size_t slots = 2;

	while (slots < 2 * n)
		slots *= 2;
	return slots;
}

int latest_init(struct latest *latest, size_t ops_max)
{
	latest->later = calloc(ops_max, sizeof(*latest->later));
	latest->slots = calloc(slots_for(ops_max), sizeof(*latest->slots));
	if (latest->later && latest->slots)
		return 0;
	latest_fini(latest);
	return -ENOMEM;
}

void latest_fini(struct latest *latest)
{
	free(latest->later);
	free(latest->slots);
	*latest = (struct latest){0};
}

/* The slot of a job, or the empty one where it would be. */
static uint32_t *slot_of(
	const struct latest *latest, size_t slots, struct store_op *const *ops, const struct job *job)
{
	size_t at = (size_t)((uintptr_t)job * UINT64_C(0x9e3779b97f4a7c15) >> 32);

	for (;; at++) {
		uint32_t *slot = &latest->slots[at & (slots - 1)];

		if (*slot == 0 || ops[*slot - 1]->job == job)
			return slot;
	}
}

/* The fence lets a later attempt pass wherever it lets an earlier one.  Who is queued again may have ended before, which is more than a change. */
static bool says_all(const struct store_op *end, const struct store_op *change)
{
	return change->progress.state != JOB_QUEUED && end->progress.attempts >= change->progress.attempts;
}

void latest_look(struct latest *latest, struct store_op *const *ops, size_t n)
{
	const size_t slots = slots_for(n);

	memset(latest->slots, 0, slots * sizeof(*latest->slots));
	for (size_t i = n; i-- > 0;) {
		const struct store_op *op = ops[i];
		uint32_t *slot;

		latest->later[i] = (uint32_t)i;
		if (op->type != STORE_FINISH && op->type != STORE_CHANGE)
			continue;
		slot = slot_of(latest, slots, ops, op->job);
		if (op->type == STORE_FINISH)
			*slot = (uint32_t)i + 1;
		else if (*slot && says_all(ops[*slot - 1], op))
			latest->later[i] = *slot - 1;
	}
}

void latest_settle(const struct latest *latest, struct store_op *const *ops, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (latest_leaves_out(latest, i))
			ops[i]->error = ops[latest->later[i]]->error;
}
