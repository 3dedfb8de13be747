/* name.c - the mapping of names, see name.h.  [MS-FSCC] 2.1.5 */
#include "fsd/name.h"

#include <stdint.h>
#include <string.h>

#include "base/utf16.h"

#define PUA_CONTROL 0xF000u	/* + the control character */
#define PUA_BYTE    0xF100u	/* + the byte that is not UTF-8 */
#define PUA_SPACE   0xF028u
#define PUA_DOT     0xF029u

static const char forbidden[] = "\"*:<>?\\|";	/* in the order of U+F020 and on */
#define PUA_FORBIDDEN 0xF020u

/* Three-byte UTF-8, which all private-use characters here are. */
static size_t
utf8_put3(char *at, uint32_t cp)
{
	at[0] = (char)(0xE0 | cp >> 12);
	at[1] = (char)(0x80 | (cp >> 6 & 0x3F));
	at[2] = (char)(0x80 | (cp & 0x3F));
	return 3;
}

/* The private-use character at s (s[0] == 0xEF), or 0. */
static uint32_t
utf8_get3(const char *s, size_t n)
{
	if (n < 3 || (uint8_t)s[0] != 0xEF)
		return 0;
	return 0xF000u | ((uint32_t)s[1] & 0x3F) << 6 | ((uint32_t)s[2] & 0x3F);
}

/* The character that cp stands for on disk, or 0 if it stands for itself. */
static char
unmap(uint32_t cp, bool last)
{
	if (cp > PUA_CONTROL && cp < PUA_FORBIDDEN)
		return (char)(cp - PUA_CONTROL);
	if (cp >= PUA_FORBIDDEN && cp < PUA_FORBIDDEN + sizeof forbidden - 1)
		return forbidden[cp - PUA_FORBIDDEN];
	if (cp == PUA_SPACE && last)
		return ' ';
	if (cp == PUA_DOT && last)
		return '.';
	return 0;
}

static bool
char_is_allowed(char c)
{
	return (uint8_t)c >= 0x20 && c != '/' && !strchr(forbidden, c);
}

static nt
component_check(const char *s, size_t n)
{
	REQUIRE(n > 0, STATUS_OBJECT_NAME_INVALID);
	REQUIRE(n != 2 || s[0] != '.' || s[1] != '.', STATUS_OBJECT_PATH_SYNTAX_BAD);
	REQUIRE(utf8_valid(s, n), STATUS_OBJECT_NAME_INVALID);
	REQUIRE(s[n - 1] != ' ' && s[n - 1] != '.', STATUS_OBJECT_NAME_INVALID);
	for (size_t i = 0; i < n; i++)
		REQUIRE(char_is_allowed(s[i]), STATUS_OBJECT_NAME_INVALID);
	return STATUS_SUCCESS;
}

nt
name_to_disk(const char *wire, size_t n, char ret[NAME_DISK])
{
	char out[NAME_DISK];
	size_t at = 0;

	TRY(component_check(wire, n));
	for (size_t i = 0; i < n; i++) {
		uint32_t cp = utf8_get3(wire + i, n - i);
		char c      = cp ? unmap(cp, i + 3 == n) : 0;

		REQUIRE(at < sizeof out - 1, STATUS_OBJECT_NAME_INVALID);
		out[at++] = c ? c : wire[i];
		i += c ? 2 : 0;
	}
	out[at] = '\0';
	/* U+F029 alone, or after a dot, would walk upwards. */
	REQUIRE(strcmp(out, ".") != 0 && strcmp(out, "..") != 0, STATUS_OBJECT_NAME_INVALID);
	memcpy(ret, out, at + 1);
	return STATUS_SUCCESS;
}

/* The length of the valid UTF-8 character at s, 0 if there is none. */
static size_t
utf8_step(const char *s, size_t n)
{
	for (size_t i = 1; i <= 4 && i <= n; i++)
		if (utf8_valid(s, i))
			return i;
	return 0;
}

static uint32_t
map(char c, bool last)
{
	const char *at;

	if ((uint8_t)c < 0x20)
		return PUA_CONTROL + (uint8_t)c;
	if ((at = strchr(forbidden, c)) != NULL)
		return PUA_FORBIDDEN + (uint32_t)(at - forbidden);
	if (last && c == ' ')
		return PUA_SPACE;
	if (last && c == '.')
		return PUA_DOT;
	return 0;
}

/* Writes one character of a disk name; returns how far to step in it. */
static size_t
wire_put(const char *s, size_t n, bool last, char *ret, size_t *at)
{
	size_t step = (uint8_t)s[0] < 0x80 ? 1 : utf8_step(s, n);
	uint32_t cp = step == 0 ? PUA_BYTE + (uint8_t)s[0] : step == 1 ? map(s[0], last) : 0;

	if (cp) {
		*at += utf8_put3(ret + *at, cp);
		return 1;
	}
	memcpy(ret + *at, s, step);
	*at += step;
	return step;
}

void
name_to_wire(const char *disk, char ret[NAME_WIRE])
{
	size_t n  = strnlen(disk, NAME_DISK - 1);
	size_t at = 0;

	for (size_t i = 0; i < n;)
		i += wire_put(disk + i, n - i, i + 1 == n, ret, &at);
	ret[at] = '\0';
}

void
name_path_to_wire(const char *disk, char *ret, size_t cap)
{
	size_t at = 0;

	while (*disk) {
		char part[NAME_DISK], wire[NAME_WIRE];
		size_t n = strcspn(disk, "/"), w;

		if (n >= sizeof part)
			break;
		memcpy(part, disk, n);
		part[n] = '\0';
		name_to_wire(part, wire);
		w = strlen(wire);
		if (w + 2 > cap - at)
			break;
		memcpy(ret + at, wire, w);
		at += w;
		disk += n;
		if (*disk == '/') {
			ret[at++] = '/';
			disk++;
		}
	}
	ret[at] = '\0';
}
