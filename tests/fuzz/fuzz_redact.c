/*
 * fuzz_redact.c - what of a message may be shown.  Reaches smb2_redact.  No more is shown than there is, and
 * what is shown of it, shown again, is the same: nothing that should have gone is left.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "proto/smb2/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MESSAGE_MAX 65536u

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t one[MESSAGE_MAX], two[MESSAGE_MAX];
	struct smb2_shown s, again;
	bool answer, payload;
	size_t more;

	if (size < 1 || size > MESSAGE_MAX)
		return 0;
	answer	= data[0] & 1;
	payload = data[0] & 2;
	more	= data[0] >> 2; /* of it that is not at hand */
	size--;
	memcpy(one, data + 1, size);
	s = smb2_redact(one, size, size + more, answer, payload);
	if (s.n > size)
		abort();
	memcpy(two, one, size);
	again = smb2_redact(two, size, size + more, answer, payload);
	if (again.n > s.n || memcmp(one, two, again.n) != 0)
		abort();
	for (size_t i = s.n; i < size; i++)
		if (one[i] != 0)
			abort();
	return 0;
}
