/* window.c - see window.h.  [MS-SMB2] 3.3.1.1, 3.3.1.2 */
#include "smbd/window.h"

static bool
window_bit(const struct window *w, uint64_t id)
{
	uint32_t i = (uint32_t)(id % WINDOW_MAX);

	return (w->used[i / 8] >> i % 8 & 1) != 0;
}

static void
window_set(struct window *w, uint64_t id, bool on)
{
	uint32_t i   = (uint32_t)(id % WINDOW_MAX);
	uint8_t mask = (uint8_t)(1u << i % 8);

	if (on)
		w->used[i / 8] |= mask;
	else
		w->used[i / 8] &= (uint8_t)~mask;
}

void
window_init(struct window *w, uint32_t max)
{
	*w = (struct window){ .range = 1, .credits = 1 };
	w->max = max == 0 || max > WINDOW_MAX ? WINDOW_MAX : max;
}

nt
window_use(struct window *w, uint64_t id, uint16_t charge)
{
	uint64_t at = id - w->low;	/* wraps to something huge for an id below low */

	REQUIRE(charge > 0 && at < w->range && charge <= w->range - at, STATUS_INVALID_PARAMETER);
	REQUIRE(charge <= w->credits, STATUS_INVALID_PARAMETER);
	for (uint16_t i = 0; i < charge; i++)
		REQUIRE(!window_bit(w, id + i), STATUS_INVALID_PARAMETER);
	for (uint16_t i = 0; i < charge; i++)
		window_set(w, id + i, true);
	w->credits -= charge;
	for (; w->range > 0 && window_bit(w, w->low); w->low++, w->range--)
		window_set(w, w->low, false);
	return STATUS_SUCCESS;
}

uint16_t
window_grant(struct window *w, uint16_t charge, uint16_t wanted, uint32_t limit)
{
	uint32_t room  = w->max - w->range;
	uint32_t extra = wanted > charge ? wanted - 1u : 0;
	uint32_t n;

	if (extra > limit)
		extra = limit;
	n = charge + extra;
	if (n > w->max - w->credits)
		n = w->max - w->credits;
	if (n > room)
		n = room;
	/* The ids end before they wrap: 2^64-1 is for unsolicited messages. */
	if (n > UINT64_MAX - 1 - w->range - w->low)
		n = 0;
	w->credits += n;
	w->range += n;
	return (uint16_t)n;
}

void
window_save(const struct window *w, struct wr *out)
{
	for (uint32_t i = 0; i < w->range; i += 8) {
		uint8_t b = 0;

		for (uint32_t j = 0; j < 8 && i + j < w->range; j++)
			b |= (uint8_t)((window_bit(w, w->low + i + j) ? 1u : 0) << j);
		wr_u8(out, b);
	}
}

bool
window_load(struct window *w, uint64_t low, uint16_t credits, struct span used)
{
	uint32_t taken = 0;

	if (used.n * 8 > w->max || credits > used.n * 8)
		return false;
	*w = (struct window){ .low = low, .max = w->max };
	for (uint32_t i = 0; i < used.n * 8; i++) {
		bool on = (used.p[i / 8] >> i % 8 & 1) != 0;

		window_set(w, low + i, on);
		taken += on;
		if (on)
			w->range = i + 1;
	}
	/* The ids not yet used are exactly the credits held. */
	for (; w->range - taken < credits; w->range++)
		if (w->range >= w->max)
			return false;
	w->credits = credits;
	return w->range - taken == credits && (w->range == 0 || !window_bit(w, low));
}
