/* fiber.c - switching with annotations; see fiber.h.  In a plain build nothing is left of them but the switch. */
#include "lib/fiber.h"

#include "lib/switch.h"

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(low, high) 0
#define VALGRIND_STACK_DEREGISTER(id) ((void)(id))
#endif

#ifdef PEN__ASAN
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef PEN__TSAN
#include <sanitizer/tsan_interface.h>

/*
 * To make a fiber, the sanitizer clears half a megabyte; so each thread uses those of ended tasks again.  That hides no race: what the
 * tasks of one thread do is in order anyway.  But each leaves behind the calls that it never returned from, so it is not for ever.
 */
enum { KEPT_MAX = 256, USES_MAX = 200 };

static _Thread_local struct {
	struct pen__tsan_fiber fibers[KEPT_MAX];
	unsigned n;
} kept;

static struct pen__tsan_fiber tsan_fiber(void)
{
	if (kept.n > 0)
		return kept.fibers[--kept.n];
	return (struct pen__tsan_fiber){.handle = __tsan_create_fiber(0)};
}

static void tsan_fiber_end(struct pen__tsan_fiber fiber)
{
	if (++fiber.uses < USES_MAX && kept.n < KEPT_MAX)
		kept.fibers[kept.n++] = fiber;
	else
		__tsan_destroy_fiber(fiber.handle);
}
#endif

void pen__fiber_leave_thread(void)
{
#ifdef PEN__TSAN
	while (kept.n > 0)
		__tsan_destroy_fiber(kept.fibers[--kept.n].handle);
#endif
}

void pen__fiber_adopt_thread(struct pen__fiber *fiber)
{
	*fiber = (struct pen__fiber){0};
#ifdef PEN__ASAN
	pthread_attr_t attr;
	void *base = NULL;

	if (pthread_getattr_np(pthread_self(), &attr) == 0) {
		pthread_attr_getstack(&attr, &base, &fiber->bytes);
		pthread_attr_destroy(&attr);
	}
	fiber->base = base;
#endif
#ifdef PEN__TSAN
	fiber->tsan.handle = __tsan_get_current_fiber();
#endif
}

void pen__fiber_make(struct pen__fiber *fiber, void *base, void *top, void (*entry)(void))
{
	*fiber = (struct pen__fiber){.context = pen__switch_make(base, top, entry)};
#ifdef PEN__ASAN
	fiber->base = base;
	fiber->bytes = (size_t)((char *)top - (char *)base);
#endif
	fiber->valgrind_id = VALGRIND_STACK_REGISTER(base, top);
}

void pen__fiber_entered(void)
{
#ifdef PEN__ASAN
	__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
}

void pen__fiber_destroy(struct pen__fiber *fiber)
{
#ifdef PEN__ASAN
	ASAN_UNPOISON_MEMORY_REGION(fiber->base, fiber->bytes); /* the frames it never returned from */
#endif
#ifdef PEN__TSAN
	if (fiber->tsan.handle) /* it has run */
		tsan_fiber_end(fiber->tsan);
#endif
	VALGRIND_STACK_DEREGISTER(fiber->valgrind_id);
}

void pen__fiber_switch(struct pen__fiber *from, struct pen__fiber *to, int last)
{
	(void)last;
#ifdef PEN__ASAN
	__sanitizer_start_switch_fiber(last ? NULL : &from->fake_stack, to->base, to->bytes);
#endif
#ifdef PEN__TSAN
	if (!to->tsan.handle) /* not when it was made: that may have been in another thread than where it ends */
		to->tsan = tsan_fiber();
	__tsan_switch_to_fiber(to->tsan.handle, 0);
#endif
	pen__switch(&from->context, to->context);
#ifdef PEN__ASAN
	__sanitizer_finish_switch_fiber(from->fake_stack, NULL, NULL);
#endif
}
