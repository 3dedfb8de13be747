/* path.c - see path.h.  [MS-SMB2] 3.3.5.7, 3.3.5.9 */
#include "smbd/path.h"

#include <string.h>

#include "base/utf16.h"

/* [MS-FSCC] 2.1.5.2: never in a component.  ':' is not here: it starts a stream name. */
static bool
path_char_ok(unsigned char c)
{
	return c >= 0x20 && strchr("\"*/<>?|", c) == NULL;
}

/*
 * ".." takes back the component before it, by the text alone and never beyond
 * the root; empty components and "." are no names.  Returns the new length in *n.
 */
static nt
path_fold(char *path, size_t *n)
{
	size_t len = 0, at = 0;

	while (at < *n) {
		size_t part = strcspn(path + at, "/");

		REQUIRE(part > 0 && !(part == 1 && path[at] == '.'), STATUS_OBJECT_NAME_INVALID);
		if (part == 2 && path[at] == '.' && path[at + 1] == '.') {
			REQUIRE(len > 0, STATUS_OBJECT_PATH_SYNTAX_BAD);
			while (len > 0 && path[--len] != '/')
				continue;
		} else {
			if (len > 0)
				path[len++] = '/';
			memmove(path + len, path + at, part);
			len += part;
		}
		at += part + 1;
		REQUIRE(at != *n, STATUS_OBJECT_NAME_INVALID);	/* a second '\\' at the end */
	}
	path[len] = '\0';
	*n        = len;
	return STATUS_SUCCESS;
}

nt
path_from_wire(struct span utf16, char *dst, size_t cap, struct str *ret)
{
	size_t n;
	nt s = utf16_to_utf8(utf16, dst, cap, &n);

	if (nt_is(s, STATUS_NAME_TOO_LONG))
		return STATUS_OBJECT_NAME_INVALID;
	REQUIRE(!nt_failed(s), STATUS_OBJECT_NAME_INVALID);
	REQUIRE(dst[0] != '\\', STATUS_INVALID_PARAMETER);
	if (n > 0 && dst[n - 1] == '\\')
		dst[--n] = '\0';
	for (size_t i = 0; i < n; i++) {
		REQUIRE(path_char_ok((unsigned char)dst[i]), STATUS_OBJECT_NAME_INVALID);
		if (dst[i] == '\\')
			dst[i] = '/';
	}
	TRY(path_fold(dst, &n));
	*ret = (struct str){ dst, n };
	return STATUS_SUCCESS;
}

nt
path_share_from_wire(struct span utf16, char *dst, size_t cap, struct str *ret)
{
	const char *share;
	size_t n;

	REQUIRE(!nt_failed(utf16_to_utf8(utf16, dst, cap, &n)), STATUS_BAD_NETWORK_NAME);
	REQUIRE(n > 2 && dst[0] == '\\' && dst[1] == '\\' && dst[2] != '\\',
	    STATUS_BAD_NETWORK_NAME);
	share = strchr(dst + 2, '\\');
	REQUIRE(share && share[1] != '\0' && !strchr(share + 1, '\\'), STATUS_BAD_NETWORK_NAME);
	*ret = str_of(share + 1);
	REQUIRE(ret->n <= NAME_BOUND, STATUS_BAD_NETWORK_NAME);
	return STATUS_SUCCESS;
}
