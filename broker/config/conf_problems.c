/*
 * conf_problems.c - everything that is wrong with a configuration, by line.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fatal.h"
#include "broker/config/conf.h"

#define PROBLEM_TEXT 640
#define PROBLEMS_MAX 1000 /* a file that is no configuration at all */

static void
problem_add(struct conf *c, unsigned line, bool warning, const char *fmt, va_list ap)
{
	char text[PROBLEM_TEXT];
	struct conf_problem *p;

	if (c->n_problems == PROBLEMS_MAX)
		return;
	(void)vsnprintf(text, sizeof text, fmt, ap);
	p = reallocarray(c->problems, c->n_problems + 1, sizeof *p);
	ENSURE(p != NULL);
	c->problems = p;
	c->n_errors += !warning;
	p[c->n_problems++] = (struct conf_problem){ line, warning, xstrdup(text) };
}

void
conf_problem(struct conf *c, unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem_add(c, line, false, fmt, ap);
	va_end(ap);
}

void
conf_warning(struct conf *c, unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem_add(c, line, true, fmt, ap);
	va_end(ap);
}

static int
problem_order(const void *a, const void *b)
{
	const struct conf_problem *pa = a, *pb = b;

	return pa->line < pb->line ? -1 : pa->line > pb->line;
}

size_t
conf_problems_print(struct conf *c, char *dst, size_t cap)
{
	size_t n = 0;
	char where[32];

	if (c->n_problems > 0)
		qsort(c->problems, c->n_problems, sizeof *c->problems, problem_order);
	for (size_t i = 0; i < c->n_problems; i++) {
		const struct conf_problem *p = &c->problems[i];
		int len;

		(void)snprintf(where, sizeof where, ":%u", p->line);
		len = snprintf(dst + n, cap - n, "%s%s: %s%s\n",
			       p->line == CONF_LINE_CLI ? "command line" : c->file,
			       p->line == CONF_LINE_CLI ? "" : where, p->warning ? "warning: " : "",
			       p->text);
		if (len < 0 || (size_t)len >= cap - n)
			break;
		n += (size_t)len;
	}
	return n;
}
