/* shell_tab.c - see shell_tab.h. */
#include "cli/shell_tab.h"

#include <stdio.h>
#include <string.h>

#include "cli/escape.h"

#define SHOW_MAX 200

static size_t
common(const struct candidates *cs)
{
	size_t n = strlen(cs->c[0].text);

	for (size_t i = 1; i < cs->n; i++) {
		size_t k = 0;

		while (k < n && cs->c[i].text[k] == cs->c[0].text[k])
			k++;
		n = k;
	}
	/* whole characters, and no backslash without what it is for */
	while (n > 0 && ((unsigned char)cs->c[0].text[n] & 0xc0) == 0x80)
		n--;
	return n > 0 && cs->c[0].text[n - 1] == '\\' ? n - 1 : n;
}

static void
show(const struct candidates *cs)
{
	(void)putchar('\n');
	for (size_t i = 0; i < cs->n && i < SHOW_MAX; i++) {
		escape_put(cs->c[i].name);
		printf("%s  ", cs->c[i].directory ? "/" : "");
	}
	printf("%s\n", cs->n > SHOW_MAX ? "..." : "");
	(void)fflush(stdout);
}

static unsigned char
complete_one(EditLine *el, const struct candidates *cs)
{
	const char quote[2] = { cs->quote, '\0' };

	el_deletestr(el, (int)cs->typed);
	(void)el_insertstr(el, cs->c[0].text);
	if (cs->c[0].directory) {
		(void)el_insertstr(el, "/");
	} else {
		(void)el_insertstr(el, quote);
		(void)el_insertstr(el, " ");
	}
	return CC_REFRESH;
}

static unsigned char
complete_some(EditLine *el, struct candidates *cs)
{
	size_t n = common(cs);

	if (n > cs->typed) {
		cs->c[0].text[n] = '\0';
		el_deletestr(el, (int)cs->typed);
		(void)el_insertstr(el, cs->c[0].text);
		return CC_REFRESH;
	}
	show(cs);
	return CC_REDISPLAY;
}

unsigned char
shell_tab(EditLine *el, struct candidates *cs)
{
	return cs->n == 1 ? complete_one(el, cs) : complete_some(el, cs);
}
