/* test_pulse.c - who hangs, counted in beats? */
#include "../check.h"

#include "broker/pulse.h"

#define MS 1000000u

static struct pulse_clock watch;
static struct pulse p;
static uint64_t now;

static int
setup(void **state)
{
	(void)state;
	p   = (struct pulse){ 0 };
	now = 1;
	pulse_clock_set(&watch, 60000);
	assert_false(pulse_clock_beat(&watch, now)); /* the first has none before it */
	return 0;
}

static enum pulse_word
beat_after(uint64_t ms)
{
	now += ms * MS;
	return pulse_beat(&p, pulse_clock_beat(&watch, now), now);
}

static void
who_is_silent_for_all_beats_hangs(void **state)
{
	(void)state;
	assert_int_equal(watch.every_ms, 15000);
	assert_int_equal(beat_after(15000), PULSE_ASK);
	assert_int_equal(beat_after(15000), PULSE_WAIT);
	assert_int_equal(beat_after(15000), PULSE_LATE);
	assert_int_equal(pulse_owes(&p, now), 30000);
	assert_int_equal(beat_after(15000), PULSE_WAIT);
	assert_int_equal(beat_after(15000), PULSE_HUNG);
	assert_int_equal(beat_after(15000), PULSE_WAIT); /* said once */
}

static void
who_answers_at_last_begins_anew(void **state)
{
	(void)state;
	assert_int_equal(beat_after(15000), PULSE_ASK);
	for (int i = 0; i < 3; i++)
		(void)beat_after(15000);
	now += 14999ull * MS;
	assert_int_equal(pulse_answered(&p, now), 59999);
	assert_int_equal(pulse_owes(&p, now), 0);
	now += MS;
	assert_true(pulse_clock_beat(&watch, now));
	assert_int_equal(pulse_beat(&p, true, now), PULSE_ASK);
	assert_int_equal(beat_after(15000), PULSE_WAIT);
}

/* The machine was asleep for a night, or had no time for us. */
static void
beats_that_come_late_count_for_nobody(void **state)
{
	(void)state;
	assert_int_equal(beat_after(15000), PULSE_ASK);
	for (int i = 0; i < 3; i++)
		(void)beat_after(15000);
	assert_int_equal(beat_after(8 * 3600000ull), PULSE_WAIT);
	for (int i = 0; i < 10; i++)
		assert_int_equal(beat_after(22501), PULSE_WAIT);
	assert_int_equal(beat_after(15000), PULSE_HUNG);
}

static void
any_patience_has_beats_and_none_has_none(void **state)
{
	(void)state;
	pulse_clock_set(&watch, 0);
	assert_int_equal(watch.every_ms, 0);
	pulse_clock_set(&watch, 1);
	assert_int_equal(watch.every_ms, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(who_is_silent_for_all_beats_hangs, setup),
		cmocka_unit_test_setup(who_answers_at_last_begins_anew, setup),
		cmocka_unit_test_setup(beats_that_come_late_count_for_nobody, setup),
		cmocka_unit_test_setup(any_patience_has_beats_and_none_has_none, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
