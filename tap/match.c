/* match.c - is this tap about that message? */
#include "base/utf16.h"
#include "tap/tap.h"

static bool
name_matches(const char *want, const char *name)
{
	return want[0] == '\0' || (name && utf8_casecmp(want, name) == 0);
}

static bool
tap_matches(const struct tap *t, const struct tap_about *a)
{
	const struct trace_tap_req *is = &t->is;

	if (is->trace == 0)
		return false;
	return (is->session == 0 || is->session == a->session) &&
	       (is->commands == 0 || (a->command < 32 && (is->commands & 1u << a->command))) &&
	       name_matches(t->user, a->user) && name_matches(t->share, a->share) &&
	       addr_matches(&is->client, a->client);
}

uint32_t
taps_match(const struct taps *all, const struct tap_about *a)
{
	uint32_t which = 0;

	for (uint32_t i = 0; i < TRACES_MAX; i++) {
		if (tap_matches(&all->taps[i], a))
			which |= 1u << i;
	}
	return which;
}
