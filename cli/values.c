/* values.c - numbers and times as people type and read them. */
#include "cli/values.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/nt.h"

#define NS 1000000000

int
option_number(const struct cli_args *args, enum cli_option o, unsigned long otherwise,
    unsigned long most, unsigned long *ret)
{
	const char *text = options_value(args, o);
	char *end        = NULL;

	*ret = otherwise;
	if (!text)
		return EXIT_OK;
	errno = 0;
	*ret  = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno != 0 || *ret < 1 || *ret > most)
		return cli_misused("--%s: a number from 1 to %lu", option_name(o), most);
	return EXIT_OK;
}

static bool
time_number(const char *text, int64_t *ret)
{
	char *end;
	long long v;

	errno = 0;
	v     = strtoll(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || errno != 0)
		return false;
	*ret = v;
	return true;
}

bool
time_parse(const char *text, int64_t *ret_ns)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
		"%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S" };

	if (time_number(text, ret_ns))
		return true;
	if (strcmp(text, "now") == 0) {
		*ret_ns = (int64_t)time(NULL) * NS;
		return true;
	}
	for (size_t i = 0; i < NELEM(forms); i++) {
		struct tm tm    = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);
		time_t t;

		if (!end || *end)
			continue;
		t = mktime(&tm);
		if (t <= 0)
			return false;
		*ret_ns = (int64_t)t * NS;
		return true;
	}
	return false;
}

const char *
time_print(int64_t ns, char *buf)
{
	time_t t = (time_t)(ns / NS);
	struct tm tm;

	if (ns <= 0 || !localtime_r(&t, &tm) ||
	    strftime(buf, TIME_TEXT, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		(void)snprintf(buf, TIME_TEXT, "-");
	return buf;
}

const char *
size_print(uint64_t bytes, char *buf)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double v                         = (double)bytes;
	size_t u                         = 0;

	while (v >= 1024 && u + 1 < NELEM(units)) {
		v /= 1024;
		u++;
	}
	(void)snprintf(buf, SIZE_TEXT, u == 0 ? "%.0f %s" : "%.1f %s", v, units[u]);
	return buf;
}

/* [MS-FSCC] 2.6 */
static const struct {
	uint32_t bit;
	char letter;
} attributes[] = {
	{ 0x10, 'D' }, { 0x01, 'R' }, { 0x02, 'H' }, { 0x04, 'S' }, { 0x20, 'A' }, { 0x100, 'T' },
	{ 0x200, 'Z' }, { 0x400, 'L' }, { 0x800, 'C' }, { 0x1000, 'O' }, { 0x2000, 'N' },
	{ 0x4000, 'E' },
};

const char *
attributes_print(uint32_t a, char *buf)
{
	size_t n = 0;

	for (size_t i = 0; i < NELEM(attributes); i++) {
		if (a & attributes[i].bit)
			buf[n++] = attributes[i].letter;
	}
	if (n == 0)
		buf[n++] = '-';
	buf[n] = '\0';
	return buf;
}

uint32_t
attribute_of(char letter)
{
	for (size_t i = 0; i < NELEM(attributes); i++) {
		if (strchr("rhsaton", letter) && attributes[i].letter == (letter & ~0x20))
			return attributes[i].bit;
	}
	return 0;
}

uint64_t
json_u64_get(const json_t *j, const char *key)
{
	const json_t *v  = json_object_get(j, key);
	const char *text = json_string_value(v);

	return text ? strtoull(text, NULL, 10) : (uint64_t)json_integer_value(v);
}

const char *
json_str_get(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

bool
colours_wanted(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && no[0]) && term && strcmp(term, "dumb") != 0;
}
