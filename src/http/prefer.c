/* prefer.c - see prefer.h.  prefer = preference *( "," preference ); preference = token [ "=" word ] *( ";" parameter ) */
#include "http/prefer.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t");
}

/* The end of a preference: the comma before the next that is not in a quoted string, or the end of all. */
static const char *end_of(const char *at)
{
	for (bool quoted = false; *at && (quoted || *at != ','); at++) {
		if (quoted && *at == '\\' && at[1])
			at++;
		else if (*at == '"')
			quoted = !quoted;
	}
	return at;
}

/* Digits, perhaps in quotes, and nothing more but parameters, of which wait has none that are defined. */
static uint64_t read_seconds(const char *at)
{
	bool quoted = *at == '"';
	uint64_t seconds = 0;

	for (at += quoted; *at >= '0' && *at <= '9'; at++) {
		seconds = seconds * 10 + (uint64_t)(*at - '0');
		if (seconds > PREFER_WAIT_MAX_S)
			seconds = PREFER_WAIT_MAX_S;
	}
	if (quoted && *at++ != '"')
		return 0;
	at = skip_space(at);
	return *at == 0 || *at == ',' || *at == ';' ? seconds : 0;
}

uint64_t prefer_wait(const char *prefer)
{
	static const char name[] = "wait";

	while (*prefer) {
		const char *end;

		prefer = skip_space(prefer);
		end = end_of(prefer);
		if (strncasecmp(prefer, name, sizeof name - 1) == 0) {
			const char *equals = skip_space(prefer + sizeof name - 1);

			if (*equals == '=') /* the first counts, says the RFC */
				return read_seconds(skip_space(equals + 1));
		}
		prefer = *end ? end + 1 : end;
	}
	return 0;
}
