/* breaker.c - see breaker.h. */
#include "core/breaker.h"

int64_t breaker_admit(
	struct breaker *breaker, const struct breaker_rules *rules, int64_t now_ns, bool *ret_trial)
{
	*ret_trial = false;
	if (!breaker->until_ns)
		return 0;
	if (now_ns < breaker->until_ns)
		return breaker->until_ns - now_ns;
	if (breaker->on_trial)
		return rules->min_ns;
	*ret_trial = breaker->on_trial = true;
	return 0;
}

static int64_t opening_ns(const struct breaker *breaker, const struct breaker_rules *rules)
{
	int64_t ns = rules->min_ns;

	for (uint32_t i = 0; i < breaker->openings && ns < rules->max_ns; i++)
		ns *= 2;
	return ns < rules->max_ns ? ns : rules->max_ns;
}

static void fail(struct breaker *breaker, const struct breaker_rules *rules, int64_t now_ns, bool trial)
{
	breaker->failures += breaker->failures < UINT32_MAX;
	if (breaker->until_ns && !trial)
		return; /* begun before it opened, and told late */
	if (!trial && (rules->failures == 0 || breaker->failures < rules->failures))
		return;
	breaker->until_ns = now_ns + opening_ns(breaker, rules);
	breaker->openings += breaker->openings < UINT32_MAX;
}

void breaker_report(struct breaker *breaker, const struct breaker_rules *rules, int64_t now_ns, bool trial,
	enum breaker_event event, int64_t leave_alone_ns)
{
	if (trial)
		breaker->on_trial = false;
	if (event == BREAKER_SUCCESS)
		*breaker = (struct breaker){.on_trial = breaker->on_trial};
	else if (event == BREAKER_FAILURE)
		fail(breaker, rules, now_ns, trial);
	if (leave_alone_ns > 0 && now_ns + leave_alone_ns > breaker->until_ns)
		breaker->until_ns = now_ns + leave_alone_ns;
}

bool breaker_is_open(const struct breaker *breaker)
{
	return breaker->until_ns != 0;
}

bool breaker_is_blank(const struct breaker *breaker)
{
	return breaker->failures == 0 && !breaker->until_ns && !breaker->on_trial;
}
