/* dissect_input.c - bytes from a descriptor; hexadecimal text into messages. */
#include "cli/dissect_input.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"

static bool
refill(struct input *in)
{
	ssize_t n;

	do
		n = read(in->fd, in->buffer + PCAP_HEAD, INPUT_BUFFER);
	while (n < 0 && errno == EINTR);
	in->failed |= n < 0;
	in->at	= PCAP_HEAD;
	in->end = PCAP_HEAD + (n > 0 ? (size_t)n : 0);
	return n > 0;
}

size_t
input_read(void *input, uint8_t *dst, size_t n)
{
	struct input *in = input;
	size_t done	 = 0;

	while (done < n && (in->at < in->end || refill(in))) {
		size_t take = n - done < in->end - in->at ? n - done : in->end - in->at;

		memcpy(dst + done, in->buffer + in->at, take);
		in->at += take;
		done += take;
	}
	return done;
}

void
input_unread(struct input *in, const uint8_t *bytes, size_t n)
{
	ENSURE(n <= in->at);
	in->at -= n;
	memcpy(in->buffer + in->at, bytes, n);
}

int
input_byte(struct input *in)
{
	if (in->at == in->end && !refill(in))
		return -1;
	return in->buffer[in->at++];
}

/* ---- hexadecimal text ---- */

struct hex {
	struct input *in;
	uint8_t *dst;
	size_t cap, n;
	int high;	/* the digit before, or -1 */
	bool blank;	/* nothing on this line yet */
};

static int
digit_value(int c)
{
	return isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* False: too much. */
static bool
hex_digit(struct hex *h, int c)
{
	int v = digit_value(c);

	h->blank = false;
	if (h->high < 0) {
		h->high = v;
		return true;
	}
	if (h->n == h->cap)
		return false;
	h->dst[h->n++] = (uint8_t)(h->high << 4 | v);
	h->high	       = -1;
	return true;
}

static void
comment_skip(struct hex *h)
{
	int c;

	while ((c = input_byte(h->in)) >= 0 && c != '\n')
		continue;
	if (c == '\n')
		h->in->at--; /* the line's end is the caller's */
	h->blank = false;
}

/* "0x": the zero that stands there is no digit. */
static bool
prefix_take(struct hex *h, int c)
{
	if ((c | 0x20) != 'x' || h->high != 0)
		return false;
	h->high = -1;
	return true;
}

enum hex_result
hex_next(struct input *in, uint8_t *dst, size_t cap, size_t *ret_n, unsigned *line)
{
	struct hex h = { in, dst, cap, 0, -1, true };
	int c;

	while ((c = input_byte(in)) >= 0) {
		if (c == '\n') {
			(*line)++;
			if (h.blank && h.n > 0)
				break;
			h.blank = true;
		} else if (c == '#') {
			comment_skip(&h);
		} else if (isxdigit(c)) {
			if (!hex_digit(&h, c))
				return HEX_BROKEN;
		} else if (!isspace(c) && c != ':' && c != ',' && !prefix_take(&h, c)) {
			return HEX_BROKEN;
		}
	}
	*ret_n = h.n;
	if (h.high >= 0)
		return HEX_BROKEN;
	return h.n > 0 ? HEX_MESSAGE : HEX_END;
}
