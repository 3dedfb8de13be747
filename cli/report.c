/* report.c - what went wrong, on stderr, with the exit code it deserves. */
#include <stdarg.h>
#include <stdio.h>

#include "cli/cli.h"

static void
report(const char *fmt, va_list ap)
{
	(void)fflush(stdout);
	(void)fputs("bulkhead: ", stderr);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
}

int
cli_refused(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(fmt, ap);
	va_end(ap);
	return EXIT_REFUSED;
}

int
cli_misused(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(fmt, ap);
	va_end(ap);
	return EXIT_USAGE;
}
