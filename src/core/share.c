/* share.c - stride scheduling; see share.h. */
#include "core/share.h"

/*
 * The stride of weight 1.  Divided by weights up to 1000 and rounded it is at most 0.05 % off, and passes have
 * room for 2^43 turns of weight 1: 27 years of ten thousand turns a second.
 */
#define STRIDE_ONE (INT64_C(1) << 20)

static int64_t stride(const struct share_runner *runner)
{
	return (STRIDE_ONE + runner->weight / 2) / runner->weight;
}

void share_fini(struct share *share)
{
	heap_fini(&share->ready);
}

void share_runner_init(struct share_runner *runner, uint32_t weight)
{
	*runner = (struct share_runner){.weight = weight};
	heap_item_init(&runner->item);
}

int share_join(struct share *share, struct share_runner *runner)
{
	if (heap_has(&runner->item))
		return 0;
	if (!runner->known)
		runner->item.key = share->now + stride(runner);
	else if (runner->item.key < share->now)
		runner->item.key = share->now;
	runner->known = true;
	return heap_push(&share->ready, &runner->item);
}

void share_leave(struct share *share, struct share_runner *runner)
{
	heap_remove(&share->ready, &runner->item);
}

void share_give_back(struct share *share, struct share_runner *runner)
{
	share_leave(share, runner);
	runner->item.key = share->now;
}

/* The one who goes is pushed again where it was popped from, so there is room. */
struct share_runner *share_next(struct share *share)
{
	struct share_runner *runner = (struct share_runner *)heap_pop(&share->ready);

	if (!runner)
		return NULL;
	share->now = runner->item.key;
	runner->item.key += stride(runner);
	heap_push(&share->ready, &runner->item);
	return runner;
}
