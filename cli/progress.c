/* progress.c - one line on the terminal, drawn over itself. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/values.h"

#define DRAW_MS 200
#define BAR     20

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
progress_begin(struct progress *p, bool wanted)
{
	*p = (struct progress){ .shown = wanted && isatty(STDERR_FILENO), .started = now_ms() };
}

int64_t
progress_ms(const struct progress *p)
{
	return now_ms() - p->started;
}

static void
print_left(uint64_t seconds)
{
	if (seconds > 99 * 3600)
		return;		/* nobody knows */
	if (seconds < 3600)
		(void)fprintf(stderr, "%u:%02u left", (unsigned)(seconds / 60),
		    (unsigned)(seconds % 60));
	else
		(void)fprintf(stderr, "%u h %02u min left", (unsigned)(seconds / 3600),
		    (unsigned)(seconds / 60 % 60));
}

void
progress_draw(struct progress *p, uint64_t done, uint64_t total, uint64_t files,
    uint64_t files_total)
{
	char moved[SIZE_TEXT], all[SIZE_TEXT], rate[SIZE_TEXT], bar[BAR + 1];
	int64_t now  = now_ms(), ms = now - p->started;
	uint64_t part = done < total ? done : total;
	uint64_t fast = ms > 0 && done > p->resumed ? (done - p->resumed) * 1000 / (uint64_t)ms : 0;
	size_t full   = total > 0 ? (size_t)((double)part / (double)total * BAR) : BAR;

	if (!p->shown || now - p->drawn < DRAW_MS)
		return;
	p->drawn = now;
	memset(bar, '#', full);
	memset(bar + full, '.', BAR - full);
	bar[BAR] = '\0';
	(void)fprintf(stderr, "\r\033[K[%s] %3.0f%%  %s of %s  %s/s  ", bar,
	    total > 0 ? 100 * (double)part / (double)total : 100.0, size_print(done, moved),
	    size_print(total, all), size_print(fast, rate));
	if (files_total > 1)
		(void)fprintf(stderr, "%llu/%llu files  ", (unsigned long long)files,
		    (unsigned long long)files_total);
	if (fast > 0)
		print_left((total - part) / fast);
	(void)fflush(stderr);
}

void
progress_clear(const struct progress *p)
{
	if (p->shown && p->drawn > 0)
		(void)fputs("\r\033[K", stderr);
}
