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

/* No component is empty, "." or "..": clients resolve those themselves. */
static nt
path_check_parts(const char *p)
{
	for (;;) {
		size_t n = strcspn(p, "/");

		REQUIRE(n > 0 && !(n == 1 && p[0] == '.'), STATUS_OBJECT_NAME_INVALID);
		REQUIRE(!(n == 2 && p[0] == '.' && p[1] == '.'), STATUS_OBJECT_PATH_SYNTAX_BAD);
		if (p[n] == '\0')
			return STATUS_SUCCESS;
		p += n + 1;
	}
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
	if (n > 0)
		TRY(path_check_parts(dst));
	*ret = (struct str){ dst, n };
	return STATUS_SUCCESS;
}

nt
path_share_from_wire(struct span utf16, char *dst, size_t cap, struct str *ret)
{
	const char *share;
	size_t n;

	REQUIRE(!nt_failed(utf16_to_utf8(utf16, dst, cap, &n)), STATUS_BAD_NETWORK_NAME);
	REQUIRE(n > 2 && dst[0] == '\\' && dst[1] == '\\' && dst[2] != '\\', STATUS_BAD_NETWORK_NAME);
	share = strchr(dst + 2, '\\');
	REQUIRE(share && share[1] != '\0' && !strchr(share + 1, '\\'), STATUS_BAD_NETWORK_NAME);
	*ret = str_of(share + 1);
	REQUIRE(ret->n <= NAME_BOUND, STATUS_BAD_NETWORK_NAME);
	return STATUS_SUCCESS;
}
