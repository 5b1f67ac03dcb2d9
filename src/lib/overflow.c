/* overflow.c - the handler that names the task whose stack ran over; see overflow.h.  In it only async-signal-safe calls. */
#include "lib/overflow.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/loop.h"

enum { NAME_MOST = 128, DIGITS_MOST = 20, OWN_USE = 16 << 10 };

static char *put(char *to, const char *text, size_t n)
{
	memcpy(to, text, n);
	return to + n;
}

static char *put_number(char *to, size_t number)
{
	char digits[DIGITS_MOST], *first = digits + DIGITS_MOST;

	do
		*--first = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	return put(to, first, (size_t)(digits + DIGITS_MOST - first));
}

/* One write, so that what others say stays apart. */
static void tell(const struct pen_task *task)
{
	static const char who[] = "penstock: task ", what[] = " overflowed its stack of ",
			  unit[] = " bytes\n";
	char line[sizeof who + NAME_MOST + sizeof what + DIGITS_MOST + sizeof unit], *end = line;
	ssize_t n;

	end = put(end, who, sizeof who - 1);
	end = put(end, task->name, strnlen(task->name, NAME_MOST));
	end = put(end, what, sizeof what - 1);
	end = put_number(end, pen__stack_bytes(&task->loop->runtime->stacks));
	end = put(end, unit, sizeof unit - 1);
	n = write(STDERR_FILENO, line, (size_t)(end - line));
	(void)n; /* there is nobody else to tell */
}

static bool in_guard(const struct pen_task *task, const void *address)
{
	uintptr_t base = (uintptr_t)task->stack->base, page = task->loop->runtime->stacks.page;

	return (uintptr_t)address < base && (uintptr_t)address >= base - page;
}

/* A fault happens again when we return; a signal that somebody sent must be sent again, and comes when we return. */
static void on_fault(int signal, siginfo_t *info, void *context)
{
	struct sigaction by_default = {.sa_handler = SIG_DFL};
	struct pen__loop *loop = pen__loop_self();
	bool sent = info->si_code <= 0;
	int my_errno = errno;

	(void)context;
	if (!sent && loop && loop->current && in_guard(loop->current, info->si_addr))
		tell(loop->current);
	sigaction(signal, &by_default, NULL);
	if (sent)
		raise(signal);
	errno = my_errno;
}

int pen__overflow_begin(struct pen__overflow *overflow, size_t n)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	struct sigaction *before = &overflow->before;
	long frame = sysconf(_SC_MINSIGSTKSZ);
	char *stacks;

	if (sigaction(SIGSEGV, NULL, before) < 0 || (before->sa_flags & SA_SIGINFO) ||
		before->sa_handler != SIG_DFL)
		return 0;
	overflow->n = n;
	overflow->bytes = OWN_USE + (frame > 0 ? (size_t)frame : 0);
	stacks = mmap(NULL, n * overflow->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stacks == MAP_FAILED)
		return -ENOMEM;
	overflow->stacks = stacks;
	sigemptyset(&action.sa_mask);
	sigaction(SIGSEGV, &action, NULL);
	return 0;
}

/* Whoever has taken the signal meanwhile keeps it. */
void pen__overflow_end(struct pen__overflow *overflow)
{
	struct sigaction now;

	if (!overflow->stacks)
		return;
	if (sigaction(SIGSEGV, NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) &&
		now.sa_sigaction == on_fault)
		sigaction(SIGSEGV, &overflow->before, NULL);
	munmap(overflow->stacks, overflow->n * overflow->bytes);
	overflow->stacks = NULL;
}

void pen__overflow_enter(struct pen__overflow *overflow, size_t loop, stack_t *ret_before)
{
	stack_t mine = {.ss_size = overflow->bytes};

	if (!overflow->stacks)
		return;
	mine.ss_sp = overflow->stacks + loop * overflow->bytes;
	sigaltstack(&mine, ret_before);
}

void pen__overflow_leave(struct pen__overflow *overflow, const stack_t *before)
{
	if (overflow->stacks)
		sigaltstack(before, NULL);
}
