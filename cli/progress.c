/* progress.c - one line on the terminal, drawn over itself. */
#include "cli/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/values.h"

#define DRAW_MS 200

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

/* The line under way; what does not fit into the terminal is cut. */
struct line {
	char text[256];
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void
add(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->n, sizeof l->text - l->n, fmt, ap);
	va_end(ap);
	l->n += n > 0 && (size_t)n < sizeof l->text - l->n ? (size_t)n : 0;
}

static void
add_bar(struct line *l, double part, size_t width)
{
	size_t full = (size_t)(part * (double)width);

	add(l, "[");
	for (size_t i = 0; i < width; i++)
		add(l, i < full ? "#" : ".");
	add(l, "] %3.0f%%  ", 100 * part);
}

static void
add_left(struct line *l, uint64_t seconds)
{
	if (seconds > 99 * 3600)
		return;		/* nobody knows */
	if (seconds < 3600)
		add(l, "%u:%02u left", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
	else
		add(l, "%u h %02u min left", (unsigned)(seconds / 3600),
		    (unsigned)(seconds / 60 % 60));
}

static size_t
terminal_width(void)
{
	struct winsize w;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

/* Bytes a second since it began, without what was there before. */
static uint64_t
rate_of(const struct progress *p, uint64_t done)
{
	int64_t ms = progress_ms(p);

	return ms > 0 && done > p->resumed ? (done - p->resumed) * 1000 / (uint64_t)ms : 0;
}

/* Empty files are work as well, but have no bytes to count. */
static double
share_of(uint64_t part, uint64_t total, uint64_t files, uint64_t files_total)
{
	if (total > 0)
		return (double)part / (double)total;
	return files_total > 0 ? (double)files / (double)files_total : 1.0;
}

void
progress_draw(struct progress *p, uint64_t done, uint64_t total, uint64_t files,
    uint64_t files_total)
{
	char moved[SIZE_TEXT], all[SIZE_TEXT], rate[SIZE_TEXT];
	size_t width  = terminal_width();
	uint64_t part = done < total ? done : total, fast = rate_of(p, done);
	struct line l = { .n = 0 };
	int64_t now   = now_ms();

	if (!p->shown || now - p->drawn < DRAW_MS)
		return;
	p->drawn = now;
	add_bar(&l, share_of(part, total, files, files_total), width >= 100 ? 20 : 10);
	add(&l, "%s of %s  %s/s  ", size_print(done, moved), size_print(total, all),
	    size_print(fast, rate));
	if (files_total > 1)
		add(&l, "%llu/%llu files  ", (unsigned long long)files,
		    (unsigned long long)files_total);
	if (fast > 0)
		add_left(&l, (total - part) / fast);
	(void)fprintf(stderr, "\r\033[K%.*s", (int)(width - 1), l.text);
	(void)fflush(stderr);
}

void
progress_clear(const struct progress *p)
{
	if (p->shown && p->drawn > 0)
		(void)fputs("\r\033[K", stderr);
}
